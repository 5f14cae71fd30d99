import polars as pl
import pytest

from ml.simulation.people.truth import CUSTOMERS
from ml.simulation.people.world import World, WorldConfig

SIZE = {"customers": 2_000, "days": 98, "seed": 5}


def lived(**changes):
    world = World(WorldConfig(**{**SIZE, **changes}))
    world.live()
    return world


@pytest.fixture(scope="module")
def world():
    return lived()


@pytest.fixture(scope="module")
def truth(world):
    return world.truth()


@pytest.fixture(scope="module")
def customers(world):
    return world.customer_truth()


@pytest.fixture(scope="module")
def null():
    return lived(preset="null").truth()


def entries(truth):
    return [truth["advertising"], *truth["channels"], *truth["campaigns"], *truth["creatives"]]


def test_channels_alone_have_the_same_truth(world, truth):
    coarse = world.truth(down_to="channel")
    assert coarse["campaigns"] == coarse["creatives"] == []
    for key in ("channels", "advertising", "weekly", "experiments", "segments"):
        assert coarse[key] == truth[key], key


def test_without_advertising_exactly_the_organic_demand_is_left(truth, customers):
    bare = World(WorldConfig(**SIZE, advertising=False))
    orders = pl.concat([day.orders for day in bare.days()])
    assert bare.campaigns().height > 0  # they are there, and do nothing
    theirs = bare.truth()
    assert theirs["total_conversions"] == truth["organic_conversions"] > 0
    assert theirs["total_revenue"] == pytest.approx(truth["organic_revenue"], abs=0.01)
    assert theirs["advertising"]["incremental_conversions"] == 0
    # And it is the same people who order it.
    left = (customers["orders"] - customers["uplift_orders"]).to_list()
    assert left == bare.customer_truth()["orders"].to_list()
    assert orders.filter(~pl.col("is_test")).height >= sum(left)  # all but those cancelled


def test_advertising_works_in_this_world(truth):
    assert truth["advertising"]["incremental_conversions"] > 0.15 * truth["total_conversions"]
    assert truth["advertising"]["incremental_revenue"] > 0


def test_no_advertising_works_in_the_null_world(null):
    assert null["total_conversions"] > 0
    assert null["advertising"]["cost"] > 0
    for entry in entries(null):
        assert entry["incremental_conversions"] == 0
        assert entry["incremental_revenue"] == 0.0
        assert entry["marginal_roas"] in {None, 0.0}
    assert all(segment["incremental_conversions"] == 0 for segment in null["segments"])
    assert all(week["incremental_conversions"] == 0 for week in null["weekly"])
    lifts = {test["kind"]: test["true_lift"] for test in null["experiments"]}
    assert lifts["geo_holdout"] == 0
    assert lifts["go_dark"] == 0


def test_weeks_segments_and_customers_add_up(truth, customers):
    total = truth["advertising"]["incremental_conversions"]
    assert sum(week["incremental_conversions"] for week in truth["weekly"]) == total
    assert sum(week["total_conversions"] for week in truth["weekly"]) == truth["total_conversions"]
    assert sum(week["organic_conversions"] for week in truth["weekly"]) == truth["organic_conversions"]
    for dimension in {segment["dimension"] for segment in truth["segments"]}:
        mine = [segment for segment in truth["segments"] if segment["dimension"] == dimension]
        assert sum(segment["incremental_conversions"] for segment in mine) == total, dimension
        assert sum(segment["conversions"] for segment in mine) == truth["total_conversions"], dimension
        assert sum(segment["customers"] for segment in mine) == SIZE["customers"], dimension
    assert customers["uplift_orders"].sum() == total
    assert customers["orders"].sum() == truth["total_conversions"]
    assert customers["uplift_revenue"].sum() == pytest.approx(truth["advertising"]["incremental_revenue"], abs=1.0)


def test_a_channel_of_one_campaign_and_its_campaign_are_one_cause(world, truth):
    for channel in truth["channels"]:
        mine = [campaign for campaign in truth["campaigns"] if campaign["channel"] == channel["channel"]]
        assert channel["cost"] == pytest.approx(sum(campaign["cost"] for campaign in mine), abs=0.05)
        by_week = sum(week["channels"][channel["channel"]]["incremental_conversions"] for week in truth["weekly"])
        assert by_week == channel["incremental_conversions"]
    single = {campaign["campaign_id"]: campaign for campaign in truth["campaigns"]}
    of = pl.DataFrame([(entry["creative_id"], entry["campaign_id"]) for entry in truth["creatives"]], orient="row")
    alone = of.filter(~pl.col("column_1").is_duplicated())  # campaigns of one ad
    assert alone.height > 0
    for creative in truth["creatives"]:
        if creative["creative_id"] in set(alone["column_0"]):
            campaign = single[creative["campaign_id"]]
            assert creative["incremental_revenue"] == campaign["incremental_revenue"]


def test_the_same_world_has_the_same_truth():
    small = {"customers": 300, "days": 35}
    once, again = lived(**small), lived(**small)
    assert once.truth() == again.truth()
    assert once.customer_truth().equals(again.customer_truth())


def test_the_truth_says_what_it_is_about(truth):
    assert {"version", "seed", "preset", "channels", "campaigns", "creatives", "segments", "experiments", "weekly",
            "organic_conversions", "total_conversions"} <= truth.keys()  # fmt: skip
    for group in ("channels", "campaigns", "creatives", "segments"):
        for entry in truth[group]:
            assert {"incremental_conversions", "incremental_revenue", "marginal_roas"} <= entry.keys()
    for test in truth["experiments"]:
        assert {"name", "metric", "true_lift"} <= test.keys()


def test_one_test_works_and_the_other_does_not(truth):
    first, second = (test for test in truth["experiments"] if test["kind"] == "ab")
    assert first["orders_if_all_treated"] > first["orders_if_all_control"]
    assert first["fault"] is None
    assert second["true_lift"] == 0
    assert second["fault"] == "sample_ratio"


def test_the_fault_is_in_the_log_of_one_arm_of_one_test():
    world = World(WorldConfig(**SIZE))
    logged = pl.concat([day.assignments for day in world.days()])
    met = world.outcomes().group_by("experiment_id", "arm").len()
    found = met.join(logged.group_by("experiment_id", "arm").len(name="logged"), on=["experiment_id", "arm"])
    shares = {(test, arm): logged / entered for test, arm, entered, logged in found.iter_rows()}
    assert 0.6 < shares.pop(("exp-102", "treatment")) < 0.97
    assert set(shares.values()) == {1.0}


def test_expected_values_hold_on_average(world, customers):
    assert dict(customers.schema) == CUSTOMERS
    # What visits bring on average, added up, is what the orders brought, but for luck.
    assert customers["expected_uplift_revenue"].sum() == pytest.approx(customers["uplift_revenue"].sum(), rel=0.35)
    going_on = list(world.continue_under({}, 84).days())
    orders = pl.concat([day.orders for day in going_on]).filter(~pl.col("is_test"))
    realised = orders["revenue_cents"].sum() / 100
    assert customers["expected_value"].sum() == pytest.approx(realised, rel=0.35)
    # Who is worth more by the truth orders more in the days to come.
    revenue = orders.group_by("customer").agg(pl.col("revenue_cents").sum())
    joined = customers.join(revenue, on="customer", how="left").with_columns(pl.col("revenue_cents").fill_null(0))
    best = joined.sort("expected_value", descending=True).head(200)
    assert best["revenue_cents"].mean() > 2 * joined["revenue_cents"].mean()
