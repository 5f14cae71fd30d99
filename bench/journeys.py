"""Journeys, against one query that strings the same touches together.

**What.** ``build_journeys`` on an empty house of journeys: every touch assigned to the conversion that it led to or to
a null path, and journeys stored one by one with their conversion's worth and two indexes. The advertiser has
a tenth as many customers as touches, who come in bursts over a year; every eighth burst ends in an order. Then one
day more arrives, and the journeys of its customers are built.

**Against what.** ``SELECT customer_key, string_agg(channel, ' > ' ORDER BY at) … GROUP BY customer_key`` over the same
table in the same PostgreSQL with the same settings: no path of anybody can be had for less. It stores nothing, knows no
conversion and no lookback. The day more is compared with building the whole year, and the result with building
everything anew. Wall time; rounds alternate, the median counts. Memory is the building process's and its server
processes' together, at the most, without what they share.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import psutil
from sqlalchemy import text

from bench.measure import Result, Server
from warehouse.events.build import Built, Rules, build_journeys
from warehouse.sessions import Warehouse

ROUNDS = 3
LEAST_SPEED, MOST_MEMORY, MOST_OF_A_DAY = 1.0, 1_500.0, 0.03
ADVERTISER = 1


def measure(server: Server, rows: int) -> Iterator[Result]:
    """Results for about ``rows`` touches."""
    warehouse = server.fresh()
    _fill(warehouse, rows)
    strings, builds, peaks = [], [], []
    for _ in range(ROUNDS):
        strings.append(_seconds(lambda: _ask(warehouse, _STRING_AGG)))
        _do(warehouse, "DELETE FROM core.journey_build")
        peak, seconds = _watched(server, lambda: build(warehouse))
        builds.append(seconds)
        peaks.append(peak)
        _settle(warehouse)
    one, all_ = median(strings), median(builds)
    touches = _ask(warehouse, "SELECT count(*) FROM core.touchpoint")
    yield Result(
        f"journeys of {touches:,} touches", f"{all_:.2f} s", f"string_agg {one:.2f} s", f"{one / all_:.2f}",
        f">= {LEAST_SPEED:g}", one / all_ >= LEAST_SPEED,
    )  # fmt: skip
    limit = f"{MOST_MEMORY:.0f} MB"
    yield Result(
        "peak memory", f"{max(peaks):.0f} MB", limit, f"{max(peaks) / MOST_MEMORY:.2f}", f"< {limit}",
        max(peaks) < MOST_MEMORY,
    )  # fmt: skip
    _do(warehouse, _DAY_MORE)
    seconds = _seconds(lambda: build(warehouse))
    share = seconds / all_
    yield Result(
        "one day more", f"{seconds:.2f} s", f"the whole year {all_:.2f} s", f"{share:.1%}", f"<= {MOST_OF_A_DAY:.0%}",
        share <= MOST_OF_A_DAY,
    )  # fmt: skip
    after = _ask(warehouse, _DIGEST)
    _do(warehouse, "DELETE FROM core.journey_build")
    build(warehouse)
    same = _ask(warehouse, _DIGEST) == after
    yield Result("its result", "the same" if same else "another", "everything anew", "", "the same", same)


def build(warehouse: Warehouse) -> Built:
    """Build what there is to build."""
    with warehouse.writing() as session:
        return build_journeys(session, ADVERTISER, Rules())


def _fill(warehouse: Warehouse, rows: int) -> None:
    with warehouse.engine.begin() as connection:
        connection.execute(text(_ACCOUNT))
        connection.execute(text("SELECT core.ensure_event_partitions('touchpoint', '2025-01-01', '2026-01-31')"))
        connection.execute(text("SELECT setseed(0.5)"))
        connection.execute(text(_RAW), {"customers": rows // 10})
        connection.execute(text(_TOUCHES.format(days="at < '2026-01-01'")))
        connection.execute(text(_CONVERSIONS.format(days="at < '2026-01-01'")))
    _settle(warehouse)


def _settle(warehouse: Warehouse) -> None:
    """What autovacuum would have done by and by; a build leaves its predecessor's rows behind."""
    with warehouse.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("touchpoint", "conversion", "journey"):
            connection.execute(text(f"VACUUM ANALYZE core.{table}"))
        connection.execute(text("CHECKPOINT"))


def _watched(server: Server, work: Callable[[], object]) -> tuple[float, float]:
    """The most memory in MB that this process and the server's had together during ``work``, and its seconds."""
    done, most = threading.Event(), [0.0]

    def watch() -> None:
        while not done.wait(0.1):
            total = 0
            for process in (psutil.Process(os.getpid()), *psutil.Process(server.pid).children()):
                try:
                    total += process.memory_full_info().uss
                except psutil.NoSuchProcess:  # a parallel worker ends when it likes
                    continue
            most[0] = max(most[0], total / 1e6)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        seconds = _seconds(work)
    finally:
        done.set()
        watcher.join()
    return most[0], seconds


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _ask(warehouse: Warehouse, sql: str) -> Any:
    with warehouse.engine.connect() as connection:
        return connection.execute(text(sql)).scalar_one()


def _do(warehouse: Warehouse, statements: str) -> None:
    with warehouse.engine.begin() as connection:
        for statement in statements.split(";"):
            connection.execute(text(statement))


_STRING_AGG = """
SELECT sum(length(path)) FROM (
    SELECT customer_key, string_agg(channel, ' > ' ORDER BY at) AS path FROM core.touchpoint GROUP BY customer_key) p
"""

_ACCOUNT = """
INSERT INTO core.account (platform, account_id, name, currency, currency_is_stated, time_zone, time_zone_is_stated)
VALUES ('shopify', 'shop', 'Shop', 'EUR', true, 'Europe/Berlin', true)
"""

_RAW = """
CREATE UNLOGGED TABLE raw AS
WITH customer AS (
    SELECT g AS customer_key, 1 + floor(-ln(1 - random()) * 1.6)::int AS bursts FROM generate_series(1, :customers) g),
burst AS (
    SELECT row_number() OVER () AS burst_key, customer_key, random() < 0.125 AS buys,
           timestamptz '2024-12-20' + random() * interval '377 days' AS began,
           1 + floor(-ln(1 - random()) * 4.2)::int AS touches
    FROM customer, generate_series(1, bursts))
SELECT burst_key, customer_key, buys, began + random() * random() * interval '20 days' AS at,
       (ARRAY['paid_social', 'display', 'paid_search', 'video', 'email', 'organic_search', 'direct', 'affiliate'])
           [1 + floor(random() * random() * 8)::int] AS channel
FROM burst, generate_series(1, touches)
"""

_TOUCHES = """
INSERT INTO core.touchpoint (at, touch_id, account_key, identifier_key, customer_key, kind, channel, campaign_key,
                             device, region, load_key)
SELECT at, gen_random_uuid(), 1, customer_key, customer_key,
       (CASE WHEN channel IN ('display', 'video', 'paid_social') THEN 'impression' ELSE 'click' END)::core.touch_kind,
       channel, 1, 'mobile', 'DE', 1
FROM raw WHERE at >= '2025-01-01' AND {days} ORDER BY at
"""

_CONVERSIONS = """
INSERT INTO core.conversion (account_key, kind, source_id, at, identifier_key, customer_key, value, margin, currency,
                             is_new_customer, counts, load_key)
SELECT 1, 'order', burst_key::text, at, customer_key, customer_key, 50, 20, 'EUR', false, true, 1
FROM (SELECT burst_key, customer_key, max(at) + interval '1 hour' AS at FROM raw WHERE buys GROUP BY 1, 2) x
WHERE at >= '2025-01-01' AND {days}
"""

# What a load of the first of January writes.
_THAT_DAY = "at >= '2026-01-01' AND at < '2026-01-02'"
_DAY_MORE = f"""
{_TOUCHES.format(days=_THAT_DAY)};
{_CONVERSIONS.format(days=_THAT_DAY)};
INSERT INTO core.touched_customer (customer_key, advertiser_key, since)
SELECT customer_key, 1, min(at) FROM (
    SELECT customer_key, at FROM core.touchpoint WHERE {_THAT_DAY}
    UNION ALL SELECT customer_key, at FROM core.conversion WHERE {_THAT_DAY}) x GROUP BY customer_key
"""

_DIGEST = """
SELECT md5(string_agg(j::text, '|' ORDER BY j.customer_key, j.ending)) FROM core.journey j
"""
