"""What arrived: loads, their rejected rows and findings, how fresh each account is, and what changed since."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import NotFound


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """One load as lists show it; ``rows_read = accepted + rejected + skipped``."""

    load_key: int
    path: str
    source: str | None
    platform: str | None
    dataset: str | None
    account: str | None
    status: str
    reason: str | None
    rows_read: int
    accepted: int
    rejected: int
    skipped: int
    skipped_by_reason: dict[str, int]
    restated: int
    vanished: int
    first_day: dt.date | None
    last_day: dt.date | None
    final_before: dt.date | None
    assumptions: list[dict[str, Any]]
    started_at: dt.datetime
    seconds: float | None
    findings: int
    mapping: dict[str, str]  # the file's headers and what each was taken for


@dataclass(frozen=True, slots=True)
class Rejected:
    """One rejected row of a load."""

    rejected_row_key: int
    line: int
    column: str | None
    code: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class LoadFinding:
    """One finding of a load."""

    load_key: int
    path: str
    code: str
    severity: str
    message: str


_LOAD_COLUMNS = """
l.load_key, l.path, l.source, l.platform, l.dataset, l.account, l.status, l.reason, l.rows_read, l.accepted,
l.rejected, l.skipped, l.skipped_by_reason, l.restated, l.vanished, l.first_day, l.last_day, l.final_before,
l.assumptions, l.started_at, l.seconds,
(SELECT count(*) FROM landing.finding f WHERE f.load_key = l.load_key) AS findings, l.mapping
"""


def loads(session: ReadSession, *, limit: int = 100, before: int | None = None) -> list[LoadSummary]:
    """Loads, newest first; ``before`` is the last load key of the page before."""
    sql = f"""
SELECT {_LOAD_COLUMNS} FROM landing.load l
WHERE CAST(:before AS int) IS NULL OR l.load_key < :before
ORDER BY l.load_key DESC LIMIT :limit
"""
    return [LoadSummary(*row) for row in session.execute(text(sql), {"before": before, "limit": min(limit, 1000)})]


def load(session: ReadSession, load_key: int) -> LoadSummary:
    """One load. Raises :class:`NotFound`, also when the reader may not see it."""
    row = session.execute(
        text(f"SELECT {_LOAD_COLUMNS} FROM landing.load l WHERE l.load_key = :key"), {"key": load_key}
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no load {load_key}.")
    return LoadSummary(*row)


def rejected_rows(session: ReadSession, load_key: int, *, limit: int = 200, after: int = 0) -> list[Rejected]:
    """Rejected rows of a load in file order, after a key."""
    sql = """
SELECT r.rejected_row_key, r.line, r."column", r.code, r.reason, r.raw FROM landing.rejected_row r
WHERE r.load_key = :load AND r.rejected_row_key > :after ORDER BY r.rejected_row_key LIMIT :limit
"""
    return [
        Rejected(*row)
        for row in session.execute(text(sql), {"load": load_key, "after": after, "limit": min(limit, 1000)})
    ]


def findings(session: ReadSession, *, load_key: int | None = None, limit: int = 200) -> list[LoadFinding]:
    """Findings, the newest load's first and the gravest first within it; of one load or of all."""
    sql = """
SELECT f.load_key, l.path, f.code, f.severity, f.message
FROM landing.finding f JOIN landing.load l ON l.load_key = f.load_key
WHERE CAST(:load AS int) IS NULL OR f.load_key = :load
ORDER BY f.load_key DESC, array_position(ARRAY['error', 'warning', 'info'], f.severity), f.finding_key LIMIT :limit
"""
    return [LoadFinding(*row) for row in session.execute(text(sql), {"load": load_key, "limit": min(limit, 1000)})]


def freshness(session: ReadSession) -> pd.DataFrame:
    """One row per account and level: ``mart.freshness``, with its columns."""
    result = session.execute(text("SELECT * FROM mart.freshness ORDER BY platform, account_name, level"))
    return pd.DataFrame(result.all(), columns=list(result.keys()))


def changes_since(session: ReadSession, since: dt.datetime, *, limit: int = 1000) -> pd.DataFrame:
    """What changed since: ``mart.restatement`` from a moment on, newest first, with its columns."""
    result = session.execute(
        text("SELECT * FROM mart.restatement WHERE changed_at >= :since ORDER BY changed_at DESC LIMIT :limit"),
        {"since": since, "limit": min(limit, 10_000)},
    )
    return pd.DataFrame(result.all(), columns=list(result.keys()))
