"""Loading touchpoints, against a bare COPY of the same bytes.

**What.** ``load_paths`` on a CSV of impressions, clicks and visits at user level, in the documented shape, in a process
of its own: every cell checked, moments brought to UTC, people told by digests of their browser, user and click ids,
accounts, campaigns and ads looked up and made, each touch told from repetitions, rows put into monthly partitions with
a primary key and two more indexes, customers settled and queued for their journeys, the load entered in the books,
committed. Then the same file once more, and a file with the same rows and one more.

**Against what.** ``COPY … FROM STDIN`` of the same file by the same driver on the same server with the same settings,
into one table with fitting types, without index, key or check, created and committed before; the COPY itself is
committed too. Nothing that keeps the data in PostgreSQL can do less, so it is the floor.

Both are wall time; rounds alternate, each in a database without data, and the median counts. Memory is the loading
process's peak, without the server's.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import text

from bench.measure import Result, Server, in_own_process
from warehouse.ingest.load import load_paths
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

ROUNDS = 3
TOUCHES_A_PERSON = 20  # as in a million customers with twenty million touchpoints
CLICKED = 0.03
CAMPAIGNS, ADS = 200, 8
DAYS = 180
LEAST_SPEED, LEAST_RELOAD, MOST_MEMORY = 0.4, 5.0, 600.0
_BATCH = 500_000


def measure(server: Server, rows: int) -> Iterator[Result]:
    """Results for a file of ``rows`` touchpoints."""
    with tempfile.TemporaryDirectory(prefix="causeway-bench-") as folder:
        path = Path(folder) / "touchpoints.csv"
        write_touchpoints(path, rows)
        copies, loads, reloads, peaks = [], [], [], []
        for _ in range(ROUNDS):
            copies.append(bare_copy(server.fresh(), path))
            warehouse = server.fresh()
            seconds, peak = in_own_process(load, warehouse.settings, str(path), rows)
            loads.append(seconds)
            peaks.append(peak)
            reload_seconds, _ = in_own_process(load, warehouse.settings, str(path), 0)
            reloads.append(reload_seconds)
        copy, loading, reloading = median(copies), median(loads), median(reloads)
        ratio = copy / loading
        yield Result(
            f"load {rows:,} touchpoints", f"{loading:.1f} s", f"bare COPY {copy:.1f} s", f"{ratio:.2f}",
            f">= {LEAST_SPEED:g}", ratio >= LEAST_SPEED,
        )  # fmt: skip
        yield Result(
            "load the same file again", f"{reloading:.2f} s", f"first load {loading:.1f} s",
            f"{loading / reloading:.1f}", f">= {LEAST_RELOAD:g}", loading / reloading >= LEAST_RELOAD,
        )  # fmt: skip
        limit = f"{MOST_MEMORY:.0f} MB"
        yield Result(
            f"peak memory at {rows:,}", f"{max(peaks):.0f} MB", limit, f"{max(peaks) / MOST_MEMORY:.2f}",
            f"< {limit}", max(peaks) < MOST_MEMORY,
        )  # fmt: skip


def load(settings: Settings, path: str, expected: int) -> float:
    """Seconds that loading takes; raises when it does not bring the rows that it should."""
    warehouse = Warehouse.connect(settings, application_name="bench")
    began = time.perf_counter()
    results = load_paths(warehouse, [path])
    seconds = time.perf_counter() - began
    if [r.accepted for r in results] != [expected] or any(r.rejected for r in results):
        raise RuntimeError(f"The load did not go as planned: {results}")
    return seconds


def bare_copy(warehouse: Warehouse, path: Path) -> float:
    """Seconds that COPY takes into a table made for these bytes."""
    with warehouse.engine.connect() as connection:
        connection.execute(text(_TABLE))
        connection.commit()
        began = time.perf_counter()
        with path.open("rb") as file:
            cursor: Any = connection.connection.cursor()
            cursor.copy_expert("COPY bare FROM STDIN WITH (FORMAT csv, HEADER true)", file, 1 << 20)
        connection.commit()
        return time.perf_counter() - began


def write_touchpoints(path: Path, rows: int) -> None:
    """A CSV of touchpoints in the order of time: 97 impressions in 100, a third of the people logged in."""
    chance = np.random.default_rng(1)
    people = max(1, rows // TOUCHES_A_PERSON)
    start = dt.datetime(2026, 10, 1, tzinfo=dt.UTC) - dt.timedelta(days=DAYS)
    step = DAYS * 86_400_000_000 // rows
    with path.open("wb") as file:
        for first in range(0, rows, _BATCH):
            count = min(_BATCH, rows - first)
            person = chance.integers(0, people, count)
            campaign = chance.integers(0, CAMPAIGNS, count)
            ad = campaign * ADS + chance.integers(0, ADS, count)
            click = pl.Series(chance.random(count) < CLICKED)
            number = np.arange(first, first + count)
            frame = pl.DataFrame({"number": number, "person": person, "campaign": campaign, "ad": ad, "click": click})
            at = pl.lit(start) + pl.duration(microseconds=pl.col("number") * step)
            frame.select(
                at=at.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"),
                touch_id=(pl.col("number") + 7_340_000_000_000_000_000).cast(pl.String),
                kind=pl.when("click").then(pl.lit("click")).otherwise(pl.lit("impression")),
                platform=pl.lit("meta_ads"),
                account_id=pl.lit("1200"),
                currency=pl.lit("EUR"),
                campaign_id=pl.lit("12021000") + pl.col("campaign").cast(pl.String),
                campaign_name=pl.lit("Prospecting | DE | ") + pl.col("campaign").cast(pl.String),
                ad_group_id=pl.lit("12022000") + (pl.col("ad") // 2).cast(pl.String),
                ad_id=pl.lit("12023000") + pl.col("ad").cast(pl.String),
                ad_name=pl.lit("Video 15s, offer, variant ") + pl.col("ad").cast(pl.String),
                creative_id=pl.lit("12024000") + (pl.col("ad") // 4).cast(pl.String),
                client_id=(pl.col("person") * 7919 + 1_000_000_007).cast(pl.String) + pl.lit(".1790000000"),
                user_id=pl.when(pl.col("person") % 3 == 0).then(pl.lit("u") + pl.col("person").cast(pl.String)),
                click_id=pl.when("click").then(pl.lit("IwAR") + pl.col("number").cast(pl.String)),
                cost=pl.when("click").then(pl.lit("0.45")).otherwise(pl.lit("0.004")),
                device=pl.when(pl.col("person") % 4 == 0).then(pl.lit("desktop")).otherwise(pl.lit("mobile")),
                region=pl.lit("DE-") + (pl.col("person") % 16).cast(pl.String),
            ).write_csv(file, include_header=first == 0)


_TABLE = """
CREATE TABLE bare (
    at timestamptz, touch_id text, kind text, platform text, account_id text, currency text, campaign_id text,
    campaign_name text, ad_group_id text, ad_id text, ad_name text, creative_id text, client_id text, user_id text,
    click_id text, cost numeric(18, 6), device text, region text)
"""
