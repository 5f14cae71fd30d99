"""Nothing in the world is a response curve: that effects last, saturate and wear out is what people make of ads."""

import numpy as np
import polars as pl
import pytest

from ml.simulation.people.world import World, WorldConfig

DAYS = 60


@pytest.fixture(scope="module")
def world():
    made = World(WorldConfig(customers=5_000, days=DAYS, seed=2))
    made.live()
    return made


def budgets(world):
    """Dollars a day of every campaign that has a budget, in the last two weeks on average."""
    spent = np.mean(world._run.log.budgets[-14:], axis=0)
    return {campaign.id: float(money) for campaign, money in zip(world._run.campaigns, spent, strict=True) if money > 0}


def going_on(world, plan, days=35):
    """Orders and spend of the days to come under a plan."""
    continued = world.continue_under(plan, days)
    frames = list(continued.days())
    log = continued._run.log
    return sum(day.orders.height for day in frames), float(np.sum(log.cost[DAYS:])), frames


def test_more_money_brings_less_for_each_dollar(world):
    usual = budgets(world)
    nothing, _, _ = going_on(world, dict.fromkeys(usual, 0.0))
    once, cost, _ = going_on(world, usual)
    thrice, more_cost, _ = going_on(world, {campaign: 3 * money for campaign, money in usual.items()})
    assert nothing < once < thrice
    assert more_cost > 1.5 * cost
    assert (thrice - once) / (more_cost - cost) < 0.7 * (once - nothing) / cost


def test_what_was_advertised_goes_on_working_for_a_while(world):
    everything = [campaign.id for campaign in world._run.campaigns]
    stopped, cost, _ = going_on(world, dict.fromkeys(everything, 0.0), days=21)
    never = World(WorldConfig(customers=5_000, days=DAYS, seed=2, advertising=False))
    left = sum(day.orders.height for day in list(never.days(until=DAYS + 21))[DAYS:])
    assert cost == 0.0
    assert stopped > left


def test_video_makes_people_search_the_name(world):
    video = [campaign.id for campaign in world._run.campaigns if campaign.channel == "video"]
    usual = budgets(world)

    def searches(money):
        _, _, frames = going_on(world, dict.fromkeys(video, money))
        found = pl.concat([day.search_days for day in frames])
        return found.filter(pl.col("query").str.starts_with("simulated"))["clicks"].sum()

    assert searches(12 * max(usual[campaign] for campaign in video if campaign in usual)) > searches(0.0)


def test_an_ad_seen_often_is_clicked_less(world):
    shown = pl.concat([day.touchpoints for day in World(WorldConfig(customers=6_000, days=80, seed=2)).days()])
    counted = (
        shown.filter(pl.col("channel") == "social_retargeting")
        .sort("at")
        .with_columns((pl.col("kind") == "impression").cum_sum().over("customer", "ad_id").alias("time"))
        .filter(pl.col("time") > 0)
    )
    few = counted.filter(pl.col("time") <= 4)
    many = counted.filter(pl.col("time") >= 10)

    def rate(frame):
        return (frame["kind"] == "click").sum() / (frame["kind"] == "impression").sum()

    assert many.height > 500
    assert rate(many) < 0.9 * rate(few)


def test_platforms_together_claim_more_than_was_sold(world):
    days = list(World(world.config).days())
    claimed = pl.concat([day.claims for day in days]).height
    sold = pl.concat([day.orders for day in days]).filter(~pl.col("is_test")).height
    assert 1.2 < claimed / sold < 1.8
