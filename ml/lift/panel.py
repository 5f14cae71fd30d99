"""Panels: what every market did in every period, without holes."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.errors import BadSetting, NotEnoughData

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
Time = dt.date | int

_NAMED = 5  # of the markets that a message names


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Outcomes ``values`` (N, T) of ``units`` (N) in ``times`` (T), which ascend.

    ``traits`` are further columns by name, each (N, T), nan where nothing is known. Days are dates; years, weeks and
    other periods are whole numbers.
    """

    units: tuple[str, ...]
    times: tuple[Time, ...]
    values: Floats
    traits: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is no panel."""
        if len(set(self.units)) != len(self.units):
            raise BadSetting("A market stands twice in this panel.", remedy="Give one row per market and period.")
        if list(self.times) != sorted(set(self.times)):
            raise BadSetting("The periods of this panel do not ascend.", remedy="Sort them, each once.")
        if self.values.shape != (len(self.units), len(self.times)) or self.values.size == 0:
            raise NotEnoughData(
                f"A panel of {len(self.units)} markets and {len(self.times)} periods has no values of that shape.",
                remedy="Give one outcome for every market and period.",
            )
        if not np.isfinite(self.values).all():
            unit, time = np.argwhere(~np.isfinite(self.values))[0]
            raise BadSetting(
                f"The outcome of {self.units[unit]} in {self.times[time]} is no number.",
                remedy="Fill it in, or leave the market out.",
            )

    def places(self, units: Sequence[str]) -> Places:
        """Where these units stand. Raises :class:`BadSetting` for one that is not there."""
        known = {name: place for place, name in enumerate(self.units)}
        strange = [name for name in units if name not in known]
        if strange:
            raise BadSetting(
                f"This panel has no market {', '.join(map(repr, strange))}.", remedy=f"It has {_some(self.units)}."
            )
        return np.array([known[name] for name in units], dtype=np.int64)

    def place(self, time: Time) -> int:
        """The place of the first period at or after ``time``; the number of periods where there is none.

        Raises :class:`BadSetting` for a day among numbered periods, and the other way around.
        """
        if isinstance(time, int) != isinstance(self.times[0], int):
            raise BadSetting(
                f"{time} is no period of this panel.", remedy=f"Its periods are written like {self.times[0]}."
            )
        return bisect_left(self.times, time)


def panel_of(frame: pl.DataFrame) -> Panel:
    """A panel from a frame with the columns unit (text), time (date or whole number), outcome, and any traits.

    Raises :class:`BadSetting` where a unit has two rows for a period, :class:`NotEnoughData` for holes.
    """
    if frame.is_empty():
        raise NotEnoughData("There is no row, so there is no panel.")
    units, times = frame["unit"].unique().sort(), frame["time"].unique().sort()
    row = frame["unit"].rank("dense").to_numpy().astype(np.int64) - 1
    column = frame["time"].rank("dense").to_numpy().astype(np.int64) - 1
    seen = np.zeros((len(units), len(times)), dtype=np.int64)
    np.add.at(seen, (row, column), 1)
    if (seen > 1).any():
        unit, time = np.argwhere(seen > 1)[0]
        raise BadSetting(
            f"{units[int(unit)]} has {seen[unit, time]} rows for {times[int(time)]}.",
            remedy="Give one row per market and period: add up what belongs together.",
        )
    if (seen == 0).any():
        raise _hole(seen, tuple(units), tuple(times))

    def matrix(name: str) -> Floats:
        table = np.full(seen.shape, np.nan)
        table[row, column] = frame[name].cast(pl.Float64).to_numpy()
        return table

    traits = {name: matrix(name) for name in frame.columns if name not in {"unit", "time", "outcome"}}
    return Panel(tuple(units), tuple(times), matrix("outcome"), traits)


def _hole(seen: Places, units: tuple[str, ...], times: tuple[Time, ...]) -> NotEnoughData:
    missing = np.argwhere(seen == 0)
    unit, time = missing[0]
    holed = tuple(units[place] for place in np.unique(missing[:, 0]))
    more = f", and {len(missing):,} rows are missing in all, of {_some(holed)}" if len(missing) > 1 else ""
    return NotEnoughData(
        f"{units[unit]} has no row for {times[time]}{more}.",
        remedy="A period without sales is a row with 0; fill the rows in, or leave these markets out.",
    )


def _some(names: Sequence[str]) -> str:
    told = ", ".join(names[:_NAMED])
    return told if len(names) <= _NAMED else f"{told} and {len(names) - _NAMED:,} more"
