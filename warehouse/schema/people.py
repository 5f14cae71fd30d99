"""People: whose customers they are, by what they are known, and what ties two identifiers to one person.

An identifier is stored as a digest only. What was seen together is a link; which identifiers are one customer follows
from the links alone (``warehouse/ingest/store/resolution.py`` has the rules), and a customer's key is the smallest of
its identifiers' keys. So the result does not depend on the order in which files came, and taking a link back splits the
customer again.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Identity, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Base, GeneratedKey, Now, SmallKey


class IdentifierKind(enum.StrEnum):
    """By what a person is known. The strong kinds (the first four) name a person, the others a browser or a visit."""

    email = "email"
    phone = "phone"
    user = "user"  # the shop's or the product's own user or customer id
    contact = "contact"  # a CRM's contact or lead
    device = "device"
    client = "client"  # a browser: GA4's user_pseudo_id, Segment's anonymousId
    click = "click"  # gclid, fbclid, msclkid, ttclid, li_fat_id ...


identifier_kind = Enum(IdentifierKind, name="identifier_kind", schema="core")


class Advertiser(Base):
    """Whose customers they are: the accounts of one advertiser share one set of people.

    Who may read every account of an advertiser may read its customers and journeys.
    """

    __tablename__ = "advertiser"
    __table_args__ = (UniqueConstraint("name"), {"schema": "core"})

    advertiser_key: Mapped[GeneratedKey]
    name: Mapped[str]
    settled: Mapped[int] = mapped_column(server_default="0")  # how often its identifiers were told apart anew


class Customer(Base):
    """One person, as far as is known."""

    __tablename__ = "customer"
    __table_args__ = ({"schema": "core"},)

    customer_key: Mapped[int] = mapped_column(primary_key=True)  # the smallest of its identifiers' keys
    advertiser_key: Mapped[SmallKey]
    created_at: Mapped[Now]


class Identifier(Base):
    """Something by which a person is known; of the value only a digest is kept.

    There are millions, and loads wait for them: a foreign key and an index on the customer would double what a row
    costs. A customer's identifiers are found along the links.
    """

    __tablename__ = "identifier"
    __table_args__ = (UniqueConstraint("advertiser_key", "kind", "digest"), {"schema": "core"})

    identifier_key: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    advertiser_key: Mapped[SmallKey]
    kind: Mapped[IdentifierKind] = mapped_column(identifier_kind)
    digest: Mapped[uuid.UUID] = mapped_column(Uuid)  # the first 128 bits of SHA-256, see warehouse/ingest/digests.py
    customer_key: Mapped[int]
    is_shared: Mapped[bool] = mapped_column(server_default="false")  # of too many people: ties nobody together


class IdentityLink(Base):
    """Two identifiers that were seen together in one record of a load, the smaller key first."""

    __tablename__ = "identity_link"
    __table_args__ = (
        CheckConstraint("low_key < high_key", name="ordered"),
        Index(None, "high_key"),
        {"schema": "core"},
    )

    low_key: Mapped[int] = mapped_column(primary_key=True)
    high_key: Mapped[int] = mapped_column(primary_key=True)
    load_key: Mapped[SmallKey | None]  # the first load that saw it; NULL: a person said so
    withdrawn_at: Mapped[dt.datetime | None]  # a person took it back; seeing it again does not revive it


class Forgotten(Base):
    """An identifier of a person who was deleted: what names it is not taken again."""

    __tablename__ = "forgotten"
    __table_args__ = ({"schema": "core"},)

    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.advertiser.advertiser_key"), primary_key=True)
    kind: Mapped[IdentifierKind] = mapped_column(identifier_kind, primary_key=True)
    digest: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    forgotten_at: Mapped[Now]


class TouchedCustomer(Base):
    """Customers whose touchpoints or conversions changed since their journeys were built: a queue that only grows.

    Whoever writes, merges or deletes appends them in the same transaction, looking at nothing that stands there: then
    writers never wait for each other, and what two of them say of one customer at once is not lost. Building takes
    out the rows that it sees.
    """

    __tablename__ = "touched_customer"
    __table_args__ = ({"schema": "core"},)

    touched_key: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customer_key: Mapped[int]
    advertiser_key: Mapped[SmallKey]
    since: Mapped[dt.datetime | None]  # nothing of theirs before it changed; NULL where that is not known
