from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from warehouse.errors import BadQuery
from warehouse.queries.formats import MOST_TABLE_ROWS, answer_of, jsonable, write_csv, write_json, write_table
from warehouse.queries.parquet import write_parquet
from warehouse.queries.tables import Answer, Column


def answer(*columns: Column, rows: list[tuple[Any, ...]]) -> Answer:
    return Answer(columns, iter([rows[:1], rows[1:]]))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("0E-6"), "0.000000"),
        (Decimal("1E+3"), "1000"),
        (dt.date(2026, 9, 30), "2026-09-30"),
        (dt.datetime(2026, 9, 30, 12, tzinfo=dt.UTC), "2026-09-30T12:00:00+00:00"),
        (dt.timedelta(hours=1), "1:00:00"),
        (float("nan"), None),
        ([Decimal("1.5"), None], ["1.5", None]),
        ({"a": Decimal(1)}, {"a": "1"}),
        (b"\x00\xff", "00ff"),
        (True, True),
    ],
)
def test_values_in_json(value: Any, expected: Any) -> None:
    assert jsonable(value) == expected
    json.dumps(jsonable(value), allow_nan=False)


def test_json_is_one_list_over_all_batches() -> None:
    out = io.StringIO()
    assert write_json(answer(Column("a", "integer", None), rows=[(1,), (2,), (3,)]), out) == 3
    assert json.loads(out.getvalue()) == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_a_table_stops_where_people_stop_reading() -> None:
    out = io.StringIO()
    rows = [(n,) for n in range(MOST_TABLE_ROWS + 5)]
    assert write_table(answer(Column("n", "integer", None), rows=rows), out) == MOST_TABLE_ROWS
    assert "first 1,000 rows" in out.getvalue()


@pytest.mark.parametrize("text", ["=1", "+1", "-a", "@x", "\tx", "\rx"])
def test_formulas_are_disarmed_in_csv(text: str) -> None:
    out = io.StringIO()
    write_csv(answer(Column("a", "text", None), rows=[(text,)]), out)
    assert f"'{text}" in out.getvalue()


def test_negative_numbers_stay_numbers_in_csv() -> None:
    out = io.StringIO()
    write_csv(answer(Column("a", "decimal", None), rows=[(Decimal("-1.5"),), (-2,), (None,)]), out)
    assert out.getvalue() == 'a\n-1.5\n-2\n""\n'


def test_parquet_keeps_types_and_unknowns(tmp_path: Path) -> None:
    columns = (
        Column("i", "integer", None), Column("d", "decimal", 2), Column("x", "decimal", None),
        Column("t", "timestamp", None), Column("j", "json", None), Column("a", "text", None),
    )  # fmt: skip
    moment = dt.datetime(2026, 9, 30, 12, tzinfo=dt.UTC)
    row = (7, Decimal("1.50"), Decimal(1) / Decimal(3), moment, {"a": Decimal("1.5")}, ["x", None])
    assert write_parquet(answer(*columns, rows=[row, (None,) * 6]), tmp_path / "x") == 2
    first, second = pq.read_table(tmp_path / "x").to_pylist()
    assert first == {
        "i": 7, "d": Decimal("1.50"), "x": Decimal("0.3333333333"), "t": moment, "j": '{"a": "1.5"}',
        "a": '["x", null]',
    }  # fmt: skip
    assert set(second.values()) == {None}


def test_numbers_beyond_parquet_are_refused_by_column(tmp_path: Path) -> None:
    huge = answer(Column("much", "decimal", None), rows=[(Decimal(10) ** 30,)])
    with pytest.raises(BadQuery, match="'much' has a number with more digits"):
        write_parquet(huge, tmp_path / "x")


def test_the_fields_of_a_dataclass_are_columns() -> None:
    @dataclass(frozen=True)
    class Pair:
        left: int
        right: tuple[int, ...]

    out = io.StringIO()
    write_json(answer_of([Pair(1, (2, 3))]), out)
    assert json.loads(out.getvalue()) == [{"left": 1, "right": [2, 3]}]
