"""Rejected rows and findings of many loads at once, for lists that show some of each."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.queries.loads import LoadFinding, Rejected


def rejected_rows_of(session: ReadSession, load_keys: Sequence[int], *, limit: int) -> dict[int, list[Rejected]]:
    """The first ``limit`` rejected rows of each load, in file order, in one statement."""
    sql = """
SELECT k.load_key, r.rejected_row_key, r.line, r."column", r.code, r.reason, r.raw
FROM unnest(CAST(:keys AS int[])) AS k (load_key)
CROSS JOIN LATERAL (
    SELECT * FROM landing.rejected_row x WHERE x.load_key = k.load_key ORDER BY x.rejected_row_key LIMIT :limit
) r
ORDER BY k.load_key, r.rejected_row_key
"""
    found: dict[int, list[Rejected]] = {key: [] for key in load_keys}
    for row in session.execute(text(sql), {"keys": list(load_keys), "limit": limit}):
        found[row.load_key].append(Rejected(*row[1:]))
    return found


def findings_of(session: ReadSession, load_keys: Sequence[int], *, limit: int) -> dict[int, list[LoadFinding]]:
    """The first ``limit`` findings of each load, the gravest first, in one statement."""
    sql = """
SELECT f.load_key, l.path, f.code, f.severity, f.message
FROM unnest(CAST(:keys AS int[])) AS k (load_key)
JOIN landing.load l ON l.load_key = k.load_key
CROSS JOIN LATERAL (
    SELECT *, array_position(ARRAY['error', 'warning', 'info'], x.severity) AS gravity
    FROM landing.finding x WHERE x.load_key = k.load_key ORDER BY gravity, x.finding_key LIMIT :limit
) f
ORDER BY k.load_key, f.gravity, f.finding_key
"""
    found: dict[int, list[LoadFinding]] = {key: [] for key in load_keys}
    for row in session.execute(text(sql), {"keys": list(load_keys), "limit": limit}):
        found[row.load_key].append(LoadFinding(*row))
    return found
