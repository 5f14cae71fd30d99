"""What arrives one by one: events that a stream brought, those that wait, those that were refused, and the counts.

An event is answered for once it lies in ``waiting_event``; from there it is settled into the tables of ``events.py``
within seconds, by the same rules as a loaded file. ``streamed_event`` remembers for some days which ids have been
taken, so that a repetition is known whatever else about it changed.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Base, GeneratedKey, Now, SmallKey


class StreamedEvent(Base):
    """One accepted event: what is known of it without opening it."""

    __tablename__ = "streamed_event"
    __table_args__ = (Index(None, "arrived_at"), {"schema": "landing"})

    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)  # digest of the account and the sender's id
    account_key: Mapped[SmallKey]
    source: Mapped[str]  # ga4_mp, segment, or kafka/TOPIC
    name: Mapped[str]
    at: Mapped[dt.datetime]
    arrived_at: Mapped[Now]


class WaitingEvent(Base):
    """An accepted event that is not settled yet. Of people it holds digests only."""

    __tablename__ = "waiting_event"
    __table_args__ = ({"schema": "landing"},)

    waiting_key: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    account_key: Mapped[SmallKey]
    source: Mapped[str]
    at: Mapped[dt.datetime]
    record: Mapped[dict[str, Any]] = mapped_column(JSONB)  # the fields of warehouse/stream/events.py


class RefusedEvent(Base):
    """An event, or a message that should have been one, which was not taken."""

    __tablename__ = "refused_event"
    __table_args__ = (Index(None, "arrived_at"), {"schema": "landing"})

    refused_event_key: Mapped[GeneratedKey]
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"))
    source: Mapped[str]
    arrived_at: Mapped[Now]
    name: Mapped[str | None]
    code: Mapped[str]
    reason: Mapped[str]
    shape: Mapped[str]  # the message with every value replaced by its type: nothing personal is kept of it


class StreamMinute(Base):
    """What arrived in a minute. Every process that takes events has rows of its own, so that none waits for another."""

    __tablename__ = "stream_minute"
    __table_args__ = ({"schema": "landing"},)

    minute: Mapped[dt.datetime] = mapped_column(primary_key=True)
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    writer: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    events: Mapped[SmallKey]
    repeated: Mapped[SmallKey]  # of an id that was taken before
    refused: Mapped[SmallKey]
    lag_ms: Mapped[int]  # from event to arrival, added up over the events
    longest_lag_ms: Mapped[int]


class StreamSource(Base):
    """A source of an account: which load of today its events belong to, and when they were last settled."""

    __tablename__ = "stream_source"
    __table_args__ = ({"schema": "landing"},)

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    load_key: Mapped[SmallKey] = mapped_column(ForeignKey("landing.load.load_key"))
    settled_at: Mapped[dt.datetime]


class StreamOffset(Base):
    """How far a consumer group has read a partition; written in the transaction of the rows themselves."""

    __tablename__ = "stream_offset"
    __table_args__ = ({"schema": "ops"},)

    consumer_group: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    partition: Mapped[SmallKey] = mapped_column(primary_key=True)
    next_offset: Mapped[int]
    moved_at: Mapped[Now]
