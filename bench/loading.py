"""Loading campaign-days, against a bare COPY of the same bytes.

**What.** ``load_paths`` on a CSV of campaign-days in the shape that connectors land Google's, in a process of its own:
recognised, every cell checked, money made exact, campaigns looked up and made, rows put into monthly partitions with
a primary key, day and month rollups built, the load entered in the books, committed. Then the same file once more.
Then five times as many rows, for the memory.

**Against what.** ``COPY … FROM STDIN`` of the same file by the same driver on the same server with the same settings,
into one table with fitting types, without index, key or check, created and committed before; the COPY itself is
committed too. Nothing that keeps the data in PostgreSQL can do less, so it is the floor. A COPY into a table that the
same transaction created need not write PostgreSQL's log, as our partitions need not: it is shown as well, for
information.

Both are wall time; rounds alternate, each in a database without data, and the median counts. Memory is the loading
process's peak, without the server's.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text

from bench.measure import Result, Server, in_own_process
from ml.simulation.exports.campaign_days import write_campaign_days
from warehouse.ingest.load import load_paths
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

ROUNDS = 3
CAMPAIGNS = 2_000
LEAST_SPEED, LEAST_RELOAD, MOST_MEMORY = 0.25, 5.0, 400.0


def measure(server: Server, rows: int) -> Iterator[Result]:
    """Results for ``rows`` and, memory only, five times as many."""
    with tempfile.TemporaryDirectory(prefix="causeway-bench-") as folder:
        path, large = Path(folder) / "campaign_days.csv", Path(folder) / "campaign_days_5.csv"
        _write(path, rows)
        copies, unlogged, loads, peaks = [], [], [], []
        for _ in range(ROUNDS):
            warehouse = server.fresh()
            copies.append(bare_copy(warehouse, path, same_transaction=False))
            unlogged.append(bare_copy(warehouse, path, same_transaction=True))
            warehouse = server.fresh()
            seconds, peak = in_own_process(load, warehouse.settings, str(path), rows)
            loads.append(seconds)
            peaks.append(peak)
            reload_seconds, _ = in_own_process(load, warehouse.settings, str(path), 0)
        copy, loading = median(copies), median(loads)
        yield _against(f"load {rows:,} campaign-days", loading, "bare COPY", copy, LEAST_SPEED)
        yield replace(
            _against("the same", loading, "bare COPY without log", median(unlogged), 0.0), target="", met=None
        )
        yield Result(
            "load the same file again", f"{reload_seconds:.2f} s", f"first load {loading:.2f} s",
            f"{loading / reload_seconds:.1f}", f">= {LEAST_RELOAD:g}", loading / reload_seconds >= LEAST_RELOAD,
        )  # fmt: skip
        yield _memory(rows, max(peaks))
        _write(large, 5 * rows)
        _, peak = in_own_process(load, server.fresh().settings, str(large), 5 * rows)
        yield _memory(5 * rows, peak)


def load(settings: Settings, path: str, expected: int) -> float:
    """Seconds that loading takes; raises when it does not bring the rows that it should."""
    warehouse = Warehouse.connect(settings, application_name="bench")
    began = time.perf_counter()
    results = load_paths(warehouse, [path])
    seconds = time.perf_counter() - began
    if [r.accepted for r in results] != [expected] or any(r.rejected for r in results):
        raise RuntimeError(f"The load did not go as planned: {results}")
    return seconds


def bare_copy(warehouse: Warehouse, path: Path, *, same_transaction: bool) -> float:
    """Seconds that COPY takes into a table made for these bytes."""
    table = "bare_unlogged" if same_transaction else "bare"
    with warehouse.engine.connect() as connection:
        connection.execute(text(_TABLE.format(table=table)))
        if not same_transaction:
            connection.commit()
        began = time.perf_counter()
        with path.open("rb") as file:
            cursor: Any = connection.connection.cursor()
            cursor.copy_expert(f"COPY {table} FROM STDIN WITH (FORMAT csv, HEADER true)", file, 1 << 20)
        connection.commit()
        return time.perf_counter() - began


_TABLE = """
CREATE TABLE {table} (
    customer_id bigint, campaign_id bigint, campaign_name text, campaign_type text, currency text, date date,
    impressions bigint, clicks bigint, cost_micros bigint, conversions numeric(18, 6), conversions_value numeric(18, 6))
"""


def _write(path: Path, rows: int) -> None:
    campaigns = min(CAMPAIGNS, rows)
    start = dt.date(2026, 10, 1) - dt.timedelta(days=-(-rows // campaigns))
    write_campaign_days(path, rows=rows, campaigns=campaigns, seed=1, start=start)


def _against(what: str, seconds: float, rival: str, rival_seconds: float, least: float) -> Result:
    ratio = rival_seconds / seconds
    measured, against = f"{seconds:.2f} s", f"{rival} {rival_seconds:.2f} s"
    return Result(what, measured, against, f"{ratio:.2f}", f">= {least:g}", ratio >= least)


def _memory(rows: int, peak: float) -> Result:
    limit = f"{MOST_MEMORY:.0f} MB"
    return Result(
        f"peak memory at {rows:,}", f"{peak:.0f} MB", limit, f"{peak / MOST_MEMORY:.2f}", f"< {limit}",
        peak < MOST_MEMORY,
    )  # fmt: skip
