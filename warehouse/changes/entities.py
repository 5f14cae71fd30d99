"""Write statements about accounts, the channel taxonomy, and what headers mean."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import Conflict, NotFound
from warehouse.ingest.store.order_days import add_order_days, remove_order_days


@dataclass(frozen=True, slots=True)
class EditedAccount:
    """What can be changed of an account."""

    account_key: int
    platform: str
    account_id: str
    name: str
    currency: str
    time_zone: str


def account(session: WriteSession, account_key: int) -> EditedAccount:
    """The account, locked until the transaction ends. Raises :class:`NotFound`."""
    row = session.execute(
        text(
            """SELECT account_key, platform, account_id, name, currency, time_zone FROM core.account
            WHERE account_key = :key FOR UPDATE"""
        ),
        {"key": account_key},
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no account {account_key}.")
    return EditedAccount(*row)


def update_account(session: WriteSession, account: EditedAccount) -> None:
    """Store name, currency and zone. What a person says counts as stated, so that files do not assume otherwise.

    Orders have their moment, so their days move into another zone; other days are as they were reported.
    """
    before = session.execute(
        text("SELECT time_zone FROM core.account WHERE account_key = :key"), {"key": account.account_key}
    ).scalar_one_or_none()
    moves = before is not None and before != account.time_zone
    if moves:
        remove_order_days(session, account.account_key)
    session.execute(
        text(
            """UPDATE core.account SET name = :name, currency = :currency, time_zone = :zone,
                currency_is_stated = currency_is_stated OR currency <> :currency,
                time_zone_is_stated = time_zone_is_stated OR time_zone <> :zone
            WHERE account_key = :key"""
        ),
        {"key": account.account_key, "name": account.name, "currency": account.currency, "zone": account.time_zone},
    )
    if moves:
        add_order_days(session, account.account_key)


def ensure_account(
    session: WriteSession, *, platform: str, account_id: str, currency: str, time_zone: str
) -> tuple[EditedAccount, bool]:
    """The account with this id, and whether it was made now. Raises :class:`NotFound` for an unknown platform."""
    known = session.execute(text("SELECT 1 FROM core.platform WHERE platform = :platform"), {"platform": platform})
    if known.scalar_one_or_none() is None:
        raise NotFound(f"There is no platform {platform!r}.", remedy="A web property is of ga4, as in ga4/shop.")
    row = session.execute(
        text(
            """INSERT INTO core.account (platform, account_id, name, currency, currency_is_stated, time_zone,
                                         time_zone_is_stated)
            VALUES (:platform, :id, :id, :currency, true, :zone, true)
            ON CONFLICT (platform, account_id) DO NOTHING RETURNING account_key"""
        ),
        {"platform": platform, "id": account_id, "currency": currency, "zone": time_zone},
    ).one_or_none()
    key = session.execute(
        text("SELECT account_key FROM core.account WHERE platform = :platform AND account_id = :id"),
        {"platform": platform, "id": account_id},
    ).scalar_one()
    return account(session, key), row is not None


def find_account_key(session: WriteSession, *, platform: str, account_id: str) -> int | None:
    """The key of an account, or None."""
    sql = "SELECT account_key FROM core.account WHERE platform = :platform AND account_id = :id"
    key: int | None = session.execute(text(sql), {"platform": platform, "id": account_id}).scalar_one_or_none()
    return key


def insert_channel(session: WriteSession, *, channel: str, name: str) -> None:
    """Add a channel at the end of the list. Raises :class:`Conflict` when there is one with this key."""
    added = session.execute(
        text(
            """INSERT INTO core.channel (channel, name, position)
            SELECT :channel, :name, coalesce(max(position), 0) + 1 FROM core.channel
            ON CONFLICT (channel) DO NOTHING RETURNING channel"""
        ),
        {"channel": channel, "name": name},
    ).scalar_one_or_none()
    if added is None:
        raise Conflict(f"There is a channel {channel!r} already.", remedy="Rename that one instead.")


def rename_channel(session: WriteSession, *, channel: str, name: str) -> str:
    """Give a channel another name; returns the earlier one. Raises :class:`NotFound`."""
    row = session.execute(
        text("SELECT name FROM core.channel WHERE channel = :channel FOR UPDATE"), {"channel": channel}
    )
    before = row.scalar_one_or_none()
    if before is None:
        raise NotFound(f"There is no channel {channel!r}.")
    session.execute(
        text("UPDATE core.channel SET name = :name WHERE channel = :channel"), {"channel": channel, "name": name}
    )
    return str(before)


def put_channel_rule(session: WriteSession, *, platform: str, type_key: str, channel: str) -> str | None:
    """Put a platform's campaign type into a channel; returns the channel of an earlier rule.

    Raises :class:`NotFound` when there is no such platform or channel.
    """
    known = session.execute(
        text(
            """SELECT EXISTS (SELECT FROM core.platform WHERE platform = :platform) AS platform,
            EXISTS (SELECT FROM core.channel WHERE channel = :channel) AS channel"""
        ),
        {"platform": platform, "channel": channel},
    ).one()
    if not known.platform:
        raise NotFound(f"There is no platform {platform!r}.")
    if not known.channel:
        raise NotFound(f"There is no channel {channel!r}.", remedy="Create it first.")
    before = _rule(session, platform, type_key)
    session.execute(
        text(
            """INSERT INTO core.channel_rule (platform, type_key, channel) VALUES (:platform, :type_key, :channel)
            ON CONFLICT (platform, type_key) DO UPDATE SET channel = excluded.channel"""
        ),
        {"platform": platform, "type_key": type_key, "channel": channel},
    )
    return before


def delete_channel_rule(session: WriteSession, *, platform: str, type_key: str) -> str:
    """Remove a rule, so that the platform's default holds; returns its channel. Raises :class:`NotFound`."""
    before = _rule(session, platform, type_key)
    if before is None:
        raise NotFound(f"There is no rule for {type_key!r} of {platform}.")
    session.execute(
        text("DELETE FROM core.channel_rule WHERE platform = :platform AND type_key = :type_key"),
        {"platform": platform, "type_key": type_key},
    )
    return before


def type_key(session: WriteSession, campaign_type: str) -> str:
    """The form in which campaign types are compared, made by the same expression as the tables' own."""
    return str(
        session.execute(
            text("SELECT lower(translate(CAST(:type AS text), ' _-', ''))"), {"type": campaign_type}
        ).scalar_one()
    )


def put_column_meaning(session: WriteSession, *, account_id: str, header: str, field: str) -> str | None:
    """Remember what a header means in an account's files; returns the earlier meaning."""
    before = _meaning(session, account_id, header)
    session.execute(
        text(
            """INSERT INTO landing.column_mapping (account_id, header, field) VALUES (:account, :header, :field)
            ON CONFLICT (account_id, header) DO UPDATE SET field = excluded.field, updated_at = now()"""
        ),
        {"account": account_id, "header": header, "field": field},
    )
    return before


def delete_column_meaning(session: WriteSession, *, account_id: str, header: str) -> str:
    """Forget what a header means; returns it. Raises :class:`NotFound`."""
    before = _meaning(session, account_id, header)
    if before is None:
        raise NotFound(f"Nothing is remembered about {header!r} of account {account_id}.")
    session.execute(
        text("DELETE FROM landing.column_mapping WHERE account_id = :account AND header = :header"),
        {"account": account_id, "header": header},
    )
    return before


def account_keys(session: WriteSession, account_id: str) -> list[int]:
    """The keys of all accounts with this id, on whatever platform. Raises :class:`NotFound` when there is none."""
    keys = session.execute(
        text("SELECT account_key FROM core.account WHERE account_id = :id ORDER BY account_key"), {"id": account_id}
    ).scalars()
    found = list(keys)
    if not found:
        raise NotFound(f"There is no account {account_id!r}.")
    return found


def _rule(session: WriteSession, platform: str, type_key: str) -> str | None:
    return session.execute(
        text("SELECT channel FROM core.channel_rule WHERE platform = :platform AND type_key = :type_key FOR UPDATE"),
        {"platform": platform, "type_key": type_key},
    ).scalar_one_or_none()


def _meaning(session: WriteSession, account_id: str, header: str) -> str | None:
    return session.execute(
        text("SELECT field FROM landing.column_mapping WHERE account_id = :account AND header = :header FOR UPDATE"),
        {"account": account_id, "header": header},
    ).scalar_one_or_none()
