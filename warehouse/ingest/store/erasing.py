"""People deleted from every table that knows them: those of today, and whatever table is added later.

Whom to delete is in the temporary table ``erased`` (identifier_key, customer_key). Journeys are taken out by whoever
builds them (``warehouse/events/build.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Table, text

from warehouse.engine import WriteSession
from warehouse.ingest.store.settling import all_tables, settle_identifiers

# These are handled by name: the keys themselves, and journeys.
_NOT_FACTS: Final = frozenset({"core.identifier", "core.customer", "core.touched_customer", "core.journey"})

_TO_ERASE: Final = """
DROP TABLE IF EXISTS erased;
CREATE TEMPORARY TABLE erased (identifier_key bigint, customer_key bigint) ON COMMIT DROP
"""


def begin_erasing(session: WriteSession) -> None:
    """Make the empty table ``erased``."""
    session.execute(text(_TO_ERASE))


def erase(session: WriteSession, advertiser_key: int) -> dict[str, int]:
    """Delete the people in ``erased`` and remember their digests; how many rows went, by table.

    Those with whom they shared an identifier are told apart anew, as if these people had never been seen.
    """
    session.execute(text("ANALYZE erased"))
    deleted = erase_facts(session)
    for statement in (_QUEUE, _REMEMBER, _NEIGHBOURS_ARE_SEEDS):
        session.execute(text(statement), {"advertiser": advertiser_key})
    for table, statement in _KEYS.items():
        deleted[table] = session.execute(text(statement)).rowcount  # type: ignore[attr-defined]  # of a cursor
    settle_identifiers(session, advertiser_key)
    return {table: rows for table, rows in deleted.items() if rows}


def erase_facts(session: WriteSession) -> dict[str, int]:
    """Delete the rows about the people in ``erased``, and what belongs to those rows; how many went, by table."""
    deleted: dict[str, int] = {}
    for table, condition in facts_of_people().items():
        for detail in _details(table):
            keys = " AND ".join(f"d.{c.name} = f.{c.name}" for c in table.primary_key)
            sql = f"DELETE FROM {detail.fullname} d USING {table.fullname} f, erased e WHERE {condition} AND {keys}"
            deleted[detail.fullname] = session.execute(text(sql)).rowcount  # type: ignore[attr-defined]  # of a cursor
        sql = f"DELETE FROM {table.fullname} f USING erased e WHERE {condition}"
        deleted[table.fullname] = session.execute(text(sql)).rowcount  # type: ignore[attr-defined]  # of a cursor
    return deleted


def facts_of_people() -> Mapping[Table, str]:
    """Every table with rows about people, and how its rows ``f`` are those of ``e`` in ``erased``.

    By the customer where there is one, because that is what facts have an index on.
    """
    found = {}
    for table in all_tables():
        keys = {"identifier_key", "customer_key"} & set(table.columns.keys())
        if keys and table.fullname not in _NOT_FACTS:
            found[table] = " AND ".join(f"f.{key} = e.{key}" for key in sorted(keys))
    return found


def _details(table: Table) -> list[Table]:
    """Tables that know nobody themselves, but name a row of a table that does: the stages of a deal."""
    key = {column.name for column in table.primary_key}
    people = {"identifier_key", "customer_key"}
    return [
        other
        for other in all_tables()
        if other is not table and key <= set(other.columns.keys()) and not people & set(other.columns.keys())
    ]


_QUEUE = """
INSERT INTO core.touched_customer (customer_key, advertiser_key)
SELECT DISTINCT customer_key, CAST(:advertiser AS int) FROM erased
"""
_REMEMBER = """
INSERT INTO core.forgotten (advertiser_key, kind, digest)
SELECT i.advertiser_key, i.kind, i.digest FROM erased e JOIN core.identifier i ON i.identifier_key = e.identifier_key
ON CONFLICT DO NOTHING
"""
_NEIGHBOURS_ARE_SEEDS = """
DROP TABLE IF EXISTS settling;
CREATE TEMPORARY TABLE settling (identifier_key bigint PRIMARY KEY, step int NOT NULL) ON COMMIT DROP;
INSERT INTO settling
SELECT other, 0 FROM (
    SELECT l.high_key AS other FROM erased e JOIN core.identity_link l ON l.low_key = e.identifier_key
    UNION SELECT l.low_key FROM erased e JOIN core.identity_link l ON l.high_key = e.identifier_key) n
WHERE NOT EXISTS (SELECT FROM erased e WHERE e.identifier_key = n.other)
"""
_KEYS: Final = {
    "core.identity_link": """
        DELETE FROM core.identity_link l USING erased e
        WHERE l.low_key = e.identifier_key OR l.high_key = e.identifier_key""",
    "core.identifier": "DELETE FROM core.identifier i USING erased e WHERE i.identifier_key = e.identifier_key",
    "core.customer": "DELETE FROM core.customer c USING erased e WHERE c.customer_key = e.customer_key",
}
