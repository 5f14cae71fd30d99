"""A small advertiser whose people live: what they met, did and bought up to yesterday, and the journeys of that."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ml.demo import build_demo_journeys, load_demo, write_once
from warehouse.sessions import Warehouse

CUSTOMERS, DAYS = 800, 60


def load_living_world(warehouse: Warehouse, folder: Path) -> None:
    """Let it unfold in ``folder``, load what its sources export, and build the journeys."""
    write_once(folder, today=dt.datetime.now(dt.UTC).date(), customers=CUSTOMERS, days=DAYS)
    refused = [result for result in load_demo(warehouse, folder) if result.status == "refused" or result.rejected]
    assert refused == []
    words = build_demo_journeys(warehouse)
    assert words.startswith("Built "), words
