"""Days as platforms write them -> dates.

A day is taken as reported, in the account's zone; hours and offsets are cut off, never converted. Whether
``03/04/2026`` is March or April is decided for the whole column, by a value above 12 or by the source's own habit.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import polars as pl

from warehouse.ingest.sources.model import DateOrder

EARLIEST: Final = dt.date(2000, 1, 1)  # no ad platform is older; what says so is a broken date

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T |].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ,].*)?")
_DAY_NAME = re.compile(r"(\d{1,2})(?:\.|er|º|°)?\s+(?:de\s+)?([^\W\d]+)\.?,?\s+(?:de\s+)?(\d{4})")
_NAME_DAY = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2}),?\s+(\d{4})")

_MONTHS: Final = (
    "jan ene gen sty",
    "feb fev fév lut",
    "mar mär mrz maa",
    "apr avr abr kwi",
    "may mai mag mei maj",
    "jun juin giu cze",
    "jul juil lug lip",
    "aug aoû aou ago sie",
    "sep set wrz",
    "oct okt out ott paź paz",
    "nov lis",
    "dec dez déc dic gru",
)


@dataclass(frozen=True, slots=True)
class Days:
    """One column, read. ``unreadable`` marks cells that are neither a day nor missing (``None``: there are none)."""

    values: pl.Series
    unreadable: pl.Series | None


def read_days(cells: pl.Series, order: DateOrder | None) -> Days:
    """Dates of a column of text. ``order`` decides 03/04/2026; without it such cells are unreadable."""
    days = cells.str.to_date("%Y-%m-%d", strict=False)
    if days.null_count() == cells.null_count():
        return Days(days, None)
    # Whatever is not plain ISO is read once per different cell: a file has few different days.
    different = cells.filter(days.is_null() & cells.is_not_null()).unique()
    read = {cell: parse_day(cell, order) for cell in different}
    days = days.fill_null(cells.replace_strict(read, default=None, return_dtype=pl.Date))
    bad = days.is_null() & cells.is_not_null() & (cells.str.strip_chars() != "")
    return Days(days, bad if bad.any() else None)


def parse_day(cell: str, order: DateOrder | None) -> dt.date | None:
    """One day, or ``None`` when the cell is not a day or could be two."""
    text = cell.strip().strip("'")
    if found := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _NUMERIC.fullmatch(text):
        first, mark, second, last = found.groups()
        year, month, day = int(last), int(first), int(second)
        if mark == "." or order == "day_first" or (order is None and month > 12):
            month, day = day, month
        elif order is None and day <= 12:
            return None
    elif (found := _DAY_NAME.search(text)) and found.start() == 0:
        year, month, day = int(found[3]), _month(found[2]), int(found[1])
    elif (found := _NAME_DAY.search(text)) and found.start() == 0:
        year, month, day = int(found[3]), _month(found[1]), int(found[2])
    else:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def date_order(cells: Iterable[str]) -> DateOrder | Literal["undecidable", "contradictory"] | None:
    """Which of day and month comes first in a sample. ``None``: no cell leaves it open."""
    first_above = second_above = unsure = False
    for cell in cells:
        found = _NUMERIC.fullmatch(cell.strip())
        if not found or found[2] == ".":
            continue
        unsure = True
        first_above |= int(found[1]) > 12
        second_above |= int(found[3]) > 12
    if first_above and second_above:
        return "contradictory"
    if first_above:
        return "day_first"
    if second_above:
        return "month_first"
    return "undecidable" if unsure else None


def days_in(text: str, order: DateOrder | None = None) -> list[dt.date]:
    """Every day that a line of words names, in its order ("September 1, 2026 - September 3, 2026")."""
    spans = sorted(
        (found.start(), found[0])
        for pattern in (_YEAR_FIRST_IN_LINE, _NUMERIC_IN_LINE, _COMPACT_IN_LINE, _DAY_NAME, _NAME_DAY)
        for found in pattern.finditer(text)
    )
    days: list[dt.date] = []
    end = -1
    for start, span in spans:
        day = parse_day(span, order) if start >= end else None
        if day:
            days.append(day)
            end = start + len(span)
    return days


def read_stamps(cells: pl.Series) -> pl.Series:
    """Timestamps in one sortable form, ``YYYY-MM-DDTHH:MM:SS.ffffff``; null where a cell is not one.

    Connectors write UTC, with or without saying so; a stated offset is cut off with the rest.
    """
    parts = cells.str.extract_groups(_STAMP).struct.unnest()
    clock = [parts[name].fill_null("").str.zfill(2) for name in ("hour", "minute", "second")]
    fraction = parts["fraction"].fill_null("").str.pad_end(6, "0").str.slice(0, 6)
    return parts["day"] + "T" + clock[0] + ":" + clock[1] + ":" + clock[2] + "." + fraction


_STAMP = (
    r"^\s*(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\.(?P<fraction>\d+))?)?"
)
_YEAR_FIRST_IN_LINE = re.compile(r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b")
_NUMERIC_IN_LINE = re.compile(r"\b\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b")
_COMPACT_IN_LINE = re.compile(r"\b20\d{6}\b")


@cache
def _month(word: str) -> int:
    """1 to 12, or 0 for a word that is no month of the eight languages."""
    low = word.casefold()
    for number, beginnings in enumerate(_MONTHS, start=1):
        if low.startswith(tuple(sorted(beginnings.split(), key=len, reverse=True))):
            return number
    return 0
