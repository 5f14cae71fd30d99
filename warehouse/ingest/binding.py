"""Which header of a table carries which field of a source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final

from warehouse.errors import BadSetting
from warehouse.ingest.contract import LINE, Level, RawTable
from warehouse.ingest.datasets.registry import DATASETS
from warehouse.ingest.read.headers import column_names, normalise_header
from warehouse.ingest.sources.model import LEVEL_FIELDS, MONEY, Alias, Ambiguous, Column, DateOrder, Source
from warehouse.ingest.sources.words import NOT_STORED

IGNORE: Final = "ignore"
ACTION: Final = "action:"
STAGES: Final = re.compile(r"(?:won|lost):[^,:]+(?:,(?:(?:won|lost):)?[^,:]+)*")  # won:17,18,lost:19
# What --map may say besides a field's name.
SPELLED_DATES: Final[Mapping[str, DateOrder]] = {
    "date_day_first": "day_first",
    "date_month_first": "month_first",
}
_SEPARATORS = re.compile(r"[\s._\-'’`]+")
_CURRENCY = re.compile(r"\s*\(([A-Z]{3})\)\s*$")
_NOT_STORED = re.compile(NOT_STORED)


@dataclass(frozen=True, slots=True)
class BoundField:
    """One field and the frame columns that it is read from; ``column`` says how they combine."""

    column: Column
    parts: tuple[tuple[str, Alias], ...]

    @property
    def header(self) -> str:
        return self.parts[0][0]


@dataclass(frozen=True, slots=True)
class Binding:
    """A header, understood. Every name is a frame column, so a repeated header has its ``__2``."""

    fields: Mapping[str, BoundField]
    segments: tuple[str, ...]
    conversion_segments: tuple[str, ...]
    ambiguous: tuple[tuple[str, Ambiguous], ...]
    repeated: tuple[str, ...]  # headers that are read and stand more than once
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]
    currencies: tuple[str, ...]  # of the headers of amounts, "(USD)"
    date_order: DateOrder | None  # said by --map
    action: str | None  # said by --map
    outcomes: Mapping[str, bool]  # said by --map: whether deals in a stage are won

    def level(self, source: Source) -> Level | None:
        """The level of performance rows: the source's, or the finest that is named."""
        if source.dataset != "performance":
            return None
        named = (level for level, names in LEVEL_FIELDS.items() if any(n in self.fields for n in names))
        return source.level or next(named, "account")


@lru_cache(maxsize=20_000)
def header_key(header: str) -> str:
    """What two spellings of one header have in common: no case, accents, spaces, dots, dashes, underscores."""
    return _SEPARATORS.sub("", normalise_header(header))


@lru_cache(maxsize=8)
def header_keys(header: tuple[str, ...]) -> Mapping[str, str]:
    """Key -> frame column of every header; of a repeated one the first. ``cost (usd)`` is also ``cost``."""
    columns = _columns(header)
    keys: dict[str, str] = {}
    for text, name in zip(header, columns, strict=True):
        keys.setdefault(header_key(text), name)
    for text, name in zip(header, columns, strict=True):
        if _CURRENCY.search(text):
            keys.setdefault(header_key(_CURRENCY.sub("", text)), name)
    return keys


@lru_cache(maxsize=8)
def _columns(header: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(column_names(header))


def read_mapping(header: tuple[str, ...], mapping: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """``--map`` as frame column -> field, and the headers that the table does not have.

    Raises :class:`BadSetting` for a field that does not exist.
    """
    keys, columns = header_keys(header), frozenset(_columns(header))
    said: dict[str, str] = {}
    absent = []
    for text, name in mapping.items():
        if not is_meaning(name):
            raise BadSetting(
                f'--map "{text}={name}": there is no field "{name}".',
                remedy=f"Use one of: {', '.join(sorted(field_names()))}.",
            )
        column = text if text in columns else keys.get(header_key(text))
        if column is None:
            absent.append(text)
        else:
            said[column] = name
    return said, tuple(absent)


def is_meaning(stated: str) -> bool:
    """Whether ``--map column=…`` may say it: the name of a field, or what cells of the column mean."""
    return stated in field_names() or _is_about_cells(stated)


@cache
def field_names() -> frozenset[str]:
    """Everything that ``--map column=…`` may name."""
    fields = {name for dataset in DATASETS.values() for name in dataset.columns if name != LINE}
    return frozenset(fields | set(SPELLED_DATES) | {IGNORE})


def bind(raw: RawTable, source: Source, mapping: Mapping[str, str]) -> Binding:
    """Bind the table's header to the source's fields; what ``mapping`` says wins over what the source knows."""
    said, _ = read_mapping(raw.header, mapping)
    action = next((f.removeprefix(ACTION) for f in said.values() if f.startswith(ACTION)), None)
    outcomes = next((_outcomes(f) for f in said.values() if STAGES.fullmatch(f)), {})
    said = {name: f for name, f in said.items() if not _is_about_cells(f)}
    free = {key: name for key, name in header_keys(raw.header).items() if name not in said}
    unsure = {header_key(a.header): a for a in source.ambiguous}
    fields = dict(_said_fields(source, said))
    for field, column in source.columns.items():
        parts = [(free[k], a) for a in column.aliases if (k := header_key(a.header)) in free and k not in unsure]
        if parts and field not in fields:
            fields[field] = BoundField(column, tuple(parts[:1] if column.combine == "first" else parts))
    used = {name for bound in fields.values() for name, _ in bound.parts} | set(said)
    left = [name for name in _columns(raw.header) if name not in used]
    segments = _named(left, source.segments, free)
    conversion_segments = _named(left, source.conversion_segments, free)
    ambiguous = tuple((free[k], a) for k, a in unsure.items() if k in free)
    placed = {*segments, *conversion_segments, *(name for name, _ in ambiguous)}
    rest = [name for name in left if name not in placed]
    known = _known_keys(source)
    ignored = tuple(n for n in rest if header_key(n) in known or _never_stored(header_key(n)))
    dropped = set(ignored)
    return Binding(
        fields=fields,
        segments=segments,
        conversion_segments=conversion_segments,
        ambiguous=ambiguous,
        repeated=_repeated(raw, said, used),
        ignored=ignored,
        unknown=tuple(n for n in rest if n not in dropped),
        currencies=_currencies(source, raw, said),
        date_order=next((SPELLED_DATES[f] for f in said.values() if f in SPELLED_DATES), None),
        action=action,
        outcomes=outcomes,
    )


def _is_about_cells(stated: str) -> bool:
    """Whether ``--map`` says what cells of a column mean, and leaves the column what it is."""
    return stated.startswith(ACTION) or STAGES.fullmatch(stated) is not None


def _outcomes(stated: str) -> dict[str, bool]:
    """``won:17,18,lost:19`` as stage -> whether it is won."""
    found: dict[str, bool] = {}
    won = True
    for part in stated.split(","):
        outcome, _, stage = part.rpartition(":")
        won = outcome == "won" if outcome else won
        found[stage.strip()] = won
    return found


def _said_fields(source: Source, said: Mapping[str, str]) -> Iterable[tuple[str, BoundField]]:
    for name, stated in said.items():
        field = "date" if stated in SPELLED_DATES else stated
        if field != IGNORE:
            known = source.columns.get(field, Column(()))
            alias = next((a for a in known.aliases if header_key(a.header) == header_key(name)), Alias(name))
            yield field, BoundField(replace(known, combine="first"), ((name, alias),))


def _currencies(source: Source, raw: RawTable, said: Mapping[str, str]) -> tuple[str, ...]:
    """The currencies that headers of amounts name, read or not: two amounts in two currencies are two files."""
    money = MONEY | DATASETS[source.dataset].decimals
    amounts = {header_key(a.header) for f in money & source.columns.keys() for a in source.columns[f].aliases}
    named = {
        found[1]
        for text, name in zip(raw.header, _columns(raw.header), strict=True)
        if (found := _CURRENCY.search(text))
        and said.get(name) != IGNORE
        and (header_key(_CURRENCY.sub("", text)) in amounts or said.get(name) in money)
    }
    return tuple(sorted(named))


def _repeated(raw: RawTable, said: Mapping[str, str], used: AbstractSet[str]) -> tuple[str, ...]:
    """Headers that are read and stand more than once, unless --map says what each copy is."""
    stands = Counter(
        header_key(text)
        for text, name in zip(raw.header, _columns(raw.header), strict=True)
        if said.get(name) != IGNORE
    )
    return tuple(name for name in used if stands[header_key(name)] > 1 and name not in said)


@cache
def _known_keys(source: Source) -> frozenset[str]:
    aliases = {header_key(a.header) for c in source.columns.values() for a in c.aliases}
    return frozenset(aliases | {header_key(h) for h in source.ignored})


@lru_cache(maxsize=20_000)
def _never_stored(key: str) -> bool:
    return _NOT_STORED.search(key) is not None


def _named(columns: list[str], headers: tuple[str, ...], free: Mapping[str, str]) -> tuple[str, ...]:
    wanted = {free[k] for h in headers if (k := header_key(h)) in free}
    return tuple(name for name in columns if name in wanted)
