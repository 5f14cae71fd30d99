"""Customers looked up, merged, split and forgotten. For administrators, by what a customer is known.

The value that somebody gives is turned into its digest here and goes no further: the answer and the audit have the
kind and the beginning of the digest.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from api.actions.acting import note
from api.identity import Identity
from api.refusals import Invalid
from warehouse.changes import customers as changes
from warehouse.changes.advertisers import DEFAULT, advertiser_key
from warehouse.changes.customers import Named
from warehouse.engine import WriteSession
from warehouse.ingest.digests import identifier_digest
from warehouse.queries import customers as queries
from warehouse.queries.customers import Known
from warehouse.schema.people import IdentifierKind
from warehouse.sessions import Warehouse

PATIENCE_SECONDS: Final = 20.0  # for the file that is being loaded; then somebody is told to come again


@dataclass(frozen=True, slots=True)
class Given:
    """By what somebody says that a customer is known: an e-mail address, a user id, ... as it is written."""

    kind: IdentifierKind
    value: str
    namespace: str = ""


def show_customer(warehouse: Warehouse, identity: Identity, given: Given, *, advertiser: str = DEFAULT) -> Known:
    """By what a customer is known besides. Raises :class:`~warehouse.errors.NotFound`."""
    identity.require_administrator()
    named = _named(given)
    with warehouse.writing() as session:
        key = advertiser_key(session, advertiser)
        note(session, identity, "customer.show", f"advertiser:{key}", after={"by": str(named)})
    with warehouse.reading_identities() as session:
        return queries.known(session, key, named.kind, named.digest)


def merge_customers(
    warehouse: Warehouse, identity: Identity, one: Given, two: Given, *, advertiser: str = DEFAULT
) -> int:
    """Make two customers one; returns its key. Raises :class:`~warehouse.errors.NotFound` and ``Conflict``."""
    identity.require_administrator()
    first, second = _named(one), _named(two)
    with warehouse.writing(patience=PATIENCE_SECONDS) as session:
        customer = changes.merge(session, advertiser_key(session, advertiser), first, second)
        _note(session, identity, "customer.merge", customer, first, second)
        return customer


def split_customer(
    warehouse: Warehouse, identity: Identity, one: Given, other: Given | None = None, *, advertiser: str = DEFAULT
) -> changes.Parted:
    """Take back what ties an identifier to another, or to all others. Raises ``NotFound`` and ``Conflict``."""
    identity.require_administrator()
    named = [_named(given) for given in (one, other) if given is not None]
    with warehouse.writing(patience=PATIENCE_SECONDS) as session:
        parted = changes.split(session, advertiser_key(session, advertiser), *named)
        _note(session, identity, "customer.split", parted.customer_key, *named)
        return parted


def forget_customer(
    warehouse: Warehouse, identity: Identity, given: Given, *, advertiser: str = DEFAULT
) -> changes.Forgotten:
    """Delete a customer everywhere and for good. Raises :class:`~warehouse.errors.NotFound`."""
    identity.require_administrator()
    named = _named(given)
    with warehouse.writing(patience=PATIENCE_SECONDS) as session:
        gone = changes.forget(session, advertiser_key(session, advertiser), named)
        subject = f"customer:{gone.customer_key}"
        note(session, identity, "customer.forget", subject, after={"by": [str(named)], **asdict(gone)})
        return gone


def _named(given: Given) -> Named:
    if given.namespace and given.kind in (IdentifierKind.email, IdentifierKind.phone):
        raise Invalid(f"A {given.kind.value} has no namespace: it is the same everywhere.")
    digest = identifier_digest(given.value, given.kind, given.namespace)
    if digest is None:
        raise Invalid(
            f"This is no {given.kind.value} that names somebody.",
            remedy="Write a phone with its country (+49 …) and an e-mail address in full.",
        )
    return Named(given.kind, digest)


def _note(session: WriteSession, identity: Identity, action: str, customer: int, *named: Named) -> None:
    note(session, identity, action, f"customer:{customer}", after={"by": [str(one) for one in named]})
