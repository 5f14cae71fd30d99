"""How well a table fits each source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from warehouse.errors import LoadRefused
from warehouse.ingest.binding import IGNORE, SPELLED_DATES, field_names, header_key, header_keys, read_mapping
from warehouse.ingest.contract import RawTable
from warehouse.ingest.sources.model import Platform, Source
from warehouse.ingest.sources.registry import all_platforms, all_sources

ANY_PLATFORM: Final = "other_ads"  # shapes that do not say whose they are are described under it
_FILE_WORDS_WEIGHT = 4
_SIGNATURE_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source and how well a table fits it.

    ``lacking`` names what would have to be there (empty: it fits), ``fields`` what the header has of it.
    """

    source: Source
    fields: frozenset[str]
    lacking: tuple[str, ...]
    score: float


def candidates(raw: RawTable, stated: str | None, mapping: Mapping[str, str]) -> list[Candidate]:
    """Every source that may be meant, best first. Raises :class:`LoadRefused` for an unknown ``stated``."""
    possible = _stated_sources(stated) if stated else all_sources()
    said, _ = read_mapping(raw.header, mapping)
    keys = {key for key, name in header_keys(raw.header).items() if said.get(name) != IGNORE}
    stated_fields = frozenset("date" if field in SPELLED_DATES else field for field in said.values())
    found = [_candidate(raw, s, keys, stated_fields, by_name=stated == s.name) for s in possible]
    return sorted(found, key=lambda c: (bool(c.lacking), -c.source.priority, -c.score, c.source.name))


def platform_named(text: str) -> Platform | None:
    """The platform that a file's name or a ``--source`` speaks of, unless it speaks of several."""
    low = text.casefold()
    tokens = set(re.findall(r"[^\W\d_]+", low))
    named = [p for p in all_platforms().values() if p.name == low or tokens & set(p.words)]
    exact = [p for p in named if p.name == low]
    return (exact or named)[0] if len(exact or named) == 1 else None


def _candidate(
    raw: RawTable, source: Source, keys: AbstractSet[str], stated_fields: AbstractSet[str], *, by_name: bool
) -> Candidate:
    fields = _fields(source, keys) | (stated_fields & field_names())
    named = bool(source.file_words) and re.search(source.file_words, locator(raw)) is not None
    lacking = [
        f'column "{_shortened(s)}"'
        for s in source.signature
        if not _has(keys, s) and not _carriers(source, s) & stated_fields
    ]
    lacking += [f"no column {e}" for e in source.excludes if header_key(e) in keys]
    lacking += [f'field "{r}"' for r in source.required if not any(f in fields for f in r.split("|"))]
    if source.by_name_only and not (named or by_name):
        lacking.append(f"--source {source.name}, since its columns alone do not tell")
    extras = [*source.segments, *(a.header for a in source.ambiguous)]
    score = (
        _SIGNATURE_WEIGHT * len(source.signature)
        + len(fields)
        + sum(header_key(e) in keys for e in extras) / 2
        + (_FILE_WORDS_WEIGHT if named else 0)
    )
    return Candidate(source, fields, tuple(lacking), score)


def _fields(source: Source, keys: AbstractSet[str]) -> frozenset[str]:
    unsure = {header_key(a.header) for a in source.ambiguous}
    return frozenset(
        name
        for name, column in source.columns.items()
        if any((k := header_key(a.header)) in keys and k not in unsure for a in column.aliases)
    )


def locator(raw: RawTable) -> str:
    """The last folder (or database schema) and the table's name, lower case: where a table says whose it is."""
    place = re.split(r"[/\\!#]", raw.path.casefold())
    return "/".join([*place[-2:], raw.name.casefold()])


def _stated_sources(stated: str) -> tuple[Source, ...]:
    exact = tuple(s for s in all_sources() if s.name == stated)
    if exact:
        return exact
    platform = platform_named(stated)
    if platform is None:
        raise LoadRefused(
            f'There is no source "{stated}".',
            remedy=f"Pass --source with one of: {', '.join(sorted(p for p in all_platforms() if p != ANY_PLATFORM))}.",
        )
    return tuple(s for s in all_sources() if s.platform.name in {platform.name, ANY_PLATFORM})


def _has(keys: AbstractSet[str], alternatives: str) -> bool:
    return any(header_key(a) in keys for a in alternatives.split("|"))


def _carriers(source: Source, alternatives: str) -> frozenset[str]:
    """The fields that a signature's headers would carry; --map may supply them under another header."""
    wanted = {header_key(a) for a in alternatives.split("|")}
    return frozenset(f for f, c in source.columns.items() if wanted & {header_key(a.header) for a in c.aliases})


def _shortened(alternatives: str) -> str:
    """The first few of many spellings."""
    several = alternatives.split("|")
    return " or ".join(several[:3]) + (" …" if len(several) > 3 else "")
