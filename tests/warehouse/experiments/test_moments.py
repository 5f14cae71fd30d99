"""The same text in another engine, over Parquet files, gives the same moments."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.warehouse.experiments.trial import on
from warehouse.experiments.moments import moments
from warehouse.experiments.totals import Layout, totals_of

METRICS = ("orders", "revenue", "it's")
CENTERS = (0.5, 10.0, 0.0, 0.25, 0.0, 0.0)
PLAIN = Layout(METRICS, totals_of(METRICS), CENTERS, "orders")
Numbers = dict[tuple[int, str, dt.date], list[float]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Assignments and outcomes of a few hundred users as Parquet files."""
    folder, chance = tmp_path_factory.mktemp("lake"), random.Random(3)
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE assignment (unit_key BIGINT, arm_key INT, date DATE)")
        engine.execute("""CREATE TABLE outcome (unit_key BIGINT, metric TEXT, date DATE, value DECIMAL(18, 6),
                                                pre_value DECIMAL(18, 6))""")
        for unit in range(300):
            for arm in (1, 2) if chance.random() < 0.05 else (chance.choice([1, 2]),):
                engine.execute("INSERT INTO assignment VALUES (?, ?, ?)", [unit, arm, on(chance.randrange(5))])
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
def by_duckdb(lake: Path) -> Numbers:
    with duckdb.connect() as engine:
        sources = {name: f"read_parquet('{lake / name}.parquet')" for name in ("assignment", "outcome")}
        found = engine.execute(moments("duckdb", sources, PLAIN)).fetchall()
    assert len(found) > 40
    return _by_key(found)


def test_postgresql_agrees(empty_warehouse, lake, by_duckdb) -> None:
    with duckdb.connect() as engine:
        rows = {
            name: engine.execute(f"SELECT * FROM read_parquet('{lake / name}.parquet')").fetchall()
            for name in ("assignment", "outcome")
        }
    assert_same(_by_key(_in_postgres(empty_warehouse, rows)), by_duckdb)


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_spark_agrees(lake, spark, by_duckdb) -> None:
    for name in ("assignment", "outcome"):
        spark.read.parquet(f"{lake / name}.parquet").createOrReplaceTempView(name)
    question = moments("spark", {"assignment": "assignment", "outcome": "outcome"}, PLAIN)
    assert_same(_by_key(map(tuple, spark.sql(question).collect())), by_duckdb)


def assert_same(found: Numbers, expected: Numbers) -> None:
    assert set(found) == set(expected)
    for key, numbers in expected.items():
        np.testing.assert_allclose(found[key], numbers, rtol=1e-9, atol=1e-9)


def _in_postgres(warehouse, rows):
    with warehouse.writing() as session:
        connection = session.connection()
        connection.exec_driver_sql("CREATE TEMPORARY TABLE assignment (unit_key bigint, arm_key int, date date)")
        connection.exec_driver_sql("""CREATE TEMPORARY TABLE outcome (unit_key bigint, metric text, date date,
            value numeric(18, 6), pre_value numeric(18, 6))""")
        for name, table in rows.items():
            marks = ", ".join(["%s"] * len(table[0]))
            for row in table:
                connection.exec_driver_sql(f"INSERT INTO {name} VALUES ({marks})", tuple(row))
        question = moments("postgres", {"assignment": "assignment", "outcome": "outcome"}, PLAIN)
        return [tuple(row) for row in connection.exec_driver_sql(question)]


def _by_key(rows) -> Numbers:
    return {(row[0], row[1], row[3]): [float(value) for value in row[4:]] for row in rows}
