"""An assignment written for the engine that holds the units, from one text in PostgreSQL's SQL."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final, Literal, get_args

import sqlglot
from sqlglot import exp

from warehouse.dialects import Dialect
from warehouse.errors import BadSetting
from warehouse.experiments.assignment import Assignment

WithFunctions = Literal["postgres", "duckdb"]

FUNCTIONS: Final[tuple[WithFunctions, ...]] = get_args(WithFunctions)
TEXT: Final = Path(__file__).resolve().parent / "assignment.sql"
_QUOTE: Final = "$assignment$"


def written(assignment: Assignment, dialect: Dialect, units: str) -> str:
    """The query that gives unit and arm of those that take part.

    ``units`` stands behind FROM in the engine's own words, a table or a query in brackets with a column ``unit``.
    """
    source = units
    if assignment.within is not None:
        part = exp.Literal.string(str(assignment.part)).sql(dialect=dialect)
        source = f"(SELECT w.unit FROM ({written(assignment.within, dialect, units)}) AS w WHERE w.arm = {part})"
    tree = _parsed().copy()
    for placeholder in list(tree.find_all(exp.Placeholder)):
        placeholder.replace(exp.Literal.string(assignment.salt))
    inputs = {"unit": _behind_from(source, dialect), "slice": _behind_from(_slices(assignment), "postgres")}
    for table in list(tree.find_all(exp.Table)):
        given = inputs[table.name].copy()
        given.set("alias", exp.TableAlias(this=exp.to_identifier(table.alias)))
        table.replace(given)
    return tree.sql(dialect=dialect, comments=False)


def as_function(assignment: Assignment, dialect: WithFunctions, name: str) -> str:
    """The statement that makes a function of a unit's name, which gives its arm, or null where it takes no part.

    Raises :class:`BadSetting` for a name that is no plain one.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?", name):
        raise BadSetting(f"{name!r} is no name for a function.", remedy="Write small letters, digits and _.")
    if dialect == "duckdb":
        return f"CREATE OR REPLACE MACRO {name}(unit) AS ({_arm(assignment, dialect, '(SELECT unit AS unit)')})"
    query = _arm(assignment, dialect, "(SELECT $1 AS unit)")
    if _QUOTE in query:
        raise BadSetting(f"A salt or an arm has {_QUOTE} in it.", remedy="Give it another name.")
    return (
        f"CREATE OR REPLACE FUNCTION {name}(unit text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE\n"
        f"AS {_QUOTE}{query}{_QUOTE}"
    )


def _arm(assignment: Assignment, dialect: Dialect, unit: str) -> str:
    return f"SELECT a.arm FROM ({written(assignment, dialect, unit)}) AS a"


def _slices(assignment: Assignment) -> str:
    """The slices as a query that every engine understands."""
    named = [(exp.Literal.string(each.arm).sql(dialect="postgres"), each) for each in assignment.slices]
    rows = [f"SELECT {arm} AS arm, {each.least} AS least, {each.below} AS below" for arm, each in named]
    return f"({' UNION ALL '.join(rows)})"


@cache
def _parsed() -> exp.Expr:
    return sqlglot.parse_one(TEXT.read_text(encoding="utf-8"), read="postgres")


def _behind_from(text: str, dialect: Dialect) -> exp.Expr:
    found = sqlglot.parse_one(f"SELECT * FROM {text} AS x", read=dialect).find(exp.From)
    if found is None:
        raise ValueError(f"{text!r} does not stand behind FROM.")
    source: exp.Expr = found.this
    return source
