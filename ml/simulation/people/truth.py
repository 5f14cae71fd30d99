"""What every cause really did: the same random world once more, without it.

Other campaigns keep the bids that they had: the question is what this advertising caused, not what a manager would have
done instead. Only people whom a cause reached are lived again, and only from when it reached them: until then their
lives are the same. A raised campaign bids so much higher that it would spend about a fifth more.

Whatever is averaged over luck (marginal returns, expected values) comes from several futures of the same people.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.simulation.people.counterfactual import Grain, Lives, Relived, relive
from ml.simulation.people.creatives import SEGMENT_EFFECTS, TRAIT_EFFECTS, traits
from ml.simulation.people.experiment_truth import experiments
from ml.simulation.people.futures import Futures, Marginal, futures
from ml.simulation.people.ledger import named
from ml.simulation.people.population import DEVICES, NEVER, REGIONS
from ml.simulation.people.records import CURRENCY, SEGMENTS
from ml.simulation.people.run import Run

VERSION = 1

CUSTOMERS = {
    "customer": pl.UInt32(),
    "segment": pl.String(),
    "region": pl.String(),
    "device": pl.String(),
    "orders": pl.Int64(),
    "revenue": pl.Float64(),
    "uplift_orders": pl.Int64(),  # less what they would have ordered had nobody advertised: in this very world
    "uplift_revenue": pl.Float64(),
    "expected_uplift_revenue": pl.Float64(),  # the same, averaged over the luck at the till
    "expected_value": pl.Float64(),  # revenue of the next FUTURE_DAYS days, advertising going on as it is
    "expected_future_uplift": pl.Float64(),  # of the same days, against no advertising in them
}


@dataclass(frozen=True, slots=True)
class Truth:
    """``summary`` is what truth.json holds, ``customers`` (columns ``CUSTOMERS``) what stands beside it."""

    summary: dict[str, Any]
    customers: pl.DataFrame


def truth(run: Run, down_to: Grain) -> Truth:
    """The truth about a world that was lived to its end, down to a grain of advertising. ``run`` is not changed."""
    past = relive(run, down_to)
    future = futures(run, past.lately, down_to)
    return Truth(_summary(run, past, future), _customers(run, past, future))


@dataclass(frozen=True, slots=True)
class _Gain:
    """What was, less what would have been: conversions and dollars."""

    conversions: NDArray[np.int64]
    revenue: NDArray[np.float64]


def _summary(run: Run, past: Relived, future: Futures) -> dict[str, Any]:
    counted = _counted(run, past.was)
    by_cause = _gains(run, past, lambda lives: lives.cause - 1, len(past.causes))
    weeks = math.ceil(run.number / 7)
    total = np.bincount(counted.counts_on // 7, minlength=weeks)
    in_week = _gains(run, past, lambda lives: (lives.cause.astype(np.int64) - 1) * weeks + lives.counts_on // 7,
                     len(past.causes) * weeks)  # fmt: skip
    weekly_gain = in_week.conversions.reshape(-1, weeks)
    weekly_money = in_week.revenue.reshape(-1, weeks)
    cost = np.sum(run.log.cost, axis=0)
    paid_by = [float(cost[cause.ads].sum()) for cause in past.causes]
    marginal = {(cause.kind, cause.name): place for place, cause in enumerate(future.marginal.causes)}

    def entry(place: int, **names: object) -> dict[str, Any]:
        cause = past.causes[place]
        return {
            **names,
            **_effect(by_cause.conversions[place], by_cause.revenue[place]),
            "cost": round(paid_by[place], 2),
            "incremental_roas": _ratio(by_cause.revenue[place], paid_by[place]),
            **_marginal(future.marginal, marginal[cause.kind, cause.name]),
        }

    kinds = [cause.kind for cause in past.causes]
    campaigns = {campaign.id: campaign for campaign in run.campaigns}
    creatives = {each.creative_id: each for each in run.stage.ads}
    channels = [place for place, kind in enumerate(kinds) if kind == "channel"]
    return {
        "version": VERSION,
        "seed": run.config.seed,
        "preset": run.config.preset,
        "customers": run.config.customers,
        "days": run.number,
        "first_day": run.config.first_day.isoformat(),
        "currency": CURRENCY,
        "conversion": "won deal" if run.config.temper.business else "order that was not cancelled",
        "total_conversions": len(counted.person),
        "total_revenue": _money(counted.cents.sum() / 100),
        "organic_conversions": len(counted.person) - int(by_cause.conversions[0]),
        "organic_revenue": _money(counted.cents.sum() / 100 - by_cause.revenue[0]),
        "advertising": entry(0),
        "channels": [entry(place, channel=past.causes[place].name) for place in channels],
        "campaigns": [
            entry(
                place,
                campaign_id=cause.name,
                name=campaigns[cause.name].name,
                platform=campaigns[cause.name].platform,
                channel=campaigns[cause.name].channel,
            )
            for place, cause in enumerate(past.causes)
            if cause.kind == "campaign"
        ],
        "creatives": [
            entry(
                place,
                creative_id=cause.name,
                campaign_id=run.campaigns[creatives[cause.name].campaign].id,
                traits=traits(creatives[cause.name]),
            )
            for place, cause in enumerate(past.causes)
            if cause.kind == "creative"
        ],
        "trait_effects": {
            "everybody": {name: {"appeal": pair[0], "lure": pair[1]} for name, pair in TRAIT_EFFECTS.items()},
            "segments": [
                {"segment": segment, "trait": trait, "appeal": pair[0], "lure": pair[1]}
                for (segment, trait), pair in SEGMENT_EFFECTS.items()
            ],
        },
        "segments": _segments(run, past, future),
        "experiments": experiments(run, past),
        "weekly": [
            {
                "week": week,
                "first_day": (run.config.first_day + timedelta(days=7 * week)).isoformat(),
                "total_conversions": int(total[week]),
                "organic_conversions": int(total[week] - weekly_gain[0, week]),
                **_effect(weekly_gain[0, week], weekly_money[0, week]),
                "channels": {
                    past.causes[place].name: _effect(weekly_gain[place, week], weekly_money[place, week])
                    for place in channels
                },
            }
            for week in range(weeks)
        ],
    }


def _counted(run: Run, lives: Lives) -> Lives:
    """The orders that count within the days of the run."""
    counts = (lives.counts_on >= 0) & (lives.counts_on < run.number)
    return lives.where(counts)


def _gains(run: Run, past: Relived, place: Callable[[Lives], NDArray[np.integer]], size: int) -> _Gain:
    """What was less what would have been, added up by a place (from 0) that orders have by cause and more."""
    was, would = _counted(run, past.mirror), _counted(run, past.would)
    before, instead = place(was), place(would)
    return _Gain(
        (np.bincount(before, minlength=size) - np.bincount(instead, minlength=size)).astype(np.int64),
        (np.bincount(before, was.cents / 100, size) - np.bincount(instead, would.cents / 100, size)).astype(np.float64),
    )


def _of_people(run: Run, past: Relived) -> tuple[_Gain, NDArray[np.int64], NDArray[np.float64]]:
    """What all advertising gained from each person; each one's orders and revenue."""
    size = run.config.customers
    all_ads = (lives.where(lives.cause == 1) for lives in (past.mirror, past.would))
    only = replace(past, mirror=next(all_ads), would=next(all_ads))
    was = _counted(run, past.was)
    return (
        _gains(run, only, lambda lives: lives.person, size),
        np.bincount(was.person, minlength=size).astype(np.int64),
        np.bincount(was.person, was.cents / 100, size).astype(np.float64),
    )


def _segments(run: Run, past: Relived, future: Futures) -> list[dict[str, Any]]:
    gain, orders, revenue = _of_people(run, past)
    people, marginal = run.people, future.marginal
    known = (people.known_since != NEVER).astype(np.int64)
    result = []
    for dimension, names, member in (
        ("segment", SEGMENTS, people.segment),
        ("region", REGIONS, people.region),
        ("device", DEVICES, people.device),
        ("known_before", ("no", "yes"), known),
    ):
        for place, name in enumerate(names):
            these = member == place
            result.append(
                {
                    "dimension": dimension,
                    "segment": name,
                    "customers": int(these.sum()),
                    "conversions": int(orders[these].sum()),
                    "revenue": _money(revenue[these].sum()),
                    **_effect(gain.conversions[these].sum(), gain.revenue[these].sum()),
                    "marginal_roas": _ratio(
                        marginal.brought_by_person[these].sum(), marginal.cost_by_person[these].sum()
                    ),
                }
            )
    return result


def _customers(run: Run, past: Relived, future: Futures) -> pl.DataFrame:
    gain, orders, revenue = _of_people(run, past)
    people = run.people
    columns = {
        "customer": people.customer,
        "segment": named(SEGMENTS, people.segment),
        "region": named(REGIONS, people.region),
        "device": named(DEVICES, people.device),
        "orders": orders,
        "revenue": revenue.round(2),
        "uplift_orders": gain.conversions,
        "uplift_revenue": gain.revenue.round(2),
        "expected_uplift_revenue": (past.worth - past.worth_without).round(4),
        "expected_value": future.value.round(4),
        "expected_future_uplift": (future.value - future.value_without).round(4),
    }
    return pl.DataFrame(columns).select(pl.col(name).cast(kind) for name, kind in CUSTOMERS.items())


def _effect(conversions: int, revenue: float) -> dict[str, Any]:
    return {"incremental_conversions": int(conversions), "incremental_revenue": _money(revenue)}


def _marginal(marginal: Marginal, place: int) -> dict[str, Any]:
    """Dollars brought by a dollar more, and how far luck still moves the figure (jackknife over lives)."""
    brought, cost = marginal.brought[:, place], marginal.cost[:, place]
    value = _ratio(brought.sum(), cost.sum())
    if value is None:
        return {"marginal_roas": None, "marginal_roas_se": None}
    left = cost.sum() - cost
    if (left <= 0).any():
        return {"marginal_roas": value, "marginal_roas_se": None}
    without = (brought.sum() - brought) / left
    lives = len(without)
    error = math.sqrt((lives - 1) / lives * float(((without - without.mean()) ** 2).sum()))
    return {"marginal_roas": value, "marginal_roas_se": round(error, 4)}


def _ratio(money: float, cost: float) -> float | None:
    return round(float(money / cost), 4) if cost > 0.01 else None


def _money(value: float) -> float:
    return round(float(value), 2)
