"""Moments as systems write them -> UTC, to the microsecond.

A moment with an offset (or ``Z``, ``UTC``, ``GMT``) is converted; whole numbers are seconds, milli-, micro- or
nanoseconds since 1970, told apart by their size; a moment without an offset is on the clock of ``zone``.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

import polars as pl

from warehouse.ingest.contract import MOMENT
from warehouse.ingest.dates import parse_day
from warehouse.ingest.sources.model import DateOrder

_WITH_OFFSET: Final = (
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%d %H:%M%#z",
    "%d/%b/%Y:%H:%M:%S%#z",
)
_ON_A_CLOCK: Final = (
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%Y%m%d%H%M%S",
)
_UTC: Final = r"\s*(?:UTC|GMT|Z|Etc/UTC)$"
_SPACED_OFFSET: Final = r"\s+([+-]\d{2}:?\d{2})$"
_EPOCH: Final = r"^-?\d{8,19}(?:\.\d+)?$"
# What one unit of an epoch is in microseconds, with the digits that its whole part has between 1973 and 2286.
_UNITS: Final = ((9, 10, 1_000_000), (12, 13, 1_000), (15, 16, 1), (18, 19, -1_000))
_CLOCK: Final = re.compile(
    r"(?P<day>.+?)[,T\s]+(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,6})\d*)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
)

_HALF_READ: Final = re.compile(r"[:|]|\dT")  # a day would be read, and an hour that nobody understands left out


@dataclass(frozen=True, slots=True)
class Moments:
    """One column, read. ``unreadable`` marks cells that are neither a moment nor missing (``None``: there are none).

    ``on_clock`` says that some moment had no offset, so that the zone mattered.
    """

    values: pl.Series
    unreadable: pl.Series | None
    on_clock: bool


def read_moments(cells: pl.Series, *, zone: str = "UTC", order: DateOrder | None = None) -> Moments:
    """UTC moments of a column of text. ``order`` decides whether 03/04/2026 is March or April.

    Of an hour that a clock shows twice the first is taken; one that it never shows is unreadable. A day without an
    hour is its midnight.
    """
    whole = cells.cast(pl.Int64, strict=False)
    if whole.null_count() == cells.null_count() and cells.null_count() < len(cells):
        values = _since_1970(whole)
        if values.null_count() == cells.null_count():
            return Moments(values, None, on_clock=False)
    values = cells.str.to_datetime(_quickest(cells), strict=False, time_unit="us", time_zone="UTC")
    if values.null_count() == cells.null_count():
        return Moments(values, None, on_clock=False)
    left = cells.is_not_null() & values.is_null()
    rest = _stripped(cells.filter(left))
    read, on_clock = _read_carefully(rest, zone, order)
    values = values.scatter(left.arg_true(), read)
    bad = rest.is_not_null() & read.is_null()
    unreadable = None
    if bad.any():
        unreadable = pl.repeat(value=False, n=len(cells), dtype=pl.Boolean, eager=True)
        unreadable = unreadable.scatter(left.arg_true(), bad)
    return Moments(values, unreadable, on_clock)


def _quickest(cells: pl.Series) -> str:
    """The format of the first cell: most columns are written in one."""
    first = cells.first()
    return _WITH_OFFSET[1] if isinstance(first, str) and " " in first else _WITH_OFFSET[0]


def _stripped(cells: pl.Series) -> pl.Series:
    text = cells.str.strip_chars(" \t\u00a0'\"")
    return text.set(text.is_in(["", "--", "-", "—", "null", "NULL", "None", r"\N", "0000-00-00 00:00:00"]), None)


def _read_carefully(cells: pl.Series, zone: str, order: DateOrder | None) -> tuple[pl.Series, bool]:
    plain = cells.str.replace(_UTC, "+00:00").str.replace(_SPACED_OFFSET, "$1")
    values = pl.repeat(None, len(cells), dtype=MOMENT, eager=True)
    for pattern in _WITH_OFFSET:
        if values.null_count() == cells.null_count():
            return values, False
        values = values.fill_null(plain.str.to_datetime(pattern, strict=False, time_unit="us", time_zone="UTC"))
    epochs = plain.set(~plain.str.contains(_EPOCH).fill_null(value=False), None)
    values = values.fill_null(_since_1970_with_fraction(epochs))
    local = pl.repeat(None, len(cells), dtype=pl.Datetime("us"), eager=True)
    for pattern in _ON_A_CLOCK:
        local = local.fill_null(plain.str.to_datetime(pattern, strict=False, time_unit="us"))
    missing = values.is_null() & local.is_null() & plain.is_not_null()
    if missing.any():
        read = {cell: _parse(cell, order) for cell in plain.filter(missing).unique()}
        local = local.fill_null(plain.replace_strict(read, default=None, return_dtype=pl.Datetime("us")))
    local = local.set(values.is_not_null(), None)
    on_clock = bool(local.is_not_null().any())
    zoned = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    return values.fill_null(zoned), on_clock


def _since_1970(whole: pl.Series) -> pl.Series:
    digits = whole.abs().cast(pl.String).str.len_bytes()
    micros = pl.repeat(None, len(whole), dtype=pl.Int64, eager=True)
    for fewest, most, factor in _UNITS:
        scaled = whole * factor if factor > 0 else whole // -factor
        micros = micros.fill_null(scaled.set(~digits.is_between(fewest, most), None))
    return micros.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _since_1970_with_fraction(cells: pl.Series) -> pl.Series:
    """Epochs that may have a fraction, which only seconds have."""
    fraction = cells.str.extract(r"\.(\d+)$").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64, strict=False)
    whole = _since_1970(cells.str.extract(r"^(-?\d+)").cast(pl.Int64, strict=False))
    return whole + fraction.fill_null(0).cast(pl.Duration("us"))


def _parse(cell: str, order: DateOrder | None) -> dt.datetime | None:
    """One moment in words or in an order of its own; ``None`` when it is not one or could be two."""
    found = _CLOCK.fullmatch(cell)
    if not found and _HALF_READ.search(cell):
        return None
    day = parse_day(found["day"] if found else cell, order)
    if day is None:
        return None
    if not found:
        return dt.datetime.combine(day, dt.time())
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"][0] in "Pp" else 0)
    try:
        part = int((found["part"] or "").ljust(6, "0"))
        return dt.datetime.combine(day, dt.time(hour, int(found["minute"]), int(found["second"] or 0), part))
    except ValueError:
        return None
