"""Journeys: the touches that led to a conversion, or to none, as paths of channels (``warehouse/events/journeys.sql``).

A path is text with one character per touch; which channel a character stands for is in ``journey_step``. All of it is
derived, and rebuilt for the customers in ``touched_customer``; only ``warehouse/events/build.py`` writes it.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, PrimaryKeyConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, SmallKey
from warehouse.schema.commerce import ConversionKind, conversion_kind
from warehouse.schema.events import TouchKind, touch_kind

# Characters are compared as they are: no language has a say in the order of channels.
_Path = Text(collation="C")


class JourneyStep(Base):
    """The character that stands for a channel in an advertiser's paths, the same for every advertiser that has it."""

    __tablename__ = "journey_step"
    __table_args__ = (UniqueConstraint("advertiser_key", "channel"), {"schema": "core"})

    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.advertiser.advertiser_key"), primary_key=True)
    step: Mapped[str] = mapped_column(_Path, primary_key=True)
    channel: Mapped[str]


class JourneyBuild(Base):
    """By which rules an advertiser's journeys stand there; with other ones all are built anew."""

    __tablename__ = "journey_build"
    __table_args__ = (CheckConstraint("lookback_days BETWEEN 1 AND 365", name="lookback_days"), {"schema": "core"})

    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.advertiser.advertiser_key"), primary_key=True)
    version: Mapped[SmallKey]  # of the questions in warehouse/events
    lookback_days: Mapped[SmallKey]
    touches: Mapped[list[TouchKind]] = mapped_column(ARRAY(touch_kind))  # which kinds are part of a path
    goals: Mapped[list[ConversionKind]] = mapped_column(ARRAY(conversion_kind))  # each has journeys of its own
    built_at: Mapped[dt.datetime]


class Journey(Base):
    """One journey of a customer towards one kind of conversion: to a conversion, or to none (a null path).

    Which campaigns and creatives its touches were of is in ``touchpoint``: those of the customer between ``began_at``
    and ``ended_at``. Every advertiser has a partition and in it one for every goal, so that a build of everything makes
    new tables beside the old ones.
    """

    __tablename__ = "journey"
    __table_args__ = (
        # Of one advertiser and goal the customer is what differs: comparing that first is most of making an index.
        PrimaryKeyConstraint("customer_key", "ending", "kind", "advertiser_key"),
        Index(None, "date"),
        {"schema": "core", "postgresql_partition_by": "LIST (advertiser_key)"},
    )

    advertiser_key: Mapped[SmallKey]
    customer_key: Mapped[int]
    kind: Mapped[ConversionKind] = mapped_column(conversion_kind)
    ending: Mapped[int]  # the conversion's key; below zero: of no conversion
    date: Mapped[dt.date] = mapped_column(Date)  # the conversion's, in its account's zone; else UTC's of the last touch
    began_at: Mapped[dt.datetime | None]  # the first touch; NULL where none is known
    ended_at: Mapped[dt.datetime]  # the conversion, else the last touch
    touches: Mapped[SmallKey]
    path: Mapped[str] = mapped_column(_Path)  # of more than 200 touches the newest
    value: Mapped[Amount | None]
    margin: Mapped[Amount | None]
    currency: Mapped[str | None]
    is_new_customer: Mapped[bool | None]
