"""The list of tests worth doing, from published attribution to what readers see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from ml.attribution.job import ATTRIBUTION
from ml.experiments.next_test_job import NEXT_TESTS, settle
from ml.worker import work_once
from tests.living_world import load_living_world
from warehouse import job_queue
from warehouse.engine import ReadSession
from warehouse.errors import BadSetting
from warehouse.job_queue import JobState
from warehouse.local_owner import local_owner
from warehouse.queries.next_tests import NextTest, next_tests
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

JOBS = {job.name: job for job in (ATTRIBUTION, NEXT_TESTS)}


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(settings, engine)
    load_living_world(warehouse, tmp_path_factory.mktemp("world") / "people")
    return warehouse


@pytest.fixture(scope="module")
def followed(warehouse: Warehouse) -> JobState:
    """What became of the job that attribution asked for when it was published."""
    key = submit(warehouse, "attribution", {**ATTRIBUTION.settle({"order": 1, "draws": 40})})
    assert work_once(warehouse, JOBS, job_key=key)
    assert state_of(warehouse, key).state == "done", state_of(warehouse, key).error
    (asked,) = waiting(warehouse)
    assert work_once(warehouse, JOBS)
    return state_of(warehouse, asked)


@pytest.fixture
def session(warehouse: Warehouse, followed: JobState) -> Iterator[ReadSession]:
    with warehouse.reading(local_owner(warehouse)) as session:
        yield session


@pytest.fixture
def ranked(session: ReadSession) -> list[NextTest]:
    return next_tests(session)


def submit(warehouse: Warehouse, job: str, parameters: dict[str, Any]) -> int:
    owner = local_owner(warehouse)
    with warehouse.writing() as session:
        account = session.execute(text("SELECT min(account_key) FROM core.account")).scalar_one()
        return job_queue.submit(session, job=job, account_key=account, parameters=parameters, requested_by=owner.id)


def waiting(warehouse: Warehouse) -> list[int]:
    with warehouse.writing() as session:
        return list(session.execute(text("SELECT job_key FROM ops.job WHERE state = 'waiting'")).scalars())


def state_of(warehouse: Warehouse, key: int) -> JobState:
    with warehouse.writing() as session:
        return job_queue.state(session, key)


def test_channels_are_ranked_by_what_is_left_of_the_answers_worth(followed: JobState, ranked: list[NextTest]) -> None:
    assert followed.state == "done", followed.error
    assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
    assert [one.net for one in ranked] == sorted((one.net for one in ranked), reverse=True)
    assert all(one.net == one.information - one.test_cost for one in ranked)
    assert followed.stage == ranked[0].words


def test_beliefs_are_those_of_attribution_by_the_week(session: ReadSession, ranked: list[NextTest]) -> None:
    sql = """SELECT channel, max(conversions), max(cost), (max(last_day) - max(first_day) + 1) / 7.0
             FROM mart.attribution WHERE grain = 'channel' AND goal = 'order' AND cost > 0 GROUP BY channel"""
    credited = {channel: row for channel, *row in session.execute(text(sql))}
    assert {one.channel for one in ranked} == set(credited)
    for one in ranked:
        most, cost, weeks = credited[one.channel]
        assert one.rests_on == "credit"  # nothing was tested there
        assert one.conversions == pytest.approx(float(most) / 2 / float(weeks))
        assert float(one.spend) == pytest.approx(float(cost / weeks), abs=0.01)


def test_what_is_earned_decides_from_where_a_channel_pays(warehouse: Warehouse, ranked: list[NextTest]) -> None:
    key = submit(warehouse, "next_tests", settle({"margin": 0.5}))
    assert work_once(warehouse, JOBS, job_key=key)
    with warehouse.reading(local_owner(warehouse)) as session:
        halved = {one.channel: one.break_even for one in next_tests(session)}
    assert halved == pytest.approx({one.channel: 2 * one.break_even for one in ranked})


def test_what_follows_is_asked_for_as_it_was_done_last(warehouse: Warehouse, ranked: list[NextTest]) -> None:
    key = submit(warehouse, "next_tests", settle({"margin": 0.25}))
    assert work_once(warehouse, JOBS, job_key=key)
    key = submit(warehouse, "attribution", {**ATTRIBUTION.settle({"order": 1, "draws": 41})})
    assert work_once(warehouse, JOBS, job_key=key)
    (asked,) = waiting(warehouse)
    with warehouse.writing() as session:
        said = session.execute(text("SELECT parameters FROM ops.job WHERE job_key = :key"), {"key": asked}).scalar_one()
    assert said["margin"] == 0.25


@pytest.mark.parametrize("parameters", [{"margin": 0}, {"margin": 1.2}, {"horizon_weeks": 0}, {"moon": 1}])
def test_parameters_that_mean_nothing_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(BadSetting):
        settle(parameters)
