"""The same text in another engine, over Parquet files, gives the same moments."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.warehouse.experiments.trial import on
from warehouse.dialects import Dialect
from warehouse.experiments.moments import moments
from warehouse.experiments.totals import Layout, Total, totals_of
from warehouse.experiments.values import distribution, halves

METRICS = ("orders", "revenue", "it's")
PLAIN = Layout(METRICS, totals_of(METRICS), (0.5, 10.0, 0.0, 0.25, 0.0, 0.0), "orders")
CHOSEN = totals_of(METRICS, [Total("revenue", "value", 25.0)], ["orders"])
OF_CLUSTERS = totals_of(METRICS, [Total("revenue", "value", 25.0)], ["orders"], clusters=True)
Question = Callable[[Dialect, Mapping[str, str]], str]
QUESTIONS: dict[str, tuple[Question, int]] = {
    "plain": (lambda dialect, sources: moments(dialect, sources, PLAIN), 4),
    "in strata, capped": (
        lambda dialect, sources: moments(
            dialect, sources, Layout(METRICS, CHOSEN, (0.5,) * len(CHOSEN), "orders", strata=True)
        ),
        4,
    ),
    "of clusters": (
        lambda dialect, sources: moments(
            dialect, sources,
            Layout(METRICS, OF_CLUSTERS, (0.5,) * len(OF_CLUSTERS), "orders", clusters=True, strata=True),
        ),
        4,
    ),
    "distribution": (lambda dialect, sources: distribution(dialect, sources, "revenue", "orders"), 3),
    "halves": (lambda dialect, sources: halves(dialect, sources, "revenue"), 2),
}  # fmt: skip
Numbers = dict[tuple[Any, ...], list[float]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Assignments and outcomes of a few hundred users as Parquet files."""
    folder, chance = tmp_path_factory.mktemp("lake"), random.Random(3)
    with duckdb.connect() as engine:
        engine.execute("""CREATE TABLE assignment (unit_key BIGINT, arm_key INT, date DATE, stratum TEXT,
                                                   cluster_key TEXT)""")
        engine.execute("""CREATE TABLE outcome (unit_key BIGINT, metric TEXT, date DATE, value DECIMAL(18, 6),
                                                pre_value DECIMAL(18, 6))""")
        for unit in range(300):
            home = chance.randrange(120)
            for arm in (1, 2) if chance.random() < 0.05 else (1 + home % 2,):
                row = [unit, arm, on(chance.randrange(5)), chance.choice([None, "de", "fr"]), f"h{home}"]
                engine.execute("INSERT INTO assignment VALUES (?, ?, ?, ?, ?)", row)
            for _ in range(chance.randrange(6)):
                day = chance.choice([None, *map(on, range(12))])
                row = [
                    unit,
                    chance.choice(METRICS),
                    day,
                    chance.choice([None, 0, 1, 19.99]),
                    chance.choice([None, 0, 3]),
                ]
                engine.execute("INSERT INTO outcome VALUES (?, ?, ?, ?, ?)", row)
        for table in ("assignment", "outcome"):
            engine.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet)")
    return folder


@pytest.fixture(scope="module")
def by_duckdb(lake: Path) -> dict[str, Numbers]:
    sources = {name: f"read_parquet('{lake / name}.parquet')" for name in ("assignment", "outcome")}
    with duckdb.connect() as engine:
        return {
            name: _by_key(engine.execute(question("duckdb", sources)).fetchall(), keys)
            for name, (question, keys) in QUESTIONS.items()
        }


def test_there_is_something_to_compare(by_duckdb: dict[str, Numbers]) -> None:
    assert {name: len(found) > 40 for name, found in by_duckdb.items() if name not in ("distribution", "halves")} == {
        "plain": True, "in strata, capped": True, "of clusters": True,
    }  # fmt: skip
    assert {key[2] for key in by_duckdb["of clusters"]} == {"de", "fr", "(empty)", "(several)"}
    assert len(by_duckdb["distribution"]) > 10
    assert sorted(key[0] for key in by_duckdb["halves"]) == [1, 2]


def test_postgresql_agrees(empty_warehouse: Any, lake: Path, by_duckdb: dict[str, Numbers]) -> None:
    with duckdb.connect() as engine:
        rows = {
            name: engine.execute(f"SELECT * FROM read_parquet('{lake / name}.parquet')").fetchall()
            for name in ("assignment", "outcome")
        }
    for name, found in _in_postgres(empty_warehouse, rows).items():
        assert_same(found, by_duckdb[name])


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_spark_agrees(lake: Path, spark: Any, by_duckdb: dict[str, Numbers]) -> None:
    for name in ("assignment", "outcome"):
        spark.read.parquet(f"{lake / name}.parquet").createOrReplaceTempView(name)
    for name, (question, keys) in QUESTIONS.items():
        asked = question("spark", {"assignment": "assignment", "outcome": "outcome"})
        assert_same(_by_key(map(tuple, spark.sql(asked).collect()), keys), by_duckdb[name])


def assert_same(found: Numbers, expected: Numbers) -> None:
    assert set(found) == set(expected)
    for key, numbers in expected.items():
        np.testing.assert_allclose(found[key], numbers, rtol=1e-9, atol=1e-9)


def _in_postgres(warehouse: Any, rows: dict[str, list[tuple[Any, ...]]]) -> dict[str, Numbers]:
    with warehouse.writing() as session:
        connection = session.connection()
        connection.exec_driver_sql("""CREATE TEMPORARY TABLE assignment (unit_key bigint, arm_key int, date date,
            stratum text, cluster_key text)""")
        connection.exec_driver_sql("""CREATE TEMPORARY TABLE outcome (unit_key bigint, metric text, date date,
            value numeric(18, 6), pre_value numeric(18, 6))""")
        for name, table in rows.items():
            marks = ", ".join(["%s"] * len(table[0]))
            for row in table:
                connection.exec_driver_sql(f"INSERT INTO {name} VALUES ({marks})", tuple(row))
        sources = {"assignment": "assignment", "outcome": "outcome"}
        return {
            name: _by_key(map(tuple, connection.exec_driver_sql(question("postgres", sources))), keys)
            for name, (question, keys) in QUESTIONS.items()
        }


def _by_key(rows: Iterable[tuple[Any, ...]], keys: int) -> Numbers:
    """Rows by their first columns; the value of a distribution is one of them."""
    return {tuple(_rounded(part) for part in row[:keys]): [float(value) for value in row[keys:]] for row in rows}


def _rounded(part: Any) -> Any:
    return round(part, 9) if isinstance(part, float) else part.isoformat() if isinstance(part, dt.date) else part
