"""Each preset is a world of the kind that it is named for."""

import numpy as np
import polars as pl
import pytest

from ml.simulation.people.population import REGIONS
from ml.simulation.people.presets import PRESETS, WorldConfig
from ml.simulation.people.run import Run
from ml.simulation.people.seasons import Seasons
from ml.simulation.people.world import World


def config(preset=None, **changes):
    return WorldConfig(**{"customers": 3_000, "days": 60, "seed": 9, "preset": preset, **changes})


def test_there_are_the_presets_that_are_documented():
    assert set(PRESETS) == {
        "quiet", "confounded", "collinear", "brand_search_trap", "tracking_outage", "new_channel", "seasonal",
        "b2b_long_cycle", "null",
    }  # fmt: skip


def in_the_market(preset):
    """How much likelier somebody who is shown a broad prospecting ad was in the market than anybody was that day."""
    run, wanting, expected = Run(config(preset, customers=24_000)), 0, 0.0
    for number in range(30):
        active = run.people.need_until >= number
        broad = (pl.col("campaign_id") == run.campaigns[10].id) & (pl.col("kind") == "impression")
        met = run.step().touchpoints.filter(broad)["customer"].to_numpy()
        wanting += int(active[met].sum())
        expected += len(met) * float(active.mean())
    return wanting / expected


def test_exposure_is_confounded_with_intent_as_much_as_promised():
    quiet, usual, confounded = in_the_market("quiet"), in_the_market(None), in_the_market("confounded")
    assert quiet == pytest.approx(1.0, abs=0.25)
    assert usual > 2
    assert confounded > 2 * usual


def correlation(preset):
    """The mean correlation of the daily budgets of campaigns that run all the time."""
    run = Run(config(preset, customers=100, days=150))
    for _ in range(150):
        run.step(write=False)
    budgets = np.array(run.log.budgets)
    always = budgets[:, (budgets > 0).all(axis=0)]
    together = np.corrcoef(np.log(always).T)
    return float(together[np.triu_indices(len(together), 1)].mean())


def test_budgets_march_together_in_a_collinear_world():
    assert correlation("collinear") > 0.6
    assert correlation(None) < 0.4


def test_brand_search_is_a_trap():
    world = World(config("brand_search_trap", customers=1_500, days=45))
    claims = pl.concat([day.claims for day in world.days()])
    trap = next(entry for entry in world.truth()["channels"] if entry["channel"] == "brand_search")
    assert trap["cost"] > 0
    assert trap["incremental_conversions"] == 0
    brand = world.campaigns().filter(pl.col("channel") == "brand_search")
    assert claims.join(brand, on="campaign_id", how="semi").height > 0.2 * claims.height


def test_tracking_is_out_for_four_weeks():
    tracked = {
        preset: [Seasons(config(preset), 20)[day].tracking for day in range(60)]
        for preset in (None, "tracking_outage", "quiet")
    }
    assert {preset: days.count(False) for preset, days in tracked.items()} == {
        None: 7,
        "tracking_outage": 27,
        "quiet": 0,
    }


def test_a_new_channel_begins_late():
    days = list(World(config("new_channel")).days())
    delivery = pl.concat([day.delivery for day in days]).filter(pl.col("platform") == "tiktok_ads")
    assert (delivery["date"].min() - days[0].controls["date"][0]).days == 42


def test_seasons_are_strong_usual_and_weak():
    def swing(preset):
        seasons = Seasons(config(preset, days=365), len(REGIONS))
        months = [np.mean([seasons[month * 30 + day].demand for day in range(28)]) for month in range(12)]
        return max(months) / min(months)

    assert swing("seasonal") > 1.5 * swing(None) > 1.5 * swing("quiet")


def test_business_is_won_long_after_the_click():
    world = World(config("b2b_long_cycle", customers=4_000, days=100))
    days = list(world.days())
    stages = pl.concat([day.deal_stages for day in days])
    assert pl.concat([day.orders for day in days]).is_empty()
    assert pl.concat([day.contacts for day in days]).height == stages.filter(pl.col("stage") == "lead").height
    won = stages.filter(pl.col("stage") == "closed_won")
    begun = stages.filter(pl.col("stage") == "lead").select("deal_id", pl.col("at").alias("begun"))
    took = won.join(begun, on="deal_id").select((pl.col("at") - pl.col("begun")).dt.total_days())
    assert took.to_series().min() >= 20
    truth = world.truth()
    assert truth["total_conversions"] == won.height > 0
    assert truth["total_revenue"] == pytest.approx(won["amount_cents"].sum() / 100)
