"""Advertisers: made, and given accounts. For administrators."""

from __future__ import annotations

from api.actions.acting import named, note
from api.identity import Identity
from warehouse.changes import advertisers as changes
from warehouse.queries import customers as queries
from warehouse.queries.customers import Advertiser
from warehouse.sessions import Warehouse


def list_advertisers(warehouse: Warehouse, identity: Identity) -> list[Advertiser]:
    """Every advertiser, with and without accounts."""
    identity.require_administrator()
    with warehouse.writing() as session:
        return queries.advertisers(session)


def create_advertiser(warehouse: Warehouse, identity: Identity, *, name: str) -> int:
    """Add an advertiser; returns its key. Raises :class:`~warehouse.errors.Conflict` when the name is taken."""
    identity.require_administrator()
    name = named(name, "The advertiser's name")
    with warehouse.writing() as session:
        key = changes.create_advertiser(session, name)
        note(session, identity, "advertiser.create", f"advertiser:{key}", after={"name": name})
        return key


def assign_account(warehouse: Warehouse, identity: Identity, *, account_key: int, advertiser: str) -> None:
    """Let an account belong to an advertiser.

    Raises :class:`~warehouse.errors.NotFound`, and ``Conflict`` when people are known of the account already.
    """
    identity.require_administrator()
    with warehouse.writing() as session:
        key = changes.advertiser_key(session, advertiser)
        before = changes.assign_account(session, account_key, key)
        note(
            session,
            identity,
            "account.assign",
            f"account:{account_key}",
            before={"advertiser": before},
            after={"advertiser": advertiser},
        )
