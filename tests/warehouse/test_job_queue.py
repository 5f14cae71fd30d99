from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.warehouse.seed import Seed, seed_two_accounts
from warehouse import job_queue, runs
from warehouse.access import Reader
from warehouse.errors import Conflict, NotFound
from warehouse.job_queue import Claim, JobState
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine) -> Warehouse:
    return Warehouse(settings, engine)


@pytest.fixture(scope="module")
def seed(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Seed:
    return seed_two_accounts(warehouse, tmp_path_factory.mktemp("exports"))


@pytest.fixture(autouse=True)
def empty_queue(warehouse: Warehouse) -> None:
    with warehouse.writing() as session:
        session.execute(text("DELETE FROM ops.job"))


def submit(warehouse: Warehouse, seed: Seed, job: str = "x", priority: int = 100) -> int:
    with warehouse.writing() as session:
        return job_queue.submit(
            session, job=job, account_key=seed.google, parameters={"n": 1}, requested_by="user:1", priority=priority
        )


def take(warehouse: Warehouse, *, seconds: float = 60, job_key: int | None = None, job: str = "x") -> Claim | None:
    with warehouse.writing() as session:
        return job_queue.claim(session, jobs=[job], lease_seconds=seconds, job_key=job_key)


def look(warehouse: Warehouse, job_key: int) -> JobState:
    with warehouse.writing() as session:
        return job_queue.state(session, job_key)


def test_jobs_are_taken_by_priority_and_then_in_order(warehouse: Warehouse, seed: Seed) -> None:
    late, first, urgent = submit(warehouse, seed), submit(warehouse, seed), submit(warehouse, seed, priority=1)
    taken = [take(warehouse) for _ in range(4)]
    assert [claim and claim.job_key for claim in taken] == [urgent, late, first, None]
    assert taken[0] == Claim(urgent, 1, "x", seed.google, {"n": 1}, "user:1")


def test_a_worker_takes_only_what_it_knows(warehouse: Warehouse, seed: Seed) -> None:
    submit(warehouse, seed, job="unknown")
    assert take(warehouse) is None


def test_a_job_that_somebody_is_taking_is_passed_over(warehouse: Warehouse, seed: Seed) -> None:
    one, two = submit(warehouse, seed), submit(warehouse, seed)
    with warehouse.writing() as session:
        held = job_queue.claim(session, jobs=["x"], lease_seconds=60)
        other = take(warehouse)  # while the first claim is not committed
    assert held is not None
    assert other is not None
    assert (held.job_key, other.job_key) == (one, two)


def test_who_lost_the_lease_can_change_nothing_any_more(warehouse: Warehouse, seed: Seed) -> None:
    key = submit(warehouse, seed)
    zombie = take(warehouse, seconds=0)
    heir = take(warehouse)
    assert zombie is not None
    assert heir is not None
    assert (heir.job_key, heir.attempt) == (key, 2)
    with warehouse.writing() as session:
        assert not job_queue.extend(session, zombie, lease_seconds=60)
        assert not job_queue.note(session, zombie, stage="undead", progress=0.5)
        assert not job_queue.fail(session, zombie, "undead")
        assert not job_queue.give_back(session, zombie)
        assert job_queue.note(session, heir, stage="half way", progress=0.5)

    def publish_and_complete() -> None:
        with warehouse.writing() as session:
            run = runs.open_run(session, job="x", account_key=seed.google, parameters={}, code_version="1")
            runs.publish(session, run)
            job_queue.complete(session, zombie, run_key=run.run_key, words="undead")

    with pytest.raises(Conflict):
        publish_and_complete()
    found = look(warehouse, key)
    assert (found.state, found.stage, found.progress, found.run_key) == ("running", "half way", 0.5, None)
    with warehouse.writing() as session:
        assert session.execute(text("SELECT count(*) FROM results.run")).scalar_one() == 0


def test_the_run_of_a_dead_worker_ends_as_failed(warehouse: Warehouse, seed: Seed) -> None:
    submit(warehouse, seed)
    dead = take(warehouse, seconds=0)
    assert dead is not None
    with warehouse.writing() as session:
        run = runs.open_run(session, job="x", account_key=seed.google, parameters={"n": 7}, code_version="1")
        job_queue.attach(session, dead, run.run_key)
    assert take(warehouse) is not None
    with warehouse.writing() as session:
        state = session.execute(text("SELECT state FROM results.run WHERE run_key = :r"), {"r": run.run_key})
        assert state.scalar_one() == "failed"


def test_a_job_that_ends_its_workers_is_given_up(warehouse: Warehouse, seed: Seed) -> None:
    key = submit(warehouse, seed)
    for _ in range(job_queue.MOST_ATTEMPTS):
        assert take(warehouse, seconds=0) is not None
    assert take(warehouse, seconds=0) is None
    assert look(warehouse, key).state == "failed"
    assert f"{job_queue.MOST_ATTEMPTS} times" in (look(warehouse, key).error or "")


def test_a_cancelled_job_is_not_ours_any_more(warehouse: Warehouse, seed: Seed) -> None:
    key = submit(warehouse, seed)
    held = take(warehouse)
    assert held is not None
    with warehouse.writing() as session:
        assert job_queue.cancel(session, key)
        assert not job_queue.cancel(session, key)
        assert not job_queue.extend(session, held, lease_seconds=60)
    assert look(warehouse, key).over
    assert take(warehouse) is None
    with pytest.raises(NotFound), warehouse.writing() as session:
        job_queue.cancel(session, 10**6)


def test_a_job_given_back_is_taken_again_under_a_new_number(warehouse: Warehouse, seed: Seed) -> None:
    submit(warehouse, seed)
    held = take(warehouse)
    assert held is not None
    with warehouse.writing() as session:
        assert job_queue.give_back(session, held)
    again = take(warehouse)
    assert again is not None
    assert again.attempt == 2


def test_who_may_not_see_the_account_does_not_see_its_jobs(warehouse: Warehouse, seed: Seed, tmp_path: Path) -> None:
    key = submit(warehouse, seed)
    with pytest.raises(NotFound), warehouse.reading(Reader("user:999", "Stranger")) as session:
        job_queue.state(session, key)
