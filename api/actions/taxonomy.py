"""The channel taxonomy: which platform and campaign type belongs to which channel. For managers of every account.

Channels are looked up when numbers are read, so a change holds at once and for the whole history.
"""

from __future__ import annotations

import re

from api.actions.acting import named, note
from api.identity import Identity, Role
from api.refusals import Invalid
from warehouse.changes import entities
from warehouse.engine import WriteSession
from warehouse.queries import taxonomy
from warehouse.queries.taxonomy import ChannelOfTaxonomy
from warehouse.sessions import Warehouse

_CHANNEL = re.compile(r"[a-z][a-z0-9_]{0,62}")


def create_channel(warehouse: Warehouse, identity: Identity, *, channel: str, name: str) -> ChannelOfTaxonomy:
    """Add a channel. Raises :class:`Invalid`, and :class:`~warehouse.errors.Conflict` when its key is taken."""
    identity.require(Role.manager)
    name = named(name, "The channel's name")
    if not _CHANNEL.fullmatch(channel):
        raise Invalid(
            f"{channel!r} cannot be the key of a channel.", remedy="Use small letters, digits and underscores."
        )
    with warehouse.writing() as session:
        entities.insert_channel(session, channel=channel, name=name)
        note(session, identity, "channel.create", f"channel:{channel}", after={"name": name})
        return _channel(session, channel)


def rename_channel(warehouse: Warehouse, identity: Identity, *, channel: str, name: str) -> ChannelOfTaxonomy:
    """Give a channel another name. Raises :class:`~warehouse.errors.NotFound`."""
    identity.require(Role.manager)
    name = named(name, "The channel's name")
    with warehouse.writing() as session:
        before = entities.rename_channel(session, channel=channel, name=name)
        note(session, identity, "channel.rename", f"channel:{channel}", before={"name": before}, after={"name": name})
        return _channel(session, channel)


def put_channel_rule(
    warehouse: Warehouse, identity: Identity, *, platform: str, campaign_type: str, channel: str
) -> ChannelOfTaxonomy:
    """Put a platform's campaign type (empty: whatever has no rule) into a channel; returns the channel."""
    identity.require(Role.manager)
    with warehouse.writing() as session:
        type_key = entities.type_key(session, campaign_type.strip())
        before = entities.put_channel_rule(session, platform=platform, type_key=type_key, channel=channel)
        note(
            session,
            identity,
            "channel_rule.put",
            f"channel_rule:{platform}/{type_key}",
            before=None if before is None else {"channel": before},
            after={"channel": channel},
        )
        return _channel(session, channel)


def delete_channel_rule(
    warehouse: Warehouse, identity: Identity, *, platform: str, campaign_type: str
) -> ChannelOfTaxonomy:
    """Remove a rule, so that the platform's default holds; returns the channel that it led to."""
    identity.require(Role.manager)
    with warehouse.writing() as session:
        type_key = entities.type_key(session, campaign_type.strip())
        before = entities.delete_channel_rule(session, platform=platform, type_key=type_key)
        subject = f"channel_rule:{platform}/{type_key}"
        note(session, identity, "channel_rule.delete", subject, before={"channel": before})
        return _channel(session, before)


def _channel(session: WriteSession, channel: str) -> ChannelOfTaxonomy:
    return next(c for c in taxonomy.channels(session) if c.channel == channel)
