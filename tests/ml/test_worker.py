from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from ml.job import Job, Outcome, Task
from ml.worker import wait_for, work, work_once
from tests.ml.slow_job import FIRST_DAY, SLOW
from tests.warehouse.seed import Seed, seed_two_accounts
from warehouse import job_queue
from warehouse.errors import NotEnoughData
from warehouse.job_queue import JobState
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine) -> Warehouse:
    return Warehouse(settings, engine)


@pytest.fixture(scope="module")
def seed(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Seed:
    return seed_two_accounts(warehouse, tmp_path_factory.mktemp("exports"))


@pytest.fixture(autouse=True)
def nothing_done(warehouse: Warehouse) -> None:
    with warehouse.writing() as session:
        for table in ("ops.job", "results.estimate", "results.publication", "results.run"):
            session.execute(text(f"DELETE FROM {table}"))


def submit(warehouse: Warehouse, seed: Seed, job: str = "slow", **parameters: Any) -> int:
    with warehouse.writing() as session:
        return job_queue.submit(session, job=job, account_key=seed.google, parameters=parameters, requested_by="user:1")


def look(warehouse: Warehouse, job_key: int) -> JobState:
    with warehouse.writing() as session:
        return job_queue.state(session, job_key)


def query(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    with warehouse.writing() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def job_that(compute: Any) -> Mapping[str, Job]:
    return {"slow": Job("slow", "For the test.", 1, dict, compute)}


def test_a_job_is_published_with_its_results(warehouse: Warehouse, seed: Seed) -> None:
    key = submit(warehouse, seed, n=3)
    assert work_once(warehouse, {"slow": SLOW})
    done = look(warehouse, key)
    assert (done.state, done.stage, done.progress) == ("done", "number 3", 1.0)
    assert query(warehouse, "SELECT run_key, date - DATE '2026-01-01' FROM results.estimate") == [(done.run_key, 3)]
    assert query(warehouse, "SELECT run_key FROM results.publication") == [(done.run_key,)]
    assert not work_once(warehouse, {"slow": SLOW})


def test_unchanged_inputs_are_not_computed_again(warehouse: Warehouse, seed: Seed) -> None:
    for _ in range(2):
        key = submit(warehouse, seed, n=1)
        work_once(warehouse, {"slow": SLOW})
    assert "Nothing new" in (look(warehouse, key).stage or "")
    assert query(warehouse, "SELECT state FROM results.run ORDER BY run_key") == [("done",), ("skipped",)]
    assert len(query(warehouse, "SELECT 1 FROM results.estimate")) == 1


def test_a_refusal_fails_the_job_with_its_words(warehouse: Warehouse, seed: Seed) -> None:
    def refuse(_: Task) -> Outcome:
        raise NotEnoughData("Five days are too few.", remedy="Load more.")

    key = submit(warehouse, seed)
    work_once(warehouse, job_that(refuse))
    assert (look(warehouse, key).state, look(warehouse, key).error) == ("failed", "Five days are too few. Load more.")
    assert query(warehouse, "SELECT state, error FROM results.run") == [("failed", "Five days are too few. Load more.")]
    assert query(warehouse, "SELECT 1 FROM results.publication") == []


def test_a_broken_job_tells_a_number_and_not_its_insides(warehouse: Warehouse, seed: Seed) -> None:
    def break_down(_: Task) -> Outcome:
        raise ValueError("secret")

    key = submit(warehouse, seed)
    work_once(warehouse, job_that(break_down))
    error = look(warehouse, key).error or ""
    assert "broke inside" in error
    assert "secret" not in error


def test_what_fails_while_writing_leaves_nothing(warehouse: Warehouse, seed: Seed) -> None:
    def compute(task: Task) -> Outcome:
        good = SLOW.compute(task)

        def write(session: Any, run_key: int) -> None:
            good.write(session, run_key)
            raise NotEnoughData("Too late.")

        return Outcome(write, "")

    submit(warehouse, seed, n=1)
    work_once(warehouse, job_that(compute))
    assert query(warehouse, "SELECT 1 FROM results.estimate") == []
    assert query(warehouse, "SELECT state FROM results.run") == [("failed",)]


def test_a_cancelled_job_stops_at_its_next_word(warehouse: Warehouse, seed: Seed) -> None:
    begun, go_on = threading.Event(), threading.Event()
    reached = []

    def compute(task: Task) -> Outcome:
        begun.set()
        go_on.wait(30)
        task.report("on and on", 0.5)
        reached.append(task)
        return Outcome(lambda *_: None, "")

    key = submit(warehouse, seed)
    worker = threading.Thread(target=work_once, args=(warehouse, job_that(compute)))
    worker.start()
    assert begun.wait(30)
    with warehouse.writing() as session:
        job_queue.cancel(session, key)
    go_on.set()
    worker.join(30)
    assert reached == []
    assert look(warehouse, key).state == "cancelled"
    assert query(warehouse, "SELECT state FROM results.run") == [("failed",)]


def test_a_worker_that_is_told_to_stop_gives_its_job_back(warehouse: Warehouse, seed: Seed) -> None:
    begun, stop = threading.Event(), threading.Event()

    def compute(task: Task) -> Outcome:
        begun.set()
        stop.wait(30)
        task.report("on and on", 0.5)
        return Outcome(lambda *_: None, "")

    key = submit(warehouse, seed)
    worker = threading.Thread(target=work, args=(warehouse, job_that(compute), stop))
    worker.start()
    assert begun.wait(30)
    stop.set()
    worker.join(30)
    assert look(warehouse, key).state == "waiting"
    assert work_once(warehouse, {"slow": Job("slow", "", 1, dict, lambda _: Outcome(lambda *_: None, "well"))})
    assert look(warehouse, key).state == "done"


def test_the_lease_is_kept_while_a_long_job_says_nothing(warehouse: Warehouse, seed: Seed) -> None:
    def compute(_: Task) -> Outcome:
        time.sleep(1.5)
        return Outcome(lambda *_: None, "patience")

    key = submit(warehouse, seed)
    worker = threading.Thread(target=work_once, args=(warehouse, job_that(compute)), kwargs={"lease_seconds": 0.6})
    worker.start()
    taken_over = []
    while worker.is_alive():
        taken_over.append(work_once(warehouse, {"slow": SLOW}))
        time.sleep(0.05)
    assert look(warehouse, key).stage == "patience"
    assert not any(taken_over)


def test_a_job_can_be_done_here_and_now(warehouse: Warehouse, seed: Seed) -> None:
    key, other = submit(warehouse, seed, n=1), submit(warehouse, seed, n=2)
    state = wait_for(warehouse, {"slow": SLOW}, other, watch=lambda _: None)
    assert (state.state, state.job_key) == ("done", other)
    assert look(warehouse, key).state == "waiting"


@pytest.fixture
def workers(settings: Settings) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_every_job_takes_effect_exactly_once_however_often_workers_are_killed(
    warehouse: Warehouse, seed: Seed, settings: Settings, workers: list[subprocess.Popen[bytes]]
) -> None:
    jobs, kills = 60, 20
    keys = [submit(warehouse, seed, n=n) for n in range(jobs)]
    environment = {**os.environ, "CAUSEWAY_DATABASE_URL": settings.database_url or "", "CAUSEWAY_LOG_LEVEL": "ERROR"}

    def start() -> None:
        command = [sys.executable, "-m", "tests.ml.slow_job", "1.0"]
        workers.append(subprocess.Popen(command, cwd=REPOSITORY, env=environment))

    def unfinished() -> int:
        return int(query(warehouse, "SELECT count(*) FROM ops.job WHERE state IN ('waiting', 'running')")[0][0])

    def busy() -> bool:
        return query(warehouse, "SELECT 1 FROM ops.job WHERE state = 'running' AND lease_until > now()") != []

    chance = random.Random(1)
    start()
    start()
    killed = 0
    while killed < kills:
        assert unfinished(), f"the jobs were done after {killed} kills"
        if not busy():
            time.sleep(0.01)
            continue
        time.sleep(chance.uniform(0, 0.2))
        victim = workers.pop(chance.randrange(2))
        assert victim.poll() is None, "a worker ended by itself"
        victim.kill()
        victim.wait()
        killed += 1
        start()
    give_up = time.monotonic() + 120
    while unfinished() and time.monotonic() < give_up:
        time.sleep(0.1)

    assert {look(warehouse, key).state for key in keys} == {"done"}
    effects = query(warehouse, "SELECT date, run_key FROM results.estimate ORDER BY date")
    assert [(day - FIRST_DAY).days for day, _ in effects] == list(range(jobs))
    assert [run for _, run in effects] == [look(warehouse, key).run_key for key in keys]
    assert query(warehouse, "SELECT count(*) FROM results.run WHERE state = 'running'") == [(0,)]
    assert query(warehouse, "SELECT count(*) > 60 FROM results.run") == [(True,)], "no kill hit a job"
