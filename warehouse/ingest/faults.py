"""Cells that a record cannot be taken with, and the rejected rows that follow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import polars as pl

from warehouse.ingest.contract import LINE, RejectedRow

MADE = "__"  # how columns begin that were made from others while reading
RAW_KEPT = 2000  # characters of a record that are shown
HIDDEN = "***"  # in place of what a person could be known by

_FORMULA = r"^\s*(?:[=@]|#[A-Z/0]+[!?]?)"
_WORDS: Final = {
    "missing_date": "The row has no day.",
    "bad_date": '"{cell}" is not a day.',
    "future_date": '"{cell}" lies in the future.',
    "date_out_of_range": '"{cell}" is before the year 2000.',
    "missing_id": "The row names no {what}.",
    "bad_number": '"{cell}" is not a number that fits here.',
    "formula": '"{cell}" is a spreadsheet formula or its error, not a number.',
    "negative": '"{cell}" is below zero.',
    "bad_currency": '"{cell}" is not a currency code of ISO 4217.',
    "too_long": "The text is longer than {what} characters; no platform's is.",
    "missing_number": "The cell is empty and the row means nothing without it.",
    "missing_value": "The row has no {what} and means nothing without it.",
    "bad_time": '"{cell}" is not a moment that can be read (2026-11-22T10:30:00+01:00 is one).',
    "bad_boolean": '"{cell}" says neither yes nor no.',
    "bad_actions": "The cell is not a JSON array of actions.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Rows of one batch that fail for one reason. ``column`` is the file's header, ``what`` completes the words."""

    code: str
    column: str | None
    rows: pl.Series
    what: str = ""


def number_faults(cells: pl.Series, unreadable: pl.Series | None, column: str) -> list[Fault]:
    """The faults of cells that are no numbers, formulas told apart from the rest."""
    if unreadable is None:
        return []
    formulas = unreadable & cells.str.contains(_FORMULA).fill_null(value=False)
    return [Fault("formula", column, formulas), Fault("bad_number", column, unreadable & ~formulas)]


def faulty_rows(faults: Sequence[Fault], height: int) -> pl.Series | None:
    """True for every row that has a fault; ``None`` when no row has."""
    bad = pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
    for fault in faults:
        bad |= fault.rows
    return bad if bad.any() else None


def rejected_rows(
    batch: pl.DataFrame, bad: pl.Series, faults: Sequence[Fault], shown: AbstractSet[str] | None = None
) -> list[RejectedRow]:
    """One rejected row for each bad record, with the first of its faults.

    Of records about people only the cells under ``shown`` headers are kept, and no e-mail address where cells have
    slipped into the wrong column; ``None`` keeps all.
    """

    def kept(name: str | None, cell: str) -> str:
        if shown is None or not cell:
            return cell
        return without_addresses(cell) if name in shown else HIDDEN

    positions = bad.arg_true().to_list()
    first: dict[int, Fault] = {}
    for fault in faults:
        for position in fault.rows.arg_true():
            first.setdefault(position, fault)
    records = batch.filter(bad)
    lines = records[LINE].to_list()
    names = [name for name in records.columns if not name.startswith(MADE)]
    cells = records.select(names).rows()
    place = {name: i for i, name in enumerate(names)}
    rejected = []
    for line, values, position in zip(lines, cells, positions, strict=True):
        fault = first[position]
        cell = kept(fault.column, values[place[fault.column]] or "") if fault.column in place else ""
        rejected.append(
            RejectedRow(
                line=line,
                column=fault.column,
                code=fault.code,
                reason=_WORDS[fault.code].format(cell=cell[:80], what=fault.what),
                raw=",".join(kept(name, value or "") for name, value in zip(names, values, strict=True))[:RAW_KEPT],
            )
        )
    return rejected


def without_addresses(text: str) -> str:
    """The text with every e-mail address made unreadable."""
    return _ADDRESS.sub(HIDDEN, text) if "@" in text or "%40" in text else text


_ADDRESS: Final = re.compile(r"[^\s,;:<>()\[\]{}\"'=/&?]+(?:@|%40)[^\s,;:<>()\[\]{}\"'=/&?]+")
