"""Files of panels: a row per market and period."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from ml.lift.panel import Panel, Time, panel_of
from ml.lift.predictors import OUTCOME, Predictor
from warehouse.errors import BadSetting, LoadRefused

_SHOWN: Final = 60  # characters of a bad cell
_REMEDY: Final = "Correct the cell, or leave the market out."


def read_panel(file: Path | str, unit: str, time: str, outcome: str, traits: Sequence[str] = ()) -> Panel:
    """Read a CSV file (comma, semicolon or tab; gzip too) with these columns; the order of rows does not matter.

    Times are days (2026-03-01, or 20260301) or whole numbers, such as years. An empty cell of a trait is unknown; the
    outcome must be a number everywhere.

    Raises :class:`LoadRefused`, naming row and column, and as :func:`panel_of` for holes.
    """
    place = Path(file)
    for name in traits:
        if name in {"unit", "time", "outcome"}:
            raise BadSetting(f"A predictor cannot be called {name!r}.", remedy="Give the column another name.")
    texts = _texts(place, [unit, time, outcome, *traits])
    numbers = {name: _numbers(place, texts, name) for name in dict.fromkeys([outcome, *traits])}
    empty = texts.filter(pl.col(outcome).is_null())
    if empty.height:
        row = empty["row"][0]
        raise LoadRefused(
            f"{place.name}, row {row}, column {outcome!r} is empty.", remedy="No sales are 0; fill it in."
        )
    nameless = texts.filter(pl.col(unit).is_null())
    if nameless.height:
        raise LoadRefused(f"{place.name}, row {nameless['row'][0]}, column {unit!r} is empty.", remedy=_REMEDY)
    frame = pl.DataFrame(
        {"unit": texts[unit], "time": _times(place, texts, time), "outcome": numbers[outcome]}
        | {name: numbers[name] for name in traits}
    )
    twice = texts.filter(~frame.select(pl.struct("unit", "time").is_first_distinct()).to_series())
    if twice.height:
        row, name, when = twice.select("row", unit, time).row(0)
        raise LoadRefused(
            f"{place.name}, row {row}: {name} has a second row for {when}.",
            remedy="Give one row per market and period: add up what belongs together.",
        )
    return panel_of(frame)


def time_of(text: str, panel: Panel) -> Time:
    """A period as it is written on the command line; a first of January also names a year.

    Raises :class:`BadSetting`.
    """
    parsed = _parsed(pl.Series([text.strip()]))
    if parsed is None:
        raise BadSetting(f"{text!r} is no period.", remedy=f"Write it like {panel.times[0]}.")
    found: Time = parsed[0]
    if isinstance(panel.times[0], int) and isinstance(found, dt.date) and (found.month, found.day) == (1, 1):
        return found.year
    return found


def names_of(text: str) -> tuple[str, ...]:
    """Names with commas between them; a name that has one stands in quotes."""
    return tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip())


def predictors_of(text: str, panel: Panel, outcome: str) -> tuple[Predictor, ...]:
    """Predictors such as ``income@1980..1988, price@1980``; without days the mean of all periods before treatment."""
    found = []
    for written in names_of(text):
        name, _, window = written.partition("@")
        first, _, last = window.partition("..")
        ends = (time_of(first, panel), time_of(last or first, panel)) if window else (None, None)
        found.append(Predictor(OUTCOME if name == outcome else name, *ends))
    return tuple(found)


def predictor_columns(text: str, outcome: str) -> list[str]:
    """The columns that are named, each once, without the outcome."""
    return [name for name in dict.fromkeys(each.partition("@")[0] for each in names_of(text)) if name != outcome]


def _texts(place: Path, columns: Sequence[str]) -> pl.DataFrame:
    """The columns as they are written, stripped, None where nothing is; with ``row``, the header being row 1."""
    try:
        with (gzip.open if place.suffix == ".gz" else open)(place, "rb") as opened:
            first = opened.readline().decode("utf-8-sig", errors="replace").strip()
    except (OSError, EOFError) as error:
        raise LoadRefused(f"{place} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    separator = max(",;\t", key=first.count)
    names = next(csv.reader([first], delimiter=separator), [])
    for column in columns:
        if column not in names:
            raise LoadRefused(
                f"{place.name} has no column {column!r}; it has: {', '.join(names) or 'nothing'}.",
                remedy="Name its columns with --unit, --time and --outcome.",
            )
    try:
        read = pl.read_csv(place, separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        words = str(error).splitlines()[0]
        raise LoadRefused(f"{place.name} cannot be read as CSV: {words}", remedy="Export it anew.") from error
    stripped = pl.col(list(dict.fromkeys(columns))).str.strip_chars().replace("", None)
    texts = read.select(stripped).with_row_index("row", offset=2)
    if texts.is_empty():
        raise LoadRefused(f"{place.name} has no row below its header.", remedy="Give a row per market and period.")
    return texts


def _numbers(place: Path, texts: pl.DataFrame, column: str) -> pl.Series:
    numbers = texts[column].cast(pl.Float64, strict=False)
    bad = texts.filter(texts[column].is_not_null() & (numbers.is_null() | ~numbers.is_finite().fill_null(value=True)))
    if bad.height:
        row, cell = bad.select("row", column).row(0)
        raise LoadRefused(
            f"{place.name}, row {row}, column {column!r}: {cell[:_SHOWN]!r} is no number.", remedy=_REMEDY
        )
    return numbers


def _times(place: Path, texts: pl.DataFrame, column: str) -> pl.Series:
    written = texts[column]
    parsed = _parsed(written)
    if parsed is not None:
        return parsed
    whole = _whole(written)
    # What most rows are is what the column is; the first row that is something else is named.
    kind = whole if whole.null_count() <= _days(written).null_count() else _days(written)
    row, cell = texts.filter(kind.is_null()).select("row", column).row(0)
    shown = "nothing" if cell is None else repr(cell[:_SHOWN])
    raise LoadRefused(
        f"{place.name}, row {row}, column {column!r}: {shown} is no period.",
        remedy="Write days as 2026-03-01, and other periods as whole numbers.",
    )


def _parsed(written: pl.Series) -> pl.Series | None:
    """All of the texts as days or as whole numbers; None where some are neither."""
    days = _days(written)
    if not days.null_count():
        return days
    whole = _whole(written)
    return None if whole.null_count() else whole


def _whole(written: pl.Series) -> pl.Series:
    numbers = written.cast(pl.Float64, strict=False)
    return numbers.set(~(numbers == numbers.round()).fill_null(value=False), None).cast(pl.Int64, strict=False)


def _days(written: pl.Series) -> pl.Series:
    """Days with hyphens, with a time of midnight or without, or as eight digits."""
    day = written.str.replace(r"[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?$", "")
    hyphens = day.str.to_date("%Y-%m-%d", strict=False)
    digits = day.set(~day.str.contains(r"^(19|20)\d{6}$").fill_null(value=False), None)
    return hyphens.zip_with(hyphens.is_not_null(), digits.str.to_date("%Y%m%d", strict=False))
