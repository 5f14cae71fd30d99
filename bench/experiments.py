"""An experiment over a million users, against tea-tasting in memory.

**What.** Users come in over 60 days; of each there are three metrics in the warehouse (two means and the ratio of two,
each adjusted for what it was before). Everything added up once; guards, effects, parts and the course day by day read
from what is kept; the same after one more day, on which a sixtieth as many users come in; and after a day on which a
sixtieth of the users who are there already do something more.

**Against what.** tea-tasting 1.14 with the same three metrics and its test of the sample ratio, over a table in memory
(polars, the quickest of what it takes) with one row a user; making that table is not counted.

CPU-seconds of client and server without imports; memory is the client's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from sqlalchemy import text

from bench.measure import Result, Server, in_own_process
from ml.experiments.of_units import read_units
from ml.experiments.registered import Registered
from warehouse.engine import WriteSession
from warehouse.experiments.build import refresh_moments
from warehouse.local_owner import local_owner
from warehouse.queries import experiments as registry
from warehouse.queries.experiment_moments import kept_moments
from warehouse.sessions import Warehouse

DAYS = 60
MOST_MEMORY = 80.0  # MB
MOST_OF_ALL = 0.03  # a day more, of everything


def measure(server: Server, rows: int) -> Iterator[Result]:
    """Results for ``rows`` users."""
    warehouse = server.fresh()
    _fill(warehouse, rows)
    theirs, _ = in_own_process(_tea_tasting, rows)
    added, _ = _spent(server, warehouse, "add_up")
    read, peak = _spent(server, warehouse, "read")
    what = f"{rows:,} users"
    yield Result(
        f"guards and effects of {what}", f"{read:.2f} s", f"tea-tasting: {theirs:.2f} s", f"{read / theirs:.2f}",
        "<= 1", read <= theirs,
    )  # fmt: skip
    yield Result(
        "peak memory of the client", f"{peak:.0f} MB", f"{MOST_MEMORY:.0f} MB", f"{peak / MOST_MEMORY:.2f}",
        f"< {MOST_MEMORY:.0f} MB", peak < MOST_MEMORY,
    )  # fmt: skip
    whole = added + read
    yield Result(f"adding up {what} for the first time", f"{added:.1f} s", "", "", "", None)
    for name, fill in (("of new users", _NEW_USERS), ("of users there already", _KNOWN_USERS)):
        with warehouse.writing() as session:
            _run(session, fill.format(rows=rows, few=rows // DAYS, days=DAYS))
        more = _spent(server, warehouse, "add_up")[0] + _spent(server, warehouse, "read")[0]
        yield Result(
            f"a day more, {name}", f"{more:.2f} s", f"everything: {whole:.1f} s", f"{more / whole:.3f}",
            f"<= {MOST_OF_ALL:g}", more <= MOST_OF_ALL * whole,
        )  # fmt: skip


def add_up(warehouse: Warehouse) -> float:
    """CPU-seconds of this process for bringing the moments up to date."""
    began = time.process_time()
    with warehouse.writing() as session:
        refresh_moments(session, 1)
    return time.process_time() - began


def read(warehouse: Warehouse) -> float:
    """CPU-seconds of this process for reading the experiment as its page shows it."""
    began = time.process_time()
    with warehouse.reading(local_owner(warehouse)) as session:
        registered = Registered(
            registry.experiment(session, 1), registry.planned_arms(session, 1), registry.metrics(session, 1), None
        )
        kept = kept_moments(session, 1)
    if kept is None or not read_units(registered, kept, 0.95).effects:
        raise RuntimeError("The experiment has no effects.")
    return time.process_time() - began


def _spent(server: Server, warehouse: Warehouse, task: str) -> tuple[float, float]:
    """CPU-seconds of a task in a process of its own and of the server, and the client's peak memory in MB."""
    address = warehouse.engine.url.render_as_string(hide_password=False)
    before = server.cpu_seconds()
    client, peak = in_own_process(_in_client, str(server.home), address, task)
    return client + server.cpu_seconds() - before, peak


def _in_client(home: str, address: str, task: str) -> float:
    from pathlib import Path

    from warehouse.settings import Settings

    settings = Settings(home=Path(home), database_url=address, secret_key="only-for-benchmarks-" + "x" * 32)
    warehouse = Warehouse.connect(settings, application_name="bench")
    return {"add_up": add_up, "read": read}[task](warehouse)


def _tea_tasting(rows: int) -> float:
    """CPU-seconds of its analysis."""
    import polars as pl
    import tea_tasting as tt  # type: ignore[import-untyped]

    draws = np.random.default_rng(1)
    names = ("orders", "revenue", "sessions")
    values = {name: draws.gamma(2.0, 5.0, rows) for name in (*names, *(f"{name}_before" for name in names))}
    table = pl.DataFrame({"variant": draws.integers(0, 2, rows), **values})
    analysis = tt.Experiment(
        orders=tt.Mean("orders", "orders_before"),
        sessions=tt.Mean("sessions", "sessions_before"),
        revenue_a_session=tt.RatioOfMeans("revenue", "sessions", "revenue_before", "sessions_before"),
        sample_ratio=tt.SampleRatio(),
    )
    began = time.process_time()
    analysis.analyze(table)
    return time.process_time() - began


def _fill(warehouse: Warehouse, rows: int) -> None:
    with warehouse.writing() as session:
        for statement in _EXPERIMENT:
            _run(session, statement)
        _run(session, _USERS.format(rows=rows, days=DAYS))
        _run(session, _OUTCOMES.format(rows=rows, days=DAYS))
    with warehouse.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("assignment", "unit_outcome", "outcome_change", "assignment_change"):
            connection.execute(text(f"VACUUM ANALYZE core.{table}"))


def _run(session: WriteSession, statement: str) -> None:
    for part in filter(str.strip, statement.split(";")):
        session.execute(text(part.replace(":", r"\:")))


_EXPERIMENT = (
    """INSERT INTO core.account (platform, account_id, name, currency, currency_is_stated, time_zone,
                                 time_zone_is_stated)
       VALUES ('experiments', 'bench', 'Bench', 'EUR', true, 'UTC', true)""",
    """INSERT INTO core.experiment (account_key, experiment_id, name, kind, unit, status, is_registered, load_key)
       SELECT account_key, 'bench', 'Bench', 'ab', 'user', 'running', true, 1 FROM core.account""",
    """INSERT INTO core.experiment_arm (experiment_key, arm_id, name, share, is_control)
       SELECT experiment_key, arm, arm, 0.5, arm = 'control'
       FROM core.experiment, unnest(ARRAY['control', 'treated']) arm""",
    """INSERT INTO core.experiment_metric (experiment_key, metric, role, better, denominator)
       SELECT experiment_key, metric, role::core.metric_role, 'higher', denominator FROM core.experiment,
              (VALUES ('orders', 'primary', NULL), ('sessions', 'secondary', NULL),
                      ('revenue', 'secondary', 'sessions')) m (metric, role, denominator)""",
)
_USERS = """
INSERT INTO core.assignment (experiment_key, unit_key, arm_key, at, load_key)
SELECT 1, g, 1 + g / {days} % 2, timestamptz '2026-01-01 10:00+00' + (g % {days}) * interval '1 day', 1
FROM generate_series(1, {rows}) g
"""
_OUTCOMES = """
INSERT INTO core.unit_outcome (experiment_key, unit_key, metric, date, value, pre_value, load_key)
SELECT 1, g, m, date '2026-01-01' + g % {days}, (random() * 10)::numeric(18, 2), (random() * 10)::numeric(18, 2), 1
FROM generate_series(1, {rows}) g, unnest(ARRAY['orders', 'revenue', 'sessions']) m
"""
_NEW_USERS = """
INSERT INTO core.assignment (experiment_key, unit_key, arm_key, at, load_key)
SELECT 1, {rows} + g, 1 + g % 2, timestamptz '2026-01-01 10:00+00' + {days} * interval '1 day', 2
FROM generate_series(1, {few}) g;
INSERT INTO core.unit_outcome (experiment_key, unit_key, metric, date, value, pre_value, load_key)
SELECT 1, {rows} + g, m, date '2026-01-01' + {days}, (random() * 10)::numeric(18, 2), (random() * 10)::numeric(18, 2), 2
FROM generate_series(1, {few}) g, unnest(ARRAY['orders', 'revenue', 'sessions']) m
"""
_KNOWN_USERS = """
INSERT INTO core.unit_outcome (experiment_key, unit_key, metric, date, value, load_key)
SELECT 1, g * {days}, m, date '2026-01-01' + {days} + 1, (random() * 10)::numeric(18, 2), 3
FROM generate_series(1, {few}) g, unnest(ARRAY['orders', 'revenue', 'sessions']) m
"""
