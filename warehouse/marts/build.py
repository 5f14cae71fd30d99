"""The mart's views, kept as one .sql file each and created anew after every upgrade.

A file is named after its view and is run in the order of its number. The comment at its head becomes the view's
comment; a comment that ends a column's line becomes the column's. ``{metric:roas}`` stands for a KPI's formula,
``{words:roas}`` for its words, ``{metrics}`` for the table of all of them, so that no view repeats a definition.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from warehouse.access import APP, BI, POLICIES, VIEWS, WRITER
from warehouse.metrics import METRICS

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class MartView:
    """One view as its file says it."""

    name: str
    comment: str
    columns: dict[str, str]  # column -> comment
    body: str


def views() -> list[MartView]:
    """All views, in the order in which they are created."""
    return [_read(path) for path in sorted(FOLDER.glob("*.sql"))]


def fingerprint() -> str:
    """A short text that changes with every view, comment and policy, none of which has a migration of its own."""
    digest = hashlib.sha256(json.dumps(POLICIES, sort_keys=True).encode())
    for view in views():
        digest.update(f"{view.name}{view.comment}{view.columns}{view.body}".encode())
    return digest.hexdigest()[:12]


def created_fingerprint(connection: Connection) -> str | None:
    """The fingerprint of what :func:`create_views` last made in this database."""
    found = connection.exec_driver_sql("SELECT obj_description(to_regnamespace('mart'), 'pg_namespace')").scalar()
    return str(found).rpartition(" ")[2] if found else None


def create_views(connection: Connection) -> None:
    """Create every view, owned by the role that owns nothing else, commented and readable by BI log-ins."""
    for view in views():
        connection.exec_driver_sql(f"CREATE VIEW mart.{view.name} AS {view.body}".replace("%", "%%"))
        connection.exec_driver_sql(f"COMMENT ON VIEW mart.{view.name} IS {_literal(view.comment)}")
        for column, comment in view.columns.items():
            connection.exec_driver_sql(f"COMMENT ON COLUMN mart.{view.name}.{column} IS {_literal(comment)}")
        connection.exec_driver_sql(f"ALTER VIEW mart.{view.name} OWNER TO {VIEWS}")
        connection.exec_driver_sql(f"GRANT SELECT ON mart.{view.name} TO {BI}, {APP}, {WRITER}")
    connection.exec_driver_sql(f"COMMENT ON SCHEMA mart IS {_literal(f'What readers see; version {fingerprint()}')}")


def drop_views(connection: Connection) -> None:
    """Drop every view of the mart, so that tables may change below."""
    names = connection.exec_driver_sql(
        "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = to_regnamespace('mart') AND relkind = 'v'"
    ).scalars()
    for name in list(names):
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS mart.{name} CASCADE")


_COLUMN = re.compile(r"(?:\bAS\s+|\.)?\"?(\w+)\"?\s*,?\s*--\s*(.+)$")


def _read(path: Path) -> MartView:
    lines = _with_metrics(path.read_text(encoding="utf-8")).splitlines()
    head = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    body = [line for line in lines if not line.startswith("--")]
    columns = {}
    for line in body:
        match = _COLUMN.search(line)
        if match:
            columns[match.group(1)] = match.group(2).strip()
    name = path.stem.partition("_")[2]
    return MartView(name, " ".join(head), columns, "\n".join(body))


def _with_metrics(sql: str) -> str:
    sql = re.sub(r"\{metric:(\w+)\}", lambda m: f"({METRICS[m.group(1)].sql()})", sql)
    sql = re.sub(r"\{words:(\w+)\}", lambda m: METRICS[m.group(1)].words, sql)
    if "{metrics}" in sql:
        rows = (
            ", ".join(_literal(w).replace("%%", "%") for w in (m.name, m.label, m.sql(), m.unit, m.good, m.words))
            for m in METRICS.values()
        )
        sql = sql.replace("{metrics}", ", ".join(f"({row})" for row in rows))
    return sql


def _literal(words: str) -> str:
    return "'" + words.replace("'", "''").replace("%", "%%") + "'"
