"""The demo's data: exports of an invented advertiser, written once under the home and loaded like anybody's."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

from ml.simulation.exports.demo import write_demo_exports
from warehouse.ingest.load import LoadOptions, Progress, load_paths
from warehouse.ingest.outcome import LoadResult
from warehouse.sessions import Warehouse

SEED = 20_260_930
DAYS = 420

Writing = Callable[[str, int, int], None]  # name of the file, how many are written, how many there will be


def write_once(folder: Path, *, today: dt.date, progress: Writing | None = None) -> dt.date:
    """Write the exports up to yesterday, unless they were written before; their last day.

    Kept as they are from then on, so that starting the demo again loads nothing twice.
    """
    told = folder / "demo.json"
    if told.exists():
        return dt.date.fromisoformat(json.loads(told.read_text(encoding="utf-8"))["last_day"])
    last_day = today - dt.timedelta(days=1)
    write_demo_exports(folder, seed=SEED, end=last_day, days=DAYS, progress=progress)
    told.write_text(json.dumps({"seed": SEED, "days": DAYS, "last_day": last_day.isoformat()}), encoding="utf-8")
    return last_day


def load_demo(warehouse: Warehouse, folder: Path, progress: Progress | None = None) -> list[LoadResult]:
    """Load the exports; what was loaded before is known by its bytes and takes no time."""
    return load_paths(warehouse, [str(folder)], LoadOptions(), progress)
