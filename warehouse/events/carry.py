"""The questions of this folder, written once in PostgreSQL's SQL, carried to whichever engine holds the events.

A text names its inputs as plain tables and its numbers as ``:name``. Who asks says where the inputs are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

import sqlglot
from sqlglot import exp

from warehouse.dialects import Dialect

Question = Literal["goals", "journeys", "endings", "path_counts"]

FOLDER: Final = Path(__file__).resolve().parent

_COUNTS_SECONDS: Final = ("spark", "bigquery")  # by a function; they have no EPOCH to extract


def written(
    question: Question, dialect: Dialect, sources: Mapping[str, str], numbers: Mapping[str, int] | None = None
) -> str:
    """The question's SQL in an engine's own dialect.

    ``sources`` says for each input what stands in its place behind FROM: a table, or a query in brackets, in the
    engine's own words. ``numbers`` are the values of the named numbers. Raises :class:`KeyError` for an input or a
    number that is not given.
    """
    tree = _parsed(question).copy()
    for placeholder in list(tree.find_all(exp.Placeholder)):
        placeholder.replace(exp.Literal.number((numbers or {})[placeholder.name]))
    return carried(tree, dialect, sources)


def carried(tree: exp.Expr, dialect: Dialect, sources: Mapping[str, str]) -> str:
    """A query of ours in an engine's own dialect, with what stands in the place of its inputs, as :func:`written`."""
    if dialect in _COUNTS_SECONDS:
        for part in list(tree.find_all(exp.Extract)):
            if part.name.upper() == "EPOCH":
                part.replace(exp.UnixSeconds(this=part.expression))
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        if table.name not in own:
            table.replace(_source(sources[table.name], table.alias_or_name, dialect))
    return tree.sql(dialect=dialect, comments=False)


@cache
def _parsed(question: Question) -> exp.Expr:
    return sqlglot.parse_one((FOLDER / f"{question}.sql").read_text(encoding="utf-8"), read="postgres")


def _source(text: str, alias: str, dialect: Dialect) -> exp.Expr:
    found = sqlglot.parse_one(f"SELECT * FROM {text} AS {alias}", read=dialect).find(exp.From)
    if found is None:
        raise ValueError(f"{text!r} does not stand behind FROM.")
    source: exp.Expr = found.this
    return source
