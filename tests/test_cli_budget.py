"""From a fit of the mix to an exported and approved plan on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.commands import Commands
from tests.warehouse.budget_rows import write_mix_fit
from tests.warehouse.seed import GOOGLE, seed_two_accounts
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

ACCOUNT = f"google_ads/{GOOGLE}"
RATES = """
INSERT INTO core.fx_rate (date, from_currency, to_currency, rate, load_key)
SELECT d::date, 'EUR', 'USD', 1.25, 1 FROM generate_series(date '2026-05-20', date '2026-08-10', interval '1 day') d
"""


@pytest.fixture(scope="module")
def causeway(settings: Settings, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    warehouse = Warehouse(settings, engine)
    seed = seed_two_accounts(warehouse, tmp_path_factory.mktemp("seed"))
    with warehouse.writing() as session:
        write_mix_fit(session, account_key=seed.google)
        session.execute(text(RATES))
    return Commands.on(settings)


def test_from_a_fit_to_a_plan_that_is_carried_out(causeway: Commands, tmp_path: Path) -> None:
    ran = causeway.ok("run", "budget", "--account", ACCOUNT, "--parameters", '{"points": 3}', "--json").json
    assert "beats today's plan with a probability" in ran["stage"]
    plan = causeway.ok("allocate", "--account", ACCOUNT, "--rule", "{rule: locked, channel: shopping}", "--json").json
    assert {"status", "objective", "bound", "gap", "shadow_price", "channels", "binding", "gain_interval"} <= set(plan)
    assert {row["channel"]: row["proposed"] for row in plan["channels"]}["shopping"] == 2_000
    assert plan["spent"] == plan["budget"] == 5_000
    shown = causeway.ok("allocate", "--account", ACCOUNT, "--budget", "6000").out
    assert "One more USD a week would bring" in shown
    said = causeway.ok("scenario", "save", "Bold", "--account", ACCOUNT, "--budget", "6000", "--weeks", "2").out
    assert "Bold is saved for 2 weeks" in said
    assert "approved" in causeway.ok("scenario", "approve", "Bold").out
    exported = causeway.ok("scenario", "export", "Bold", "--output", tmp_path / "sheets").out
    assert "2 campaigns are in" in exported
    assert (tmp_path / "sheets" / "google_ads.csv").read_text().startswith("Action,Customer ID")
    assert "paid search" in causeway.ok("scenario", "show", "Bold").out
    (listed,) = causeway.ok("scenario", "list", "--json").json
    assert (listed["scenario_name"], listed["state"]) == ("Bold", "approved")
    assert "knows weeks up to" in causeway.run("scenario", "score", "Bold").err
    assert "archived" in causeway.ok("scenario", "archive", "Bold").out


def test_what_cannot_be_done_is_a_sentence(causeway: Commands) -> None:
    assert "Say one of --curves and --account" in causeway.run("allocate", "--budget", "100").err
    assert "There is no scenario 'Other'" in causeway.run("scenario", "show", "Other").err
    assert "No mix model of margin" in causeway.run("allocate", "--account", ACCOUNT, "--outcome", "margin").err
    clash = ("--rule", "{rule: bounds, channel: shopping, low: 3900}", "--rule",
             "{rule: bounds, channel: paid_social, low: 3900}")  # fmt: skip
    assert "No plan keeps these rules together" in causeway.run("allocate", "--account", ACCOUNT, *clash).err
    both = causeway.run("run", "mix", "budget", "--account", ACCOUNT, "--parameters", '{"points": 3}')
    assert "Parameters are those of one job" in both.err
