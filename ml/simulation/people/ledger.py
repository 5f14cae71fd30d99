"""One day of everybody, as arrays, and what all frames are written from."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.simulation.people.chance import Floats, identifiers, salted, uniform
from ml.simulation.people.population import DEVICES, REGIONS, Population
from ml.simulation.people.presets import WorldConfig
from ml.simulation.people.records import Schema
from ml.simulation.people.today import Happened, Orders, Purpose, Stage, Today, Visits

Rows = NDArray[np.int64]
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

    def client(self, rows: Rows) -> pl.Series:
        """The browser of today, None without consent. Cookies are cleared every five months or so."""
        phase = (self.people.key[rows] % np.uint32(150)).astype(np.int64)
        slot = self.device(rows).astype(np.int64) * 64 + (self.today.number + phase) // 150
        names = identifiers(self.config.seed, Kind.CLIENT, self.people.customer[rows], 0, slot)
        return masked(names, self.people.consented[rows])

    def at(self, seconds: NDArray[np.integer]) -> pl.Series:
        """Moments of this day."""
        midnight = np.datetime64(self.today.around.day, "us")
        return (
            pl.Series(midnight + seconds.astype("timedelta64[s]")).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        )

    def region(self, rows: Rows) -> pl.Series:
        """Where people live."""
        return named(REGIONS, self.people.region[rows])

    def device_name(self, rows: Rows) -> pl.Series:
        """The name of what they use today."""
        return named(DEVICES, self.device(rows))


def masked(values: NDArray[np.generic], there: NDArray[np.bool_]) -> pl.Series:
    """Values, None where they are not there."""
    series = pl.Series(values)
    return pl.select(pl.when(pl.Series(there)).then(series).otherwise(None)).to_series()


def named(
    names: tuple[str | None, ...] | list[str | None] | tuple[str, ...], positions: NDArray[np.integer]
) -> pl.Series:
    """The names at these positions."""
    return pl.Series(list(names), dtype=pl.String).gather(positions.astype(np.uint32))


def frame(schema: Schema, columns: dict[str, object], order: str | None = "at") -> pl.DataFrame:
    """Columns as a frame of this schema, in the order of time."""
    made = pl.DataFrame(columns).select(pl.col(name).cast(kind) for name, kind in schema.items())
    return made.sort(order, maintain_order=True) if order else made


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
