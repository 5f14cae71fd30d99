"""Experiments as rows of the fit: what a channel brought over a window, measured apart from the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.mix.inputs import MixInput
from ml.mix.saturation import Floats
from warehouse.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Lift:
    """An experiment found that ``channel`` brought ``lift`` from ``start`` to ``end``, both counted, with error ``se``.

    It is in units of the outcome, and of what works in the window, also of what was spent before it.
    """

    channel: str
    start: dt.date
    end: dt.date
    lift: float
    se: float

    def __post_init__(self) -> None:
        """Refuse what is no measurement."""
        if self.end < self.start:
            raise BadSetting(f"The lift of {self.channel} ends on {self.end}, before it starts on {self.start}.")
        if not (np.isfinite(self.lift) and np.isfinite(self.se) and self.se > 0):
            raise BadSetting(
                f"The lift of {self.channel} from {self.start} is {self.lift:g} with a standard error of {self.se:g}.",
                remedy="Both are numbers, and the error is above 0.",
            )


@dataclass(frozen=True, slots=True, eq=False)
class LiftRows:
    """Lifts in the terms of a fit: the place of the channel, the periods, and what was measured with its error (R,)."""

    places: tuple[int, ...]
    windows: tuple[slice, ...]
    measured: Floats
    errors: Floats

    def standardised(self, contributions: Floats) -> Floats:
        """By how many standard errors contributions (C, T, M) are off: (R, M)."""
        sums = [
            contributions[place, window].sum(axis=0) for place, window in zip(self.places, self.windows, strict=True)
        ]
        if not sums:
            return np.zeros((0, contributions.shape[2]))
        return (np.stack(sums) - self.measured[:, None]) / self.errors[:, None]

    def log_density(self, contributions: Floats) -> Floats:
        """Of the normal errors of all rows (M,)."""
        off = self.standardised(contributions)
        constant = -np.log(self.errors).sum() - 0.5 * len(self.errors) * np.log(2 * np.pi)
        return np.asarray(constant - 0.5 * (off**2).sum(axis=0))


def lift_rows(told: MixInput, lifts: Sequence[Lift]) -> LiftRows:
    """Find channels and periods of the lifts. A period is in the window when it begins in it.

    Raises :class:`BadSetting` for a channel or a window that is not in the data.
    """
    names = [channel.name for channel in told.channels]
    windows = []
    for lift in lifts:
        if lift.channel not in names:
            raise BadSetting(
                f"There is a lift of {lift.channel!r}, which is no channel of this fit.",
                remedy=f"Channels: {', '.join(names)}.",
            )
        inside = [place for place, period in enumerate(told.periods) if lift.start <= period <= lift.end]
        if not inside or lift.start < told.periods[0]:
            raise BadSetting(
                f"The lift of {lift.channel} from {lift.start} to {lift.end} is not within the data, which are from "
                f"{told.periods[0]} to {told.periods[-1]}.",
                remedy="Give the window in the periods of the data, or leave the lift out.",
            )
        windows.append(slice(inside[0], inside[-1] + 1))
    return LiftRows(
        tuple(names.index(lift.channel) for lift in lifts),
        tuple(windows),
        np.array([lift.lift for lift in lifts]),
        np.array([lift.se for lift in lifts]),
    )
