from __future__ import annotations

import pytest
from sqlalchemy import text

from ml.jobs import known_jobs
from ml.journeys.job import settle
from ml.worker import work_once
from tests.warehouse.events.history import History
from warehouse import job_queue
from warehouse.errors import BadSetting
from warehouse.job_queue import JobState
from warehouse.local_owner import local_owner


@pytest.fixture
def history(empty_warehouse) -> History:
    return History(empty_warehouse).begin()


def run(history: History, **parameters: object) -> JobState:
    warehouse = history.warehouse
    owner = local_owner(warehouse)
    with warehouse.writing() as session:
        key = job_queue.submit(
            session, job="journeys", account_key=history.account, parameters=settle(parameters), requested_by=owner.id
        )
    assert work_once(warehouse, known_jobs())
    with warehouse.writing() as session:
        return job_queue.state(session, key)


def test_a_run_builds_what_was_touched_and_the_next_one_has_nothing_to_do(history) -> None:
    history.touch(1, 0)
    history.convert(1, 1)
    assert run(history).stage == "Built 1 journeys of all customers."
    assert run(history).stage == "Nothing new since run 1, which stays."
    history.touch(1, 2)
    history.touch(2, 2)
    assert run(history).stage == "Built 2 journeys of the 2 customers who were touched."
    assert run(history, lookback_days=7).stage == "Built 3 journeys of all customers."


def test_a_run_whose_worker_ended_before_it_was_noted_leaves_nothing_to_do_twice(history, monkeypatch) -> None:
    history.touch(1, 0)

    def killed(*_args: object, **_more: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("warehouse.runs.publish", killed)
        with pytest.raises(SystemExit):
            run(history)
    before = history.journeys(), history.paths()
    with history.warehouse.writing() as session:
        session.execute(text("UPDATE ops.job SET lease_until = now()"))
    assert work_once(history.warehouse, known_jobs())
    assert (history.journeys(), history.paths()) == before
    assert history.rows("SELECT state FROM ops.job") == [("done",)]


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"lookback": 3}, "no parameter 'lookback'"),
        ({"lookback_days": 0}, "lookback_days == 0"),
        ({"lookback_days": True}, "lookback_days == True"),
        ({"touches": []}, "must be a list of impression"),
        ({"touches": ["glance"]}, "must be a list of impression"),
        ({"touches": "click"}, "must be a list of impression"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(parameters, says) -> None:
    with pytest.raises(BadSetting, match=says):
        settle(parameters)


def test_parameters_have_one_order() -> None:
    assert settle({"touches": ["visit", "click"]}) == settle({"touches": ["click", "visit"]})
    assert settle({}) == {"lookback_days": 30, "touches": ["impression", "click", "visit", "email_click"]}
