"""What the mix model is told: periods, outcome, what was spent on each channel, and what else moves the outcome."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal, get_args

import numpy as np

from ml.mix.saturation import Floats
from warehouse.errors import BadSetting, NotEnoughData

Role = Literal["confounder", "precision", "mediator"]
FEWEST_PERIODS: Final = 30
_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """What was spent on a channel, (T,) in money, and its ``exposure`` (T,) where it is impressions that work.

    Without exposure it is the money itself that works. A channel without any cost is ``organic``: it has exposure, a
    contribution, and no return on spend. ``before`` is exposure (or spend) of the periods before the first. What is
    spent on a ``demand_led`` channel is decided by who is looking, as with search: what moves with it is not told from
    demand, so that history says nothing of its effect, and experiments do.
    """

    name: str
    spend: Floats
    exposure: Floats | None = None
    before: Floats | None = None
    demand_led: bool = False

    @property
    def works(self) -> Floats:
        """What carries over and saturates (T,)."""
        return self.spend if self.exposure is None else self.exposure

    @property
    def organic(self) -> bool:
        """Whether it costs nothing."""
        return self.exposure is not None and not self.spend.any()


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """What moves the outcome and is no advertising, (T,), and why it is held fixed.

    A ``confounder`` moves spend too, and is not shrunk; one for ``precision`` only moves the outcome. A ``mediator``
    is what advertising moves on its way to the outcome: ``of`` which channels, of all where none is named.
    """

    name: str
    values: Floats
    role: Role = "confounder"
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class MixInput:
    """What the model sees: ``periods`` (T,) that ascend in even steps, and a series of each kind for them.

    Raises :class:`BadSetting` or :class:`NotEnoughData` for what no honest answer can be given from.
    """

    periods: tuple[dt.date, ...]
    outcome: Floats
    channels: tuple[Channel, ...]
    controls: tuple[Control, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be fitted."""
        _check_periods(self.periods)
        _check_names([*(c.name for c in self.channels), *(c.name for c in self.controls)])
        _check_series("outcome", self.outcome, len(self.periods))
        if np.ptp(self.outcome) == 0:
            raise NotEnoughData("The outcome is the same in every period.", remedy="Choose one that moves.")
        if not self.channels:
            raise BadSetting("No channel is named.", remedy="Name at least one column with spend.")
        for channel in self.channels:
            _check_channel(channel, self.outcome, self.periods)
        for control in self.controls:
            _check_control(control, [channel.name for channel in self.channels], len(self.periods))

    @property
    def days(self) -> float:
        """The length of a period: months count as long as they are on average."""
        return float((self.periods[-1] - self.periods[0]).days / (len(self.periods) - 1))

    @property
    def per_year(self) -> float:
        """How many periods a year has."""
        return _YEAR / self.days

    def first(self, periods: int) -> MixInput:
        """The same up to a period; a channel that has not begun by then is left out. Raises as the whole does."""
        kept = [channel for channel in self.channels if np.ptp(channel.works[:periods]) > 0]
        return MixInput(
            self.periods[:periods],
            self.outcome[:periods],
            tuple(_cut(channel, periods) for channel in kept),
            tuple(
                Control(c.name, c.values[:periods], c.role, c.of)
                for c in self.controls
                if np.ptp(c.values[:periods]) > 0
            ),
        )


def _cut(channel: Channel, periods: int) -> Channel:
    exposure = None if channel.exposure is None else channel.exposure[:periods]
    return replace(channel, spend=channel.spend[:periods], exposure=exposure)


def _check_periods(periods: Sequence[dt.date]) -> None:
    twice = [period for period, times in Counter(periods).items() if times > 1]
    if twice:
        raise BadSetting(
            f"{twice[0]} stands in the data {Counter(periods)[twice[0]]} times.",
            remedy="Give one row per period: add up what belongs together.",
        )
    if len(periods) < FEWEST_PERIODS:
        raise NotEnoughData(
            f"There are {len(periods)} periods; a mix model needs at least {FEWEST_PERIODS}.",
            remedy="Load a longer history, or weeks instead of months; two years of weeks are a good start.",
        )
    if list(periods) != sorted(periods):
        raise BadSetting("The periods do not ascend.", remedy="Sort them.")
    missing = next(_missing(periods), None)
    if missing:
        raise BadSetting(
            f"Between {missing[0]} and {missing[1]} periods are missing.",
            remedy="Fill in a row for each; a period without spend is a row with 0.",
        )


def _missing(periods: Sequence[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Steps that are not as long as the usual one; months and quarters may differ by the days of a month."""
    steps = [(later - earlier).days for earlier, later in pairwise(periods)]
    usual = int(np.median(steps))
    slack = 0 if usual < 28 else 3
    for (earlier, later), step in zip(pairwise(periods), steps, strict=True):
        if abs(step - usual) > slack:
            yield earlier, later


def _check_names(names: Sequence[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise BadSetting(f"{name!r} is named {times} times.", remedy="A column is one channel or one control.")


def _check_series(name: str, values: Floats, periods: int) -> None:
    if values.shape != (periods,):
        raise BadSetting(f"{name} has shape {values.shape}, must be ({periods},).", remedy="One value per period.")
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise BadSetting(f"{name} is no number in row {row + 1}.", remedy="Fill it in; nothing spent is 0.")


def _check_channel(channel: Channel, outcome: Floats, periods: Sequence[dt.date]) -> None:
    _check_series(channel.name, channel.spend, len(periods))
    for values in (channel.spend, channel.works):
        _check_series(channel.name, values, len(periods))
        if (values < 0).any():
            row = int(np.argmax(values < 0))
            raise BadSetting(
                f"{channel.name} is below zero ({values[row]:,g}) in {periods[row]}.",
                remedy="Book refunds and corrections in the period of the spend that they belong to.",
            )
    if np.ptp(channel.works) == 0:
        raise NotEnoughData(
            f"{channel.name} is {channel.works[0]:,g} in every period, so nothing can be learnt of it.",
            remedy="Leave it out, or vary it: a test in a few markets would tell what it brings.",
        )
    if channel.spend.any() and not outcome[channel.spend > 0].any():
        raise NotEnoughData(
            f"The outcome is 0 wherever there is spend on {channel.name}.",
            remedy="Check that outcome and spend are of the same periods.",
        )


def _check_control(control: Control, channels: Sequence[str], periods: int) -> None:
    _check_series(control.name, control.values, periods)
    if control.role not in get_args(Role):
        raise BadSetting(
            f"{control.name} has the role {control.role!r}.", remedy=f"Roles are {', '.join(get_args(Role))}."
        )
    if np.ptp(control.values) == 0:
        raise BadSetting(f"{control.name} is the same in every period, so it controls nothing.", remedy="Leave it out.")
    if control.role == "mediator":
        through = [name for name in control.of or channels if name in channels]
        if through:
            raise BadSetting(
                f"{control.name} is a mediator of {', '.join(through)}: advertising moves it, and it moves the "
                "outcome. Holding it fixed would take away what the advertising brings through it.",
                remedy="Leave it out of the controls; its part then counts for the channels that moved it.",
            )
