"""The same text in other engines, over Parquet files, gives the same journeys."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse.events.history import RULES, History
from warehouse.dialects import Dialect
from warehouse.events.carry import written
from warehouse.sessions import Warehouse

CHANNELS = ("display", "email", "search", "video")


@pytest.fixture(scope="module")
def history(settings) -> History:
    history = History(Warehouse.connect(settings, application_name="causeway-tests")).begin()
    chance = random.Random(5)
    for customer in range(1, 41):
        for _ in range(chance.randint(1, 12)):
            history.touch(customer, chance.randint(0, 160) / 4, chance.choice(CHANNELS))
        for _ in range(chance.randint(0, 2)):
            history.convert(customer, chance.randint(0, 160) / 4, chance.choice([10, 20.5, None]), new=True)
    history.build()
    return history


@pytest.fixture(scope="module")
def lake(history: History, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The events as Parquet files, times in UTC without a zone."""
    folder = tmp_path_factory.mktemp("lake")
    steps = dict(history.rows("SELECT channel, step FROM core.journey_step"))
    with duckdb.connect() as engine:
        engine.execute('CREATE TABLE touch (customer_key BIGINT, "at" TIMESTAMP, channel TEXT, step TEXT)')
        for row in history.rows("SELECT customer_key, at AT TIME ZONE 'UTC', channel FROM core.touchpoint"):
            engine.execute("INSERT INTO touch VALUES (?, ?, ?, ?)", [*row, steps[row[2]]])
        engine.execute("""CREATE TABLE conversion (customer_key BIGINT, conversion_key BIGINT, "at" TIMESTAMP,
                          date DATE, value DECIMAL(18, 6), margin DECIMAL(18, 6), currency TEXT,
                          is_new_customer BOOLEAN)""")
        for row in history.rows("""SELECT customer_key, conversion_key, at AT TIME ZONE 'UTC', at::date, value, margin,
                                          currency, is_new_customer FROM core.conversion"""):
            engine.execute("INSERT INTO conversion VALUES (?, ?, ?, ?, ?, ?, ?, ?)", list(row))
        for table in ("touch", "conversion"):
            engine.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet)")
    return folder


def counting(dialect: Dialect, touch: str, conversion: str) -> str:
    """The path counts of a lake in an engine's own words, from its touches and its conversions."""
    numbers = {"lookback_days": RULES.lookback_days}
    goals = written("goals", dialect, {"conversion": conversion}, numbers)
    journeys = written("journeys", dialect, {"touch": touch, "goal": f"({goals})"}, numbers)
    endings = written("endings", dialect, {"journey": f"({journeys})", "conversion": conversion})
    return written("path_counts", dialect, {"journey": f"({endings})"})


def test_duckdb_counts_the_same_paths(history: History, lake: Path) -> None:
    conversion = f"read_parquet('{lake}/conversion.parquet')"
    touch = f"""(SELECT *, CAST("at" AS DATE) - DATE '1970-01-01' AS day FROM read_parquet('{lake}/touch.parquet'))"""
    with duckdb.connect() as engine:
        found = {row[:3]: row[3:] for row in engine.execute(counting("duckdb", touch, conversion)).fetchall()}
    expected = {row[:3]: row[3:] for row in history.paths()}
    assert len(expected) > 40
    assert found == expected


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_spark_counts_the_same_paths(history: History, lake: Path, spark: Any) -> None:
    for table in ("touch", "conversion"):
        spark.read.parquet(f"{lake}/{table}.parquet").createOrReplaceTempView(table)
    touch = "(SELECT *, DATEDIFF(CAST(at AS DATE), DATE '1970-01-01') AS day FROM touch)"
    found = {tuple(row)[:3]: tuple(row)[3:] for row in spark.sql(counting("spark", touch, "conversion")).collect()}
    assert found == {row[:3]: row[3:] for row in history.paths()}


@pytest.mark.parametrize("dialect", ["postgres", "duckdb", "spark", "bigquery", "snowflake"])
@pytest.mark.parametrize("question", ["goals", "journeys", "endings", "path_counts"])
def test_every_question_can_be_written_for_every_engine(question, dialect, caplog) -> None:
    sources = {name: f"events.{name}" for name in ("touch", "goal", "conversion", "journey")}
    sql = written(question, dialect, sources, {"lookback_days": 30})
    assert "events." in sql
    assert ":" not in sql
    assert caplog.messages == [], "SQLGlot warns of what an engine does not have"


def test_an_input_that_is_not_given_is_missed() -> None:
    with pytest.raises(KeyError, match="goal"):
        written("journeys", "duckdb", {"touch": "touch"}, {"lookback_days": 30})
    with pytest.raises(KeyError, match="lookback_days"):
        written("journeys", "duckdb", {"touch": "touch", "goal": "goal"})
