"""Answers that are too many for rows one by one: read by COPY into a frame, as the session's reader."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy import text

from warehouse.engine import ReadSession


def copied(session: ReadSession, sql: str, values: Mapping[str, object], columns: Mapping[str, Any]) -> pl.DataFrame:
    """The rows of a query, with these types of columns; of ``values`` those that the query names are put into it."""
    connection = session.connection()
    bound = {name: value for name, value in values.items() if f":{name}" in sql}
    said = text(sql).bindparams(**bound).compile(connection, compile_kwargs={"literal_binds": True})
    buffer = io.BytesIO()
    cursor = connection.connection.cursor()
    cursor.copy_expert(f"COPY ({said}) TO STDOUT WITH (FORMAT csv)", buffer)
    cursor.close()
    if not buffer.tell():
        return pl.DataFrame(schema=dict(columns))
    buffer.seek(0)
    schema = {name: pl.String() if kind == pl.Boolean else kind for name, kind in columns.items()}
    frame = pl.read_csv(buffer, has_header=False, new_columns=list(columns), schema=schema)
    return frame.with_columns((pl.col(name) == "t").alias(name) for name, kind in columns.items() if kind == pl.Boolean)
