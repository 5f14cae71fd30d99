"""The job from loaded rows to published read-outs: units, regions, days, and experiments that cannot be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, text

from api.actions import experiments as actions
from api.auth import owner_identity
from ml.experiments.job import settle
from ml.jobs import known_jobs
from ml.worker import work_once
from warehouse import job_queue
from warehouse.engine import ReadSession
from warehouse.errors import BadSetting
from warehouse.ingest.load import load_paths
from warehouse.job_queue import JobState
from warehouse.local_owner import local_owner
from warehouse.queries import experiment_readouts as readouts
from warehouse.queries import experiments as registry
from warehouse.queries.accounts import find_account
from warehouse.queries.attribution_store import is_behind
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

DEFINITIONS = """
experiments:
  - {id: button, unit: user, status: stopped, start: 2026-03-01, stop: 2026-03-15, planned_units: 1600,
     arms: {control: 0.5, green: 0.5}, metrics: {primary: [orders], guardrail: [revenue]}}
  - {id: lopsided, unit: user, status: running, start: 2026-03-01, arms: {control: 0.5, green: 0.5},
     metrics: {primary: [orders]}}
  - {id: early, unit: user, status: running, start: 2026-03-01, inference: group_sequential, planned_units: 100000,
     arms: {control: 0.5, green: 0.5}, metrics: {primary: [orders]}}
  - {id: south_off, kind: geo, status: stopped, start: 2026-03-01, stop: 2026-03-29, channels: [paid_social],
     arms: [control, held_out], metrics: {primary: [orders]}}
  - {id: no_email, kind: holdout, unit: user, status: stopped, start: 2026-03-01, stop: 2026-03-15, channels: [email],
     arms: {control: 0.5, green: 0.5}, metrics: {primary: [orders]}}
  - {id: unlike, kind: geo, status: stopped, start: 2026-03-01, stop: 2026-03-29, channels: [paid_social],
     arms: [control, held_out], metrics: {primary: [orders]}}
  - {id: nobody, unit: user, status: running, start: 2026-03-01, arms: [a, b], metrics: {primary: [orders]}}
"""
LIFT = 4.0  # orders a day that ads bring to each region that was without them


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse, folder = Warehouse(settings, engine), tmp_path_factory.mktemp("experiments")
    chance = np.random.default_rng(4)
    (folder / "1_definitions.yaml").write_text(DEFINITIONS)
    for name, arms, effect in (
        ("button", [800, 800], 0.4),
        ("lopsided", [500, 350], 0.0),
        ("no_email", [600, 600], 0.3),
        ("early", [300, 300], 0.0),
    ):
        (folder / f"{name}_assignments.csv").write_text(_assignments(name, arms))
        (folder / f"{name}_outcomes.csv").write_text(_outcomes(name, arms, effect, chance))
    (folder / "south_off_regions.csv").write_text(_regions("south_off", chance, own=0.0))
    (folder / "unlike_regions.csv").write_text(_regions("unlike", chance, own=40.0))
    for result in load_paths(warehouse, [str(path) for path in sorted(folder.iterdir())]):
        assert (result.status, result.rejected) == ("loaded", 0), result
    with warehouse.writing() as session:
        session.execute(text(_ORDERS))
    return warehouse


# Of everybody, most of whom are in no test; the last one was cancelled, the first is of a day before.
_ORDERS = """
INSERT INTO core.conversion (account_key, kind, source_id, at, currency, counts, load_key)
SELECT min(account_key), 'order', n, timestamptz '2026-02-28 12:00+00' + least(n, 5) * interval '1 day', 'USD',
       n < 8001, 1
FROM core.experiment, generate_series(0, 8001) n GROUP BY n
"""


def _assignments(name: str, arms: list[int]) -> str:
    """Units in the order of their numbers, over ten days."""
    rows = [
        f"{name},u{arm}_{unit},{('control', 'green')[arm]},2026-03-{1 + unit % 10:02}T10:00:00Z"
        for arm, count in enumerate(arms)
        for unit in range(count)
    ]
    return "\n".join(["experiment_id,user_id,variation,timestamp", *rows, ""])


def _outcomes(name: str, arms: list[int], effect: float, chance: np.random.Generator) -> str:
    """Orders, which hang on what a user bought before; ``effect`` is added to the mean of green."""
    rows = []
    for arm, count in enumerate(arms):
        before = chance.poisson(2.0, count)
        orders = chance.poisson(0.5 + 0.5 * before + effect * arm)
        rows += [f"{name},u{arm}_{unit},orders,{orders[unit]},{before[unit]}" for unit in range(count)]
        rows += [f"{name},u{arm}_{unit},revenue,{orders[unit] * 20},{before[unit] * 20}" for unit in range(count)]
    return "\n".join(["experiment_id,user_id,metric,value,pre_value", *rows, ""])


def _regions(experiment: str, chance: np.random.Generator, *, own: float) -> str:
    """Twelve regions that move together; the first three are without ads for four weeks, and a week behind them.

    What goes up and down by ``own`` orders in these three alone makes them unlike all others.
    """
    days = [dt.date(2025, 11, 1) + dt.timedelta(days=number) for number in range(148)]
    season = 10 * np.sin(np.arange(148) / 9) + chance.normal(0, 3, 148)
    alone = own * np.sin(np.arange(148) / 17)
    rows = []
    for region in range(12):
        level = 40 + 4 * region + (1 + region / 20) * season + alone * (region < 3) + chance.normal(0, 2, 148)
        for place, day in enumerate(days):
            off = region < 3 and dt.date(2026, 3, 1) <= day < dt.date(2026, 3, 29)
            orders = level[place] - LIFT * off
            spend = 0 if off else 10
            arm = "held_out" if region < 3 else "control"
            rows.append(f"{experiment},R{region:02},{arm},{day},{orders:.3f},{spend},{off}")
    return "\n".join(["experiment_id,geo,arm,date,orders,ad_spend,treated", *rows, ""])


@pytest.fixture(scope="module")
def done(warehouse: Warehouse) -> JobState:
    state = run(warehouse)
    assert state.state == "done", state.error
    return state


@pytest.fixture
def session(warehouse: Warehouse, done: JobState) -> Iterator[ReadSession]:
    with warehouse.reading(local_owner(warehouse)) as session:
        yield session


def run(warehouse: Warehouse, **parameters: Any) -> JobState:
    owner = local_owner(warehouse)
    with warehouse.reading(owner) as session:
        account = find_account(session, "experiments/experiments")
    with warehouse.writing() as session:
        key = job_queue.submit(
            session, job="experiments", account_key=account, parameters=settle(parameters), requested_by=owner.id
        )
    assert work_once(warehouse, known_jobs(), job_key=key)
    with warehouse.writing() as session:
        return job_queue.state(session, key)


def test_one_that_cannot_be_read_keeps_no_other_from_it(done: JobState) -> None:
    assert done.stage is not None
    assert "Read 6 experiments, of which 3 are withheld." in done.stage
    assert "nobody: Nothing was measured" in done.stage


def key_of(session: ReadSession, experiment_id: str) -> int:
    return next(e.experiment_key for e in registry.experiments(session) if e.experiment_id == experiment_id)


def test_arms_are_compared_with_what_was_before_taken_into_account(session: ReadSession) -> None:
    key = key_of(session, "button")
    whole = readouts.readouts(session, [key])[key]
    assert (whole.units, whole.withheld, whole.health, whole.verdict) == (1_600, False, "green", "won")
    orders, revenue, *parts = readouts.effects(session, key)
    assert (orders.metric, orders.role, orders.arm_id, orders.control_id) == ("orders", "primary", "green", "control")
    assert orders.low < 0.4 < orders.high
    assert orders.low > 0
    assert "adjusted for orders before" in orders.method
    assert orders.relative == pytest.approx(orders.difference / orders.control_mean)
    assert (revenue.role, revenue.metric_verdict) == ("guardrail", "harmless")
    assert {part.cut for part in parts} == {"before=active", "before=new"}
    assert sum(part.units for part in parts) == orders.units


def test_the_course_narrows_and_ends_at_the_effect(session: ReadSession) -> None:
    key = key_of(session, "button")
    days = readouts.effect_days(session, key, metric="orders")
    assert [day.date_day.day for day in days] == list(range(1, 11))
    widths = [day.high - day.low for day in days]
    assert widths == sorted(widths, reverse=True)
    assert days[-1].difference == pytest.approx(readouts.effects(session, key)[0].difference)


@pytest.mark.parametrize(("name", "guard"), [("lopsided", "sample_ratio_sequential"), ("early", "planned_looks")])
def test_what_a_guard_withholds_is_nowhere(session: ReadSession, name: str, guard: str) -> None:
    key = key_of(session, name)
    whole = readouts.readouts(session, [key])[key]
    assert (whole.withheld, whole.health, whole.verdict) == (True, "red", "withheld")
    failed = [found for found in readouts.guards(session, key) if found.status == "failed"]
    assert [found.guard for found in failed] == [guard]
    assert failed[0].words in whole.words
    assert readouts.effects(session, key) == []
    assert readouts.effect_days(session, key) == []


def test_regions_without_ads_tell_what_ads_bring(session: ReadSession) -> None:
    key = key_of(session, "south_off")
    (found,) = readouts.lifts(session, key)
    truth = LIFT * 3 * 28
    assert found.low is not None
    assert found.high is not None
    assert found.low < truth < found.high
    assert found.low > 0
    assert float(found.spend or 0) == pytest.approx(3 * 28 * 10, rel=0.02)
    assert [(g.guard, g.words) for g in readouts.guards(session, key) if g.status == "failed"] == []
    (evidence,) = readouts.lift_evidence(session, experiment_key=key)
    assert (evidence.channel, evidence.is_dark, evidence.against) == ("paid_social", True, "no_ads")
    assert evidence.lift == pytest.approx(found.incremental)
    assert evidence.se == pytest.approx(found.se)
    assert evidence.share == pytest.approx((40 + 44 + 48) / sum(40 + 4 * r for r in range(12)), rel=0.02)
    days = readouts.lift_days(session, key, metric="orders")
    tested = [day for day in days if day.is_test]
    assert sum(day.counterfactual - day.actual for day in tested) == pytest.approx(found.incremental)


def test_people_without_ads_tell_what_ads_bring(session: ReadSession) -> None:
    """The control of a hold-out got no mails: what they would have brought among these people is evidence."""
    key = key_of(session, "no_email")
    (effect,) = [row for row in readouts.effects(session, key) if row.metric == "orders" and not row.cut]
    (evidence,) = readouts.lift_evidence(session, experiment_key=key)
    assert (evidence.channel, evidence.metric, evidence.is_dark, evidence.against) == (
        "email",
        "orders",
        True,
        "no_ads",
    )
    assert evidence.lift == pytest.approx(600 * effect.difference)
    assert (evidence.low, evidence.high) == pytest.approx((600 * effect.low, 600 * effect.high))
    assert evidence.low < 600 * 0.3 < evidence.high
    assert 0 < evidence.se < (evidence.high - evidence.low) / 2
    assert evidence.share == pytest.approx(600 * effect.control_mean / 8_000)


def test_regions_unlike_all_others_tell_nothing_but_how_unlike_they_are(session: ReadSession) -> None:
    key = key_of(session, "unlike")
    whole = readouts.readouts(session, [key])[key]
    assert (whole.withheld, whole.health, whole.verdict) == (True, "red", "withheld")
    failed = [found.words for found in readouts.guards(session, key) if found.status == "failed"]
    assert failed
    assert all(words in whole.words for words in failed)
    assert readouts.lifts(session, key) == []
    assert readouts.lift_evidence(session, experiment_key=key) == []
    days = readouts.lift_days(session, key, metric="orders")
    assert days
    assert not any(day.is_test for day in days)


def test_unchanged_inputs_are_not_read_again_and_a_change_is(warehouse: Warehouse, done: JobState) -> None:
    assert run(warehouse).stage == f"Nothing new since run {done.run_key}, which stays."
    with warehouse.reading(local_owner(warehouse)) as session:
        key = key_of(session, "lopsided")
    actions.stop_experiment(warehouse, owner_identity(warehouse), experiment_key=key)
    assert "Read 6 experiments" in (run(warehouse).stage or "")


def test_new_evidence_asks_for_attribution_anew_and_known_evidence_does_not(
    warehouse: Warehouse, engine: Engine, done: JobState
) -> None:
    with engine.begin() as connection:
        connection.execute(text(_CREDITED))
    assert is_due(warehouse)
    refreshed = run(warehouse, level=0.9)
    assert [(asked["draws"], asked["level"]) for asked in waiting(engine)] == [(30, 0.9)]
    with engine.begin() as connection:
        connection.execute(text("UPDATE results.publication SET published_at = now() WHERE job = 'attribution'"))
        connection.execute(text("DELETE FROM ops.job WHERE job = 'attribution'"))
    assert not is_due(warehouse)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM results.publication WHERE job = 'experiments'"))
    assert run(warehouse, level=0.9).run_key != refreshed.run_key
    assert waiting(engine) == []


def is_due(warehouse: Warehouse) -> bool:
    with warehouse.writing() as session:
        account = session.execute(text("SELECT account_key FROM results.publication WHERE job = 'attribution'"))
        return is_behind(session, account.scalar_one())


def waiting(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        sql = "SELECT parameters FROM ops.job WHERE job = 'attribution' AND state = 'waiting'"
        return list(connection.execute(text(sql)).scalars())


# Attribution as it stood before anything was known of tests.
_CREDITED = """
WITH run AS (
    INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state, finished_at)
    SELECT 'attribution', account_key, '{"draws": 30}', '1', 1, 'done', '2026-01-01' FROM core.account LIMIT 1
    RETURNING run_key, account_key)
INSERT INTO results.publication (job, account_key, run_key, published_at)
SELECT 'attribution', account_key, run_key, '2026-01-01' FROM run
"""


@pytest.mark.parametrize("parameters", [{"level": 1.2}, {"level": "high"}, {"colour": "green"}])
def test_parameters_are_checked(parameters: dict[str, Any]) -> None:
    with pytest.raises(BadSetting):
        settle(parameters)
