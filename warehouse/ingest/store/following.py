"""What another transaction found out about people while this one was writing, taken over before it ends."""

from __future__ import annotations

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.erasing import begin_erasing, erase_facts
from warehouse.ingest.store.settling import begin_moving, move_facts


def follow_others(session: WriteSession, advertiser_key: int, relied_on: pl.DataFrame, link_table: str) -> None:
    """Move this transaction's facts to whom their identifiers belong by now, and delete those of people deleted since.

    ``relied_on`` has ``identifier_key`` and ``customer_key`` as they were when they were looked up; ``link_table`` the
    links that are still to be written.
    """
    session.execute(text(_RELIED_ON))
    copy_frame(session, "relied_on", relied_on, relied_on.columns)
    begin_moving(session)
    session.execute(text(_MOVED), {"advertiser": advertiser_key})
    move_facts(session)
    begin_erasing(session)
    session.execute(text(_DELETED), {"advertiser": advertiser_key})
    if session.execute(text("SELECT EXISTS (SELECT FROM erased)")).scalar_one():
        erase_facts(session)
        session.execute(text(_NOT_TO_BE_LINKED.format(links=link_table)))
        session.execute(text(_NOT_TO_BE_KNOWN))


_RELIED_ON = """
DROP TABLE IF EXISTS relied_on;
CREATE TEMPORARY TABLE relied_on (identifier_key bigint, customer_key bigint) ON COMMIT DROP
"""
_MOVED = """
INSERT INTO moved SELECT r.identifier_key, r.customer_key, i.customer_key
FROM relied_on r JOIN core.identifier i ON i.identifier_key = r.identifier_key
WHERE i.customer_key <> r.customer_key AND i.advertiser_key = :advertiser
"""
# Gone, or made anew here by a row that was read before the deletion was known.
_DELETED = """
INSERT INTO erased
SELECT r.identifier_key, r.customer_key FROM relied_on r
WHERE NOT EXISTS (SELECT FROM core.identifier i WHERE i.identifier_key = r.identifier_key)
UNION
SELECT i.identifier_key, i.customer_key FROM core.forgotten f
JOIN core.identifier i ON (i.advertiser_key, i.kind, i.digest) = (f.advertiser_key, f.kind, f.digest)
WHERE f.advertiser_key = :advertiser
"""
_NOT_TO_BE_LINKED = """
DELETE FROM {links} l USING erased e WHERE l.low_key = e.identifier_key OR l.high_key = e.identifier_key
"""
_NOT_TO_BE_KNOWN = "DELETE FROM core.identifier i USING erased e WHERE i.identifier_key = e.identifier_key"
