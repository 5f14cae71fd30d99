"""Audiences: customers chosen by their scores, a part of them held out at random, and what came of treating the others.

They tell of people, so they are for who may read every account of the advertiser.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, GeneratedKey, Now, SmallKey

_AUDIENCE = "ops.audience.audience_key"


class Audience(Base):
    """One audience as it was saved: the rule, who is held out by which seed, and what was predicted."""

    __tablename__ = "audience"
    __table_args__ = (
        UniqueConstraint("account_key", "name"),
        CheckConstraint("holdout > 0 AND holdout < 1", name="holdout_is_a_part"),
        {"schema": "ops"},
    )

    audience_key: Mapped[GeneratedKey]
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"))
    advertiser_key: Mapped[SmallKey]
    readout_key: Mapped[SmallKey] = mapped_column(ForeignKey("results.uplift_readout.readout_key"))
    name: Mapped[str]
    value: Mapped[Amount]  # of one unit of the outcome
    cost: Mapped[Amount]  # of treating one customer
    least: Mapped[float] = mapped_column(Float)  # an effect above it is worth the cost
    most: Mapped[int | None]  # the best so many at most
    holdout: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    seed: Mapped[SmallKey]
    customers: Mapped[int]
    held_out: Mapped[int]
    predicted: Mapped[float] = mapped_column(Float)  # mean effect of its customers
    days: Mapped[SmallKey]  # over which the effect is predicted
    created_at: Mapped[Now]
    created_by: Mapped[str]


class AudienceMember(Base):
    """A customer of an audience; ``identifier_key`` is who it was when it was saved. Who is held out is not treated."""

    __tablename__ = "audience_member"
    __table_args__ = (Index(None, "customer_key"), {"schema": "ops"})

    audience_key: Mapped[SmallKey] = mapped_column(ForeignKey(_AUDIENCE), primary_key=True)
    identifier_key: Mapped[int] = mapped_column(primary_key=True)
    customer_key: Mapped[int]
    advertiser_key: Mapped[SmallKey]
    effect: Mapped[float] = mapped_column(Float)
    is_held_out: Mapped[bool]


class AudienceVerification(Base):
    """What an audience was predicted to do and what it did, from ``first_day`` to ``last_day``, per customer.

    ``measure`` is what was counted; ``groups`` the same by fifths of the audience.
    """

    __tablename__ = "audience_verification"
    __table_args__ = ({"schema": "ops"},)

    verification_key: Mapped[GeneratedKey]
    audience_key: Mapped[SmallKey] = mapped_column(ForeignKey(_AUDIENCE), index=True)
    advertiser_key: Mapped[SmallKey]
    verified_at: Mapped[Now]
    verified_by: Mapped[str]
    measure: Mapped[str]
    first_day: Mapped[dt.date | None] = mapped_column(Date)
    last_day: Mapped[dt.date | None] = mapped_column(Date)
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    treated: Mapped[int]
    held_out: Mapped[int]
    predicted: Mapped[float] = mapped_column(Float)
    found: Mapped[float] = mapped_column(Float)
    found_low: Mapped[float] = mapped_column(Float)
    found_high: Mapped[float] = mapped_column(Float)
    slope: Mapped[float | None] = mapped_column(Float)
    slope_low: Mapped[float | None] = mapped_column(Float)
    slope_high: Mapped[float | None] = mapped_column(Float)
    provable: Mapped[float] = mapped_column(Float)
    is_kept: Mapped[bool]
    groups: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    words: Mapped[str]
