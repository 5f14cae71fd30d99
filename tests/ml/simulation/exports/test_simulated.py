"""A simulated advertiser, written as exports and loaded like anybody's."""

import json
from collections import Counter
from datetime import date, timedelta

import polars as pl
import pytest
from sqlalchemy import text

from ml.simulation.exports.orders import Shop
from ml.simulation.exports.simulated import write_simulation, write_truth
from ml.simulation.people.population import REGIONS
from ml.simulation.people.web import page_events
from ml.simulation.people.world import World, WorldConfig
from tests.ml.simulation.exports.made_up import SHOP
from warehouse.errors import BadSetting
from warehouse.ingest.load import LoadOptions, load_file
from warehouse.sessions import Warehouse

FIRST, DAYS = date(2026, 7, 1), 70
RECORDED = date(2026, 8, 10)  # since when the site's events are kept
WEST = frozenset({"California", "Texas", "Washington"})
TWO_SHOPS = (
    Shop(SHOP, "west", "plain", WEST),
    Shop(SHOP, "east", "shopify_api", frozenset(REGIONS) - WEST),
)


class Watched(World):
    """A world that counts what happened in it."""

    def __init__(self, config):
        super().__init__(config)
        self.seen = Counter()
        self.spend = Counter()

    def is_recorded(self, day):
        return self.config.first_day + timedelta(days=day.number) >= RECORDED

    def days(self, until=None):
        for day in super().days(until):
            events = page_events(day.sessions)
            self.seen["touchpoint"] += day.touchpoints["client"].count()
            self.seen["email touch"] += day.emails.filter(pl.col("kind").is_in(["open", "click"])).height
            self.seen["web_event"] += events.height if self.is_recorded(day) else 0
            self.seen["visit"] += 0 if self.is_recorded(day) else day.sessions.height
            self.seen["west"] += day.orders.filter(pl.col("region").is_in(WEST)).height
            self.seen["order"] += day.orders.height
            for platform, cost in day.delivery.group_by("platform").agg(pl.col("cost_micros").sum()).iter_rows():
                self.spend[platform] += cost / 1e6
            yield day


def config(**said):
    return WorldConfig(**{"customers": 1_500, "days": DAYS, "seed": 11, "first_day": FIRST} | said)


def files_in(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def world():
    return Watched(config())


@pytest.fixture(scope="module")
def written(world, tmp_path_factory):
    return write_simulation(tmp_path_factory.mktemp("simulated") / "shop", world, TWO_SHOPS, events_since=RECORDED)


@pytest.fixture(scope="module")
def loaded(written, settings, engine):
    """What became of each file; the warehouse is the module's."""
    warehouse = Warehouse(settings, engine)
    return [
        (export, result)
        for export, account in written.files
        for result in load_file(warehouse, str(export.path), LoadOptions(account=account))
    ]


def one(engine, question):
    with engine.connect() as connection:
        return connection.execute(text(question)).one()


def test_every_file_is_taken_whole(loaded):
    for export, result in loaded:
        assert (result.status, result.rejected) == ("loaded", 0), export.path
        assert result.rows_read == export.rows_read, export.path


def test_a_visit_that_a_known_click_led_to_is_no_second_touch(world, loaded):
    logs = [result for export, result in loaded if export.dataset == "touchpoint"]
    assert sum(r.rows_read for r in logs) == sum(world.seen[n] for n in ("touchpoint", "email touch", "visit"))
    second = sum(result.skipped_by_reason.get("its click is known", 0) for result in logs)
    assert 0.1 * world.seen["visit"] < second < world.seen["visit"]


def test_what_happened_in_the_world_is_what_is_stored(world, loaded, engine):
    stored = one(
        engine,
        """SELECT (SELECT count(*) FROM core.touchpoint WHERE kind::text NOT LIKE 'email%' AND kind <> 'visit'),
                  (SELECT count(*) FROM core.touchpoint WHERE kind::text LIKE 'email%'),
                  (SELECT count(*) FROM core.web_event),
                  (SELECT count(*) FROM core.shop_order JOIN core.account USING (account_key)
                   WHERE account_id = 'west'),
                  (SELECT count(*) FROM core.shop_order)""",
    )
    assert tuple(stored) == tuple(
        world.seen[name] for name in ("touchpoint", "email touch", "web_event", "west", "order")
    )
    assert all(stored)


def test_platforms_report_what_was_spent(world, loaded, engine):
    with engine.connect() as connection:
        spent = dict(
            connection.execute(
                text("SELECT platform, sum(spend)::float FROM mart.campaign_daily GROUP BY platform")
            ).all()
        )
    assert spent.keys() == {platform for platform, cost in world.spend.items() if cost and platform != "email"}
    for platform, amount in spent.items():
        assert amount == pytest.approx(world.spend[platform], rel=0.005, abs=1)


def test_who_buys_was_seen_before(loaded, engine):
    """Orders, visits and contacts of one person meet in one customer."""
    buyers, met = one(
        engine,
        """SELECT count(DISTINCT o.customer_key), count(DISTINCT t.customer_key)
        FROM core.shop_order o LEFT JOIN core.touchpoint t USING (customer_key) WHERE NOT is_test""",
    )
    assert met > 0.4 * buyers


def test_pictures_and_experiments_are_there(world, loaded, engine):
    stored = one(engine, "SELECT (SELECT count(*) FROM core.creative), (SELECT count(*) FROM core.image)")
    drawn = world.creatives()["colour"].drop_nulls().len()
    assert tuple(stored) == (world.creatives().height, drawn)
    with engine.connect() as connection:
        arms = connection.execute(
            text(
                """SELECT e.experiment_id, count(DISTINCT m.arm_key) FROM core.experiment e
                JOIN core.experiment_arm m USING (experiment_key) GROUP BY 1"""
            )
        ).all()
    assert dict(tuple(row) for row in arms) == dict.fromkeys(world.experiments()["experiment_id"], 2)


def test_a_week_later_platforms_say_something_else(loaded):
    again = [result for export, result in loaded if "later" in export.path.parent.name]
    assert len(again) == 4
    assert sum(result.restated for result in again) > 0
    assert {result.last_day for result in again} == {FIRST + timedelta(days=DAYS - 1)}


def test_the_manifest_names_every_file(written):
    manifest = json.loads((written.folder / "manifest.json").read_text(encoding="utf-8"))
    known = {file["path"] for file in manifest["files"]}
    there = {name for name in files_in(written.folder) if name.startswith("exports/") and not name.endswith(".png")}
    assert known == there
    assert manifest["simulated"] is True
    assert (manifest["customers"], manifest["days"], manifest["seed"]) == (1_500, DAYS, 11)
    assert (written.folder / "README.txt").read_text(encoding="utf-8").startswith("SIMULATED DATA")


def test_same_seed_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("one", 11), ("two", 11), ("three", 12)):
        world = World(config(customers=100, days=28, seed=seed))
        write_simulation(tmp_path / name, world, TWO_SHOPS)
        write_truth(tmp_path / name, world)
    one, two, three = (files_in(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    name = "exports/1_platforms/google_ads_by_day.csv"
    assert one[name] != three[name]
    assert one["truth.json"] != three["truth.json"]


def test_a_business_has_contacts_and_deals(tmp_path, settings, engine):
    world = World(config(customers=3_000, days=42, preset="b2b_long_cycle"))
    written = write_simulation(tmp_path / "business", world, (Shop(SHOP, "business", "shopify_api"),))
    warehouse = Warehouse(settings, engine)
    crm = [export for export, _ in written.files if export.platform == "hubspot"]
    assert [export.dataset for export in crm] == ["contact", "deal"]
    for export in crm:
        (result,) = load_file(warehouse, str(export.path), LoadOptions(account="business"))
        assert (result.status, result.rows_read, result.rejected) == ("loaded", export.accepted, 0)
    assert not [export for export, _ in written.files if export.dataset == "order"]


def test_a_new_channel_begins_late(tmp_path):
    world = World(config(customers=100, days=50, preset="new_channel"))
    written = write_simulation(tmp_path / "new", world, (Shop(SHOP, "shop", "shopify_api"),))
    begins = {e.platform: e.first_day for e, _ in written.files if e.path.parent.name == "1_platforms"}
    assert begins["google_ads"] == FIRST
    assert begins["tiktok_ads"] >= FIRST + timedelta(days=34)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadSetting, match="is not empty"):
        write_simulation(tmp_path, World(config(days=28)), TWO_SHOPS)
    assert files_in(tmp_path) == {"mine.txt": b"mine"}
