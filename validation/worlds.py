"""Simulated advertisers as attribution sees them: the paths that their logs leave, and what is true of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from ml.attribution.paths import Bools, Floats, Paths, paths_from_characters
from ml.simulation.people.records import Day
from ml.simulation.run import simulated_world

LOOKBACK_DAYS: Final = 30
UNPAID: Final = frozenset({"direct", "organic_search", "referral"})  # visits of people who were not addressed


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """The ``paths`` of one world, what each channel brought (C,), and what all of them brought together.

    A channel brought what would be lost without it alone; ``advertised`` (C,) tells which are advertising, the others
    brought nothing.
    """

    paths: Paths
    brought: Floats
    advertised: Bools
    together: float


def known_world(preset: str | None, seed: int, customers: int, days: int) -> Known:
    """Live a world and ask for its truth. People who refused consent leave no touch, as in the exports."""
    world = simulated_world(customers=customers, days=days, seed=seed, preset=preset)
    touches, orders, cancelled = [], [], []
    for day in world.days():
        touches.append(_touches(day))
        orders.append(day.orders.filter(~pl.col("is_test")).select("customer", "at", "order_id", "revenue_cents"))
        cancelled.append(day.order_changes.filter(pl.col("kind") == "cancellation").select("order_id"))
    bought = pl.concat(orders).join(pl.concat(cancelled), on="order_id", how="anti")
    truth = world.truth(down_to="channel")
    paths = journeys(pl.concat(touches), bought)
    brought = {entry["channel"]: float(entry["incremental_conversions"]) for entry in truth["channels"]}
    return Known(
        paths,
        np.array([brought.get(channel, 0.0) for channel in paths.channels]),
        np.array([channel in brought for channel in paths.channels]),
        float(truth["total_conversions"] - truth["organic_conversions"]),
    )


def journeys(touches: pl.DataFrame, bought: pl.DataFrame) -> Paths:
    """Paths by the rules of the warehouse: touches lead to the next order within 30 days, or to none in their window.

    ``touches`` has customer, at and channel, ``bought`` customer, at, order_id and revenue_cents. Whose order came
    without a touch has a path without one.
    """
    names = sorted(touches["channel"].unique())
    steps = {name: chr(ord("a") + place) for place, name in enumerate(names)}
    orders = bought.sort("at").with_columns(ordered_at=pl.col("at"))
    leads = (pl.col("ordered_at") - pl.col("at")) <= pl.duration(days=LOOKBACK_DAYS)
    window = (pl.col("at").dt.epoch("d") + pl.col("customer") % LOOKBACK_DAYS) // LOOKBACK_DAYS
    gone = (
        touches.sort("at")
        .join_asof(orders, on="at", by="customer", strategy="forward", check_sortedness=False)
        .with_columns(
            order_id=pl.when(leads).then("order_id"),
            window=pl.when(leads).then(None).otherwise(window),
            step=pl.col("channel").replace_strict(steps),
        )
        .group_by("customer", "order_id", "window", maintain_order=True)
        .agg(path=pl.col("step").str.join(""))
    )
    unseen = bought.join(gone, on="order_id", how="anti").select("order_id", path=pl.lit(""))
    counted = (
        pl.concat([gone.select("order_id", "path"), unseen])
        .join(bought.select("order_id", "revenue_cents"), on="order_id", how="left")
        .group_by("path")
        .agg(
            conversions=pl.col("order_id").count().cast(pl.Float64),
            value=pl.col("revenue_cents").sum() / 100,
            nulls=pl.col("order_id").null_count().cast(pl.Float64),
        )
        .sort("path")
    )
    conversions, value, nulls = (counted[name].to_numpy() for name in ("conversions", "value", "nulls"))
    channels = {step: name for name, step in steps.items()}
    return paths_from_characters(counted["path"].to_list(), channels, conversions, value, nulls)


def _touches(day: Day) -> pl.DataFrame:
    """Contacts with ads, mails that were opened or clicked, and visits that no ad brought."""
    seen = day.touchpoints.filter(pl.col("client").is_not_null()).select("customer", "at", "channel")
    mails = day.emails.filter(pl.col("kind").is_in(["open", "click"])).select("customer", "at", channel=pl.lit("email"))
    visits = day.sessions.filter(pl.col("client").is_not_null(), pl.col("campaign_id").is_null())
    unpaid = pl.col("channel").str.to_lowercase().str.replace(" ", "_")
    return pl.concat([seen, mails, visits.select("customer", "at", channel=unpaid)])
