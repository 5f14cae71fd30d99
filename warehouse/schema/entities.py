"""Who advertises where: platforms, channels, accounts, campaigns, ad groups, ads, keywords.

Ids are the platforms' own and text; keys are ours and integer, so that facts stay narrow. Names are attributes
and may change; they are never part of a key.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Computed, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Base, GeneratedKey, Now, SmallKey

# How campaign types are compared: "Performance Max", "PERFORMANCE_MAX" and "performance-max" are one.
TYPE_KEY = "lower(translate(campaign_type, ' _-'::text, ''::text))"


class Platform(Base):
    """An ad platform, shop or analytics tool."""

    __tablename__ = "platform"
    __table_args__ = ({"schema": "core"},)

    platform: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Channel(Base):
    """A marketing channel, the level at which budgets are thought about."""

    __tablename__ = "channel"
    __table_args__ = ({"schema": "core"},)

    channel: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    position: Mapped[SmallKey]


class ChannelRule(Base):
    """The taxonomy: platform + campaign type -> channel. The empty campaign type is the platform's default."""

    __tablename__ = "channel_rule"
    __table_args__ = ({"schema": "core"},)

    platform: Mapped[str] = mapped_column(ForeignKey("core.platform.platform"), primary_key=True)
    type_key: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(ForeignKey("core.channel.channel"))


class Account(Base):
    """One account at one platform; the unit of access. It has exactly one currency and one time zone."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("platform", "account_id"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_iso"),
        {"schema": "core"},
    )

    account_key: Mapped[GeneratedKey]
    advertiser_key: Mapped[SmallKey] = mapped_column(
        ForeignKey("core.advertiser.advertiser_key"), index=True, server_default="1"
    )
    platform: Mapped[str] = mapped_column(ForeignKey("core.platform.platform"))
    account_id: Mapped[str]
    name: Mapped[str]
    currency: Mapped[str]
    currency_is_stated: Mapped[bool]  # False: assumed, because no file said it
    time_zone: Mapped[str]
    time_zone_is_stated: Mapped[bool]
    created_at: Mapped[Now]


class Campaign(Base):
    """A campaign. ``id_is_name`` marks those whose export had no id, only a name."""

    __tablename__ = "campaign"
    __table_args__ = (UniqueConstraint("account_key", "campaign_id"), {"schema": "core"})

    campaign_key: Mapped[GeneratedKey]
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"))
    campaign_id: Mapped[str]
    name: Mapped[str]
    campaign_type: Mapped[str] = mapped_column(server_default="")
    type_key: Mapped[str] = mapped_column(Computed(TYPE_KEY, persisted=True))
    status: Mapped[str | None]
    id_is_name: Mapped[bool]
    created_at: Mapped[Now]


class AdGroup(Base):
    """An ad group (Meta: ad set; LinkedIn: campaign)."""

    __tablename__ = "ad_group"
    __table_args__ = (UniqueConstraint("campaign_key", "ad_group_id"), {"schema": "core"})

    ad_group_key: Mapped[GeneratedKey]
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), index=True)
    campaign_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.campaign.campaign_key"))
    ad_group_id: Mapped[str]
    name: Mapped[str]


class Ad(Base):
    """An ad. The same ad may sit in several ad groups, so its key includes the ad group."""

    __tablename__ = "ad"
    __table_args__ = (UniqueConstraint("ad_group_key", "ad_id"), {"schema": "core"})

    ad_key: Mapped[GeneratedKey]
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), index=True)
    campaign_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.campaign.campaign_key"), index=True)
    ad_group_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.ad_group.ad_group_key"))
    ad_id: Mapped[str]
    name: Mapped[str]


class Keyword(Base):
    """A keyword of an ad group. Keyword rows cover search only and are never summed into campaigns."""

    __tablename__ = "keyword"
    __table_args__ = (UniqueConstraint("ad_group_key", "keyword_id"), {"schema": "core"})

    keyword_key: Mapped[GeneratedKey]
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), index=True)
    campaign_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.campaign.campaign_key"), index=True)
    ad_group_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.ad_group.ad_group_key"))
    keyword_id: Mapped[str]
    text: Mapped[str]
