"""Sessions where the sender has no number for them: what one person does without a pause of half an hour."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.stream.events import digest_of

PAUSE: Final = dt.timedelta(minutes=30)  # Google Analytics' own

_Sitting = list[dt.datetime]  # when it began and when it ended


def sittings(session: WriteSession, events: pl.DataFrame) -> pl.DataFrame:
    """Events (``account_key``, ``identifier_key``, ``at``, ``session_id``) with the missing ids of sessions.

    An event within half an hour of a known session of the same person belongs to it. Nobody's events have no session.
    """
    without = events["session_id"].is_null() & events["identifier_key"].is_not_null()
    if not without.any():
        return events
    asked = events.with_row_index("row").filter(without).sort("at")
    known = _known(session, asked)
    rows, ids = [], []
    for row, account, person, at in asked.select("row", "account_key", "identifier_key", "at").iter_rows():
        mine = known.setdefault((account, person), {})
        rows.append(row)
        ids.append(_seated(mine, account, person, at))
    found = events["session_id"].to_list()
    for row, session_id in zip(rows, ids, strict=True):
        found[row] = session_id
    return events.with_columns(session_id=pl.Series(found, dtype=pl.String))


def _seated(mine: dict[str, _Sitting], account: int, person: int, at: dt.datetime) -> str:
    """The session of an event, extended by it, or a new one."""
    for session_id, sitting in mine.items():
        if sitting[0] - PAUSE < at < sitting[1] + PAUSE:
            sitting[0], sitting[1] = min(sitting[0], at), max(sitting[1], at)
            return session_id
    session_id = str(uuid.UUID(hex=digest_of(account, "sitting", str(person), at.isoformat())))
    mine[session_id] = [at, at]
    return session_id


def _known(session: WriteSession, asked: pl.DataFrame) -> dict[tuple[int, int], dict[str, _Sitting]]:
    """Sessions of these people around these events, by account and person."""
    found: dict[tuple[int, int], dict[str, _Sitting]] = {}
    for row in session.execute(
        text(_AROUND),
        {
            "customers": _distinct(asked["customer_key"]),
            "people": _distinct(asked["identifier_key"]),
            "first": asked["at"].min(),
            "last": asked["at"].max(),
            "pause": PAUSE,
        },
    ):
        mine = found.setdefault((row.account_key, row.identifier_key), {})
        mine[str(row.session_id)] = [row.began_at, row.ended_at]
    return found


def _distinct(keys: pl.Series) -> Iterable[int]:
    return keys.drop_nulls().unique().to_list()


# A session that goes on for more than a day is none of a person.
_AROUND: Final = """
SELECT s.account_key, s.identifier_key, s.session_id, s.began_at, s.ended_at FROM core.web_session s
WHERE s.customer_key = ANY (CAST(:customers AS bigint[])) AND s.identifier_key = ANY (CAST(:people AS bigint[]))
  AND s.began_at BETWEEN CAST(:first AS timestamptz) - interval '1 day' AND CAST(:last AS timestamptz) + :pause
  AND s.ended_at > CAST(:first AS timestamptz) - :pause
ORDER BY s.began_at
"""
