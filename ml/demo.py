"""The demo's data: a simulated advertiser with two shops, written once under the home and loaded like any exports."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from ml.journeys.job import JOURNEYS
from ml.simulation.exports.orders import Shop
from ml.simulation.exports.simulated import MANIFEST, write_simulation
from ml.simulation.exports.simulated import Progress as Writing
from ml.simulation.people.population import REGIONS
from ml.simulation.run import ONE_SHOP, OUTFITTERS, simulated_world
from ml.worker import wait_for
from warehouse import job_queue
from warehouse.ingest.load import LoadOptions, Progress, load_file
from warehouse.ingest.outcome import LoadResult
from warehouse.local_owner import local_owner
from warehouse.queries.scope import read_scope
from warehouse.sessions import Warehouse

CUSTOMERS, DAYS, SEED = 60_000, 548, 20_261_120  # eighteen months
EVENT_DAYS = 60  # of the site's events one by one, which take longest to load; before them there is a log of visits

# Who lives in the west buys from a shop system of its own, which knows its margins; everybody else buys from Shopify.
_WEST = frozenset({"California", "Washington", "Oregon", "Arizona", "Colorado"})
SHOPS = (
    Shop(OUTFITTERS, "simulated-outfitters-west", "plain", _WEST),
    Shop(OUTFITTERS, ONE_SHOP.shop_id, ONE_SHOP.shape, frozenset(REGIONS) - _WEST),
)


def write_once(
    folder: Path, *, today: dt.date, customers: int = CUSTOMERS, days: int = DAYS, progress: Writing | None = None
) -> None:
    """Write the exports up to yesterday, unless they were written before.

    They are kept as they are from then on, so that starting the demo again loads nothing twice. Writing that was
    broken off is begun anew.
    """
    if (folder / MANIFEST).exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    world = simulated_world(customers=customers, days=days, seed=SEED, last_day=today - dt.timedelta(days=1))
    events_since = today - dt.timedelta(days=min(days, EVENT_DAYS))
    write_simulation(folder, world, SHOPS, events_since=events_since, progress=progress)


def load_demo(warehouse: Warehouse, folder: Path, progress: Progress | None = None) -> Iterator[LoadResult]:
    """Load the exports, table by table; what was loaded before is known by its bytes and takes no time.

    Where a file does not say whose it is, the manifest beside it does.
    """
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for file in manifest["files"]:
        yield from load_file(warehouse, str(folder / file["path"]), LoadOptions(account=file["account"]), progress)


def build_demo_journeys(warehouse: Warehouse) -> str:
    """Put what was loaded in order, customer by customer; what that came to, in words."""
    owner = local_owner(warehouse)
    with warehouse.reading(owner) as session:
        account = read_scope(session).accounts[0].account_key  # all of the demo's accounts are one advertiser's
    with warehouse.writing() as session:
        job = job_queue.submit(
            session, job=JOURNEYS.name, account_key=account, parameters=JOURNEYS.settle({}), requested_by=owner.id
        )
    state = wait_for(warehouse, {JOURNEYS.name: JOURNEYS}, job, watch=lambda _: None)
    return state.stage or state.error or state.state
