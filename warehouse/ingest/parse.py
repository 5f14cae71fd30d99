"""A table of text -> a stream of frames of one dataset, with every record accounted for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import polars as pl

from warehouse.errors import LoadRefused
from warehouse.ingest.actions import Actions
from warehouse.ingest.binding import Binding, bind, header_key, read_mapping
from warehouse.ingest.checks import Checks
from warehouse.ingest.contract import Assumption, Facet, Finding, ParsedTable, RawTable
from warehouse.ingest.conventions import Conventions
from warehouse.ingest.currency import Currencies, currency_of_sign
from warehouse.ingest.datasets.registry import DATASETS
from warehouse.ingest.detect import detect
from warehouse.ingest.faults import HIDDEN
from warehouse.ingest.gather import gather
from warehouse.ingest.header_findings import header_findings, unknown_currency, unknown_zone, unused_mappings
from warehouse.ingest.preamble import Preamble, read_preamble
from warehouse.ingest.refusals import refuse_by_header, refuse_ranges
from warehouse.ingest.rows import RowReader, segment_headers
from warehouse.ingest.sources.model import Source
from warehouse.ingest.sources.words import DELETED
from warehouse.ingest.totals import TOTAL_FIELDS, Checksum, first_cell, kind_of, kind_of_text
from warehouse.metrics import SUMS

_LOOK_AHEAD: Final = 4  # batches that are held until the file's conventions are known
_HOURLY: Final = r"[T |](?:0?[1-9]|1\d|2[0-3])(?::|$)"
_NOTHING_SAID: Final[Mapping[str, str]] = MappingProxyType({})


def parse_table(
    raw: RawTable,
    *,
    source: str | None = None,
    mapping: Mapping[str, str] = _NOTHING_SAID,
    currency: str | None = None,
    today: dt.date,
) -> ParsedTable:
    """Recognise a table and stream its rows.

    ``source`` is a platform or a source's name; ``mapping`` is header -> field ("ignore" drops a column); ``currency``
    is what the user stated for amounts without one. Raises :class:`LoadRefused` for a table that cannot be taken,
    here when the first rows tell, otherwise while the batches are iterated.
    """
    found = detect(raw, source=source, mapping=mapping)
    raw = gather(raw, found)
    binding = bind(raw, found, mapping)
    preamble = read_preamble(found, raw.preamble)
    refuse_by_header(raw, found, binding, preamble, currency)
    table = _Reading(raw, found, binding, preamble, currency, today).table
    table.findings += unused_mappings(read_mapping(raw.header, mapping)[1])
    return table


class _Reading:
    """One table while it streams."""

    def __init__(
        self, raw: RawTable, source: Source, binding: Binding, preamble: Preamble, currency: str | None, today: dt.date
    ) -> None:
        facet = source.facet
        if binding.conversion_segments:
            # Such rows repeat impressions and leave cost out; only what they say about conversions holds.
            facet = "conversions"
            others = {"spend", "impressions", "clicks"}
            binding = replace(binding, fields={f: b for f, b in binding.fields.items() if f not in others})
        self._raw = raw
        self._source = source
        self._actions = Actions(binding)
        self._binding = self._actions.rebound(binding)
        self._conventions = Conventions(source, self._binding, typed=raw.typed)
        held = self._look_ahead()
        constants = _constants(source, self._binding, preamble, currency)
        sign = currency_of_sign(self._conventions.sign)
        if sign and "currency" not in self._binding.fields:
            constants.setdefault("currency", sign)
        self._reader = RowReader(source, self._binding, self._conventions, constants, today)
        self._reader.hourly = self._is_hourly(held)
        self._currencies = Currencies(currency)
        self._checks = Checks()
        self._checksum = Checksum()
        self._handed_on = 0
        self.table = _described(raw, source, self._binding, preamble, facet)
        self.table.segments += ("hour",) if self._reader.hourly else ()
        self.table.findings += header_findings(source, self._binding, preamble)
        self.table.batches = self._batches(held)

    def _look_ahead(self) -> list[pl.DataFrame]:
        """The first batches, as many as it takes to settle the file's conventions."""
        held: list[pl.DataFrame] = []
        settled = False
        while not settled and len(held) < _LOOK_AHEAD:
            batch = next(self._raw.batches, None)
            if batch is None:
                break
            held.append(batch)
            settled = self._conventions.learn(batch)
        if not settled:
            self._conventions.insist()
        return held

    def _is_hourly(self, held: list[pl.DataFrame]) -> bool:
        bound = self._binding.fields.get("date")
        if bound is None or bound.parts[0][1].path or not held:
            return False
        return bool(held[0][bound.header].str.contains(_HOURLY).any())

    def _batches(self, held: list[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for batch in held:
            yield from self._read(batch)
        held.clear()
        for batch in self._raw.batches:
            if not self._conventions.learn(batch):
                self._conventions.insist()
            yield from self._read(batch)
        self._drain_misfits()
        self._conclude()

    def _read(self, batch: pl.DataFrame) -> Iterator[pl.DataFrame]:
        table = self.table
        table.tally.read += batch.height
        self._drain_misfits()
        if self._source.skipped:
            table.tally.skip("repeats_another_table", batch.height)
            return
        dated = "date" in self._binding.fields
        days, day_faults = self._reader.days(batch) if dated else (None, [])
        data = self._without_totals(batch, days)
        data = self._without_deleted(data)
        left_out = data.height < batch.height
        batch, faults = self._actions.apply(data, table.tally)
        if dated:
            self._refuse_ranges(batch)
            if left_out or batch.height < data.height:
                days, day_faults = self._reader.days(batch)
        faults = [*day_faults, *faults]
        rows = self._reader.read(batch, faults, days)
        table.rejected += rows.rejected
        table.tally.rejected += len(rows.rejected)
        self._currencies.add(rows.columns)
        self._checksum.add_rows(rows.values, rows.height)
        if table.dataset.name == "performance":
            self._checks.add(rows.columns["date"], rows.values)
        self._handed_on += rows.height
        if rows.height:
            yield _frame(rows.columns, table, rows.height)

    def _without_totals(self, batch: pl.DataFrame, days: pl.Series | None) -> pl.DataFrame:
        """The batch without totals, footers and blank records, which are counted, and totals remembered."""
        nameless = self._reader.nameless(batch) if days is None or self._source.blank_total else None
        suspects = nameless if days is None else days.is_null()
        if suspects is None:
            return batch
        if days is not None and nameless is not None:
            suspects |= nameless
        if not suspects.any():
            return batch
        rows = batch.filter(suspects)
        kinds = kind_of(rows)
        if self._source.blank_total and nameless is not None:
            unnamed = nameless.filter(suspects) & kinds.is_null()
            kinds = kinds.set(unnamed, "total")
        for kind in ("total", "footer", "blank"):
            self.table.tally.skip(kind, int((kinds == kind).sum()))
        for row in rows.filter(kinds == "total").iter_rows(named=True):
            cells = {name: cell for name, cell in row.items() if isinstance(cell, str)}
            self._checksum.add_total(first_cell(list(cells.values())), self._reader.totals(cells, TOTAL_FIELDS))
        kept = pl.repeat(value=True, n=batch.height, dtype=pl.Boolean, eager=True)
        kept = kept.scatter(suspects.arg_true(), kinds.is_null())
        return batch.filter(kept)

    def _without_deleted(self, batch: pl.DataFrame) -> pl.DataFrame:
        """The batch without rows that the connector only keeps to say that they are gone."""
        marks = [name for name in batch.columns if header_key(name) in DELETED]
        for name in marks:
            gone = batch[name].str.to_lowercase().is_in(["true", "t", "1"]).fill_null(value=False)
            self.table.tally.skip("deleted", int(gone.sum()))
            batch = batch.filter(~gone)
        return batch

    def _refuse_ranges(self, batch: pl.DataFrame) -> None:
        start, end = self._binding.fields["date"], self._binding.fields.get("date_end")
        if end is None or not start.parts[0][1].whole_range:
            return
        differ = batch.filter(
            batch[start.header].str.strip_chars().str.slice(0, 10)
            != batch[end.header].str.strip_chars().str.slice(0, 10)
        )
        if differ.height:
            raise refuse_ranges(start.header, end.header, (differ[start.header][0], differ[end.header][0]))

    def _drain_misfits(self) -> None:
        table = self.table
        for misfit in self._raw.misfits:
            table.tally.read += 1
            kind = kind_of_text(misfit.raw)
            if kind:
                table.tally.skip(kind)
            else:
                raw = HIDDEN if table.dataset.about_people else misfit.raw  # where its cells belong is not known
                table.rejected.append(replace(misfit, raw=raw))
                table.tally.rejected += 1
        self._raw.misfits.clear()

    def _conclude(self) -> None:
        table = self.table
        if not self._handed_on and not table.tally.rejected and table.tally.skipped.get("total"):
            raise LoadRefused(
                "The file holds total rows only.", remedy="Download the report again with its rows, segmented by day."
            )
        if not table.tally.read:
            table.findings.append(Finding("empty", "warning", "The file has a header and no rows."))
            return
        table.findings += self._actions.findings()
        table.findings += self._checksum.findings(table.tally.rejected)
        if self._reader.on_clock:
            headers = ", ".join(f'"{h}"' for h in sorted(self._reader.on_clock))
            why = f"moments in {headers} carry no offset"
            table.assumptions.append(Assumption("time zone", self._reader.clock, why))
        table.findings += [unknown_zone(zone) for zone in sorted(self._reader.unknown_zones)]
        table.findings += [unknown_currency(code) for code in sorted(self._reader.unknown_currencies)]
        if table.dataset.name == "performance":
            table.findings += self._checks.findings(self._currencies.only)


def _constants(source: Source, binding: Binding, preamble: Preamble, currency: str | None) -> dict[str, str]:
    """What every row of the file has alike."""
    has = DATASETS[source.dataset].columns
    clicks = binding.fields.get("conversions") or binding.fields.get("conversion_value")
    setting = clicks.parts[0][1].attribution_setting if clicks else None
    said = {
        "currency": binding.currencies[0] if binding.currencies else currency,
        "time_zone": preamble.time_zone or source.platform.time_zone,
        "attribution_setting": setting or source.platform.attribution_setting,
    }
    return {**{f: v for f, v in said.items() if v and f in has}, **source.constants}


def _described(raw: RawTable, source: Source, binding: Binding, preamble: Preamble, facet: Facet) -> ParsedTable:
    clicks, conversions = binding.fields.get("clicks"), binding.fields.get("conversions")
    platform = source.platform
    return ParsedTable(
        path=raw.path,
        source=source.name,
        platform=platform.name,
        dataset=DATASETS[source.dataset],
        level=binding.level(source),
        facet=facet,
        measures=tuple(m for m in SUMS if m in binding.fields),
        segments=segment_headers(binding),
        click_definition=(clicks.parts[0][1].click_definition or platform.click_definition) if clicks else None,
        conversion_basis=(conversions.parts[0][1].conversion_basis if conversions else None)
        or platform.conversion_basis,
        incomplete=preamble.incomplete,
        period=preamble.period,
        lookback_days=platform.lookback_days,
        batches=iter(()),
        assumptions=list(source.assumptions),
    )


def _frame(columns: Mapping[str, pl.Series], table: ParsedTable, height: int) -> pl.DataFrame:
    """The rows with exactly the dataset's columns, in its order; what is not known is null."""
    return pl.DataFrame(
        [
            columns[name].rename(name).cast(dtype)
            if name in columns
            else pl.repeat(None, height, dtype=dtype, eager=True).rename(name)
            for name, dtype in table.dataset.columns.items()
        ]
    )
