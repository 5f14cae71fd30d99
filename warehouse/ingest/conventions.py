"""How one file writes numbers and days: learned from its cells, once, before anything is read."""

from __future__ import annotations

import polars as pl

from warehouse.errors import LoadRefused
from warehouse.ingest.binding import Binding
from warehouse.ingest.datasets.registry import DATASETS
from warehouse.ingest.dates import date_order
from warehouse.ingest.numbers import DecimalMark, decimal_mark, sign_of
from warehouse.ingest.sources.model import DateOrder, Kind, Source, kind_of

_SAMPLED = 5000  # different cells of a column


class Conventions:
    """The decimal mark and the order of day and month, as far as the batches seen so far tell.

    Each batch must be shown to :meth:`learn` before it is read. Where nothing is settled nothing depends on it yet:
    no cell so far has a mark, or no day so far can be read in two ways.
    """

    def __init__(self, source: Source, binding: Binding, *, typed: bool) -> None:
        self._binding = binding
        self._dataset = DATASETS[source.dataset]
        self._mark: DecimalMark | None = "." if source.machine_numbers or typed else None
        self._order = binding.date_order
        self._order_is_said = binding.date_order is not None
        self._habit = source.date_order
        self._habit_was_used = False
        self._doubts: list[tuple[str, str]] = []
        self._machine = source.machine_numbers or typed
        self._sign: str | None = None

    @property
    def mark(self) -> DecimalMark:
        return self._mark or "."

    @property
    def sign(self) -> str | None:
        """The currency sign that amounts carry, as far as seen."""
        return self._sign

    @property
    def order(self) -> DateOrder | None:
        return self._order or self._habit

    def learn(self, batch: pl.DataFrame) -> bool:
        """Take a batch into account. False when it holds something that only a further batch could settle.

        Raises :class:`LoadRefused` when days contradict each other, or amounts carry several currency signs.
        """
        self._doubts = []
        self._learn_sign(batch)
        self._learn_mark(batch)
        self._learn_order(batch)
        return not self._doubts

    def insist(self) -> None:
        """Raise :class:`LoadRefused` about what is still open."""
        for reason, remedy in self._doubts:
            raise LoadRefused(reason, remedy=remedy)

    def _learn_sign(self, batch: pl.DataFrame) -> None:
        bound = self._binding.fields.get("spend")
        if self._machine or bound is None or bound.parts[0][1].path:
            return
        for sign in sign_of(batch[bound.header]).drop_nulls().unique(maintain_order=True):
            self._sign = self._sign or sign
            if sign != self._sign:
                raise LoadRefused(
                    f'The amounts in column "{bound.header}" carry several currency signs, {self._sign} and {sign}.',
                    remedy="Split the file by currency and load each part into its own account with --account.",
                )

    def _learn_mark(self, batch: pl.DataFrame) -> None:
        if self._mark is not None:
            return
        spend = self._marked_cells(batch, frozenset({"spend", "revenue", "rate"}))
        proof = decimal_mark(spend)
        if proof in {None, "undecidable"}:
            amounts = self._marked_cells(batch, self._fields("decimal"))
            proof = decimal_mark(amounts, self._marked_cells(batch, self._fields("count")))
            if proof == "undecidable":
                example = next(iter(spend or amounts), "")
                self._doubts.append(
                    (
                        f'Amounts such as "{example}" can be read in two ways, with a decimal comma or a point.',
                        "Download the report again with two decimals in amounts, or in English number format.",
                    )
                )
                return
        self._mark = proof if proof in {".", ","} else None

    def _fields(self, *kinds: Kind) -> frozenset[str]:
        return frozenset(name for name in self._binding.fields if kind_of(self._dataset, name) in kinds)

    def _marked_cells(self, batch: pl.DataFrame, fields: frozenset[str]) -> list[str]:
        cells: list[str] = []
        for field in sorted(fields & self._binding.fields.keys()):
            for name, alias in self._binding.fields[field].parts:
                if not (alias.path or alias.entry) and name in batch.columns:
                    marked = batch[name].filter(batch[name].str.contains(r"\d[.,\s'\u00a0\u202f]*[\d,.]"))
                    marked = marked.filter(marked.str.contains("[.,]") & ~marked.str.contains("%", literal=True))
                    cells += marked.unique(maintain_order=True).head(_SAMPLED).to_list()
        return cells

    def _learn_order(self, batch: pl.DataFrame) -> None:
        for name in sorted(self._fields("day", "moment") - {"date_end"}):
            bound = self._binding.fields[name]
            nested = bound.parts[0][1].path or bound.parts[0][1].entry
            if not self._order_is_said and not nested and bound.header in batch.columns:
                self._learn_order_of(batch[bound.header])

    def _learn_order_of(self, days: pl.Series) -> None:
        slashed = days.filter(days.str.contains(r"^\s*\d{1,2}[-/]\d{1,2}[-/]\d{4}"))
        if slashed.is_empty():
            return
        found = date_order(slashed.unique(maintain_order=True).head(_SAMPLED))
        taken = self._order or (self._habit if self._habit_was_used else None)
        if found == "contradictory" or (taken and found in {"month_first", "day_first"} and found != taken):
            raise LoadRefused(
                f'The days in column "{days.name}" are written in two orders, day first and month first.',
                remedy=f"Load files of one order each, or say the order: {_said(days.name)}.",
            )
        if found in {"month_first", "day_first"}:
            self._order = found
        elif self.order is None:
            self._doubts.append(
                (
                    f'The days in column "{days.name}" can be read in two ways ("{slashed[0]}").',
                    f"Pass {_said(days.name)}.",
                )
            )
        else:
            self._habit_was_used = True


def _said(header: str) -> str:
    return f'--map "{header}=date_day_first" or --map "{header}=date_month_first"'
