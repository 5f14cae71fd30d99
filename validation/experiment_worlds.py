"""Tests in whole worlds: experiments as an advertiser runs them, loaded and read as everybody's are.

In every simulated advertiser a team ran four tests: a checkout that sells more, a banner that does nothing and lost
some of its visitors on the way, paid social held out of some regions, and video switched off everywhere. Their exports
are loaded into a warehouse, the job `experiments` reads them, and what it publishes is held against the truth:
everybody in the one arm against everybody in the other, in the same world.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from ml.experiments.job import EXPERIMENTS
from ml.simulation.exports.experiments import ExperimentExport, Registry
from ml.simulation.run import simulated_world
from ml.worker import work_once
from warehouse import job_queue, migrate
from warehouse.embedded import release_embedded, start_embedded, stop_embedded
from warehouse.ingest.load import load_paths
from warehouse.local_owner import local_owner
from warehouse.queries import experiment_readouts as readouts
from warehouse.queries.accounts import find_account
from warehouse.queries.experiments import experiments
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

SEEDS: Final = tuple(range(1, 21))
PEOPLE, DAYS = 20_000, 300
LEVEL: Final = 0.9


@dataclass(frozen=True, slots=True)
class Told:
    """What was published of a test beside what is true. ``held`` is None where no effect is told."""

    kind: str
    faulty: bool
    health: str
    withheld: bool
    truth: float
    estimate: float | None
    low: float | None
    high: float | None

    @property
    def held(self) -> bool | None:
        """Whether the interval holds the truth."""
        if self.low is None or self.high is None:
            return None
        return self.low <= self.truth <= self.high


def sections(reference: Path | None) -> Iterator[str]:  # noqa: ARG001  (worlds are our own)
    """The page's text."""
    with _temporary_warehouse() as warehouse:
        told = [one for seed in SEEDS for one in read_world(warehouse, seed, PEOPLE, DAYS)]
    yield f"\n{len(SEEDS)} worlds of {PEOPLE:,} people and {DAYS} days (seeds {SEEDS[0]} to {SEEDS[-1]}), "
    yield f"intervals of {LEVEL:.0%}.\n\n"
    yield "| test | told | withheld | intervals that hold the truth | mean truth | mean estimate |\n"
    yield "|---|---|---|---|---|---|\n"
    for kind in dict.fromkeys(one.kind for one in told):
        yield _row(kind, [one for one in told if one.kind == kind and not one.faulty])
    faulty = [one for one in told if one.faulty]
    caught = sum(one.withheld for one in faulty)
    sound = [one for one in told if not one.faulty]
    held = [one.held for one in sound if one.held is not None]
    share = sum(held) / len(held)
    yield "\n| target | measured | |\n|---|---|---|\n"
    caught_said = f"{caught} of {len(faulty)}"
    yield f"| the lost visitors are caught in every world | {caught_said} | {_met(caught == len(faulty))} |\n"
    # At any look, so that at the last one they hold it more often than that.
    yield f"| intervals of {LEVEL:.0%} hold the truth at least that often | {share:.0%} of {len(held)} "
    yield f"| {_met(share >= LEVEL)} |\n"


def read_world(warehouse: Warehouse, seed: int, people: int, days: int) -> list[Told]:
    """Let a world live, load what its team exports of experiments, into an account of its own; beside the truth."""
    world, account = simulated_world(customers=people, days=days, seed=seed), f"world-{seed}"
    with tempfile.TemporaryDirectory(prefix="causeway-validation-") as name:
        export = ExperimentExport(Path(name), Registry(account, world.experiments()))
        for day in world.days():
            at = world.config.first_day + timedelta(days=day.number)
            export.add(at, day.assignments, day.exposures, day.geo_days)
        export.finish(world.outcomes())
        for result in load_paths(warehouse, [str(path) for path in sorted(Path(name).iterdir())]):
            if result.status != "loaded" or result.rejected:
                raise RuntimeError(json.dumps({"seed": seed, "load": str(result)}))
    _read(warehouse, f"experiments/{account}")
    truths = {entry["experiment_id"]: entry for entry in world.truth()["experiments"]}
    return list(_told(warehouse, account, truths))


@contextmanager
def _temporary_warehouse() -> Iterator[Warehouse]:
    home = Path(tempfile.mkdtemp(prefix="causeway-validation-"))
    try:
        address = start_embedded(home).url
        settings = Settings(home=home, database_url=address, secret_key="only-for-validation-" + "x" * 32)
        warehouse = Warehouse.connect(settings)
        migrate.upgrade(warehouse.engine)
        yield warehouse
        warehouse.engine.dispose()
    finally:
        release_embedded(home)
        stop_embedded(home)
        shutil.rmtree(home)


def _read(warehouse: Warehouse, named: str) -> None:
    owner = local_owner(warehouse)
    with warehouse.reading(owner) as session:
        account = find_account(session, named)
    with warehouse.writing() as session:
        key = job_queue.submit(
            session, job=EXPERIMENTS.name, account_key=account, parameters=EXPERIMENTS.settle({"level": LEVEL}),
            requested_by=owner.id,
        )  # fmt: skip
    work_once(warehouse, {EXPERIMENTS.name: EXPERIMENTS}, job_key=key)
    with warehouse.writing() as session:
        state = job_queue.state(session, key)
    if state.state != "done":
        raise RuntimeError(state.error)


def _told(warehouse: Warehouse, account: str, truths: dict[str, Any]) -> Iterator[Told]:
    with warehouse.reading(local_owner(warehouse)) as session:
        for one in (found for found in experiments(session) if found.account_id == account):
            truth = truths[one.experiment_id]
            found = readouts.readouts(session, [one.experiment_key]).get(one.experiment_key)
            if found is None:
                raise RuntimeError(f"{one.experiment_id} was not read.")
            effect: tuple[float | None, ...] = (None, None, None)
            if truth["kind"] == "ab":
                true = truth["true_difference"]
                for row in readouts.effects(session, one.experiment_key):
                    if row.metric == "orders_per_customer" and not row.cut:
                        effect = (row.difference, row.low, row.high)
            else:
                true = truth["incremental_conversions"]
                for lift in readouts.lifts(session, one.experiment_key):
                    if lift.metric == "orders":
                        effect = (lift.incremental, lift.low, lift.high)
            kind = {"ab": "customers", "geo_holdout": "regions held out", "go_dark": "everywhere off"}[truth["kind"]]
            yield Told(kind, truth["fault"] is not None if "fault" in truth else False, found.health, found.withheld,
                       float(true), *effect)  # fmt: skip


def _row(kind: str, told: Sequence[Told]) -> str:
    shown = [one for one in told if one.estimate is not None]
    held = [one.held for one in shown if one.held is not None]
    share = f"{sum(held)} of {len(held)}"
    truth = sum(one.truth for one in shown) / max(len(shown), 1)
    estimate = sum(one.estimate or 0.0 for one in shown) / max(len(shown), 1)
    withheld = sum(one.withheld for one in told)
    return f"| {kind} | {len(shown)} | {withheld} | {share} | {truth:.4g} | {estimate:.4g} |\n"


def _met(is_met: bool) -> str:
    return "met" if is_met else "missed"
