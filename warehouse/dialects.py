"""Engines that can hold events and units, and be asked the questions that are written once in PostgreSQL's SQL."""

from __future__ import annotations

from typing import Final, Literal, get_args

Dialect = Literal["postgres", "duckdb", "spark", "bigquery", "snowflake"]
DIALECTS: Final[tuple[Dialect, ...]] = get_args(Dialect)
