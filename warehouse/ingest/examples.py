"""The first rejected rows of a load, for whoever started it: after a dry run they are nowhere else to be read."""

from __future__ import annotations

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import RejectedRow

_SHOWN = 5


def first_rejected(session: WriteSession, load_key: int) -> list[RejectedRow]:
    """The first rejected rows of a load in file order, seen from the transaction that loads it."""
    rows = session.execute(
        text(
            """SELECT line, "column", code, reason, raw FROM landing.rejected_row
               WHERE load_key = :key ORDER BY rejected_row_key LIMIT :shown"""
        ),
        {"key": load_key, "shown": _SHOWN},
    )
    return [RejectedRow(*row) for row in rows]
