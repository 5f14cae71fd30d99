from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from warehouse.access import Reader
from warehouse.errors import BadQuery, NotFound
from warehouse.local_owner import local_owner
from warehouse.queries.tables import BATCH, ask, view_query
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine) -> Warehouse:
    return Warehouse(settings, engine)


def rows(warehouse: Warehouse, sql: str, reader: Reader | None = None) -> list[tuple[Any, ...]]:
    with warehouse.reading(reader or local_owner(warehouse)) as session:
        return [row for batch in ask(session, sql).batches for row in batch]


def test_long_answers_come_in_batches(warehouse: Warehouse) -> None:
    with warehouse.reading(local_owner(warehouse)) as session:
        answer = ask(session, f"SELECT n FROM generate_series(1, {2 * BATCH + 1}) AS n")
        assert [len(batch) for batch in answer.batches] == [BATCH, BATCH, 1]
        exactly = ask_again(warehouse, f"SELECT n FROM generate_series(1, {BATCH}) AS n")
    assert exactly == [BATCH]


def ask_again(warehouse: Warehouse, sql: str) -> list[int]:
    with warehouse.reading(local_owner(warehouse)) as session:
        return [len(batch) for batch in ask(session, sql).batches]


def test_columns_say_what_they_hold(warehouse: Warehouse) -> None:
    with warehouse.reading(local_owner(warehouse)) as session:
        answer = ask(session, "SELECT 1 AS i, 1.5::numeric(8, 2) AS d, 1.5::numeric AS e, now() AS t, '{}'::jsonb AS j")
        assert [(c.name, c.kind, c.scale) for c in answer.columns] == [
            ("i", "integer", None), ("d", "decimal", 2), ("e", "decimal", None), ("t", "timestamp", None),
            ("j", "json", None),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "sql", ["SELECT 1", "SELECT 1;", "WITH a AS (SELECT 1) TABLE a", "VALUES (1)", "SELECT 1 -- end", "SELECT/**/1"]
)
def test_queries_of_every_kind(warehouse: Warehouse, sql: str) -> None:
    assert rows(warehouse, sql) == [(1,)]


def test_the_plan_can_be_asked_for(warehouse: Warehouse) -> None:
    assert "Result" in rows(warehouse, "EXPLAIN SELECT 1")[0][0]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT 1; COMMIT; DELETE FROM core.day", "more than one statement"),
        ("DELETE FROM core.day", "Only queries"),
        ("DELETE FROM core.day RETURNING 1", "Only queries"),
        ("WITH gone AS (DELETE FROM core.day RETURNING 1) SELECT * FROM gone", "Only queries"),
        ("CREATE TABLE x (a int)", "Only queries"),
        ("RESET ROLE", "Only queries"),
        ("COMMIT", "Only queries"),
        ("COPY core.day TO STDOUT", "Only queries"),
        ("SELECT set_config('transaction_read_only', 'off', true)", "read-write mode"),
        ("SELECT * FROM mart.nothing", "does not exist"),
        ('SELECT * FROM ops."user"', "permission denied"),
        ("SELEC 1", "syntax error"),
        ("SELECT 1 / (3 - n) FROM generate_series(1, 3) AS n", "division by zero"),
        ("SELECT '\0'", "NUL"),
        ("  ", "no statement"),
    ],
)
def test_anything_else_is_refused_and_does_nothing(warehouse: Warehouse, sql: str, words: str) -> None:
    with pytest.raises(BadQuery, match=words):
        rows(warehouse, sql)
    assert rows(warehouse, "SELECT min(date) FROM core.day") == [(dt.date(2015, 1, 1),)]


def test_a_failure_in_a_later_batch_is_told_too(warehouse: Warehouse) -> None:
    with pytest.raises(BadQuery, match="division by zero"):
        rows(warehouse, f"SELECT 1 / ({BATCH} + 5 - n) FROM generate_series(1, {2 * BATCH}) AS n")


def test_a_stranger_asks_in_vain(warehouse: Warehouse) -> None:
    stranger = Reader("user:999", "Stranger")
    assert rows(warehouse, "SELECT * FROM mart.account", stranger) == []
    assert rows(warehouse, "SELECT current_setting('causeway.reader')", stranger) == [("user:999",)]


def test_a_query_that_takes_too_long_is_stopped(warehouse: Warehouse) -> None:
    from warehouse.engine import connect_engine

    hasty = dataclasses.replace(warehouse.settings, statement_timeout=1)
    engine = connect_engine(hasty)
    with pytest.raises(BadQuery, match="stopped"):
        rows(Warehouse(hasty, engine), "SELECT pg_sleep(30)")
    engine.dispose()


def test_a_view_is_read_by_its_name(warehouse: Warehouse) -> None:
    assert rows(warehouse, view_query("kpi", "kpi = 'roas'"))[0][:2] == ("roas", "ROAS")
    assert view_query("mart.kpi") == view_query("kpi")
    with pytest.raises(NotFound, match="There are: account"):
        view_query('kpi"; DROP TABLE x')


@pytest.mark.parametrize("condition", ["true) OR (true; COMMIT", "true) -- ", "true); DELETE FROM core.day; SELECT (1"])
def test_a_condition_stays_one_condition(warehouse: Warehouse, condition: str) -> None:
    with pytest.raises(BadQuery):
        rows(warehouse, view_query("kpi", condition))


def test_decimals_arrive_as_decimals(warehouse: Warehouse) -> None:
    assert rows(warehouse, "SELECT 0.1::numeric + 0.2::numeric") == [(Decimal("0.3"),)]
