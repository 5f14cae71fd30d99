"""Advertisers: whose customers the people of some accounts are."""

from __future__ import annotations

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import Conflict, NotFound
from warehouse.ingest.store.erasing import facts_of_people

DEFAULT = "default"  # to which accounts belong unless somebody says otherwise


def create_advertiser(session: WriteSession, name: str) -> int:
    """Add an advertiser; returns its key. Raises :class:`Conflict` when there is one of that name."""
    key = session.execute(
        text("INSERT INTO core.advertiser (name) VALUES (:name) ON CONFLICT DO NOTHING RETURNING advertiser_key"),
        {"name": name},
    ).scalar_one_or_none()
    if key is None:
        raise Conflict(f"There is an advertiser {name!r} already.", remedy="Assign accounts to that one.")
    return int(key)


def advertiser_key(session: WriteSession, name: str) -> int:
    """The key of an advertiser. Raises :class:`NotFound`."""
    key = session.execute(
        text("SELECT advertiser_key FROM core.advertiser WHERE name = :name"), {"name": name}
    ).scalar_one_or_none()
    if key is None:
        raise NotFound(f"There is no advertiser {name!r}.", remedy="Create it with `causeway advertiser create`.")
    return int(key)


def assign_account(session: WriteSession, account_key: int, advertiser_key: int) -> str:
    """Let an account belong to an advertiser; returns the name of the one before.

    Raises :class:`NotFound`, and :class:`Conflict` when people are known of the account: they are the customers of the
    advertiser of that time, and what ties them together is known there.
    """
    before = session.execute(text(_ADVERTISER_OF), {"account": account_key}).one_or_none()
    if before is None:
        raise NotFound(f"There is no account {account_key}.")
    if before.advertiser_key == advertiser_key:
        return str(before.name)
    for table in facts_of_people():
        if "account_key" in table.columns:
            sql = f"SELECT EXISTS (SELECT FROM {table.fullname} WHERE account_key = :account)"
            if session.execute(text(sql), {"account": account_key}).scalar_one():
                raise Conflict(
                    f"The account has rows about people ({table.name}), who are customers of {before.name!r}.",
                    remedy="Assign an account before its first events and orders are loaded.",
                )
    session.execute(
        text("UPDATE core.account SET advertiser_key = :advertiser WHERE account_key = :account"),
        {"advertiser": advertiser_key, "account": account_key},
    )
    return str(before.name)


_ADVERTISER_OF = """
SELECT v.advertiser_key, v.name FROM core.account a JOIN core.advertiser v ON v.advertiser_key = a.advertiser_key
WHERE a.account_key = :account FOR UPDATE OF a
"""
