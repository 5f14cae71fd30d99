from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.warehouse.seed import META, Seed, meta_report, seed_two_accounts
from warehouse import runs
from warehouse.errors import Conflict, NotFound
from warehouse.ingest.load import LoadOptions, load_paths
from warehouse.runs import Run
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine) -> Warehouse:
    return Warehouse(settings, engine)


@pytest.fixture(scope="module")
def seed(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Seed:
    return seed_two_accounts(warehouse, tmp_path_factory.mktemp("exports"))


def begin(warehouse: Warehouse, account: int, *, job: str, code: str = "1", **parameters: object) -> Run:
    with warehouse.writing() as session:
        return runs.open_run(session, job=job, account_key=account, parameters=parameters, code_version=code)


def publish(warehouse: Warehouse, run: Run) -> bool:
    with warehouse.writing() as session:
        return runs.publish(session, run)


def published(warehouse: Warehouse, job: str, account: int) -> int | None:
    sql = text("SELECT run_key FROM results.publication WHERE job = :job AND account_key = :account")
    with warehouse.writing() as session:
        return session.execute(sql, {"job": job, "account": account}).scalar_one_or_none()


def state(warehouse: Warehouse, run: Run) -> str:
    with warehouse.writing() as session:
        return session.execute(
            text("SELECT state FROM results.run WHERE run_key = :r"), {"r": run.run_key}
        ).scalar_one()


def test_a_run_is_seen_once_it_is_published(warehouse: Warehouse, seed: Seed) -> None:
    run = begin(warehouse, seed.google, job="a")
    assert published(warehouse, "a", seed.google) is None
    assert publish(warehouse, run)
    assert published(warehouse, "a", seed.google) == run.run_key
    assert state(warehouse, run) == "done"
    assert published(warehouse, "a", seed.meta) is None


def test_the_same_inputs_are_computed_once(warehouse: Warehouse, seed: Seed, tmp_path: Path) -> None:
    first = begin(warehouse, seed.meta, job="b", level=0.9, names=["x", "y"])
    publish(warehouse, first)
    again = begin(warehouse, seed.meta, job="b", names=["x", "y"], level=0.9)
    assert (again.skipped, again.published) == (True, first.run_key)
    assert state(warehouse, again) == "skipped"
    assert not begin(warehouse, seed.meta, job="b", level=0.8, names=["x", "y"]).skipped
    assert not begin(warehouse, seed.meta, job="b", code="2", level=0.9, names=["x", "y"]).skipped
    assert not begin(warehouse, seed.google, job="b", level=0.9, names=["x", "y"]).skipped

    more = tmp_path / "more.csv"
    more.write_text(meta_report(days=61))
    load_paths(warehouse, [str(more)], LoadOptions(account=META))
    later = begin(warehouse, seed.meta, job="b", level=0.9, names=["x", "y"])
    assert not later.skipped
    assert later.data_watermark > first.data_watermark


def test_a_run_that_fails_changes_nothing(warehouse: Warehouse, seed: Seed) -> None:
    good = begin(warehouse, seed.google, job="c")
    publish(warehouse, good)
    bad = begin(warehouse, seed.google, job="c", other=1)
    with warehouse.writing() as session:
        runs.fail(session, bad.run_key, "out of luck")
    assert published(warehouse, "c", seed.google) == good.run_key
    assert state(warehouse, bad) == "failed"
    with pytest.raises(Conflict):
        publish(warehouse, bad)
    assert published(warehouse, "c", seed.google) == good.run_key


def test_a_slow_run_does_not_replace_one_that_began_later(warehouse: Warehouse, seed: Seed) -> None:
    slow = begin(warehouse, seed.google, job="d", n=1)
    quick = begin(warehouse, seed.google, job="d", n=2)
    assert publish(warehouse, quick)
    assert not publish(warehouse, slow)
    assert published(warehouse, "d", seed.google) == quick.run_key
    assert state(warehouse, slow) == "done"


def test_an_earlier_run_can_be_shown_again(warehouse: Warehouse, seed: Seed) -> None:
    old, new = begin(warehouse, seed.google, job="e", n=1), begin(warehouse, seed.google, job="e", n=2)
    publish(warehouse, old)
    publish(warehouse, new)
    with warehouse.writing() as session:
        before = runs.rollback(session, job="e", account_key=seed.google, to_run=old.run_key, actor="user:1")
    assert before == new.run_key
    assert published(warehouse, "e", seed.google) == old.run_key
    with warehouse.writing() as session:
        audit = session.execute(
            text("SELECT actor, action, before, after FROM ops.audit ORDER BY audit_key DESC LIMIT 1")
        )
        assert tuple(audit.one()) == ("user:1", "publication.rollback", {"run": new.run_key}, {"run": old.run_key})

    # After it, the newest inputs are computed anew, and published.
    again = begin(warehouse, seed.google, job="e", n=2)
    assert not again.skipped
    assert publish(warehouse, again)


def test_only_a_finished_run_of_the_same_job_and_account_can_be_shown(warehouse: Warehouse, seed: Seed) -> None:
    done, running = begin(warehouse, seed.google, job="f"), begin(warehouse, seed.google, job="f", n=1)
    publish(warehouse, done)
    for job, account, run in (
        ("f", seed.google, running.run_key),
        ("f", seed.meta, done.run_key),
        ("g", seed.google, done.run_key),
        ("f", seed.google, 10**6),
    ):
        with pytest.raises(NotFound), warehouse.writing() as session:
            runs.rollback(session, job=job, account_key=account, to_run=run, actor="user:1")
    assert published(warehouse, "f", seed.google) == done.run_key
