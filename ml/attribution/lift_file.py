"""Files of what experiments found: one row per test, with channel, lift and se."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ml.attribution.calibrated import Lift
from ml.attribution.overlap import ALL
from warehouse.errors import LoadRefused


def read_lifts(file: Path | str) -> tuple[Lift, ...]:
    """Read a CSV file with the columns channel, lift (incremental conversions over the period of the paths) and se.

    The channel ``*`` is all of them together. A column covered, where there is one, is the share of the channel's
    journeys that the test held; a column campaign names the one that alone was tested, whose share must then be said. A
    channel may be tested more than once. Raises :class:`LoadRefused`, naming row and column.
    """
    place = Path(file)
    try:
        text = place.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LoadRefused(f"{place} cannot be read: {error}.") from error
    lines = text.splitlines()
    rows = csv.DictReader(lines, delimiter=max(",;\t", key=(lines[0] if lines else "").count))
    names = {name.strip().lower(): name for name in rows.fieldnames or ()}
    for needed in ("channel", "lift", "se"):
        if needed not in names:
            raise LoadRefused(
                f"{place.name} has no column {needed!r}; it has: {', '.join(names) or 'nothing'}.",
                remedy="Name the columns channel, lift and se.",
            )
    return tuple(_lifts(place.name, rows, names))


def _lifts(file: str, rows: csv.DictReader[str], names: Mapping[str, str]) -> Iterator[Lift]:
    for number, row in enumerate(rows, start=2):
        said = {column: (row.get(names.get(column, "")) or "").strip() for column in ("channel", "campaign", *_NUMBERS)}
        place = f"{file}, row {number}"
        if said["campaign"] and (not said["covered"] or said["channel"] == ALL):
            raise LoadRefused(
                f"{place}, column 'campaign': a test of one campaign tells of a part of one channel.",
                remedy="Name its channel, and say in covered what share of the channel's journeys the campaign has.",
            )
        lift, se, covered = (_number(place, column, said[column] or usual) for column, usual in _NUMBERS.items())
        yield Lift(said["channel"], lift, se, covered, said["campaign"])


_NUMBERS: Final = {"lift": "", "se": "", "covered": "1"}  # with what they are where nothing is said


def _number(place: str, column: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise LoadRefused(f"{place}, column {column!r}: {text!r} is no number.", remedy="Write numbers such as 120.5.")
    return number
