"""From a loaded test to a verified audience on the command line."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine

from tests.commands import Commands
from tests.uplift_world import ACCOUNT, load_uplift_world
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def causeway(settings: Settings, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    load_uplift_world(Warehouse(settings, engine), tmp_path_factory.mktemp("uplift"))
    return Commands.on(settings)


def test_from_a_test_to_a_verified_audience(causeway: Commands, tmp_path: Path) -> None:
    ran = causeway.ok("run", "uplift", "--account", ACCOUNT, "--parameters", '{"cost": 4}', "--json").json
    assert "1 of which tell whom to treat" in ran["stage"]
    said = causeway.ok("audience", "create", "May", "--experiment", "coupon", "--holdout", "0.3", "--json").json
    assert said["treat"] > said["held_out"] > 100
    file = tmp_path / "treat.csv"
    causeway.ok("audience", "export", "May", "--output", file)
    treated = pl.read_csv(file)
    assert treated.height == said["treat"]
    assert treated["user"].str.len_chars().min() == 32
    members = causeway.ok("sql", "SELECT * FROM mart.audience_member", "--format", "json").json
    did = [f"{one['customer_key']},{0 if one['is_held_out'] else 1}" for one in members]
    (tmp_path / "did.csv").write_text("\n".join(["customer_key,outcome", *did]))
    found = causeway.ok("audience", "verify", "May", "--data", tmp_path / "did.csv", "--json").json
    assert found["found"] == pytest.approx(1)
    (listed,) = causeway.ok("audience", "list", "--json").json
    assert listed["audience_name"] == "May"
    assert listed["words"].startswith("Predicted")


def test_what_is_not_proven_is_said(causeway: Commands) -> None:
    assert "nobody to choose" in causeway.run("audience", "create", "June", "--experiment", "banner").err
    assert "No run tells of 'other'" in causeway.run("audience", "create", "June", "--experiment", "other").err
