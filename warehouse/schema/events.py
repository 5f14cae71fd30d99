"""What people met and did: touchpoints, web events and the sessions that they make.

Times are UTC. ``identifier_key`` is who it was as the source knew them and never changes; ``customer_key`` is who that
is by what is known now, and follows merges. Both are NULL where a person refused consent.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid

from sqlalchemy import Date, Enum, ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, SmallKey


class TouchKind(enum.StrEnum):
    """How a person met a channel."""

    impression = "impression"
    click = "click"
    visit = "visit"  # a web session; one that a known click led to is not a second touch
    email_open = "email_open"
    email_click = "email_click"


touch_kind = Enum(TouchKind, name="touch_kind", schema="core")


class Touchpoint(Base):
    """One contact of a person with a channel."""

    __tablename__ = "touchpoint"
    __table_args__ = (
        Index(None, "customer_key", "at"),
        Index("ix_touchpoint_click_key", "click_key", "kind", postgresql_where=text("click_key IS NOT NULL")),
        {"schema": "core", "postgresql_partition_by": "RANGE (at)"},
    )

    at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    touch_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)  # digest of the source's event id or its row
    account_key: Mapped[SmallKey]
    identifier_key: Mapped[int | None]
    customer_key: Mapped[int | None]
    kind: Mapped[TouchKind] = mapped_column(touch_kind)
    channel: Mapped[str]
    campaign_key: Mapped[SmallKey | None]
    ad_group_key: Mapped[SmallKey | None]
    ad_key: Mapped[SmallKey | None]
    creative_key: Mapped[SmallKey | None]
    click_key: Mapped[int | None]  # the identifier of the click id
    cost: Mapped[Amount | None]  # in the account's currency
    device: Mapped[str | None]
    region: Mapped[str | None]
    load_key: Mapped[SmallKey]


class WebEvent(Base):
    """One event of a web property (GA4 names)."""

    __tablename__ = "web_event"
    __table_args__ = (
        Index(None, "customer_key", "at"),
        Index(  # what else was said of a transaction
            "ix_web_event_transaction_id",
            "transaction_id",
            "account_key",
            postgresql_where=text("transaction_id IS NOT NULL"),
        ),
        {"schema": "core", "postgresql_partition_by": "RANGE (at)"},
    )

    at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    account_key: Mapped[SmallKey]
    identifier_key: Mapped[int | None]
    customer_key: Mapped[int | None]
    name: Mapped[str]
    session_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)  # digest of client and session number
    day: Mapped[dt.date | None] = mapped_column(Date)  # the property's own
    is_intraday: Mapped[bool] = mapped_column(server_default="false")  # gives way to the day's own table
    page: Mapped[str | None]  # path, without the query
    # Where the visit came from, as far as this event says.
    source: Mapped[str | None]
    medium: Mapped[str | None]
    campaign: Mapped[str | None]
    click_key: Mapped[int | None]
    engaged: Mapped[bool | None]
    engagement_ms: Mapped[int | None]
    device: Mapped[str | None]
    region: Mapped[str | None]
    value: Mapped[Amount | None]
    currency: Mapped[str | None]
    transaction_id: Mapped[str | None]
    load_key: Mapped[SmallKey]


class WebSession(Base):
    """The events of one visit, added up; rebuilt when events of it arrive."""

    __tablename__ = "web_session"
    __table_args__ = (Index(None, "customer_key", "began_at"), Index(None, "began_at"), {"schema": "core"})

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    session_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    identifier_key: Mapped[int | None]
    customer_key: Mapped[int | None]
    began_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime]
    source: Mapped[str | None]
    medium: Mapped[str | None]
    campaign: Mapped[str | None]  # utm_campaign, or the ad platform's id
    channel: Mapped[str]
    landing_page: Mapped[str | None]
    device: Mapped[str | None]
    region: Mapped[str | None]
    events: Mapped[SmallKey]
    page_views: Mapped[SmallKey]
    engaged: Mapped[bool]  # GA4: ten seconds, two page views, or a key event; a bounce is the opposite
    funnel_step: Mapped[SmallKey]  # 0 visit, 1 product, 2 cart, 3 checkout, 4 purchase: the furthest reached
    revenue: Mapped[Amount | None]
    load_key: Mapped[SmallKey]
