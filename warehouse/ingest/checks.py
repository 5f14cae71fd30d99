"""What a file's numbers look like as a whole: units, jumps, impossible and remarkable rows. Findings only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from warehouse.ingest.contract import Finding

# Outside these an amount is probably in another unit: a factor of 1e6 gives a CPC of 5e5.
_CPC: Final = (0.01, 200.0)
_CPM: Final = (0.05, 500.0)
_LARGE_UNIT: Final = frozenset(
    {"JPY", "KRW", "IDR", "VND", "CLP", "COP", "HUF", "ISK", "PYG", "UGX", "TZS", "NGN", "ARS", "CRC", "RSD", "KZT",
     "PKR", "LKR", "MMK", "IRR", "LBP", "UZS", "XAF", "XOF", "INR", "PHP", "RUB", "TWD", "THB", "CZK", "EGP", "KES"}
)  # fmt: skip
_LARGE_FACTOR = 1000.0
_JUMP = 50.0  # between months; the slips to be caught are of 100, 1000 and 1e6
_MONTHLY_CLICKS = 50  # fewer tell nothing
_ONE_DAY_ROWS = 500
_ENOUGH = 20  # rows that a median is taken of


class Checks:
    """Feed it every batch of a performance table; :meth:`findings` when all are through."""

    def __init__(self) -> None:
        self._fewer_impressions = 0
        self._value_without_spend = 0
        self._months: pl.DataFrame | None = None
        self._days: set[object] = set()
        self._rows = 0
        self._cpc: float | None = None
        self._cpm: float | None = None

    def add(self, dates: pl.Series, values: Mapping[str, pl.Series]) -> None:
        """``values`` are the measures as numbers in units, of the accepted rows only."""
        frame = pl.DataFrame({"date": dates, **values})
        have = set(values)
        self._rows += frame.height
        if len(self._days) < 2:
            self._days |= set(dates.unique().head(2).to_list())
        if {"impressions", "clicks"} <= have:
            self._fewer_impressions += frame.filter(pl.col("clicks") > pl.col("impressions")).height
        if {"spend", "conversion_value"} <= have:
            self._value_without_spend += frame.filter((pl.col("spend") == 0) & (pl.col("conversion_value") > 0)).height
        if {"spend", "clicks"} <= have:
            self._add_months(frame)
            if self._cpc is None:
                self._cpc = _median(frame, "spend", "clicks", 1.0)
        if {"spend", "impressions"} <= have and self._cpm is None:
            self._cpm = _median(frame, "spend", "impressions", 1000.0)

    def findings(self, currency: str | None) -> list[Finding]:
        return [
            *self._unit_findings(currency),
            *self._jumps(),
            *self._one_day(),
            *_counted(
                self._fewer_impressions,
                "clicks_above_impressions",
                "warning",
                "{n} rows have more clicks than impressions.",
            ),
            *_counted(
                self._value_without_spend,
                "value_without_spend",
                "info",
                "{n} rows have conversion value and no spend; late conversions look like that.",
            ),
        ]

    def _add_months(self, frame: pl.DataFrame) -> None:
        month = frame.group_by(pl.col("date").dt.truncate("1mo").alias("month")).agg(
            pl.col("spend").sum(), pl.col("clicks").sum().cast(pl.Int64)
        )
        self._months = month if self._months is None else pl.concat([self._months, month])

    def _unit_findings(self, currency: str | None) -> list[Finding]:
        widen = _LARGE_FACTOR if currency in _LARGE_UNIT else 1.0
        found = []
        for words, value, (low, high) in (("CPC", self._cpc, _CPC), ("CPM", self._cpm, _CPM)):
            if value is not None and not low <= value <= high * widen:
                found.append(
                    Finding(
                        "unit_suspect",
                        "warning",
                        f"The median {words} is {value:,.4g}. Is the spend in another unit (micros, cents)?",
                    )
                )
        return found

    def _jumps(self) -> list[Finding]:
        if self._months is None:
            return []
        months = self._months.group_by("month").agg(pl.col("spend").sum(), pl.col("clicks").sum()).sort("month")
        months = months.filter((pl.col("clicks") >= _MONTHLY_CLICKS) & (pl.col("spend") > 0))
        months = months.with_columns(cpc=pl.col("spend") / pl.col("clicks"))
        months = months.with_columns(before=pl.col("cpc").shift())
        jumped = months.filter((pl.col("cpc") / pl.col("before") > _JUMP) | (pl.col("before") / pl.col("cpc") > _JUMP))
        return [
            Finding(
                "unit_jump",
                "warning",
                f"The cost of a click went from {before:,.4g} to {cpc:,.4g} in {month:%Y-%m}. "
                "Did the unit of the spend change?",
            )
            for month, cpc, before in jumped.select("month", "cpc", "before").iter_rows()
        ]

    def _one_day(self) -> list[Finding]:
        if len(self._days) != 1 or self._rows < _ONE_DAY_ROWS:
            return []
        (day,) = self._days
        return [
            Finding("one_day", "warning", f"All {self._rows:,} rows carry the same day, {day}. Is that their real day?")
        ]


def _median(frame: pl.DataFrame, top: str, bottom: str, scale: float) -> float | None:
    ratio = frame.filter((pl.col(bottom) > 0) & (pl.col(top) > 0)).select(pl.col(top) / pl.col(bottom) * scale)
    value = ratio.to_series().median()
    return value if isinstance(value, float) and ratio.height >= _ENOUGH else None


def _counted(count: int, code: str, severity: str, words: str) -> list[Finding]:
    return [Finding(code, severity, words.format(n=f"{count:,}"))] if count else []  # type: ignore[arg-type]
