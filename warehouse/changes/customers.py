"""Customers as people correct them: two that are one, one that is two, and one who is to be deleted.

A person says by what the customer is known, and only the digest of that comes here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import Conflict, NotFound
from warehouse.events.build import remove_journeys
from warehouse.ingest.store import books
from warehouse.ingest.store.erasing import begin_erasing, erase
from warehouse.ingest.store.settling import settle_identifiers
from warehouse.schema.people import IdentifierKind


@dataclass(frozen=True, slots=True)
class Named:
    """By what a customer is known. As text it shows the kind and the beginning of the digest, which name nobody."""

    kind: IdentifierKind
    digest: str

    def __str__(self) -> str:
        return f"{self.kind.value} {self.digest[:8]}"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A customer that is gone, with how many rows that took out of which table."""

    customer_key: int
    rows: dict[str, int]


def merge(session: WriteSession, advertiser_key: int, one: Named, two: Named) -> int:
    """Let two identifiers be those of one customer from now on; returns its key.

    Raises :class:`NotFound` when one of them was never seen, and :class:`Conflict` when that does not make them one:
    what is shared by several people does not name one of them.
    """
    _take_turn(session, advertiser_key)
    first, second = _find(session, advertiser_key, one), _find(session, advertiser_key, two)
    if first.identifier_key == second.identifier_key:
        raise Conflict("Both are the same identifier.", remedy="Name the two customers by what only each is known by.")
    low, high = sorted((first.identifier_key, second.identifier_key))
    session.execute(text(_TIE), {"low": low, "high": high})
    _settle(session, advertiser_key, [low, high])
    first, second = _find(session, advertiser_key, one), _find(session, advertiser_key, two)
    if first.customer_key != second.customer_key:
        raise Conflict(
            "These two cannot make one customer of them, because one is shared by several people.",
            remedy="Name them by an e-mail address or a user id.",
        )
    return first.customer_key


@dataclass(frozen=True, slots=True)
class Parted:
    """Whose two identifiers are after a tie was taken back; the same customer where other records still tie them."""

    customer_key: int
    other_key: int | None  # None when an identifier was parted from everything


def split(session: WriteSession, advertiser_key: int, one: Named, other: Named | None = None) -> Parted:
    """Take back what ties an identifier to ``other``, or to everything.

    Records that say the same again do not tie it anew. Raises :class:`NotFound` when it was never seen, and
    :class:`Conflict` when there is no such tie.
    """
    if one == other:
        raise Conflict("Both are the same identifier.", remedy="Name the other one, or only this one.")
    _take_turn(session, advertiser_key)
    found = _find(session, advertiser_key, one)
    parameters = {
        "key": found.identifier_key,
        "other": None if other is None else _find(session, advertiser_key, other).identifier_key,
    }
    ends = session.execute(text(_UNTIE), parameters).all()
    if not ends:
        raise Conflict(
            "No record names these two together." if other else "No record names anything else together with it.",
            remedy="See with `causeway people show` what ties the customer together.",
        )
    _settle(session, advertiser_key, sorted({key for end in ends for key in end}))
    return Parted(
        _find(session, advertiser_key, one).customer_key,
        None if other is None else _find(session, advertiser_key, other).customer_key,
    )


def forget(session: WriteSession, advertiser_key: int, named: Named) -> Forgotten:
    """Delete a customer from every table, and take no record about them again. Raises :class:`NotFound`."""
    _take_turn(session, advertiser_key)
    found = _find(session, advertiser_key, named)
    begin_erasing(session)
    session.execute(text(_ERASE_CUSTOMER), {"key": found.identifier_key})
    journeys = remove_journeys(session, advertiser_key, [found.customer_key])
    deleted = erase(session, advertiser_key)
    return Forgotten(found.customer_key, deleted | ({"core.journey": journeys} if journeys else {}))


@dataclass(frozen=True, slots=True)
class _Found:
    identifier_key: int
    customer_key: int


def _find(session: WriteSession, advertiser_key: int, named: Named) -> _Found:
    row = session.execute(
        text(
            """SELECT identifier_key, customer_key FROM core.identifier
            WHERE advertiser_key = :advertiser AND kind = CAST(:kind AS core.identifier_kind)
              AND digest = CAST(:digest AS uuid)"""
        ),
        {"advertiser": advertiser_key, "kind": named.kind.value, "digest": named.digest},
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"Nobody is known by this {named.kind.value}.",
            remedy="Check its kind and spelling, and whether the advertiser is the right one.",
        )
    return _Found(*row)


def _take_turn(session: WriteSession, advertiser_key: int) -> None:
    """Wait for the load under way, whose rows are changed too, and for whoever tells this advertiser's people apart.

    In this order, which is that of loads: two that each have what the other waits for would never end.
    """
    books.lock(session)
    session.execute(
        text("SELECT 1 FROM core.advertiser WHERE advertiser_key = :key FOR NO KEY UPDATE"), {"key": advertiser_key}
    )


def _settle(session: WriteSession, advertiser_key: int, seeds: list[int]) -> None:
    session.execute(text(_SEEDS), {"keys": seeds})
    settle_identifiers(session, advertiser_key)


_TIE = """
INSERT INTO core.identity_link (low_key, high_key) VALUES (:low, :high)
ON CONFLICT (low_key, high_key) DO UPDATE SET withdrawn_at = NULL
"""
_UNTIE = """
UPDATE core.identity_link SET withdrawn_at = now()
WHERE withdrawn_at IS NULL AND (low_key = :key OR high_key = :key)
  AND (CAST(:other AS bigint) IS NULL OR low_key = :other OR high_key = :other)
RETURNING low_key, high_key
"""
_SEEDS = """
DROP TABLE IF EXISTS settling;
CREATE TEMPORARY TABLE settling (identifier_key bigint PRIMARY KEY, step int NOT NULL) ON COMMIT DROP;
INSERT INTO settling SELECT k, 0 FROM unnest(CAST(:keys AS bigint[])) k
"""
_ERASE_CUSTOMER = """
INSERT INTO erased
WITH RECURSIVE theirs AS (
    SELECT identifier_key, customer_key FROM core.identifier WHERE identifier_key = :key
    UNION
    SELECT i.identifier_key, i.customer_key
    FROM theirs t
    CROSS JOIN LATERAL (
        SELECT high_key AS key FROM core.identity_link WHERE low_key = t.identifier_key AND withdrawn_at IS NULL
        UNION ALL
        SELECT low_key FROM core.identity_link WHERE high_key = t.identifier_key AND withdrawn_at IS NULL) n
    JOIN core.identifier i ON i.identifier_key = n.key AND i.customer_key = t.customer_key)
SELECT identifier_key, customer_key FROM theirs
"""
