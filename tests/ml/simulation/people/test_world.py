from dataclasses import fields

import polars as pl
import pytest

from ml.simulation.people import records
from ml.simulation.people.records import Day
from ml.simulation.people.world import World, WorldConfig
from warehouse.errors import BadSetting, NotEnoughData

CONFIG = WorldConfig(customers=1_500, days=100, seed=3)
FRAMES = [field.name for field in fields(Day) if field.name != "number"]


@pytest.fixture(scope="module")
def world():
    return World(CONFIG)


@pytest.fixture(scope="module")
def days(world):
    return list(world.days())


@pytest.fixture(scope="module")
def longer():
    return list(World(CONFIG).days(until=110))


def whole(days, name):
    return pl.concat([getattr(day, name) for day in days])


def same(some, others):
    return len(some) == len(others) and all(
        getattr(one, name).equals(getattr(other, name))
        for one, other in zip(some, others, strict=True)
        for name in FRAMES
    )


def test_the_same_seed_gives_the_same_bytes(days, longer):
    assert same(longer[:40], days[:40])
    assert [day.touchpoints.write_csv() for day in longer[:40]] == [day.touchpoints.write_csv() for day in days[:40]]


def test_another_seed_gives_another_world(days):
    other = next(World(WorldConfig(customers=1_500, days=100, seed=4)).days())
    assert not other.touchpoints.equals(days[0].touchpoints)


def test_every_frame_has_its_schema(days):
    for name in FRAMES:
        schema = dict(records.ASSIGNMENTS if name == "exposures" else getattr(records, name.upper()))
        assert all(dict(getattr(day, name).schema) == schema for day in days), name


def test_what_stands_still_has_its_schema(world, days):
    still = ("accounts", "campaigns", "ads", "creatives", "experiments", "outcomes")
    for name in (*still, "takings", "spend", "controls"):
        assert dict(getattr(world, name)().schema) == dict(getattr(records, name.upper())), name
    people = pl.concat(world.people(block=1_000))
    assert dict(people.schema) == dict(records.PEOPLE)
    assert people["customer"].to_list() == list(range(1_500))


def test_ids_name_one_thing(world, days):
    assert world.campaigns()["campaign_id"].is_unique().all()
    assert world.ads()["ad_id"].is_unique().all()
    assert world.creatives().height == world.ads().height
    for name, column in (("touchpoints", "touch_id"), ("sessions", "session_id"), ("orders", "order_id")):
        assert whole(days, name)[column].is_unique().all(), name
    assert whole(days, "touchpoints")["click_id"].drop_nulls().is_unique().all()


def test_rows_are_of_their_day_and_in_the_order_of_time(days):
    for day in days:
        date = CONFIG.first_day.toordinal() + day.number
        for name in ("touchpoints", "sessions", "orders", "emails"):
            at = getattr(day, name)["at"]
            assert at.is_sorted()
            if len(at):
                assert {value.toordinal() for value in at.dt.date().unique()} == {date}, name


def test_the_platforms_bill_every_click_that_people_made(days):
    key = ["campaign_id", "ad_id"]
    billed = whole(days, "delivery").group_by(key).agg(pl.col("clicks", "impressions", "cost_micros").sum())
    touches = whole(days, "touchpoints")
    made = touches.filter(pl.col("kind") == "click").group_by(key).agg(pl.len().alias("made"))
    compared = billed.join(made, on=key, how="full", coalesce=True).fill_null(0)
    assert (compared["clicks"] == compared["made"]).all()
    assert touches["cost_micros"].sum() <= billed["cost_micros"].sum()
    shown = touches.filter(pl.col("kind") == "impression").height
    assert shown < billed["impressions"].sum()


def test_clicks_are_never_more_than_impressions(days):
    delivery = whole(days, "delivery")
    assert (delivery["clicks"] <= delivery["impressions"]).all()


def test_sessions_and_claims_are_of_orders_that_were_placed(days):
    orders = whole(days, "orders")
    bought = whole(days, "sessions").filter(pl.col("order_id").is_not_null())
    joined = bought.join(orders, on="order_id", how="inner")
    assert joined.height == bought.height > 0
    assert (joined["revenue_cents"] == joined["revenue_cents_right"]).all()
    assert (joined["customer"] == joined["customer_right"]).all()
    claims = whole(days, "claims")
    assert claims.join(orders, on="order_id", how="semi").height == claims.height > 0
    assert (claims["reported_on"] >= claims["ordered_on"]).all()
    assert (claims["date"] <= claims["ordered_on"]).all()
    assert claims.select("platform", "order_id").is_unique().all()


def test_a_platform_claims_by_its_own_windows(days):
    age = whole(days, "claims").with_columns((pl.col("ordered_on") - pl.col("date")).dt.total_days().alias("age"))
    longest = dict(age.filter(pl.col("by") == "click").group_by("platform").agg(pl.col("age").max()).iter_rows())
    assert longest["google_ads"] <= 30
    assert longest["meta_ads"] <= 7
    views = dict(age.filter(pl.col("by") == "view").group_by("platform").agg(pl.col("age").max()).iter_rows())
    assert views["meta_ads"] <= 1


def test_regions_add_up_to_the_shop_and_the_bill(days):
    geo = whole(days, "geo_days")
    real = whole(days, "orders").filter(~pl.col("is_test"))
    assert geo["orders"].sum() == real.height
    assert geo["revenue_cents"].sum() == real["revenue_cents"].sum()
    assert geo["sessions"].sum() == whole(days, "sessions").height


def test_what_goes_back_was_bought_before_and_is_no_more(days):
    changes = whole(days, "order_changes").join(whole(days, "orders"), on="order_id", suffix="_placed")
    assert changes.height == whole(days, "order_changes").height > 0
    assert (changes["at"] > changes["at_placed"]).all()
    assert (changes["amount_cents"] <= changes["revenue_cents"]).all()


def test_who_refuses_consent_is_seen_but_not_known(world, days):
    refused = pl.concat(world.people()).filter(~pl.col("consented")).select("customer")
    for name in ("touchpoints", "sessions"):
        frame = whole(days, name)
        theirs = frame.join(refused, on="customer", how="semi")
        assert theirs.height > 0
        assert theirs["client"].null_count() == theirs.height
    assert whole(days, "orders").join(refused, on="customer", how="semi").height > 0


def test_nothing_is_tracked_while_the_tracker_is_broken(days):
    broken = [day.number for day in days if not day.controls["tracking"][0]]
    assert broken == list(range(55, 62))
    assert all(days[number].sessions.is_empty() for number in broken)
    assert sum(days[number].orders.height for number in broken) > 0


def test_an_email_goes_its_way(days):
    emails = whole(days, "emails")
    by_kind = {kind: set(frame["email_id"]) for (kind,), frame in emails.group_by("kind")}
    assert by_kind["delivered"] | by_kind["bounce"] == by_kind["sent"]
    assert not by_kind["delivered"] & by_kind["bounce"]
    assert by_kind["click"] <= by_kind["open"] <= by_kind["delivered"]


def test_a_hold_out_holds_out(world, days):
    held = world.experiments().filter(pl.col("kind") == "geo_holdout").row(0, named=True)
    shown = whole(days, "delivery").filter(
        pl.col("campaign_id").is_in(held["campaign_ids"])
        & pl.col("date").is_between(held["first_day"], held["last_day"])
    )
    assert shown.height > 0
    assert not set(shown["region"]) & set(held["regions"])


def test_more_days_are_the_same_days_and_more(days, longer):
    assert same(longer[:100], days)


def test_an_empty_plan_is_the_world_that_lasts_longer(world, days, longer):
    going_on = world.continue_under({}, 10)
    assert same(list(going_on.days()), longer[100:])
    assert same(list(going_on.days()), longer[100:])  # and once more
    assert same(list(world.continue_under({}, 3).days()), longer[100:103])  # the world itself stays where it is


def test_a_plan_moves_the_money_of_its_campaign_alone(world, days):
    campaign = world.campaigns().filter(pl.col("campaign_name") == "Prospecting | Broad")["campaign_id"][0]

    def spent(money):
        delivery = whole(list(world.continue_under({campaign: money}, 20).days()), "delivery")
        mine = delivery.filter(pl.col("campaign_id") == campaign)["cost_micros"].sum() / 1e6 / 20
        return mine, delivery.filter(pl.col("platform") == "google_ads")["cost_micros"].sum() / 1e6 / 20

    (nothing, _), (little, before), (much, after) = spent(0.0), spent(1.5), spent(4.0)
    assert nothing == 0.0
    assert little == pytest.approx(1.5, rel=0.35)
    assert much == pytest.approx(4.0, rel=0.35)
    assert after == pytest.approx(before, rel=0.25)  # people who see more ads search more, a little


def test_takings_and_spend_are_what_the_books_say(world, days):
    takings, orders = world.takings(), whole(days, "orders").filter(~pl.col("is_test"))
    back = whole(days, "order_changes").filter(pl.col("kind") == "cancellation")
    kept = orders.join(back, on="order_id", how="anti")
    assert takings.height == len(days)
    assert takings["conversions"].sum() == pytest.approx(kept.height, rel=0.02)  # some are still to be cancelled
    assert takings["revenue"].sum() == pytest.approx(kept["revenue_cents"].sum() / 100, rel=0.08)  # and refunded
    assert takings["revenue"].sum() == pytest.approx(world.truth(down_to="channel")["total_revenue"])
    assert takings["expected_revenue"].sum() == pytest.approx(takings["revenue"].sum(), rel=0.3)  # of few orders
    billed = whole(days, "delivery").group_by("campaign_id").agg(pl.col("cost_micros").sum() / 1e6)
    platforms = world.spend().filter(pl.col("channel") != "email")  # mails are nobody's bill
    spend = platforms.group_by("campaign_id").agg(pl.col("cost").sum())
    both = spend.filter(pl.col("cost") > 0).join(billed, on="campaign_id", how="full", coalesce=True)
    assert both["cost"].to_list() == pytest.approx(both["cost_micros"].to_list())
    assert world.controls().equals(whole(days, "controls"))


def test_another_luck_is_another_life_of_the_same_people_under_the_same_sky(world, days, longer):
    first, again, other = (world.continue_under({}, 10, luck=luck) for luck in (1, 1, 2))
    lived = [whole(list(going_on.days()), "orders") for going_on in (first, again, other)]
    assert lived[0].equals(lived[1])
    assert not lived[0].equals(lived[2])
    assert not lived[0].equals(whole(longer[100:], "orders"))
    assert first.controls().equals(other.controls())
    first.live()
    assert first.takings().height == 110
    assert first.takings()["conversions"][-10:].sum() == again.takings()["conversions"][-10:].sum()
    assert first.takings().head(90).equals(other.takings().head(90))


@pytest.mark.parametrize("plan", [{"nobody": 1.0}, {"21034567000": -1.0}, {"21034567000": float("nan")}])
def test_a_plan_that_cannot_be_is_refused(world, days, plan):
    with pytest.raises(BadSetting, match="the plan"):
        world.continue_under(plan, 5)


def test_before_the_first_day_there_is_no_truth():
    with pytest.raises(NotEnoughData, match="no day"):
        World(CONFIG).truth()


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"preset": "loud"}, "loud"), ({"customers": 0}, "customers"), ({"days": 3}, "days"), ({"seed": -1}, "seed")],
)
def test_a_world_that_cannot_be_is_refused(changes, word):
    with pytest.raises(BadSetting, match=word):
        WorldConfig(**{"customers": 10, "days": 30, "seed": 1, **changes})
