"""Files for the mix model: a row per period, and a row per experiment."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, cast, get_args

import numpy as np
import polars as pl

from ml.customer_file import numbers, read_texts
from ml.mix.inputs import Channel, Control, MixInput, Role
from ml.mix.lifts import Lift
from ml.mix.saturation import Floats
from warehouse.errors import BadSetting, LoadRefused

_SHOWN: Final = 60  # characters of a bad cell
_MONEY: Final = "€$£¥₽₹₺₩"
_PREFIX: Final = "spend_"
_LIFT_COLUMNS: Final = ("channel", "start", "end", "lift", "se")


def read_mix(
    file: Path | str,
    *,
    date: str,
    outcome: str,
    media: Sequence[str],
    controls: Sequence[str] = (),
    exposures: Mapping[str, str] | None = None,
    organic: Sequence[str] = (),
    demand_led: Sequence[str] = (),
) -> MixInput:
    """Read a CSV file (comma, semicolon or tab; gzip too) with these columns; the order of rows does not matter.

    A control may carry its role after a colon, such as ``price:precision``; without one it is a confounder.
    ``exposures`` names for a column of spend the one with the impressions that it bought, ``organic`` are columns of
    what works and costs nothing, ``demand_led`` are those of ``media`` whose spend follows who is looking. Every cell
    must be a number: no spend is 0.

    Raises :class:`LoadRefused` naming row and column, :class:`BadSetting` for what is demand-led and no medium, and as
    :class:`MixInput` for data that no fit can be made of.
    """
    strange = sorted({*demand_led} - {*media})
    if strange:
        raise BadSetting(
            f"{strange[0]!r} is called demand-led, and is no column with spend.",
            remedy=f"Name it among them too, or one of {', '.join(media)}.",
        )
    place, seen = Path(file), dict(exposures or {})
    roles = dict(_role(control) for control in controls)
    texts = read_texts(place, [date, outcome, *media, *roles, *seen.values(), *organic])
    if texts.is_empty():
        raise LoadRefused(f"{place.name} has no row below its header.", remedy="Give a row per period.")
    _one_currency(place)
    days = _days(place, texts, date)
    order = np.argsort(np.array(days), kind="stable")

    def column(name: str) -> Floats:
        return _numbers(place, texts, name)[order]

    paid = (
        Channel(name, column(name), column(seen[name]) if name in seen else None, demand_led=name in demand_led)
        for name in media
    )
    free = (Channel(name, np.zeros(len(days)), column(name)) for name in organic)
    held = (Control(name, column(name), role) for name, role in roles.items())
    return MixInput(tuple(days[k] for k in order), column(outcome), (*paid, *free), tuple(held))


def read_lifts(file: Path | str, channels: Sequence[str]) -> tuple[Lift, ...]:
    """Read experiments: columns channel, start, end, lift in units of the outcome over the window, and se.

    A channel is named as in the data, or without the ``spend_`` that begins its column. Raises :class:`LoadRefused`.
    """
    place = Path(file)
    texts = read_texts(place, _LIFT_COLUMNS)
    starts, ends = _days(place, texts, "start"), _days(place, texts, "end")
    lifts, errors = _numbers(place, texts, "lift"), _numbers(place, texts, "se")
    named = {name.removeprefix(_PREFIX): name for name in channels} | {name: name for name in channels}
    return tuple(
        Lift(named.get(name or "", name or ""), start, end, float(lift), float(error))
        for name, start, end, lift, error in zip(texts["channel"], starts, ends, lifts, errors, strict=True)
    )


def _role(control: str) -> tuple[str, Role]:
    name, _, role = control.rpartition(":")
    return (name, cast("Role", role)) if name and role in get_args(Role) else (control, "confounder")


def _numbers(place: Path, texts: pl.DataFrame, column: str) -> Floats:
    marks = sorted({mark for text in texts[column].drop_nulls() for mark in _MONEY if mark in text})
    if len(marks) > 1:
        raise LoadRefused(
            f"{place.name}, column {column!r} mixes currencies ({', '.join(marks)}).",
            remedy="Convert all amounts into one currency, and leave its sign out.",
        )
    return numbers(place.name, texts, column)


def _one_currency(place: Path) -> None:
    """A column that says the currency of a row says the same in all of them."""
    with (gzip.open if place.suffix == ".gz" else open)(place, "rt", encoding="utf-8-sig") as opened:
        first = opened.readline().strip()
    header = next(csv.reader([first], delimiter=max(",;\t", key=first.count)), [])
    for column in header:
        if column.strip().lower() in {"currency", "currency_code"}:
            found = sorted(read_texts(place, [column])[column].drop_nulls().unique())
            if len(found) > 1:
                raise LoadRefused(
                    f"{place.name} mixes currencies ({', '.join(found)}).",
                    remedy="Convert all amounts into one currency before they are modelled together.",
                )


def _days(place: Path, texts: pl.DataFrame, column: str) -> list[dt.date]:
    """Days with hyphens, with a time of midnight or without, or as eight digits."""
    written = texts[column].str.replace(r"[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?$", "")
    hyphens = written.str.to_date("%Y-%m-%d", strict=False)
    digits = written.set(~written.str.contains(r"^(19|20)\d{6}$").fill_null(value=False), None)
    days = hyphens.zip_with(hyphens.is_not_null(), digits.str.to_date("%Y%m%d", strict=False))
    if days.null_count():
        row, cell = texts.filter(days.is_null()).select("row", column).row(0)
        shown = "nothing" if cell is None else repr(cell[:_SHOWN])
        raise LoadRefused(
            f"{place.name}, row {row}, column {column!r}: {shown} is no day.", remedy="Write days as 2026-03-01."
        )
    return list(days)
