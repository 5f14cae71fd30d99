"""Simulated advertisers as a mix model sees them: weeks of spend, of revenue, and of what else is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from ml.mix.inputs import Channel, Control, MixInput, Role
from ml.mix.lifts import Lift
from ml.mix.prior import USUAL_RETURN, Return
from ml.mix.saturation import Floats
from ml.simulation.people.world import World
from ml.simulation.run import simulated_world

WEEK: Final = 7
MAILS: Final = "email"  # of which a penny buys a dozen: what works is how many are sent
DEMAND_LED: Final = frozenset(  # what stands in results of searches, and what follows visitors
    {"brand_search", "generic_search", "shopping", "performance_max", "display", "social_retargeting"}
)
_TESTED, _AGO = 26, 8  # weeks
_ERROR, _LEAST = 0.15, 0.05
_CONTROLS: Final[dict[str, Role]] = {
    "promotion": "confounder", "price_index": "confounder", "in_stock": "precision", "holidays": "precision",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class LivedWeeks:
    """A ``world`` that was lived, and what its advertiser can tell a mix model, week by week."""

    world: World
    told: MixInput


def lived_weeks(
    preset: str | None, seed: int, customers: int, weeks: int, last_day: dt.date | None = None
) -> LivedWeeks:
    """Live a world for so many weeks. Revenue is net of what went back; a deal's counts when it is won."""
    world = simulated_world(customers=customers, days=WEEK * weeks, seed=seed, preset=preset, last_day=last_day)
    world.live()
    return LivedWeeks(world, told_weeks(world))


def told_weeks(world: World) -> MixInput:
    """The weeks of a world so far."""
    takings = _weekly(world.takings()).agg(pl.col("date").first(), pl.col("revenue").sum())
    periods: tuple[dt.date, ...] = tuple(takings["date"])
    around = _weekly(world.controls().with_columns(holidays=pl.col("holiday").is_not_null())).agg(
        pl.col("promotion", "price_index", "in_stock").mean(), pl.col("holidays").sum()
    )
    controls = (Control(name, _floats(around[name]), role) for name, role in _CONTROLS.items())
    return MixInput(
        periods,
        _floats(takings["revenue"]),
        tuple(_channel(name, spent) for name, spent in weekly_spend(world).items()),
        tuple(control for control in controls if np.ptp(control.values) > 0),
    )


def tests_of(truth: Mapping[str, Any], told: MixInput, seed: int) -> tuple[Lift, ...]:
    """A test of every channel over half a year that ended two months ago, with an error of about 15 %.

    ``truth`` is that of the world. What a test measures is off by its error, as chance has it.
    """
    chance = np.random.default_rng(seed)
    window = slice(-_TESTED - _AGO, -_AGO)
    lifts = []
    for channel in told.channels:
        weekly = [week["channels"][channel.name]["incremental_revenue"] for week in truth["weekly"]]
        true = float(np.sum(weekly[window]))
        error = max(_ERROR * abs(true), _LEAST * float(channel.spend[window].sum()), _LEAST * told.outcome.mean())
        measured = true + error * float(chance.standard_normal())
        if channel.works[window].any():
            lifts.append(Lift(channel.name, told.periods[window][0], told.periods[window][-1], measured, error))
    return tuple(lifts)


def weekly_spend(world: World) -> dict[str, Floats]:
    """What each channel cost in each week, those that cost anything."""
    by_channel = world.spend().group_by("date", "channel", maintain_order=True).agg(pl.col("cost").sum())
    spent = _weekly(by_channel.pivot("channel", index="date", values="cost")).agg(pl.exclude("date").sum())
    return {name: _floats(spent[name]) for name in spent.columns if name != "week" and spent[name].sum() > 0}


def _channel(name: str, spent: Floats) -> Channel:
    if name == MAILS:
        return Channel(name, np.zeros(spent.size), spent)
    return Channel(name, spent, demand_led=name in DEMAND_LED)


def usual_returns(told: MixInput) -> dict[str, Return]:
    """What is expected of every channel that costs money, before its data speak."""
    return {channel.name: USUAL_RETURN for channel in told.channels if not channel.organic}


def _weekly(days: pl.DataFrame) -> pl.dataframe.group_by.GroupBy:
    return days.with_columns(week=pl.int_range(pl.len()) // WEEK).group_by("week", maintain_order=True)


def _floats(series: pl.Series) -> Floats:
    return np.asarray(series.to_numpy(), dtype=float)
