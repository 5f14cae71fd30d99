"""The job from loaded tests to published scores: what is proven, what is not, what is withheld, what is too little."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from ml.experiments.job import EXPERIMENTS
from ml.experiments.job import settle as settle_experiments
from ml.job import Job
from ml.jobs import known_jobs
from ml.uplift.job import UPLIFT, settle
from ml.worker import work_once
from tests.uplift_world import ACCOUNT, EFFECTS, USERS, load_uplift_world
from warehouse import job_queue
from warehouse.engine import ReadSession
from warehouse.errors import BadSetting
from warehouse.job_queue import JobState
from warehouse.local_owner import local_owner
from warehouse.queries import uplift
from warehouse.queries.accounts import find_account
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(settings, engine)
    load_uplift_world(warehouse, tmp_path_factory.mktemp("uplift"))
    return warehouse


def run(warehouse: Warehouse, job: Job, parameters: dict[str, Any]) -> JobState:
    owner = local_owner(warehouse)
    with warehouse.reading(owner) as session:
        account = find_account(session, ACCOUNT)
    with warehouse.writing() as session:
        key = job_queue.submit(session, job=job.name, account_key=account, parameters=parameters, requested_by=owner.id)
    assert work_once(warehouse, known_jobs(), job_key=key)
    with warehouse.writing() as session:
        return job_queue.state(session, key)


@pytest.fixture(scope="module")
def done(warehouse: Warehouse) -> JobState:
    assert run(warehouse, EXPERIMENTS, settle_experiments({})).state == "done"
    state = run(warehouse, UPLIFT, settle({"cost": 4}))
    assert state.state == "done", state.error
    return state


@pytest.fixture
def session(warehouse: Warehouse, done: JobState) -> Iterator[ReadSession]:
    with warehouse.reading(local_owner(warehouse)) as session:
        yield session


def of(session: ReadSession, experiment: str) -> uplift.Readout:
    return next(one for one in uplift.uplift_readouts(session) if one.experiment_id == experiment)


def test_each_test_is_told_of_and_only_one_says_whom_to_treat(session: ReadSession, done: JobState) -> None:
    found = {one.experiment_id: one.state for one in uplift.uplift_readouts(session)}
    assert found == {"coupon": "proven", "banner": "open", "lopsided": "withheld", "tiny": "too_little"}
    assert done.stage is not None
    assert f"{USERS:,} customers are scored" in done.stage


def test_everybody_is_scored_by_what_is_known_of_them_now(session: ReadSession) -> None:
    readout = of(session, "coupon")
    assert (readout.treated + readout.untreated, readout.scored) == (USERS, USERS)
    assert (readout.first_day, readout.days) == (dt.date(2026, 3, 1), 28)
    assert readout.scored_on == dt.date(2026, 5, 22)
    assert readout.lookback_days == 116  # since the first touch
    groups = {"e-mail": EFFECTS[0], "order": EFFECTS[1], "neither": EFFECTS[2]}
    seen = session.execute(
        text(
            """SELECT CASE WHEN EXISTS (SELECT FROM core.touchpoint t WHERE t.customer_key = s.customer_key
                                        AND t.kind = 'email_open') THEN 'e-mail'
                           WHEN EXISTS (SELECT FROM core.shop_order o WHERE o.customer_key = s.customer_key)
                           THEN 'order' ELSE 'neither' END AS of, avg(s.effect)
               FROM mart.uplift_score s GROUP BY 1"""
        )
    ).all()
    assert {row[0] for row in seen} == set(groups)
    for name, mean in seen:
        assert mean == pytest.approx(groups[name], abs=0.3)  # trees shrink what few customers say
    assert [row[0] for row in sorted(seen, key=lambda row: -row[1])] == ["e-mail", "neither", "order"]


def test_the_effect_and_the_ranking_hold_the_truth(session: ReadSession) -> None:
    readout = of(session, "coupon")
    assert readout.effect_low is not None
    assert readout.effect_high is not None
    assert readout.effect_low < sum(EFFECTS) / 3 < readout.effect_high
    assert readout.qini_low is not None
    assert readout.qini_low > 0
    assert readout.value == 40  # what an order is worth here
    assert readout.currency == "USD"


def test_kinds_reasons_and_drivers_are_those_of_the_world(session: ReadSession) -> None:
    key = of(session, "coupon").readout_key
    kinds = {one.kind: one for one in uplift.uplift_kinds(session, key)}
    assert kinds["persuadable"].share == pytest.approx(1 / 3, abs=0.08)
    for kind, truth in (("persuadable", EFFECTS[0]), ("sleeping dog", EFFECTS[1])):
        found = kinds[kind].found
        assert found is not None
        assert found * truth > 0
    assert sum(one.customers for one in uplift.scored_kinds(session, key)) == USERS
    drivers = [one.feature for one in uplift.uplift_drivers(session, key)]
    assert drivers[0] == "emails_opened"
    assert uplift.uplift_drivers(session, key)[0].direction == pytest.approx(1, abs=0.1)
    best = uplift.uplift_scores(session, key, limit=5)
    assert all(one.reasons[0] == "emails_opened" and one.reason_effects[0] > 0 for one in best)
    assert all(one.reason_values[0] is not None and one.reason_values[0] >= 1 for one in best)
    worst = uplift.uplift_scores(session, key, kind="sleeping dog", limit=5)
    assert all(one.effect < 0 for one in worst)


def test_scores_are_paged_without_a_gap(session: ReadSession) -> None:
    key = of(session, "coupon").readout_key
    everybody = uplift.uplift_scores(session, key, limit=1_000)
    first = uplift.uplift_scores(session, key, limit=400)
    last = (first[-1].effect, first[-1].customer_key)
    assert first + uplift.uplift_scores(session, key, limit=600, after=last) == everybody
    assert uplift.customers_above(session, key, everybody[99].effect) <= 99


def test_the_curve_ends_with_the_effect_of_treating_everybody(session: ReadSession) -> None:
    readout = of(session, "coupon")
    curve = uplift.uplift_curve(session, readout.readout_key)
    assert [curve[0].share, curve[-1].share] == [0.02, 1.0]
    assert curve[-1].gain == pytest.approx(readout.effect)
    assert curve[-1].rest == 0
    assert curve[24].gain + curve[24].rest == pytest.approx(readout.effect, rel=0.05)


@pytest.mark.parametrize("experiment", ["banner", "lopsided", "tiny"])
def test_nobody_is_scored_where_nothing_is_proven(session: ReadSession, experiment: str) -> None:
    readout = of(session, experiment)
    assert readout.scored == 0
    assert uplift.uplift_scores(session, readout.readout_key) == []
    statuses = {one.status for one in uplift.uplift_checks(session, readout.readout_key)}
    assert "failed" in statuses if experiment == "lopsided" else True
    assert readout.words


def test_unchanged_inputs_are_not_learned_from_again_and_experiments_read_anew_are(
    warehouse: Warehouse, engine: Engine, done: JobState
) -> None:
    assert run(warehouse, UPLIFT, settle({"cost": 4})).stage == f"Nothing new since run {done.run_key}, which stays."
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM results.publication WHERE job = 'experiments'"))
    assert run(warehouse, EXPERIMENTS, settle_experiments({})).state == "done"
    with engine.begin() as connection:
        waiting = connection.execute(text("SELECT parameters FROM ops.job WHERE job = 'uplift' AND state = 'waiting'"))
        assert [row.parameters["cost"] for row in waiting] == [4]
        connection.execute(text("DELETE FROM ops.job WHERE job = 'uplift' AND state = 'waiting'"))


@pytest.mark.parametrize(
    "parameters",
    [{"learner": "z"}, {"metrics": []}, {"metrics": "orders"}, {"lookback_days": 7}, {"holdout": 1}, {"level": "high"},
     {"value": 0}, {"value": "much"}, {"cost": -1}, {"cost": float("nan")}, {"seed": 0}, {"colour": "green"}],
)  # fmt: skip
def test_parameters_are_checked(parameters: dict[str, Any]) -> None:
    with pytest.raises(BadSetting):
        settle(parameters)
