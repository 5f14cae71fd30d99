"""Daily performance: the facts, their earlier versions, and the two rollups that pages read.

One row is one entity on one account-local day. Rows of different levels live side by side and are never derived
from each other; ``counted`` marks those that make up the campaign's total (see ``warehouse/ingest/store/rollups.py``).
"""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy import Computed, Date, Enum, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, GeneratedKey, Now, SmallKey
from warehouse.schema.entities import TYPE_KEY


class Level(enum.StrEnum):
    """What one row is about."""

    account = "account"
    campaign = "campaign"
    ad_group = "ad_group"
    ad = "ad"
    keyword = "keyword"


level_type = Enum(Level, name="level", schema="core")


class Measurement(Base):
    """How a platform counted: click definition, attribution setting, and the day that a conversion is put on."""

    __tablename__ = "measurement"
    __table_args__ = (
        UniqueConstraint(
            "click_definition", "attribution_setting", "conversion_basis", postgresql_nulls_not_distinct=True
        ),
        {"schema": "core"},
    )

    measurement_key: Mapped[GeneratedKey]
    click_definition: Mapped[str | None]
    attribution_setting: Mapped[str | None]
    conversion_basis: Mapped[str | None]


class Performance(Base):
    """The current version of each entity-day. NULL means that the platform did not report it."""

    __tablename__ = "performance"
    __table_args__ = ({"schema": "core", "postgresql_partition_by": "RANGE (date)"},)

    entity_key: Mapped[SmallKey] = mapped_column(primary_key=True)  # key of the campaign, ad group, ad or keyword
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    level: Mapped[Level] = mapped_column(level_type, primary_key=True)
    account_key: Mapped[SmallKey]
    campaign_key: Mapped[SmallKey]
    measurement_key: Mapped[SmallKey]
    load_key: Mapped[SmallKey]  # the load that wrote this version
    counted: Mapped[bool]
    is_final: Mapped[bool]
    impressions: Mapped[int | None]
    clicks: Mapped[int | None]
    spend: Mapped[Amount | None]
    conversions: Mapped[Amount | None]
    conversion_value: Mapped[Amount | None]


class PerformanceVersion(Base):
    """A version that a later load replaced, or removed."""

    __tablename__ = "performance_version"
    __table_args__ = (Index(None, "superseded_by"), Index(None, "entity_key", "date"), {"schema": "core"})

    version_key: Mapped[GeneratedKey]
    entity_key: Mapped[SmallKey]
    date: Mapped[dt.date] = mapped_column(Date)
    level: Mapped[Level] = mapped_column(level_type)
    account_key: Mapped[SmallKey]
    campaign_key: Mapped[SmallKey]
    measurement_key: Mapped[SmallKey]
    load_key: Mapped[SmallKey]
    superseded_by: Mapped[SmallKey]
    superseded_at: Mapped[Now]
    vanished: Mapped[bool]
    impressions: Mapped[int | None]
    clicks: Mapped[int | None]
    spend: Mapped[Amount | None]
    conversions: Mapped[Amount | None]
    conversion_value: Mapped[Amount | None]


class AccountLevel(Base):
    """Which levels an account has rows of, and from when to when."""

    __tablename__ = "account_level"
    __table_args__ = ({"schema": "core"},)

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    level: Mapped[Level] = mapped_column(level_type, primary_key=True)
    first_day: Mapped[dt.date] = mapped_column(Date)
    last_day: Mapped[dt.date] = mapped_column(Date)


class DailyRollup(Base):
    """Counted rows summed to account x campaign type x day, rebuilt for the days that a load touched.

    Like the facts that they sum, rollups refer to entities without foreign keys, which would be asked row by row.
    """

    __tablename__ = "daily_rollup"
    __table_args__ = (Index(None, "date"), {"schema": "core"})

    account_key: Mapped[SmallKey] = mapped_column(primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    campaign_type: Mapped[str] = mapped_column(primary_key=True)
    type_key: Mapped[str] = mapped_column(Computed(TYPE_KEY, persisted=True))
    is_final: Mapped[bool]
    impressions: Mapped[int | None]
    clicks: Mapped[int | None]
    spend: Mapped[Amount | None]
    conversions: Mapped[Amount | None]
    conversion_value: Mapped[Amount | None]
    # Spend on rows that report a conversion value at all: what a ROAS over mixed platforms really covers.
    spend_with_value: Mapped[Amount | None]


class MonthlyRollup(Base):
    """Counted rows summed to campaign x month, rebuilt for the months that a load touched."""

    __tablename__ = "monthly_rollup"
    __table_args__ = (Index(None, "month", "account_key"), {"schema": "core"})

    campaign_key: Mapped[SmallKey] = mapped_column(primary_key=True)
    month: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    account_key: Mapped[SmallKey]
    is_final: Mapped[bool] = mapped_column(server_default=text("false"))
    impressions: Mapped[int | None]
    clicks: Mapped[int | None]
    spend: Mapped[Amount | None]
    conversions: Mapped[Amount | None]
    conversion_value: Mapped[Amount | None]
