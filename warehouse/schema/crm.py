"""What a CRM knows: contacts and leads, deals with the stages they went through, campaign members.

Of a contact nothing is kept by which a person could be found: no name, no address, no title of a deal. Who somebody is
stands in ``identifier_key`` and ``customer_key`` alone (see ``people.py``).
"""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import Date, Enum, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, SmallKey


class ContactKind(enum.StrEnum):
    """What kind of record a person has: HubSpot knows contacts only, Salesforce leads that turn into contacts."""

    contact = "contact"
    lead = "lead"


contact_kind = Enum(ContactKind, name="contact_kind", schema="core")


class Contact(Base):
    """One contact or lead, in its newest version."""

    __tablename__ = "contact"
    __table_args__ = (Index(None, "customer_key"), {"schema": "core"})

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[ContactKind] = mapped_column(contact_kind)
    identifier_key: Mapped[int | None]
    customer_key: Mapped[int | None]
    click_key: Mapped[int | None]
    created_at: Mapped[dt.datetime | None]
    updated_at: Mapped[dt.datetime | None]
    lead_at: Mapped[dt.datetime | None]  # since when it is a lead; NULL: it never was one
    stage: Mapped[str | None]  # lifecycle stage (HubSpot), status of the lead (Salesforce)
    source: Mapped[str | None]  # where the CRM says that the person came from
    source_detail: Mapped[str | None]
    merged_into: Mapped[str | None]  # the contact that this one was merged into or converted to
    is_deleted: Mapped[bool]
    load_key: Mapped[SmallKey]


class Deal(Base):
    """One deal or opportunity, in its newest version. ``currency`` is its own, which may not be the account's."""

    __tablename__ = "deal"
    __table_args__ = (Index(None, "customer_key"), Index(None, "account_key", "created_at"), {"schema": "core"})

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    deal_id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str | None]
    identifier_key: Mapped[int | None]
    customer_key: Mapped[int | None]
    pipeline: Mapped[str | None]
    stage: Mapped[str | None]
    amount: Mapped[Amount | None]
    currency: Mapped[str]
    created_at: Mapped[dt.datetime | None]
    updated_at: Mapped[dt.datetime | None]
    closes_at: Mapped[dt.datetime | None]  # as planned or as closed; may lie in the future
    is_won: Mapped[bool]
    won_at: Mapped[dt.datetime | None]  # when it entered the stage in which it is won; NULL: not won
    is_closed: Mapped[bool]
    source: Mapped[str | None]
    campaign_id: Mapped[str | None]  # the CRM's primary campaign
    is_deleted: Mapped[bool]
    load_key: Mapped[SmallKey]


class DealStage(Base):
    """A deal entered a stage. The table of stages may come before the table of deals."""

    __tablename__ = "deal_stage"
    __table_args__ = ({"schema": "core"},)

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    deal_id: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    entered_at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    load_key: Mapped[SmallKey]


class CampaignMember(Base):
    """A contact or lead in a campaign of the CRM (Salesforce: many to many)."""

    __tablename__ = "campaign_member"
    __table_args__ = (Index(None, "account_key", "contact_id"), {"schema": "core"})

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    member_id: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[str]
    contact_id: Mapped[str]
    status: Mapped[str | None]
    responded_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime | None]
    updated_at: Mapped[dt.datetime | None]
    is_deleted: Mapped[bool]
    load_key: Mapped[SmallKey]


class EmailDay(Base):
    """One e-mail campaign (or flow) on one day."""

    __tablename__ = "email_day"
    __table_args__ = ({"schema": "core"},)

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(primary_key=True)  # its name where the export has no id
    campaign_name: Mapped[str | None]
    sent: Mapped[int | None]
    delivered: Mapped[int | None]
    opens: Mapped[int | None]  # inflated: Apple's Mail opens everything by itself
    clicks: Mapped[int | None]
    unsubscribes: Mapped[int | None]
    revenue: Mapped[Amount | None]
    load_key: Mapped[SmallKey] = mapped_column(ForeignKey("landing.load.load_key"))


class OrganicDay(Base):
    """What came without an ad on one day, by where it came from."""

    __tablename__ = "organic_day"
    __table_args__ = ({"schema": "core"},)

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    origin: Mapped[str] = mapped_column(primary_key=True)  # organic_search, direct, referral, ... as the log says
    impressions: Mapped[int | None]
    clicks: Mapped[int | None]
    sessions: Mapped[int | None]
    load_key: Mapped[SmallKey] = mapped_column(ForeignKey("landing.load.load_key"))
