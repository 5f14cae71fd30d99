"""Money and sessions beside the ads: exchange rates, the shop's orders by day, web sessions by day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, SmallKey


class FxRate(Base):
    """One unit of ``from_currency`` in ``to_currency`` on a day."""

    __tablename__ = "fx_rate"
    __table_args__ = (CheckConstraint("rate > 0", name="rate_positive"), {"schema": "core"})

    from_currency: Mapped[str] = mapped_column(primary_key=True)
    to_currency: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    load_key: Mapped[SmallKey] = mapped_column(ForeignKey("landing.load.load_key"))


class OrderDay(Base):
    """What the shop really took on a day; the yardstick of the claim ratio."""

    __tablename__ = "order_day"
    __table_args__ = ({"schema": "core"},)

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    orders: Mapped[int | None]
    revenue: Mapped[Amount | None]
    load_key: Mapped[SmallKey] = mapped_column(ForeignKey("landing.load.load_key"))


class WebSessionDay(Base):
    """Sessions of a day by the analytics tool's own channel group."""

    __tablename__ = "web_session_day"
    __table_args__ = ({"schema": "core"},)

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    channel_group: Mapped[str] = mapped_column(primary_key=True)
    sessions: Mapped[int | None]
    engaged_sessions: Mapped[int | None]
    key_events: Mapped[Amount | None]
    revenue: Mapped[Amount | None]
    load_key: Mapped[SmallKey] = mapped_column(ForeignKey("landing.load.load_key"))
