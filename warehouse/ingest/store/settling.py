"""Customers told apart anew around links that came or went, and every fact moved to whom it belongs now.

The seeds are in the temporary table ``settling``. What they can change reaches as far as links lead, but not across an
identifier that is shared before and after: it ties nobody.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from sqlalchemy import Table, text

import warehouse.schema
from warehouse.engine import WriteSession
from warehouse.ingest.store.copying import copy_frame, copy_out
from warehouse.ingest.store.resolution import customers_of, shared_keys
from warehouse.schema.base import Base
from warehouse.schema.people import IdentifierKind

_MANY: Final = 10_000  # seeds; with more it may be cheaper to look at everybody
_JOURNEYS_READ: Final = ("core.touchpoint", "core.conversion")


def settle_identifiers(session: WriteSession, advertiser_key: int) -> None:
    """Find out anew whose the identifiers in ``settling`` are, and those that they lead to."""
    seeds = session.execute(text("SELECT count(*) FROM settling")).scalar_one()
    everybody = seeds > _MANY and seeds * 5 > _count(session, advertiser_key)
    identifiers, links = _all(session, advertiser_key) if everybody else _around(session)
    customers = customers_of(identifiers, links)
    moved = identifiers.select("identifier_key", pl.col("customer_key").alias("old_key"), customers.alias("new_key"))
    moved = moved.filter(pl.col("old_key") != pl.col("new_key"))
    begin_moving(session)
    copy_frame(session, "moved", moved, moved.columns)
    move_facts(session)
    for statement in (_MOVE_IDENTIFIERS, _MAKE_CUSTOMERS, _REMOVE_CUSTOMERS, _NOTE_SETTLED):
        session.execute(text(statement), {"advertiser": advertiser_key})


def begin_moving(session: WriteSession) -> None:
    """Make the empty table ``moved`` (identifier_key, old_key, new_key)."""
    session.execute(text(_TO_MOVE))


def move_facts(session: WriteSession) -> None:
    """Let the rows of every table follow the identifiers in ``moved``, and queue journeys that change."""
    session.execute(text("ANALYZE moved"))
    if not session.execute(text("SELECT EXISTS (SELECT FROM moved)")).scalar_one():
        return
    for table in tables_of_facts():
        statement = _MOVE_FACTS.format(table=table.fullname)
        if table.fullname in _JOURNEYS_READ:
            statement = _MOVE_AND_QUEUE.format(move=statement)
        session.execute(text(statement))


def tables_of_facts() -> list[Table]:
    """Every table whose rows follow a person: they have ``identifier_key`` and ``customer_key``."""
    about = {"identifier_key", "customer_key"}
    return [t for t in all_tables() if about <= set(t.columns.keys()) and t.fullname != "core.identifier"]


@cache
def all_tables() -> tuple[Table, ...]:
    """Every table of the schema, whichever of its subjects this program has imported so far."""
    for subject in pkgutil.iter_modules(warehouse.schema.__path__):
        importlib.import_module(f"{warehouse.schema.__name__}.{subject.name}")
    return tuple(Base.metadata.sorted_tables)


def _count(session: WriteSession, advertiser_key: int) -> int:
    sql = text("SELECT count(*) FROM core.identifier WHERE advertiser_key = :key")
    return int(session.execute(sql, {"key": advertiser_key}).scalar_one())


def _around(session: WriteSession) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Identifiers and links that the seeds may change."""
    counts = copy_out(session, _NEIGHBOURS, _NEIGHBOURS_SCHEMA)
    _mark_shared(session, counts.select("identifier_key", "is_shared").unique(), shared_keys(counts))
    step = 0
    while session.execute(text(_SPREAD), {"step": step}).rowcount:  # type: ignore[attr-defined]  # of a cursor
        step += 1
    session.execute(text("ANALYZE settling"))
    identifiers = copy_out(session, _IDENTIFIERS_AROUND, _IDENTIFIERS_SCHEMA)
    return identifiers, copy_out(session, _LINKS_AROUND, _LINKS_SCHEMA)


def _all(session: WriteSession, advertiser_key: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every identifier of the advertiser and every link between them."""
    identifiers = copy_out(session, _ALL_IDENTIFIERS.format(advertiser=advertiser_key), _IDENTIFIERS_SCHEMA)
    links = copy_out(session, _ALL_LINKS, _LINKS_SCHEMA)
    links = links.filter(pl.Series(np.isin(links["low_key"].to_numpy(), identifiers["identifier_key"].to_numpy())))
    shared = shared_keys(_neighbours(identifiers, links))
    _mark_shared(session, identifiers.select("identifier_key", "is_shared"), shared)
    return identifiers.with_columns(is_shared=pl.col("identifier_key").is_in(shared.implode())), links


def _neighbours(identifiers: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """How many of each kind every identifier is linked to, where that is more than one: no limit lies below.

    The same as :data:`_NEIGHBOURS` says of the seeds, with little more memory than the links take.
    """
    kinds = identifiers["kind"].cast(pl.Enum([kind.value for kind in IdentifierKind]))
    low, high = (identifiers["identifier_key"].search_sorted(links[end]) for end in ("low_key", "high_key"))
    ends = pl.DataFrame({"place": pl.concat([low, high]), "other": kinds.gather(pl.concat([high, low]))})
    counts = ends.group_by("place", "other").agg(neighbours=pl.len()).filter(pl.col("neighbours") > 1)
    return pl.DataFrame(
        {
            "identifier_key": identifiers["identifier_key"].gather(counts["place"]),
            "kind": identifiers["kind"].gather(counts["place"]),
            "other": counts["other"].cast(pl.String),
            "neighbours": counts["neighbours"],
        }
    )


def _mark_shared(session: WriteSession, before: pl.DataFrame, shared: pl.Series) -> None:
    """Note which identifiers are shared now, and let those that stay so out of what is settled."""
    after = before.with_columns(shared=pl.col("identifier_key").is_in(shared.implode()))
    flipped = after.filter(pl.col("is_shared") != pl.col("shared")).select("identifier_key", "shared")
    session.execute(text(_TO_FLIP))
    copy_frame(session, "flipped", flipped, flipped.columns)
    session.execute(text(_FLIP))
    session.execute(text(_LEAVE_SHARED))


_IDENTIFIERS_SCHEMA = {
    "identifier_key": pl.Int64(),
    "kind": pl.String(),
    "is_shared": pl.Boolean(),
    "customer_key": pl.Int64(),
}
_LINKS_SCHEMA = {"low_key": pl.Int64(), "high_key": pl.Int64()}
_NEIGHBOURS_SCHEMA = {
    "identifier_key": pl.Int64(),
    "kind": pl.String(),
    "is_shared": pl.Boolean(),
    "other": pl.String(),
    "neighbours": pl.Int64(),
}

_NEIGHBOUR = """(
    SELECT high_key AS key FROM core.identity_link WHERE low_key = s.identifier_key AND withdrawn_at IS NULL
    UNION ALL
    SELECT low_key FROM core.identity_link WHERE high_key = s.identifier_key AND withdrawn_at IS NULL)"""

_NEIGHBOURS = f"""
SELECT i.identifier_key, i.kind, i.is_shared, o.kind, count(o.kind)
FROM settling s JOIN core.identifier i ON i.identifier_key = s.identifier_key
LEFT JOIN LATERAL {_NEIGHBOUR} n ON true LEFT JOIN core.identifier o ON o.identifier_key = n.key
GROUP BY i.identifier_key, o.kind
"""

_TO_FLIP = """
DROP TABLE IF EXISTS flipped;
CREATE TEMPORARY TABLE flipped (identifier_key bigint, shared boolean) ON COMMIT DROP
"""
_FLIP = "UPDATE core.identifier i SET is_shared = f.shared FROM flipped f WHERE i.identifier_key = f.identifier_key"
# What ties nobody before and after leads nowhere, and is a customer of its own already.
_LEAVE_SHARED = """
DELETE FROM settling s USING core.identifier i WHERE i.identifier_key = s.identifier_key AND i.is_shared
AND NOT EXISTS (SELECT FROM flipped f WHERE f.identifier_key = s.identifier_key)
"""

_SPREAD = f"""
INSERT INTO settling (identifier_key, step)
SELECT DISTINCT n.key, :step + 1
FROM settling s CROSS JOIN LATERAL {_NEIGHBOUR} n JOIN core.identifier i ON i.identifier_key = n.key
WHERE s.step = :step AND NOT i.is_shared
ON CONFLICT DO NOTHING
"""

_IDENTIFIERS_AROUND = """
SELECT i.identifier_key, i.kind, i.is_shared, i.customer_key
FROM settling s JOIN core.identifier i ON i.identifier_key = s.identifier_key ORDER BY 1
"""
_LINKS_AROUND = """
SELECT l.low_key, l.high_key FROM settling s JOIN core.identity_link l ON l.low_key = s.identifier_key
JOIN settling t ON t.identifier_key = l.high_key WHERE l.withdrawn_at IS NULL
"""
_ALL_IDENTIFIERS = """
SELECT identifier_key, kind, is_shared, customer_key FROM core.identifier WHERE advertiser_key = {advertiser} ORDER BY 1
"""
_ALL_LINKS = "SELECT low_key, high_key FROM core.identity_link WHERE withdrawn_at IS NULL"

_TO_MOVE = """
DROP TABLE IF EXISTS moved;
CREATE TEMPORARY TABLE moved (identifier_key bigint, old_key bigint, new_key bigint) ON COMMIT DROP
"""
# By the old customer too, because that is what facts have an index on.
_MOVE_FACTS = """
UPDATE {table} f SET customer_key = m.new_key FROM moved m
WHERE f.customer_key = m.old_key AND f.identifier_key = m.identifier_key"""
_MOVE_AND_QUEUE = """
WITH moving AS ({move} RETURNING m.old_key, m.new_key, f.at)
INSERT INTO core.touched_customer (customer_key, advertiser_key, since)
SELECT k.customer_key, i.advertiser_key, min(v.at)
FROM moving v CROSS JOIN LATERAL (VALUES (v.old_key), (v.new_key)) k (customer_key)
JOIN core.identifier i ON i.identifier_key = v.new_key
GROUP BY k.customer_key, i.advertiser_key
"""
_MOVE_IDENTIFIERS = """
UPDATE core.identifier i SET customer_key = m.new_key FROM moved m WHERE i.identifier_key = m.identifier_key
"""
_MAKE_CUSTOMERS = """
INSERT INTO core.customer (customer_key, advertiser_key) SELECT DISTINCT new_key, CAST(:advertiser AS int) FROM moved
ON CONFLICT DO NOTHING
"""
_REMOVE_CUSTOMERS = """
DELETE FROM core.customer c USING (SELECT DISTINCT old_key FROM moved) m
JOIN core.identifier i ON i.identifier_key = m.old_key
WHERE c.customer_key = m.old_key AND i.customer_key <> m.old_key
"""
_NOTE_SETTLED = "UPDATE core.advertiser SET settled = settled + 1 WHERE advertiser_key = :advertiser"
