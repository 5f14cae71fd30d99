"""Customers: by what each is known, what ties that together, and who their advertisers are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import text

from warehouse.engine import PersonalSession, ReadSession, WriteSession
from warehouse.errors import NotFound
from warehouse.schema.people import IdentifierKind


@dataclass(frozen=True, slots=True)
class KnownBy:
    """An identifier of a customer: its kind, and the first eight digits of its digest."""

    identifier_key: int
    kind: str
    digest: str
    is_shared: bool  # of too many people: it ties nobody together


@dataclass(frozen=True, slots=True)
class Tie:
    """Two identifiers of which a record, or a person, said that they belong together."""

    one: str  # kind and the beginning of the digest
    other: str
    load_key: int | None  # the first load that said it; None: a person did
    withdrawn_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of who a customer is. Of the values themselves nothing is known."""

    customer_key: int
    identifiers: list[KnownBy]
    ties: list[Tie]


@dataclass(frozen=True, slots=True)
class Advertiser:
    """An advertiser with its accounts, as PLATFORM/ID."""

    advertiser_key: int
    name: str
    accounts: list[str]


def known(session: PersonalSession, advertiser_key: int, kind: IdentifierKind, digest: str) -> Known:
    """The customer who is known by an identifier. Raises :class:`NotFound`."""
    parameters = {"advertiser": advertiser_key, "kind": kind.value, "digest": digest}
    rows = session.execute(text(_KNOWN), parameters).all()
    if not rows:
        raise NotFound(
            f"Nobody is known by this {kind.value}.",
            remedy="Check its kind and spelling, and whether the advertiser is the right one.",
        )
    identifiers = [KnownBy(row.identifier_key, row.kind, row.digest, row.is_shared) for row in rows]
    ties = session.execute(text(_TIES), {"keys": [i.identifier_key for i in identifiers]}).all()
    return Known(int(rows[0].customer_key), identifiers, [Tie(*row) for row in ties])


def advertisers(session: ReadSession | WriteSession) -> list[Advertiser]:
    """The advertisers of which the reader sees every account; the program itself also sees those without any."""
    return [Advertiser(*row) for row in session.execute(text(_ADVERTISERS))]


_KNOWN = """
WITH RECURSIVE theirs AS (
    SELECT identifier_key, customer_key FROM core.identifier
    WHERE advertiser_key = :advertiser AND kind = CAST(:kind AS core.identifier_kind)
      AND digest = CAST(:digest AS uuid)
    UNION
    SELECT i.identifier_key, i.customer_key
    FROM theirs t
    CROSS JOIN LATERAL (
        SELECT high_key AS key FROM core.identity_link WHERE low_key = t.identifier_key AND withdrawn_at IS NULL
        UNION ALL
        SELECT low_key FROM core.identity_link WHERE high_key = t.identifier_key AND withdrawn_at IS NULL) n
    JOIN core.identifier i ON i.identifier_key = n.key AND i.customer_key = t.customer_key)
SELECT i.identifier_key, i.customer_key, i.kind::text AS kind, left(i.digest::text, 8) AS digest, i.is_shared
FROM theirs t JOIN core.identifier i ON i.identifier_key = t.identifier_key
ORDER BY i.kind, i.identifier_key
"""
_TIES = """
SELECT a.kind || ' ' || left(a.digest::text, 8), b.kind || ' ' || left(b.digest::text, 8), l.load_key, l.withdrawn_at
FROM core.identity_link l
JOIN core.identifier a ON a.identifier_key = l.low_key
JOIN core.identifier b ON b.identifier_key = l.high_key
WHERE l.low_key = ANY (:keys) OR l.high_key = ANY (:keys)
ORDER BY a.kind, a.identifier_key, b.kind, b.identifier_key
"""
_ADVERTISERS = """
SELECT v.advertiser_key, v.name,
       coalesce(array_agg(a.platform || '/' || a.account_id ORDER BY a.platform, a.account_id)
                FILTER (WHERE a.account_key IS NOT NULL), '{}') AS accounts
FROM core.advertiser v LEFT JOIN core.account a ON a.advertiser_key = v.advertiser_key
GROUP BY v.advertiser_key, v.name ORDER BY v.name
"""
