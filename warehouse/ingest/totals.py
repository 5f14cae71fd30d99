"""Total rows: never data, always a checksum."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from warehouse.ingest.contract import LINE, Finding
from warehouse.ingest.sources.model import INTEGERS

# "Total: Account", "Total : compte", "Gesamt: Konto", "Total", "Total of 2 results"; not "Total Wine | PMAX".
_TOTAL = (
    r"(?i)^(?:total|gesamt|totale|suma|totaal|razem|łącznie|ogółem|summe|insgesamt|somme)\s*:"
    r"|^(?:total|gesamt|totale|suma|totaal|razem|łącznie|ogółem|insgesamt|summe|grand total|totals"
    r"|gesamtergebnis|total general|total geral|total général|totale complessivo)$"
    r"|^total of [\d,.]+ results?$|^total [\d,.]+ results?$"
)
_OF_ACCOUNT = re.compile(r"account|konto|compte|cuenta|conta\b|rachun", re.IGNORECASE)
_FOOTER = r"(?i)^\s*\"?(?:©|\(c\)|copyright)\s*\d{4}|^# "
_TOLERANCE = 0.01  # a platform rounds every row to that


def kind_of(rows: pl.DataFrame) -> pl.Series:
    """What each of some rows is, judged by its first cell that is not empty: "total", "footer", "blank" or null."""
    cells = [pl.col(c).str.strip_chars() for c in rows.columns if c != LINE]
    named = [pl.when(cell.is_in(["", "--", "-"])).then(None).otherwise(cell) for cell in cells]
    first = rows.select(pl.coalesce(named).alias("first"))
    return first.select(
        pl.when(pl.col("first").is_null())
        .then(pl.lit("blank"))
        .when(pl.col("first").str.contains(_TOTAL))
        .then(pl.lit("total"))
        .when(pl.col("first").str.contains(_FOOTER))
        .then(pl.lit("footer"))
    ).to_series()


def kind_of_text(record: str) -> str | None:
    """The same for a record that did not fit the header."""
    cells = [cell.strip().strip('"') for cell in re.split(r"[,;\t]", record)]
    first = next((cell for cell in cells if cell and cell not in {"--", "-"}), "")
    return kind_of(pl.DataFrame({"cell": [first]})).item()  # type: ignore[no-any-return]


@dataclass(slots=True)
class Checksum:
    """The sums of the rows beside what the file's own total says."""

    sums: dict[str, float] = field(default_factory=dict)
    rows: int = 0
    _total: Mapping[str, float | None] = field(default_factory=dict)
    _label: str = ""
    _totals: int = 0

    def add_rows(self, values: Mapping[str, pl.Series], height: int) -> None:
        self.rows += height
        for name, series in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(series.sum() or 0.0)

    def add_total(self, label: str, values: Mapping[str, float | None]) -> None:
        """A total row. The account's one is kept; without one, the first."""
        self._totals += 1
        of_account = bool(_OF_ACCOUNT.search(label))
        if not self._total or (of_account and not _OF_ACCOUNT.search(self._label)):
            self._total, self._label = values, label

    def findings(self, rejected: int) -> list[Finding]:
        """One finding for every sum that is not what the file says."""
        if self._totals > 1 and not _OF_ACCOUNT.search(self._label):
            return []  # several totals and none is the account's: each is of a part
        return [
            Finding(
                "total_mismatch",
                "error",
                f"{name}: the rows add up to {_plain(self.sums.get(name, 0.0))}, "
                f"the file's total says {_plain(stated)}" + (f" ({rejected} rows were rejected)." if rejected else "."),
            )
            for name, stated in self._total.items()
            if stated is not None and abs(self.sums.get(name, 0.0) - stated) > self._tolerance(name, stated)
        ]

    def _tolerance(self, name: str, stated: float) -> float:
        # Counts are exact. Amounts may be off by a cent for every row, and by what adding floats loses.
        return 0.5 if name in INTEGERS else _TOLERANCE * max(self.rows, 1) + 1e-9 * abs(stated)


def first_cell(row: Sequence[str | None]) -> str:
    """The first cell that is not empty."""
    return next((cell.strip() for cell in row if cell and cell.strip() not in {"", "--", "-"}), "")


def _plain(value: float) -> str:
    return f"{value:,.2f}".removesuffix(".00")


TOTAL_FIELDS: Final = (
    "spend",
    "impressions",
    "clicks",
    "conversions",
    "conversion_value",
    "orders",
    "revenue",
    "sessions",
)
