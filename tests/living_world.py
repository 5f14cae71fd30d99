"""A small advertiser whose people live: what they met, did and bought up to yesterday, and the journeys of that."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ml.demo import SHOPS, build_demo_journeys, load_demo
from ml.simulation.exports.simulated import write_simulation
from ml.simulation.run import simulated_world
from warehouse.sessions import Warehouse

CUSTOMERS, DAYS, SEED = 1_500, 60, 1


def load_living_world(warehouse: Warehouse, folder: Path) -> None:
    """Let it unfold in ``folder``, load what its sources export, and build the journeys."""
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    write_simulation(folder, simulated_world(customers=CUSTOMERS, days=DAYS, seed=SEED, last_day=yesterday), SHOPS)
    refused = [result for result in load_demo(warehouse, folder) if result.status == "refused" or result.rejected]
    assert refused == []
    words = build_demo_journeys(warehouse)
    assert words.startswith("Built "), words
