"""One day of everybody, as arrays, and what all frames are written from."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.simulation.people.chance import Floats, identifiers, salted, uniform
from ml.simulation.people.population import DEVICES, REGIONS, Population
from ml.simulation.people.presets import WorldConfig
from ml.simulation.people.records import Schema
from ml.simulation.people.today import Happened, Orders, Purpose, Stage, Today, Visits

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Rows = NDArray[np.int64]
Arrays = TypeVar("Arrays", bound="DataclassInstance")
SLIPPED = 128  # added to the ad's position in the number of a click by accident


class Kind(enum.IntEnum):
    """What a number names."""

    SHOWN = 1
    CLICK = 2
    CLICK_ID = 3
    CLIENT = 4
    SESSION = 5
    CONTACT = 6
    DEAL = 7
    MAIL = 8


@dataclass(slots=True)
class Strangers:
    """Passers-by of one day: what they saw by ad and region, and the clicks one by one."""

    impressions: NDArray[np.int64]  # ads x regions
    clicks: NDArray[np.int64]
    cost: NDArray[np.int64]  # micros
    first: int  # customer number of the first one who clicked


@dataclass(slots=True)
class Ledger:
    """What happened to all people on one day; rows are positions in ``people``."""

    config: WorldConfig
    stage: Stage
    today: Today
    people: Population
    happened: Happened
    visits: Visits
    orders: Orders
    strangers: Strangers
    first_order: int  # number of the day's first order

    def number(self, rows: Rows, purpose: Purpose, salt: NDArray[np.integer] | None = None) -> Floats:
        """Random numbers of these people for this day."""
        key = self.people.key[rows]
        return uniform(key if salt is None else salted(key, salt), self.today.number, purpose)

    def device(self, rows: Rows) -> NDArray[np.uint8]:
        """What people use today: mostly their own kind of device, now and then another."""
        usual = self.people.device[rows]
        other = self.number(rows, Purpose.SECOND_DEVICE) < 0.18
        return np.where(other, np.where(usual == 1, 0, 1), usual).astype(np.uint8)

    def browser(self, rows: Rows) -> NDArray[np.uint64]:
        """The browser of today. Cookies are cleared every five months or so."""
        phase = (self.people.key[rows] % np.uint32(150)).astype(np.int64)
        slot = self.device(rows).astype(np.int64) * 64 + (self.today.number + phase) // 150
        return identifiers(self.config.seed, Kind.CLIENT, self.people.customer[rows], 0, slot)

    def client(self, rows: Rows) -> pl.Series:
        """The browser of today, None without consent."""
        return masked(self.browser(rows), self.people.consented[rows])

    def at(self, seconds: NDArray[np.integer]) -> NDArray[np.int64]:
        """Moments of this day, in microseconds."""
        midnight = int(np.datetime64(self.today.around.day, "us").astype(np.int64))
        return midnight + seconds.astype(np.int64) * 1_000_000

    def region(self, rows: Rows) -> pl.Series:
        """Where people live."""
        return named(REGIONS, self.people.region[rows])

    def device_name(self, rows: Rows) -> pl.Series:
        """The name of what they use today."""
        return named(DEVICES, self.device(rows))


def masked(values: NDArray[np.generic], there: NDArray[np.bool_]) -> pl.Series:
    """Values, None where they are not there."""
    series = pl.Series(values)
    return series.zip_with(pl.Series(there), series.clear(len(series)))


def nothing(kind: pl.DataType, height: int) -> pl.Series:
    """None, so many times."""
    return pl.Series([], dtype=kind).clear(height)


def named(names: Sequence[str | None], positions: NDArray[np.integer]) -> pl.Series:
    """The names at these positions."""
    return _texts(tuple(names))[positions]


@cache
def _texts(names: tuple[str | None, ...]) -> pl.Series:
    return pl.Series(names, dtype=pl.String)


def frame(
    schema: Schema, columns: Mapping[str, pl.Series | NDArray[np.generic]], order: str | None = "at"
) -> pl.DataFrame:
    """Columns as a frame of this schema, in the order of time (a column of whole numbers, as ``Ledger.at`` gives it).

    A day has some thirty frames, most of them small: columns are cast before they are polars', where that costs least.
    """
    rows = None if order is None else np.argsort(np.asarray(columns[order]), kind="stable")
    return pl.DataFrame([_column(name, kind, columns[name], rows) for name, kind in schema.items()])


def _column(
    name: str, kind: pl.DataType, values: pl.Series | NDArray[np.generic], rows: NDArray[np.intp] | None
) -> pl.Series:
    if rows is not None:
        values = values[rows]
    if isinstance(values, pl.Series):
        return (values if values.dtype == kind else values.cast(kind)).alias(name)
    whole = _NUMPY.get(type(kind))
    series = pl.Series(name, values if whole is None else values.astype(whole, copy=False))
    return series if series.dtype == kind else series.cast(kind)


_NUMPY: Mapping[type[pl.DataType], type[np.generic]] = {
    pl.UInt8: np.uint8, pl.Int32: np.int32, pl.Int64: np.int64, pl.UInt32: np.uint32, pl.UInt64: np.uint64,
    pl.Float64: np.float64, pl.Boolean: np.bool_,
}  # fmt: skip


def stacked(parts: Sequence[Arrays]) -> Arrays:
    """One behind the other: data classes whose every field is an array with one element each."""
    kind = type(parts[0])
    return kind(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(kind)))


def joined(parts: list[tuple[int, Happened]]) -> tuple[Happened, Visits, Orders]:
    """What happened in blocks, each with the position of its first person, as what happened to everybody."""
    visits = [(begin, part.visits) for begin, part in parts if part.visits is not None]
    orders = [(begin, part.orders) for begin, part in parts if part.orders is not None]
    all_orders = Orders(**_together(Orders, orders, {"row"}))
    ahead = np.cumsum([0, *(len(each.row) for _, each in visits)])
    all_orders.visit = all_orders.visit + np.repeat(ahead[:-1], [len(each.row) for _, each in orders])
    rows = {"shown_row", "clicked_row", "searched_row", "darkened", "barely_row", "left_list"}
    return Happened(**_together(Happened, parts, rows)), Visits(**_together(Visits, visits, {"row"})), all_orders


def _together(kind: type, parts: Sequence[tuple[int, object]], rows: set[str]) -> dict[str, Any]:
    """The arrays of all parts, by name; those named in ``rows`` count from each part's first person."""
    return {
        each.name: np.concatenate(
            [getattr(part, each.name) + begin for begin, part in parts]
            if each.name in rows
            else [getattr(part, each.name) for _, part in parts]
        )
        for each in fields(kind)
        if each.name not in {"visits", "orders"}
    }
