"""The loads that streamed rows name: one for each account, source and day of arrival, growing as events are settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession

PREFIX: Final = "stream/"  # how the path of such a load begins


def open_loads(session: WriteSession, waiting: pl.DataFrame, names: Mapping[int, str]) -> pl.DataFrame:
    """The load of today for every account and stream among rows: ``account_key``, ``stream``, ``load_key``."""
    pairs = waiting.select("account_key", "stream").unique(maintain_order=True)
    keys = []
    for account_key, stream in pairs.iter_rows():
        said = {"account": account_key, "stream": stream, "id": names[account_key]}
        found = session.execute(text(_TODAYS), said).scalar_one_or_none()
        keys.append(found or session.execute(text(_OPEN), said).scalar_one())
    return pairs.with_columns(load_key=pl.Series(keys, dtype=pl.Int32))


def close_loads(session: WriteSession, rows: pl.DataFrame) -> None:
    """Count what was settled."""
    counts = rows.group_by("account_key", "stream", "load_key").agg(
        rows=pl.len(), first=pl.col("at").min(), last=pl.col("at").max()
    )
    for count in counts.sort("load_key").iter_rows(named=True):
        session.execute(text(_COUNT), count)
        session.execute(text(_ACCOUNT), count)
        session.execute(text(_SETTLED), count)


_TODAYS: Final = """
SELECT s.load_key FROM landing.stream_source s JOIN landing.load l ON l.load_key = s.load_key
WHERE s.account_key = :account AND s.source = :stream AND l.started_at >= date_trunc('day', now())
"""

_OPEN: Final = """
INSERT INTO landing.load (path, status, source, platform, dataset, account)
SELECT 'stream/' || CAST(:stream AS text) || '/' || CAST(:id AS text) || '/' || to_char(now(), 'YYYY-MM-DD'), 'loaded',
       'stream.' || split_part(:stream, '/', 1), a.platform, 'web_event', a.account_id
FROM core.account a WHERE a.account_key = :account
RETURNING load_key
"""

_COUNT: Final = """
UPDATE landing.load SET rows_read = rows_read + :rows, accepted = accepted + :rows,
    first_day = least(first_day, CAST(:first AS date)), last_day = greatest(last_day, CAST(:last AS date)),
    seconds = extract(epoch FROM clock_timestamp() - started_at)
WHERE load_key = :load_key
"""

_ACCOUNT: Final = """
INSERT INTO landing.load_account AS a (load_key, account_key, rows) VALUES (:load_key, :account_key, :rows)
ON CONFLICT (load_key, account_key) DO UPDATE SET rows = a.rows + excluded.rows
"""

_SETTLED: Final = """
INSERT INTO landing.stream_source (account_key, source, load_key, settled_at)
VALUES (:account_key, :stream, :load_key, clock_timestamp())
ON CONFLICT (account_key, source) DO UPDATE SET load_key = excluded.load_key, settled_at = excluded.settled_at
"""
