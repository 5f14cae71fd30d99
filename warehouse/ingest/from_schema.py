"""Tables that a connector (Fivetran, Airbyte, dlt) lands in a schema of the same PostgreSQL, loaded like files.

Every table is read as text through a cursor on the server, so memory does not grow with it, in one snapshot and with
the rights of the program's own log-in: the roles that own and write the warehouse have no business in other schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl
import psycopg2
from psycopg2 import sql
from sqlalchemy import text

from warehouse.errors import LoadRefused, NotFound
from warehouse.ingest.contract import LINE, RawTable
from warehouse.ingest.load import LoadOptions, Progress, load_tables, refuse_file
from warehouse.ingest.outcome import LoadResult
from warehouse.ingest.read.headers import column_names
from warehouse.schema.base import SCHEMAS
from warehouse.sessions import Warehouse

_CELLS = 100_000  # in a batch; as Python's text they are the largest thing in memory
# What connectors keep for themselves: _airbyte_raw_…, _dlt_loads, fivetran_audit.
_INTERNAL = re.compile(r"^_|^fivetran_(?:audit|log)|_airbyte_tmp$")


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the schema. ``rows`` is PostgreSQL's estimate, ``size`` in bytes."""

    name: str
    columns: tuple[str, ...]
    readable: bool
    rows: int
    size: int


def load_schema(
    warehouse: Warehouse, schema: str, options: LoadOptions, progress: Progress | None = None
) -> list[LoadResult]:
    """Load every table of a schema in the order of their names, each in a transaction of its own.

    A table that nobody knows is a result with status ``refused`` and a mapping report. ``progress`` is told of
    estimated bytes. Raises :class:`NotFound` when there is no such schema or it has no tables, and
    :class:`LoadRefused` for the warehouse's own schemas.
    """
    if schema in SCHEMAS:
        raise LoadRefused(
            f"Schema {schema} is Causeway's own.", remedy="Name the schema that your connector writes to."
        )
    results: list[LoadResult] = []
    for table in _tables(warehouse, schema):
        path = f"{schema}.{table.name}"
        try:
            read = partial(_read, warehouse, schema, table, progress)
            results += load_tables(warehouse, path, read, options, digest=None, size=None)
        except LoadRefused as error:
            results.append(refuse_file(warehouse, path, error, options))
    return results


def _tables(warehouse: Warehouse, schema: str) -> list[_Table]:
    with warehouse.engine.connect() as connection:
        known = connection.execute(
            text("SELECT 1 FROM pg_namespace WHERE nspname = :schema"), {"schema": schema}
        ).first()
        if known is None:
            names = connection.execute(text(_SCHEMAS), {"own": list(SCHEMAS)}).scalars().all()
            raise NotFound(
                f"There is no schema {schema!r} in the warehouse's database.",
                remedy=f"There are: {', '.join(names)}." if names else "Let the connector write there first.",
            )
        rows = connection.execute(text(_TABLES), {"schema": schema}).all()
    tables = [
        _Table(r.name, tuple(r.columns), r.readable, r.rows, r.size) for r in rows if not _INTERNAL.search(r.name)
    ]
    if not tables:
        raise NotFound(f"Schema {schema!r} has no tables.", remedy="Let the connector write there first.")
    return tables


def _read(warehouse: Warehouse, schema: str, table: _Table, progress: Progress | None) -> Iterator[RawTable]:
    path = f"{schema}.{table.name}"
    if not table.readable:
        raise LoadRefused(
            f"The program's log-in may not read {path}.",
            remedy=f'Run GRANT USAGE ON SCHEMA "{schema}" and GRANT SELECT ON {path} for the log-in of '
            "CAUSEWAY_DATABASE_URL.",
        )
    with warehouse.engine.connect() as connection, connection.begin():
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield RawTable(
            path=path,
            name=f"{schema}_{table.name}".lower(),
            header=table.columns,
            header_line=0,
            preamble=(),
            batches=_batches(connection.connection.driver_connection, schema, table, progress),
            typed=True,
        )


def _batches(driver: Any, schema: str, table: _Table, progress: Progress | None) -> Iterator[pl.DataFrame]:
    """Every row as text, with its number for a line."""
    columns = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c)) for c in table.columns)
    statement = sql.SQL("SELECT {} FROM {}").format(columns, sql.Identifier(schema, table.name))
    names = column_names(table.columns)
    path, at_once, line = f"{schema}.{table.name}", max(1, _CELLS // len(names)), 0
    try:
        with driver.cursor(name="causeway_landed") as cursor:
            cursor.execute(statement)
            while rows := cursor.fetchmany(at_once):
                frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
                lines = pl.int_range(line + 1, line + 1 + frame.height, dtype=pl.UInt32, eager=True).alias(LINE)
                line += frame.height
                if progress:
                    progress(path, table.size * line // max(line, table.rows), table.size)
                yield frame.insert_column(0, lines)
    except psycopg2.Error as error:
        words = error.diag.message_primary or str(error).strip()
        raise LoadRefused(f"{path} cannot be read: {words}.", remedy="Load it again when it can.") from error


_SCHEMAS = """
SELECT nspname FROM pg_namespace
WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' AND nspname <> ALL (:own) ORDER BY nspname
"""

# Tables only: a view over them would bring the same rows a second time.
_TABLES = """
SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns,
       has_schema_privilege(c.relnamespace, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable,
       greatest(c.reltuples, 0)::bigint AS rows, pg_table_size(c.oid) AS size
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = :schema
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition
GROUP BY c.oid, c.relname, c.relnamespace, c.reltuples
ORDER BY c.relname
"""
