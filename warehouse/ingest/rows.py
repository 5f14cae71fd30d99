"""One batch of text -> one batch of a dataset, without a loop over rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from warehouse.ingest.binding import Binding, BoundField
from warehouse.ingest.booleans import read_booleans
from warehouse.ingest.cells import Cells, further
from warehouse.ingest.contract import FURTHER, LINE, PERSONAL, TELLING, Level, RejectedRow
from warehouse.ingest.conventions import Conventions
from warehouse.ingest.currency import CURRENCIES
from warehouse.ingest.datasets.registry import DATASETS
from warehouse.ingest.dates import EARLIEST, read_days, read_stamps
from warehouse.ingest.faults import MADE, Fault, faulty_rows, number_faults, rejected_rows
from warehouse.ingest.ids import read_ids
from warehouse.ingest.numbers import Numbers, read_counts, read_decimals
from warehouse.ingest.preamble import zone_named
from warehouse.ingest.sources.model import DAYS, IDS, LEVEL_FIELDS, STAMPS, Source, kind_of
from warehouse.ingest.times import read_moments

_NEEDED_NUMBERS: Final = frozenset({("fx_rate", "rate")})
_NAMES: Final[Mapping[Level, str]] = {"keyword": "keyword", "ad": "ad", "ad_group": "ad group", "campaign": "campaign"}


_LONGEST_NAME: Final = 1000  # characters; an index of PostgreSQL holds a little more
_LONGEST_TEXT: Final = 100_000
_UNTIDY: Final = r"^\s|\s$|^(?:--|—|)$"


@dataclass(slots=True)
class ReadRows:
    """A batch, read. ``values`` are the accepted rows' numbers for the checks, in units."""

    columns: dict[str, pl.Series]
    values: dict[str, pl.Series]
    height: int
    rejected: list[RejectedRow] = field(default_factory=list)


class RowReader:
    """Reads the batches of one table. ``constants`` are the fields that all of its rows have alike."""

    def __init__(
        self, source: Source, binding: Binding, conventions: Conventions, constants: Mapping[str, str], today: dt.date
    ) -> None:
        self._source = source
        self._dataset = DATASETS[source.dataset]
        self._binding = binding
        self._conventions = conventions
        self._constants = constants
        self._today = today
        self._level = binding.level(source)
        self._segments = segment_headers(binding)
        self.hourly = False  # days have hours, which are summed
        self.unknown_zones: set[str] = set()
        self.unknown_currencies: set[str] = set()
        self.on_clock: set[str] = set()  # headers of moments without an offset

    @property
    def clock(self) -> str:
        """The zone in which moments without an offset are read."""
        return self._constants.get("time_zone") or self._source.clock or "UTC"

    def days(self, batch: pl.DataFrame) -> tuple[pl.Series, list[Fault]]:
        """The batch's days, and what is wrong with them."""
        bound = self._binding.fields["date"]
        header, alias = bound.parts[0]
        cells = Cells(batch, self._binding).of(header, alias)
        read = read_days(cells, self._conventions.order)
        missing = read.values.is_null()
        faults = [] if read.unreadable is None else [Fault("bad_date", header, read.unreadable)]
        if missing.any():
            faults.append(Fault("missing_date", header, missing))
        faults += _out_of_range(read.values, self._today, header)
        return read.values, faults

    def read(self, batch: pl.DataFrame, faults: list[Fault], days: pl.Series | None) -> ReadRows:
        """Every other field, and the rejection of the rows that have a fault."""
        columns: dict[str, pl.Series] = {LINE: batch[LINE]}
        if days is not None:
            columns["date"] = days
        values: dict[str, pl.Series] = {}
        cells = Cells(batch, self._binding)
        for name, bound in self._binding.fields.items():
            match kind_of(self._dataset, name):
                case "count" | "decimal":
                    numbers = self._numbers(cells, name, bound, faults)
                    columns[name], values[name] = numbers.text, numbers.value
                case "moment":
                    columns[name] = self._moments(cells, name, bound, faults)
                case "boolean":
                    columns[name] = self._booleans(cells, bound, faults)
                case "day" if name not in DAYS:
                    columns[name] = self._further_days(cells, bound, faults)
                case "text":
                    columns[name] = self._words(cells, name, bound)
                    faults += _too_long(
                        columns[name], bound.header, _LONGEST_TEXT if name in self._dataset.long else _LONGEST_NAME
                    )
        self._judge(columns, faults, batch.height)
        self._judge_needed(columns, faults)
        if self._source.dataset == "performance":
            columns["segment"] = self._segment(batch)
        if FURTHER in self._dataset.columns:
            columns[FURTHER] = further(batch, self._binding)
        for name, value in self._constants.items():
            columns[name] = _with_constant(columns.get(name), value, batch.height)
        bad = faulty_rows(faults, batch.height)
        if bad is None:
            return ReadRows(columns, values, batch.height)
        good = ~bad
        return ReadRows(
            {name: series.filter(good) for name, series in columns.items()},
            {name: series.filter(good) for name, series in values.items()},
            int(good.sum()),
            rejected_rows(batch, bad, faults, self._shown()),
        )

    def _shown(self) -> frozenset[str] | None:
        """The headers whose cells may be kept of a rejected record; ``None``: all, since it is about nobody."""
        if not self._dataset.about_people:
            return None
        parts = [(name, *part) for name, bound in self._binding.fields.items() for part in bound.parts]
        # What a field takes a part of has other parts.
        hidden = {
            h for name, h, alias in parts if name in PERSONAL | TELLING or alias.path or alias.entry or alias.query
        }
        return frozenset({header for _, header, _ in parts} - hidden)

    def nameless(self, batch: pl.DataFrame) -> pl.Series | None:
        """Rows that name nothing at all, neither account nor campaign nor anything below; ``None``: there are none.

        Of datasets with needed columns those without the first of them.
        """
        if self._dataset.needed:
            names = [n for n in self._dataset.needed[0].split("|") if n in self._binding.fields]
        else:
            names = [n for n in self._binding.fields if n in IDS or n in {"account_name", *_named_fields()}]
        if not names:
            return None
        cells = Cells(batch, self._binding)
        blank = pl.repeat(value=True, n=batch.height, dtype=pl.Boolean, eager=True)
        for name in names:
            for header, alias in self._binding.fields[name].parts:
                blank &= _blank(cells.of(header, alias))
                if not blank.any():
                    return None
        return blank

    def totals(self, row: Mapping[str, str | None], fields: tuple[str, ...]) -> dict[str, float | None]:
        """The measures of a total row; null where its cell is empty or no number."""
        found: dict[str, float | None] = {}
        for name in fields:
            bound = self._binding.fields.get(name)
            if bound is not None and len(bound.parts) == 1:
                cell = pl.Series([row.get(bound.header)], dtype=pl.String)
                value = read_decimals(cell, mark=self._conventions.mark, unit=bound.column.unit).value[0]
                found[name] = None if value is None else float(value)
        return found

    def _numbers(self, batch: Cells, name: str, bound: BoundField, faults: list[Fault]) -> Numbers:
        read: list[Numbers] = []
        for header, alias in bound.parts:
            cells = batch.of(header, alias)
            numbers = (
                read_counts(cells, mark=self._conventions.mark)
                if kind_of(self._dataset, name) == "count"
                else read_decimals(cells, mark=self._conventions.mark, unit=bound.column.unit)
            )
            shown = alias.header if header.startswith(MADE) else header
            faults += number_faults(cells, numbers.unreadable, shown)
            if name not in self._dataset.signed:
                lowest = numbers.value.min()
                if isinstance(lowest, int | float) and lowest < 0:
                    faults.append(Fault("negative", shown, (numbers.value < 0).fill_null(value=False)))
            if (self._source.dataset, name) in _NEEDED_NUMBERS:
                faults.append(Fault("missing_number", shown, numbers.text.is_null()))
            read.append(numbers)
        return _combined(read, bound, whole=kind_of(self._dataset, name) == "count")

    def _moments(self, batch: Cells, name: str, bound: BoundField, faults: list[Fault]) -> pl.Series:
        read = []
        for header, alias in bound.parts:
            moments = read_moments(batch.of(header, alias), zone=self.clock, order=self._conventions.order)
            if moments.unreadable is not None:
                faults.append(Fault("bad_time", header, moments.unreadable))
            if moments.on_clock:
                self.on_clock.add(header)
            read.append(moments.values)
        values = _coalesced(read)
        return values if name != "at" else _in_range(values, self._today, bound.header, faults)

    def _further_days(self, batch: Cells, bound: BoundField, faults: list[Fault]) -> pl.Series:
        """Days that are not the row's own, such as the first one of a creative; they may lie ahead."""
        header, alias = bound.parts[0]
        days = read_days(batch.of(header, alias), self._conventions.order)
        if days.unreadable is not None:
            faults.append(Fault("bad_date", header, days.unreadable))
        return days.values

    def _booleans(self, batch: Cells, bound: BoundField, faults: list[Fault]) -> pl.Series:
        read = []
        for header, alias in bound.parts:
            booleans = read_booleans(batch.of(header, alias))
            if booleans.unreadable is not None:
                faults.append(Fault("bad_boolean", header, booleans.unreadable))
            read.append(booleans.values)
        return _coalesced(read)

    def _words(self, batch: Cells, name: str, bound: BoundField) -> pl.Series:
        read = []
        for header, alias in bound.parts:
            cells = batch.of(header, alias)
            read.append(read_ids(cells, header) if name in IDS else _WORDS.get(name, _text)(cells))
        words = _coalesced(read)
        if name == "time_zone":
            return self._zones(words)
        if name == "attribution_setting":
            return _attribution(words, self._source.platform.name)
        return words

    def _zones(self, words: pl.Series) -> pl.Series:
        named = {word: zone_named(word, self._source.zones) for word in words.drop_nulls().unique()}
        self.unknown_zones |= {word for word, zone in named.items() if zone is None}
        return words.replace_strict(named, default=None, return_dtype=pl.String)

    def _segment(self, batch: pl.DataFrame) -> pl.Series:
        """The values of the segment columns, joined; the hour too, where days have one."""
        parts = [pl.col(name).fill_null("") for name in self._segments]
        if self.hourly:
            header = self._binding.fields["date"].header
            parts.append(pl.col(header).str.extract(r"[T |](\d{1,2})").fill_null(""))
        if not parts:
            return pl.repeat("", batch.height, dtype=pl.String, eager=True)
        return batch.select(pl.concat_str(parts, separator="|")).to_series()

    def _judge(self, columns: dict[str, pl.Series], faults: list[Fault], height: int) -> None:
        """Faults of records rather than of cells: no id, no currency code; and what was said of their stages."""
        needed: tuple[str, ...] = ()
        if self._level and self._level != "account":
            needed = LEVEL_FIELDS[self._level]
        elif self._source.dataset == "entity":
            needed = (f"{self._source.constants['level']}_id",)
        present = [columns[n] for n in needed if n in columns]
        if present:
            nameless = pl.repeat(value=True, n=height, dtype=pl.Boolean, eager=True)
            for series in present:
                nameless &= series.is_null()
            if nameless.any():
                header = next(self._binding.fields[n].header for n in needed if n in self._binding.fields)
                what = _NAMES.get(self._level, "") if self._level else self._source.constants["level"].replace("_", " ")
                faults.append(Fault("missing_id", header, nameless, what))
        for name in ("currency", "from_currency", "to_currency"):
            if name in columns:
                self._judge_currency(columns, name, faults)
        if self._binding.outcomes and self._source.dataset == "deal" and "stage" in columns:
            _tell_outcomes(columns, self._binding.outcomes)

    def _judge_needed(self, columns: dict[str, pl.Series], faults: list[Fault]) -> None:
        """Faults of records that lack what they mean nothing without."""
        for needed in self._dataset.needed:
            present = [name for name in needed.split("|") if name in columns and name not in self._constants]
            if present:
                missing = pl.select(pl.all_horizontal(columns[name].is_null() for name in present)).to_series()
                if missing.any():
                    header = self._binding.fields[present[0]].header
                    faults.append(Fault("missing_value", header, missing, present[0].replace("_", " ")))

    def _judge_currency(self, columns: dict[str, pl.Series], name: str, faults: list[Fault]) -> None:
        codes = columns[name]
        odd = (~codes.is_in(CURRENCIES, nulls_equal=False)).fill_null(value=name != "currency")
        if not odd.any():
            return
        if self._source.dataset == "entity":  # its name and zone are still of use
            self.unknown_currencies |= set(codes.filter(odd))
            columns[name] = codes.set(odd, None)
        else:
            faults.append(Fault("bad_currency", self._binding.fields[name].header, odd))


def segment_headers(binding: Binding) -> tuple[str, ...]:
    """The headers that split one key into several rows."""
    action = binding.fields.get("action_type")
    return (*binding.segments, *binding.conversion_segments, *((action.header,) if action else ()))


def _tell_outcomes(columns: dict[str, pl.Series], outcomes: Mapping[str, bool]) -> None:
    """Whether deals are won by what was said of their stages; in stages of which nothing was said they are not."""
    stage = columns["stage"]
    said = stage.replace_strict(outcomes, default=None, return_dtype=pl.Boolean)
    nothing = pl.repeat(None, len(stage), dtype=pl.Boolean, eager=True)
    elsewhere = nothing.set(stage.is_not_null(), value=False)
    columns["is_won"] = _coalesced([said, columns.get("is_won", nothing), elsewhere])
    columns["is_closed"] = _coalesced([nothing.set(said.is_not_null(), value=True), columns.get("is_closed", nothing)])


def _combined(read: list[Numbers], bound: BoundField, *, whole: bool) -> Numbers:
    if len(read) == 1:
        return read[0]
    if bound.column.combine == "coalesce":
        return Numbers(
            pl.select(pl.coalesce(*(n.text for n in read))).to_series(),
            pl.select(pl.coalesce(*(n.value for n in read))).to_series(),
            None,
        )
    value = _sum([n.value for n in read])
    if whole:
        return Numbers(value, value, None)
    exact = _sum([n.text.str.replace(r"e-\d$", "").cast(pl.Decimal(38, 6), strict=False) for n in read])
    unit = {"micro": "e-6", "cent": "e-2", "unit": ""}[bound.column.unit]
    return Numbers(exact.cast(pl.String) + unit, value, None)


def _sum(parts: list[pl.Series]) -> pl.Series:
    """The sum of what is reported; null where nothing is."""
    frame = pl.DataFrame({str(i): part for i, part in enumerate(parts)})
    return frame.select(
        pl.when(pl.any_horizontal(pl.all().is_not_null())).then(pl.sum_horizontal(pl.all().fill_null(0)))
    ).to_series()


def _coalesced(read: list[pl.Series]) -> pl.Series:
    """Row by row the first value that is not null."""
    return read[0] if len(read) == 1 else pl.select(pl.coalesce(read)).to_series()


def _blank(cells: pl.Series) -> pl.Series:
    return cells.is_null() | cells.str.strip_chars().is_in(["", "--", "-"])


def _text(cells: pl.Series) -> pl.Series:
    if not cells.str.contains(_UNTIDY).any():
        return cells
    text = cells.str.strip_chars()
    missing = text.is_in(["", "--", "—"]).fill_null(value=False)
    return text.set(missing, None) if missing.any() else text


def _code(cells: pl.Series) -> pl.Series:
    return _text(cells).str.to_uppercase()


def _attribution(words: pl.Series, platform: str) -> pl.Series:
    """Settings in words as short names: 7-day click or 1-day view is ``meta:7d_click_1d_view``."""
    slugs = {}
    for word in words.drop_nulls().unique():
        short = re.sub(r"(\d+)[- ]day", r"\1d", word.casefold())
        short = re.sub(r"[^\w]+", "_", re.sub(r"\b(?:or|and|,)\b", " ", short)).strip("_")
        slugs[word] = f"{platform.removesuffix('_ads')}:{short}"
    return words.replace_strict(slugs, default=None, return_dtype=pl.String)


def _out_of_range(days: pl.Series, today: dt.date, header: str) -> list[Fault]:
    first, last = days.min(), days.max()
    faults = []
    if isinstance(last, dt.date) and last > today:
        faults.append(Fault("future_date", header, (days > today).fill_null(value=False)))
    if isinstance(first, dt.date) and first < EARLIEST:
        faults.append(Fault("date_out_of_range", header, (days < EARLIEST).fill_null(value=False)))
    return faults


def _in_range(moments: pl.Series, today: dt.date, header: str, faults: list[Fault]) -> pl.Series:
    """``moments``, and the faults of those that cannot be; a clock that is ahead by hours is let pass."""
    latest = dt.datetime.combine(today + dt.timedelta(days=2), dt.time(), dt.UTC)
    earliest = dt.datetime.combine(EARLIEST, dt.time(), dt.UTC)
    first, last = moments.min(), moments.max()
    if isinstance(last, dt.datetime) and last >= latest:
        faults.append(Fault("future_date", header, (moments >= latest).fill_null(value=False)))
    if isinstance(first, dt.datetime) and first < earliest:
        faults.append(Fault("date_out_of_range", header, (moments < earliest).fill_null(value=False)))
    return moments


def _too_long(words: pl.Series, header: str, most: int) -> list[Fault]:
    longest = words.str.len_bytes().max()
    if not isinstance(longest, int) or longest <= most:
        return []
    return [Fault("too_long", header, (words.str.len_chars() > most).fill_null(value=False), f"{most:,}")]


def _with_constant(series: pl.Series | None, value: str, height: int) -> pl.Series:
    return pl.repeat(value, height, dtype=pl.String, eager=True) if series is None else series.fill_null(value)


def _named_fields() -> tuple[str, ...]:
    return tuple(name for names in LEVEL_FIELDS.values() for name in names)


_WORDS: Final[Mapping[str, Callable[[pl.Series], pl.Series]]] = {
    **dict.fromkeys(STAMPS, read_stamps),
    **dict.fromkeys(("currency", "from_currency", "to_currency"), _code),
}
