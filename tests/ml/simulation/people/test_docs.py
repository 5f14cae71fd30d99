"""docs/simulation.md says what is so, and its example runs."""

import re
from pathlib import Path

import polars as pl

from ml.simulation.people.campaigns import campaigns
from ml.simulation.people.creatives import TRAIT_EFFECTS, ads
from ml.simulation.people.presets import PRESETS, WorldConfig
from ml.simulation.people.records import CHANNELS
from ml.simulation.people.truth import CUSTOMERS, VERSION
from ml.simulation.people.world import World

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "simulation.md").read_text(encoding="utf-8")


def test_every_preset_channel_key_and_column_is_documented():
    world = World(WorldConfig(customers=100, days=28, seed=1))
    world.live()
    for word in (*PRESETS, *CHANNELS, *world.truth(), *(set(CUSTOMERS) - {"customer", "segment", "region", "device"})):
        assert word in PAGE, word
    assert f"`version` is {VERSION}." in PAGE
    assert all(trait.replace("_", " ") in PAGE for trait in TRAIT_EFFECTS)


def test_there_are_as_many_campaigns_and_ads_as_it_says():
    made = campaigns(WorldConfig(customers=100, days=28, seed=1))
    paid = [campaign for campaign in made if campaign.way != "email"]
    shown = [ad for ad in ads(made, 1) if made[ad.campaign].way != "email"]
    assert f"{len(paid)} campaigns with {len(shown)} ads" in PAGE


def test_the_example_runs():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names = {"pl": pl}
    exec(example, names)
    assert names["orders"] > 0
    assert names["without"] <= names["as_before"]
