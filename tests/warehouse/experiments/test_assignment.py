"""An arm is the same whoever works it out: Python, PostgreSQL, DuckDB, and what SQLGlot writes for the others."""

from __future__ import annotations

import itertools
from collections import Counter

import duckdb
import pytest
from scipy.stats import chisquare
from sqlalchemy import Engine, text

from warehouse.errors import BadSetting
from warehouse.experiments.assignment import PLACES, Assignment, Slice, arm_of, place_of, sliced
from warehouse.experiments.carry import as_function, written

UNITS = [f"u{number}" for number in range(4_000)] + ["", "Zoë", "名前", "o'hara", "a:b", "12.50", r"back\slash"]
EVERYBODY = Assignment("hold-out of 2026", sliced({"held out": 0.1, "free": 0.9}))
LAYER = Assignment("cart", sliced({"green": 0.5, "o'ther": 0.5}), EVERYBODY, "free")
GREEN = Assignment("it's green", sliced({"control": 0.5, "treated's": 0.3}), LAYER, "green")
OTHER = Assignment("other", sliced({"control": 0.5, "blue": 0.5}), LAYER, "o'ther")
EXPECTED = {unit: arm for unit in UNITS if (arm := arm_of(GREEN, unit)) is not None}


def test_places_are_what_the_digest_says() -> None:
    # printf '%s' 'salt:unit' | md5sum
    assert place_of("salt", "unit") == 0xCBB8254


@pytest.mark.parametrize("assignment", [GREEN, OTHER, EVERYBODY])
def test_python_and_both_engines_agree(engine: Engine, assignment: Assignment) -> None:
    expected = {unit: arm for unit in UNITS if (arm := arm_of(assignment, unit)) is not None}
    assert len(expected) > 1_000
    values = ", ".join("(" + "'" + unit.replace("'", "''") + "'" + ")" for unit in UNITS)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            written(assignment, "postgres", f"(SELECT x AS unit FROM (VALUES {values}) AS v (x))").replace("%", "%%")
        )
        assert dict(rows.all()) == expected
    with duckdb.connect() as other:
        other.execute("CREATE TABLE unit (unit TEXT)")
        other.executemany("INSERT INTO unit VALUES (?)", [[unit] for unit in UNITS])
        assert dict(other.execute(written(assignment, "duckdb", "unit")).fetchall()) == expected


def test_the_function_gives_the_arm_or_null(engine: Engine) -> None:
    with engine.begin() as connection, duckdb.connect() as other:
        connection.execute(text("CREATE SCHEMA shop"))
        connection.exec_driver_sql(as_function(GREEN, "postgres", "shop.arm_of_green"))
        other.execute(as_function(GREEN, "duckdb", "arm_of_green"))
        for unit in UNITS[-40:]:
            arm = connection.execute(text("SELECT shop.arm_of_green(:unit)"), {"unit": unit}).scalar_one()
            assert arm == EXPECTED.get(unit)
            assert other.execute("SELECT arm_of_green(?)", [unit]).fetchall() == [(arm,)]
        connection.rollback()


@pytest.mark.parametrize("dialect", ["spark", "bigquery", "snowflake"])
def test_it_can_be_written_for_every_engine(dialect, caplog) -> None:
    sql = written(GREEN, dialect, "shop.users")
    assert sql.count("shop.users") == 1
    assert all(f"'{salt}" in sql for salt in ("cart", "hold-out of 2026"))
    assert caplog.messages == [], "SQLGlot warns of what an engine does not have"


def test_shares_hold_and_salts_know_nothing_of_each_other() -> None:
    units = [f"user-{number}" for number in range(20_000)]
    one, other = (Assignment(salt, sliced({"a": 0.2, "b": 0.8})) for salt in ("one", "other"))
    counts = Counter((arm_of(one, unit), arm_of(other, unit)) for unit in units)
    table = [counts[pair] for pair in itertools.product("ab", "ab")]
    assert chisquare(table, [20_000 * share for share in (0.04, 0.16, 0.16, 0.64)]).pvalue > 0.001
    # Nobody is in two experiments of a layer, or in one and held out.
    assert not [unit for unit in UNITS if arm_of(GREEN, unit) and arm_of(OTHER, unit)]
    assert not [unit for unit in EXPECTED if arm_of(EVERYBODY, unit) == "held out"]


def test_slices_meet_without_a_gap() -> None:
    thirds = sliced({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    assert [each.below for each in thirds[:-1]] == [each.least for each in thirds[1:]]
    assert (thirds[0].least, thirds[-1].below) == (0, PLACES)


def test_what_is_no_assignment_is_refused() -> None:
    for shares in ({"a": 0.5, "b": 0.6}, {"a": 0.0}, {"a": -0.1}):
        with pytest.raises(BadSetting, match="Shares are above 0"):
            sliced(shares)
    half = sliced({"a": 0.5})
    with pytest.raises(BadSetting, match="follow each other"):
        Assignment("x", (Slice("a", 0, 10), Slice("b", 5, 20)))
    with pytest.raises(BadSetting, match="follow each other"):
        Assignment("x", ())
    for salt in ("", "a\nb", "a\\b"):
        with pytest.raises(BadSetting, match="no salt"):
            Assignment(salt, half)
    with pytest.raises(BadSetting, match="needs the part"):
        Assignment("x", half, EVERYBODY)
    with pytest.raises(BadSetting, match="no part 'free!'"):
        Assignment("x", half, EVERYBODY, "free!")
    with pytest.raises(BadSetting, match="Give each its own"):
        Assignment(EVERYBODY.salt, half, EVERYBODY, "free")
    with pytest.raises(BadSetting, match="no name for a function"):
        as_function(GREEN, "postgres", "arm; DROP TABLE x")
    with pytest.raises(BadSetting, match="another name"):
        as_function(Assignment("$assignment$", half), "postgres", "arm")
