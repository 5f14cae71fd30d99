"""Channels with the campaign types that belong to them, and what people said that headers mean."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from warehouse.engine import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """Campaigns of this platform and type belong to the channel. The empty type is the platform's default.

    ``is_in_use`` is whether it holds for a campaign that the reader sees, or could for any.
    """

    platform: str
    type_key: str
    channel: str
    is_in_use: bool


@dataclass(frozen=True, slots=True)
class ChannelOfTaxonomy:
    """A channel with its rules."""

    channel: str
    name: str
    rules: tuple[ChannelRule, ...]


@dataclass(frozen=True, slots=True)
class ColumnMeaning:
    """What a header means in files of an account; ``header`` in its normalised form."""

    account_id: str
    header: str
    field: str


def channels(session: ReadSession | WriteSession) -> list[ChannelOfTaxonomy]:
    """Every channel in the order in which lists show them, with its rules."""
    sql = """
SELECT c.channel, c.name, r.platform, r.type_key, r.type_key = '' OR EXISTS (
           SELECT FROM core.campaign k JOIN core.account a ON a.account_key = k.account_key
           WHERE a.platform = r.platform AND k.type_key = r.type_key) AS is_in_use
FROM core.channel c
LEFT JOIN core.channel_rule r ON r.channel = c.channel
ORDER BY c.position, c.channel, r.platform, r.type_key
"""
    names: dict[str, str] = {}
    rules: dict[str, list[ChannelRule]] = {}
    for row in session.execute(text(sql)):
        names[row.channel] = row.name
        found = rules.setdefault(row.channel, [])
        if row.platform is not None:
            found.append(ChannelRule(row.platform, row.type_key, row.channel, row.is_in_use))
    return [ChannelOfTaxonomy(channel, name, tuple(rules[channel])) for channel, name in names.items()]


def column_meanings(session: ReadSession | WriteSession) -> list[ColumnMeaning]:
    """Every remembered mapping of accounts that the reader sees."""
    sql = "SELECT m.account_id, m.header, m.field FROM landing.column_mapping m ORDER BY m.account_id, m.header"
    return [ColumnMeaning(*row) for row in session.execute(text(sql))]
