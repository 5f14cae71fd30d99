"""Which source a table comes from, judged by its header and, where headers say too little, by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from warehouse.errors import LoadRefused
from warehouse.ingest.binding import header_key, header_keys
from warehouse.ingest.contract import Assumption, RawTable
from warehouse.ingest.mapping_report import report_on
from warehouse.ingest.matching import ANY_PLATFORM, candidates, platform_named
from warehouse.ingest.read.headers import normalise_header
from warehouse.ingest.sources.model import Source
from warehouse.ingest.sources.registry import all_sources


def detect(raw: RawTable, *, source: str | None, mapping: Mapping[str, str]) -> Source:
    """The source of a table.

    ``source`` is what the user stated: a platform in any of its names, or a source's full name. Raises
    :class:`LoadRefused` when no source fits, or two fit equally well; the message is a mapping report.
    """
    ranked = candidates(raw, source, mapping)
    fitting = [c for c in ranked if not c.lacking]
    if not fitting:
        raise LoadRefused(
            f"No known export has these columns{f' among those of {source}' if source else ''}.\n"
            + report_on(raw, ranked, mapping).as_text(),
            remedy="Say what the columns mean with --map column=field, and which platform it is with --source.",
        )
    best = fitting[0]
    rivals = [c.source.name for c in fitting[1:] if c.score == best.score]
    if rivals:
        raise LoadRefused(
            f"The columns fit {best.source.name} and {' and '.join(rivals)} equally well.\n"
            + report_on(raw, fitting, mapping).as_text(),
            remedy=f"Pass --source {best.source.name} or --source {rivals[0]}.",
        )
    return _of_a_platform(best.source, raw, source)


@cache
def vocabulary() -> frozenset[str]:
    """Every header that any source knows, in the spellings that :func:`normalise_header` yields."""
    return frozenset(normalise_header(spelling) for header in _headers() for spelling in _spellings(header))


def _of_a_platform(source: Source, raw: RawTable, stated: str | None) -> Source:
    """A shape that any platform may have, given the platform that was stated or that the file's name speaks of."""
    if source.platform.name != ANY_PLATFORM or source.refusal:
        return source
    named = source.columns.get("platform")
    if named and not stated and any(header_key(a.header) in header_keys(raw.header) for a in named.aliases):
        return source  # every row says its own
    platform = platform_named(stated) if stated and stated != source.name else None
    assumptions = source.assumptions
    if platform is None:
        platform = platform_named(raw.name)
        why = f'the file is called "{raw.name}"'
        assumptions = (*assumptions, Assumption("platform", platform.name, why)) if platform else assumptions
    if platform is None and source.dataset == "touchpoint":
        return source  # a touch may be of no platform at all
    if platform is None:
        raise LoadRefused(
            f"{source.label}: neither the columns nor the file's name say of which platform.",
            remedy="Pass --source, for example --source google_ads or --source meta_ads.",
        )
    suffix = source.name.removeprefix(f"{ANY_PLATFORM}.")
    return replace(source, name=f"{platform.name}.{suffix}", platform=platform, assumptions=assumptions)


def _headers() -> Iterable[str]:
    for source in all_sources():
        yield from (a.header for c in source.columns.values() for a in c.aliases)
        yield from (h for group in source.signature for h in group.split("|"))
        yield from source.segments
        yield from source.conversion_segments
        yield from (a.header for a in source.ambiguous)


def _spellings(header: str) -> Iterable[str]:
    words = re.split(r"[\s._]+", header.strip(" ._"))
    yield header
    yield from (mark.join(words) for mark in (" ", "_", "", "."))
