"""Plans carried out: whether what a budget was said to bring came, and how near that is to the best.

Two years of a simulated advertiser are fitted, by history alone and with a test of every channel; today's money (the
mean of the last nine weeks) is split anew for the next quarter, each channel within 30 % of today. Then the same world
lives on under that plan and under today's, people with the same luck in both, and what the visits of the quarter bring
on average is compared. The plan that knows the truth is found by living: each channel alone, at either bound; then the
best split along what came. Worlds end in January, April, July or October.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from ml.budget.channels import CENT, Channel
from ml.budget.curves import Curve, Sampled
from ml.budget.learnt import learnt_curves
from ml.budget.plan import allocate
from ml.mix.forecast import forecast, planned
from ml.mix.lifts import Lift
from ml.mix.mix import ALL_FAMILIES, Families, MixFit, fit_mix
from ml.mix.results import Estimate, estimate_of
from ml.mix.saturation import Floats
from ml.simulation.people.world import World
from validation.lived_weeks import MAILS, WEEK, lived_weeks, tests_of, usual_returns, weekly_spend

SEEDS: Final = tuple(range(1, 21))
PEOPLE, WEEKS, AHEAD = 30_000, 104, 13
ENDS: Final = tuple(dt.date(2026, month, 28) for month in (1, 4, 7, 10))  # by world in turn: seasons pay otherwise
CHANGE: Final = 0.3
KEPT, REACHED = 0.8, 0.6
_TODAY: Final = 63  # days, which hold a whole round of flights


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """The gain over today's split that was ``predicted``, and what was ``realised``, in dollars over the quarter."""

    predicted: Estimate
    realised: float

    @property
    def kept(self) -> bool:
        """Whether what came is within what was said."""
        return self.predicted.low <= self.realised <= self.predicted.high


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter: the plan of history ``alone``, that where channels were ``tested``, and the gain of the ``best``."""

    alone: CarriedOut
    tested: CarriedOut
    best: float


def sections(reference: Path | None) -> Iterator[str]:  # noqa: ARG001  (all worlds are made)
    """The page's text."""
    yield f"\n{len(SEEDS)} worlds of {PEOPLE:,} people, dollars over the quarter.\n\n"
    yield "| world | history alone: predicted | came | all channels tested: predicted | came | truth known |\n"
    yield "|---|---|---|---|---|---|\n"
    lived = []
    for seed in SEEDS:
        one = lived_quarter(seed, PEOPLE, WEEKS)
        lived.append(one)
        plans = " | ".join(f"{_said(plan.predicted)} | {plan.realised:,.0f}" for plan in (one.alone, one.tested))
        yield f"| {seed} | {plans} | {one.best:,.0f} |\n"
    yield "\n| target | history alone | | every channel tested | |\n|---|---|---|---|---|\n"
    by_way = [[one.alone for one in lived], [one.tested for one in lived]]
    kept = [float(np.mean([plan.kept for plan in plans])) for plans in by_way]
    part = [sum(plan.realised for plan in plans) / sum(one.best for one in lived) for plans in by_way]
    yield _target(f"what came is within the interval of 90 % in {KEPT:.0%} of worlds", kept, KEPT)
    yield _target(f"on average {REACHED:.0%} of what the plan that knows the truth gains", part, REACHED)


def lived_quarter(seed: int, customers: int, weeks: int, families: Families = ALL_FAMILIES) -> Quarter:
    """Live, fit without tests and with them, plan, and live on under both plans, under today's and under the best."""
    lived = lived_weeks(None, seed, customers, weeks, ENDS[seed % len(ENDS)])
    quarter = LivedOn(lived.world)
    base, spends = quarter.brings({}), quarter.spends()
    truth = lived.world.truth(down_to="channel")

    def carried_out(lifts: tuple[Lift, ...]) -> CarriedOut:
        fit = fit_mix(lived.told, lifts=lifts, returns=usual_returns(lived.told), families=families)
        curves = {name: drawn.expected() for name, drawn in learnt_curves(fit).items() if name in quarter.today}
        proposed = split(quarter.today, curves)
        return CarriedOut(predicted(fit, spends, proposed), quarter.brings(proposed) - base)

    best = split(quarter.today, {name: quarter.curve(name, base) for name in quarter.today})
    alone, tested = carried_out(()), carried_out(tests_of(truth, lived.told, seed))
    return Quarter(alone, tested, quarter.brings(best) - base)


class LivedOn:
    """The quarter after a world's end, to be lived under any split of today's money."""

    def __init__(self, world: World) -> None:
        lately = world.spend().filter(pl.col("channel") != MAILS, pl.col("cost") > 0)
        lately = lately.filter(pl.col("date") > world.spend()["date"][-1] - pl.duration(days=_TODAY))
        daily = lately.group_by("channel", "campaign_id", maintain_order=True).agg(pl.col("cost").mean())
        self._world = world
        self._campaigns = [*daily.iter_rows()]
        weekly = lately.group_by("channel", maintain_order=True).agg(pl.col("cost").sum() / _TODAY * WEEK)
        self.today: Mapping[str, float] = dict(weekly.iter_rows())

    def spends(self) -> dict[str, Floats]:
        """What each channel costs in each week of the quarter, as things are today."""
        going_on = self._world.continue_under(self._plan({}), AHEAD * WEEK)
        going_on.live()
        return {name: spent[-AHEAD:] for name, spent in weekly_spend(going_on).items()}

    def brings(self, factors: Mapping[str, float]) -> float:
        """What visits bring on average, in dollars, where these channels have a multiple of today's money."""
        going_on = self._world.continue_under(self._plan(factors), AHEAD * WEEK)
        going_on.live()
        return float(going_on.takings()["expected_revenue"][-AHEAD * WEEK :].sum())

    def curve(self, name: str, base: float) -> Sampled:
        """What a channel alone brings a week, at its bounds and today, over what it brings at the lower one."""
        low, high = (self.brings({name: factor}) for factor in (1 - CHANGE, 1 + CHANGE))
        spend = np.array([1 - CHANGE, 1.0, 1 + CHANGE]) * self.today[name]
        return Sampled.of(spend, np.maximum.accumulate(np.array([0.0, base - low, high - low])) / AHEAD)

    def _plan(self, factors: Mapping[str, float]) -> dict[str, float]:
        return {campaign: money * factors.get(channel, 1.0) for channel, campaign, money in self._campaigns}


def split(today: Mapping[str, float], curves: Mapping[str, Curve]) -> dict[str, float]:
    """The best split of today's money within the bounds, as multiples of today's."""
    channels = []
    for name, curve in curves.items():
        current = Decimal(repr(today[name])).quantize(CENT)
        low, high = (current * Decimal(repr(1 + way * CHANGE)) for way in (-1, 1))
        channels.append(Channel(name, curve, current, low, high))
    plan = allocate(channels, sum((channel.current or Decimal(0) for channel in channels), Decimal(0)))
    return {line.channel: float(line.proposed / line.current) for line in plan.lines if line.current}


def predicted(fit: MixFit, today: Mapping[str, Floats], factors: Mapping[str, float]) -> Estimate:
    """The gain over the quarter, by joint draws."""
    now = np.stack([today[channel.name] for channel in fit.told.channels])
    then = np.stack([today[channel.name] * factors.get(channel.name, 1.0) for channel in fit.told.channels])
    before, after = (forecast(fit, planned(fit.told, spend)).contributions.sum(axis=(0, 1)) for spend in (now, then))
    return estimate_of(after - before)


def _said(said: Estimate) -> str:
    return f"{said.estimate:,.0f} ({said.low:,.0f} to {said.high:,.0f})"


def _target(what: str, measured: list[float], least: float) -> str:
    told = " | ".join(f"{value:.0%} | {'met' if value >= least else 'missed'}" for value in measured)
    return f"| {what} | {told} |\n"
