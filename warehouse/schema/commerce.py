"""What people bought: orders, and the conversions that journeys lead to, wherever they come from."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import Enum, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, SmallKey


class ShopOrder(Base):
    """One order, in its newest version, in its shop's currency."""

    __tablename__ = "shop_order"
    __table_args__ = (
        Index(None, "customer_key"),
        Index(None, "account_key", "at"),
        Index(None, "account_key", "name"),
        {"schema": "core"},
    )

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    order_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]  # what the shop calls it: #1001
    at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime | None]
    identifier_key: Mapped[int | None]
    customer_key: Mapped[int | None]
    click_key: Mapped[int | None]
    revenue: Mapped[Amount]  # goods after discounts and refunds, without tax and shipping
    discounts: Mapped[Amount | None]
    tax: Mapped[Amount | None]
    shipping: Mapped[Amount | None]
    refunded: Mapped[Amount | None]
    margin: Mapped[Amount | None]  # revenue less the cost of the goods; NULL where the shop does not say
    items: Mapped[SmallKey | None]
    is_test: Mapped[bool]
    cancelled_at: Mapped[dt.datetime | None]
    is_new_customer: Mapped[bool | None]  # as the shop says it; where it does not, mart."order" derives it
    source: Mapped[str | None]  # of the visit in which it was placed: utm_source, utm_medium, utm_campaign
    medium: Mapped[str | None]
    campaign: Mapped[str | None]
    load_key: Mapped[SmallKey]


class ConversionKind(enum.StrEnum):
    """What a person did that counts."""

    order = "order"
    lead = "lead"
    deal = "deal"  # won
    offline = "offline"  # uploaded by click id
    signup = "signup"


conversion_kind = Enum(ConversionKind, name="conversion_kind", schema="core")


class Conversion(Base):
    """One conversion. Rows follow their source: an order that was cancelled has ``counts`` false and stays."""

    __tablename__ = "conversion"
    __table_args__ = (
        UniqueConstraint("account_key", "kind", "source_id"),
        Index(None, "customer_key", "at"),
        Index(None, "at"),
        {"schema": "core"},
    )

    conversion_key: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"))
    kind: Mapped[ConversionKind] = mapped_column(conversion_kind)
    source_id: Mapped[str]
    at: Mapped[dt.datetime]
    identifier_key: Mapped[int | None]
    customer_key: Mapped[int | None]
    value: Mapped[Amount | None]
    margin: Mapped[Amount | None]
    currency: Mapped[str]
    is_new_customer: Mapped[bool | None]
    counts: Mapped[bool]
    load_key: Mapped[SmallKey]
