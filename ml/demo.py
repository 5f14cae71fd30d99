"""The demo's data: a simulated advertiser with two shops, written once under the home and loaded like any exports.

The world lives in a process of its own: while it writes a month, the month before is loaded, and when all is written it
goes on to find out what is true of it, when nobody waits any more.
"""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from ml.attribution.job import ATTRIBUTION
from ml.experiments.job import EXPERIMENTS
from ml.job import Job
from ml.journeys.job import JOURNEYS
from ml.mix.job import MIX
from ml.simulation.exports.orders import Shop
from ml.simulation.exports.simulated import MANIFEST, TOUCHES, TRUTH, write_simulation, write_truth
from ml.simulation.exports.simulated import Progress as Writing
from ml.simulation.people.campaigns import ACCOUNTS, PLATFORMS
from ml.simulation.people.population import REGIONS
from ml.simulation.run import ONE_SHOP, OUTFITTERS, simulated_world, told
from ml.uplift.job import UPLIFT
from ml.worker import wait_for
from warehouse import job_queue
from warehouse.errors import CausewayError
from warehouse.ingest.load import LoadOptions, Progress, load_file
from warehouse.ingest.outcome import LoadResult
from warehouse.local_owner import local_owner
from warehouse.queries.accounts import find_account
from warehouse.sessions import Warehouse

CUSTOMERS, DAYS, SEED = 60_000, 548, 20_261_120  # eighteen months
EVENT_DAYS = 30  # of the site's events one by one, which take longest to load; before them there is a log of visits

# Who lives in the west buys from a shop system of its own, which knows its margins; everybody else buys from Shopify.
_WEST = frozenset({"California", "Washington", "Oregon", "Arizona", "Colorado"})
SHOPS = (
    Shop(OUTFITTERS, "simulated-outfitters-west", "plain", _WEST),
    Shop(OUTFITTERS, ONE_SHOP.shop_id, ONE_SHOP.shape, frozenset(REGIONS) - _WEST),
)
_ACCOUNT: Final = f"{PLATFORMS[0]}/{ACCOUNTS[PLATFORMS[0]][0]}"
_PATIENCE: Final = 0.2  # seconds between two looks for what is written


@dataclass(slots=True)
class Simulation:
    """Exports that are there, or that another process is writing. ``words`` say what was written and how fast."""

    folder: Path
    _process: Connection | None  # tells the days that are written, then the words; waits to be sent for the truth
    words: str = ""
    _loaded: set[Path] = field(default_factory=set)

    def load_logs(self, warehouse: Warehouse, progress: Writing | None = None) -> Iterator[LoadResult]:
        """Load the logs of touches as they become whole, until everything is written; nothing where it was before.

        Raises :class:`CausewayError` when the process ended too early.
        """
        writing = not (self.folder / MANIFEST).exists()
        while writing:
            writing = self._listen(progress)
            for path in sorted({*(self.folder / "exports" / TOUCHES).glob("*.csv.gz")} - self._loaded):
                self._loaded.add(path)
                yield from load_file(warehouse, str(path), LoadOptions())
        if not (self.folder / MANIFEST).exists():
            raise CausewayError("The demo's exports could not be written.", remedy="Start the demo again.")

    def load_rest(self, warehouse: Warehouse, progress: Progress | None = None) -> Iterator[LoadResult]:
        """Load everything else that was written."""
        return load_exports(warehouse, self.folder, progress, but=self._loaded)

    def _listen(self, progress: Writing | None) -> bool:
        """Pass on what the process has told; whether there is more to come."""
        try:
            while self._process is not None and self._process.poll(_PATIENCE):
                said = self._process.recv()
                if isinstance(said, str):
                    self.words = said
                    return False
                if progress:
                    progress(*said)
        except EOFError:
            return False
        return True

    def find_truth(self) -> None:
        """Let the process go on to the truth: everything that somebody waits for is done."""
        if self._process is not None:
            with suppress(BrokenPipeError):  # it broke, and has said why
                self._process.send("go on")


@contextmanager
def simulation(folder: Path, *, today: dt.date, customers: int = CUSTOMERS, days: int = DAYS) -> Iterator[Simulation]:
    """Write the exports up to yesterday and then the truth, beside this process, unless they were written before.

    They are kept as they are from then on, so that starting the demo again loads nothing twice. Writing that was
    broken off is begun anew. The process ends with the block, whether it is ready or not.
    """
    if (folder / MANIFEST).exists() and (folder / TRUTH).exists():
        yield Simulation(folder, None)
        return
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(
        target=_simulate, args=(folder, today, customers, days, there), name="simulation", daemon=True
    )
    process.start()
    there.close()  # the process has its own
    try:
        yield Simulation(folder, here)
    finally:
        process.terminate()
        process.join()
        here.close()


def load_exports(
    warehouse: Warehouse, folder: Path, progress: Progress | None = None, *, but: Collection[Path] = ()
) -> Iterator[LoadResult]:
    """Load the exports, table by table, ``but`` some; what was loaded before is known by its bytes and takes no time.

    Where a file does not say whose it is, the manifest beside it does.
    """
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for file in manifest["files"]:
        if folder / file["path"] not in but:
            yield from load_file(warehouse, str(folder / file["path"]), LoadOptions(account=file["account"]), progress)


def build_demo_journeys(warehouse: Warehouse) -> str:
    """Put what was loaded in order, customer by customer; what that came to, in words."""
    state = wait_for(
        warehouse, {JOURNEYS.name: JOURNEYS}, _ask_for(warehouse, JOURNEYS, _ACCOUNT), watch=lambda _: None
    )
    return state.stage or state.error or state.state


def ask_for_experiments(warehouse: Warehouse) -> None:
    """Let the worker read the demo's experiments while it serves; attribution, asked for later, stands on them."""
    _ask_for(warehouse, EXPERIMENTS, f"experiments/{OUTFITTERS.handle}")


def ask_for_uplift(warehouse: Warehouse) -> None:
    """Let the worker learn from the demo's tests whom they change; asked for behind what reads the tests."""
    _ask_for(warehouse, UPLIFT, f"experiments/{OUTFITTERS.handle}")


def ask_for_attribution(warehouse: Warehouse) -> None:
    """Let the worker credit the demo's orders while it serves; done once, it is not done again."""
    _ask_for(warehouse, ATTRIBUTION, _ACCOUNT)


def ask_for_mix(warehouse: Warehouse) -> None:
    """Let the worker say what each channel brought, asked for behind what reads the tests."""
    _ask_for(warehouse, MIX, _ACCOUNT)


def _ask_for(warehouse: Warehouse, job: Job, named: str) -> int:
    """The job with its usual parameters, for an account of the demo's advertiser, whose accounts all are."""
    owner = local_owner(warehouse)
    with warehouse.reading(owner) as session:
        account = find_account(session, named)
    with warehouse.writing() as session:
        return job_queue.submit(
            session, job=job.name, account_key=account, parameters=job.settle({}), requested_by=owner.id
        )


def _simulate(folder: Path, today: dt.date, customers: int, days: int, starter: Connection) -> None:
    """What the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it, and who ends it
    if (folder / MANIFEST).exists():
        known = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        last_day = dt.date.fromisoformat(known["last_day"])
        world = simulated_world(customers=known["customers"], days=known["days"], seed=known["seed"], last_day=last_day)
        world.live()
    else:
        shutil.rmtree(folder, ignore_errors=True)
        world = simulated_world(customers=customers, days=days, seed=SEED, last_day=today - dt.timedelta(days=1))
        events_since = today - dt.timedelta(days=min(days, EVENT_DAYS))
        began = time.monotonic()
        written = write_simulation(
            folder, world, SHOPS, events_since=events_since, progress=lambda *day: starter.send(day)
        )
        starter.send(told(written, time.monotonic() - began))
    starter.recv()
    os.nice(10)
    write_truth(folder, world)
