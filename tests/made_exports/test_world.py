import itertools
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from ml.simulation.exports.records import DAILY
from tests.made_exports.market import CLAIM_RATIO, exchange_rates, session_days, shop_days
from tests.made_exports.plan import GOOGLE_US, LINKEDIN, META_EUROPE, MICROSOFT_US, demo_plan
from tests.made_exports.world import as_reported, promotion_strength, season, simulate, weekday

END = date(2026, 11, 21)
TODAY = END + timedelta(days=1)
LONG_AFTER = END + timedelta(days=60)
PLAN = demo_plan()


@pytest.fixture(scope="module")
def world():
    return simulate(PLAN, seed=7, end=END, days=420)


@pytest.fixture(scope="module")
def rates(world):
    return exchange_rates(world.first_day, world.last_day, seed=7)


def test_plan_has_about_sixty_campaigns_whose_ids_are_unique_per_account():
    campaigns = {(line.account.id, line.campaign_id, line.campaign_name) for line in PLAN}
    assert 50 <= len(campaigns) <= 65
    assert len({(account, campaign) for account, campaign, _ in campaigns}) == len(campaigns)
    leaves = [(line.account.id, line.campaign_id, line.ad_group_id, line.ad_id) for line in PLAN]
    assert len(set(leaves)) == len(leaves)


def test_same_seed_same_world_and_another_seed_another(world):
    assert simulate(PLAN, seed=7, end=END, days=420).final.equals(world.final)
    assert not simulate(PLAN, seed=8, end=END, days=420).final.equals(world.final)


def test_a_line_more_at_the_end_changes_no_other_line():
    shorter = simulate(PLAN[:5], seed=7, end=END, days=60).final
    longer = simulate(PLAN[:6], seed=7, end=END, days=60).final
    assert longer.filter(pl.col("campaign_id") != PLAN[5].campaign_id).equals(shorter)


def test_campaigns_run_only_between_start_and_stop(world):
    line = next(line for line in PLAN if line.campaign_name == "Display | Spring Launch")
    days = world.final.filter(pl.col("campaign_id") == line.campaign_id)["date"]
    assert days.min() >= world.first_day + timedelta(days=round(line.start * 420))
    assert days.max() < world.first_day + timedelta(days=round(line.stop * 420))


def test_reported_rows_have_the_agreed_columns_and_hold_the_invariants(world):
    for account in {line.account for line in PLAN}:
        rows = as_reported(world, account, TODAY)
        assert dict(rows.schema) == dict(DAILY)
        assert rows.filter(pl.col("clicks") > pl.col("impressions")).is_empty()
        assert rows["spend"].min() >= 0
        assert rows["conversions"].min() >= 0
        assert rows.filter(pl.col("date") >= TODAY).is_empty()
        assert rows.select("date", "campaign_id", "ad_group_id", "ad_id").is_unique().all()


def test_cost_per_click_stays_near_that_of_the_plan(world):
    for line in PLAN:
        same = (pl.col("campaign_id") == line.campaign_id) & pl.col("ad_id").eq_missing(line.ad_id)
        rows = world.final.filter(same, pl.col("ad_group_id").eq_missing(line.ad_group_id))
        cpc = rows["cents"].sum() / rows["clicks"].sum() / 100
        assert 0.8 * line.economics.cpc < cpc < 1.5 * line.economics.cpc


def test_conversions_come_in_late_and_never_go_away(world):
    key = ["date", "campaign_id"]
    reports = [as_reported(world, GOOGLE_US, TODAY + timedelta(days=later)) for later in (0, 3, 10, 60)]
    for early, late in itertools.pairwise(reports):
        both = early.join(late, on=key, suffix="_late")
        assert both.height == early.height
        assert (both["conversions_late"] >= both["conversions"]).all()
    first, last = reports[0], reports[-1]
    recent = pl.col("date") > END - timedelta(days=4)
    assert first.filter(recent)["conversions"].sum() < Decimal("0.7") * last.filter(recent)["conversions"].sum()
    settled = pl.col("date") < END - timedelta(days=31)
    assert first.filter(settled).equals(last.filter(settled))


def test_invalid_clicks_are_credited_back(world):
    both = as_reported(world, GOOGLE_US, TODAY).join(
        as_reported(world, GOOGLE_US, LONG_AFTER), on=["date", "campaign_id"], suffix="_late"
    )
    credited = both.filter(pl.col("spend") != pl.col("spend_late"))
    assert 5 < credited.height < 60
    assert (credited["spend"] > credited["spend_late"]).all()
    assert (credited["clicks"] - credited["clicks_late"] == 1).all()


def test_microsofts_last_day_is_partial(world):
    last_day = pl.col("date") == END
    partial = as_reported(world, MICROSOFT_US, TODAY).filter(last_day)["spend"].sum()
    whole = as_reported(world, MICROSOFT_US, LONG_AFTER).filter(last_day)["spend"].sum()
    assert Decimal("0.75") < partial / whole < Decimal("0.9")


def test_business_rests_at_weekends_and_the_shop_does_not(world):
    def weekend_over_week(account):
        clicks = as_reported(world, account, TODAY).with_columns(pl.col("date").dt.weekday().alias("weekday"))
        daily = clicks.group_by("weekday").agg(pl.col("clicks").sum()).sort("weekday")["clicks"].to_list()
        return (daily[5] + daily[6]) / 2 / (sum(daily[:5]) / 5)

    assert weekend_over_week(LINKEDIN) < 0.5
    assert 0.9 < weekend_over_week(META_EUROPE) < 1.15


def test_budget_moved_from_generic_search_to_performance_max(world):
    moved = world.first_day + timedelta(days=round(0.62 * 420))
    spend = world.final.with_columns((pl.col("date") >= moved).alias("after"))

    def change(name):
        rows = spend.filter(pl.col("campaign_name") == name, (pl.col("date") - moved).dt.total_days().abs() <= 28)
        daily = dict(rows.group_by("after").agg(pl.col("cents").mean()).iter_rows())
        return daily[True] / daily[False]

    assert change("PMax | All Products") > 1.7 * change("Search | Generic | Running Shoes")


@pytest.mark.parametrize(
    ("year", "black_friday"), [(2023, 24), (2024, 29), (2025, 28), (2026, 27), (2027, 26), (2028, 24), (2030, 29)]
)
def test_black_friday_is_the_day_after_the_fourth_thursday(year, black_friday):
    november = np.arange(np.datetime64(f"{year}-11-01"), np.datetime64(f"{year}-12-10"))
    on = november[promotion_strength(november) == 1.0]
    assert on[0] == np.datetime64(f"{year}-11-{black_friday}") - 4
    assert on[-1] == np.datetime64(f"{year}-11-{black_friday}") + 3


def test_weekday_counts_from_monday():
    days = np.array(["2026-11-16", "2026-11-22", "1969-12-31"], dtype="datetime64[D]")
    assert weekday(days).tolist() == [0, 6, 2]


def test_season_peaks_in_winter_and_sinks_in_february():
    days = np.array(["2026-12-01", "2026-02-10", "2026-09-15"], dtype="datetime64[D]")
    winter, february, autumn = season(days)
    assert february < autumn < winter
    assert 0.97 < autumn < 1.05


def test_platforms_together_claim_more_than_the_shop_sold(world, rates):
    shop = shop_days(world, rates, seed=7)
    rate = pl.when(pl.col("currency") == "EUR").then(pl.col("rate").cast(pl.Float64)).otherwise(1.0)
    accounts = {line.account for line in PLAN} - {LINKEDIN}
    claims = pl.concat([as_reported(world, account, LONG_AFTER) for account in accounts]).join(rates, on="date")
    claimed = claims.select((pl.col("value").cast(pl.Float64) * rate).sum()).item()
    assert claimed / float(shop["net_sales"].sum()) == pytest.approx(CLAIM_RATIO, rel=0.03)
    assert float(claims["conversions"].sum()) / shop["orders"].sum() == pytest.approx(CLAIM_RATIO, rel=0.03)


def test_the_shops_books_add_up(world, rates):
    shop = shop_days(world, rates, seed=7)
    assert shop.height == 420
    assert (shop["gross_sales"] + shop["discounts"] + shop["returns"] == shop["net_sales"]).all()


def test_sessions_share_out_the_shops_sales(world, rates):
    shop = shop_days(world, rates, seed=7)
    sessions = session_days(world, shop, seed=7)
    assert float(sessions["revenue"].sum()) == pytest.approx(float(shop["net_sales"].sum()), abs=420 * 0.1)
    assert (sessions["engaged_sessions"] <= sessions["sessions"]).all()
    assert sessions.select("date", "channel_group").is_unique().all()


def test_exchange_rates_stand_still_at_weekends(rates):
    assert rates.height == 420
    weekends = rates.with_columns((pl.col("rate") - pl.col("rate").shift(1)).alias("step")).filter(
        pl.col("date").dt.weekday() > 5
    )
    assert (weekends["step"].drop_nulls() == 0).all()
    assert rates["rate"].n_unique() > 100
    assert Decimal("0.9") < rates["rate"].min() <= rates["rate"].max() < Decimal("1.4")
