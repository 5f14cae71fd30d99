"""What the lines above a report's header say about the whole file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from warehouse.ingest.binding import header_key
from warehouse.ingest.dates import days_in
from warehouse.ingest.sources.model import DateOrder, PreambleReader, Source


@dataclass(frozen=True, slots=True)
class Preamble:
    """``period`` is the first and last day (ISO) that the file declares; ``time_zone`` an IANA name."""

    period: tuple[str, str] | None = None
    time_zone: str | None = None
    unknown_zone: str | None = None
    incomplete: bool = False


def read_preamble(source: Source, lines: Sequence[str]) -> Preamble:
    """The preamble in the way that the source writes it; nothing where it writes none."""
    if source.preamble is None:
        return Preamble()
    return _READERS[source.preamble](lines, source.zones)


def zone_named(name: str, zones: Mapping[str, str]) -> str | None:
    """The IANA name of a platform's own name of a zone; an IANA name is its own; ``None`` for an unknown one."""
    if re.fullmatch(r"UTC|GMT|Etc/[\w+\-]+|[A-Z]\w+/[\w/+\-]+", name):
        return "UTC" if name == "GMT" else name
    return zones.get(header_key(re.sub(r"^\(.*?\)|[^\w\s]", "", name)))


def _google_period(lines: Sequence[str], _zones: Mapping[str, str]) -> Preamble:
    return Preamble(period=_period(lines[1:3], None))


def _microsoft_report(lines: Sequence[str], zones: Mapping[str, str]) -> Preamble:
    said = {key.strip().casefold(): value.strip() for key, _, value in (_bare(line).partition(":") for line in lines)}
    zone = said.get("time zone", "")
    known = zone_named(zone, zones) if zone else None
    return Preamble(
        period=_period([said.get("report time", "")], "month_first"),
        time_zone=known,
        unknown_zone=zone if zone and known is None else None,
        incomplete=said.get("potential incomplete data", "").casefold() == "true",
    )


def _linkedin_report(lines: Sequence[str], _zones: Mapping[str, str]) -> Preamble:
    return Preamble(period=_period([line for line in lines if "report start" in line.casefold()], "month_first"))


def _ga4_period(lines: Sequence[str], _zones: Mapping[str, str]) -> Preamble:
    return Preamble(
        period=_period([line for line in lines if re.search(r"(start|end) date", line, re.IGNORECASE)], None)
    )


def _conversion_parameters(lines: Sequence[str], zones: Mapping[str, str]) -> Preamble:
    """Google's template: ``Parameters:TimeZone=Europe/Berlin`` or an offset, ``TimeZone=-0500``."""
    said = next((found[1] for line in lines if (found := _ZONE_PARAMETER.search(line))), None)
    if said is None:
        return Preamble()
    offset = _OFFSET.fullmatch(said)
    # POSIX counts offsets from UTC the other way round.
    known = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}" if offset else zone_named(said, zones)
    return Preamble(time_zone=known, unknown_zone=said if known is None else None)


def _period(lines: Sequence[str], order: DateOrder | None) -> tuple[str, str] | None:
    days = [day for line in lines for day in days_in(line, order)]
    return (min(days).isoformat(), max(days).isoformat()) if days else None


def _bare(line: str) -> str:
    return line.strip().strip('",;\t ')


_ZONE_PARAMETER = re.compile(r"time\s?zone\s*=\s*([\w/+\-]+)", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d{2}):?00")  # zones of half hours have names alone

_READERS: Final[Mapping[PreambleReader, Callable[[Sequence[str], Mapping[str, str]], Preamble]]] = {
    "google_period": _google_period,
    "microsoft_report": _microsoft_report,
    "linkedin_report": _linkedin_report,
    "ga4_period": _ga4_period,
    "conversion_parameters": _conversion_parameters,
}
