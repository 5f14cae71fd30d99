"""What arrived: loads, the rows that were refused with their reasons, findings, and remembered mappings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Base, GeneratedKey, Now, SmallKey


class Load(Base):
    """One table out of one file, and what became of it. ``read = accepted + rejected + skipped``."""

    __tablename__ = "load"
    __table_args__ = (
        CheckConstraint("status IN ('loaded', 'unchanged', 'refused')", name="status"),
        CheckConstraint("rows_read = accepted + rejected + skipped", name="adds_up"),
        Index(None, "digest"),
        {"schema": "landing"},
    )

    load_key: Mapped[GeneratedKey]
    path: Mapped[str]
    digest: Mapped[str | None]  # sha256 of the bytes and of the options that change what they mean
    bytes: Mapped[int | None]
    status: Mapped[str]
    reason: Mapped[str | None]
    source: Mapped[str | None]
    platform: Mapped[str | None]
    dataset: Mapped[str | None]
    level: Mapped[str | None]
    account: Mapped[str | None]  # the account's id, or "3 accounts"
    segments: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    rows_read: Mapped[int] = mapped_column(server_default="0")
    accepted: Mapped[int] = mapped_column(server_default="0")
    rejected: Mapped[int] = mapped_column(server_default="0")
    skipped: Mapped[int] = mapped_column(server_default="0")
    skipped_by_reason: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")
    restated: Mapped[int] = mapped_column(server_default="0")
    vanished: Mapped[int] = mapped_column(server_default="0")
    first_day: Mapped[dt.date | None] = mapped_column(Date)
    last_day: Mapped[dt.date | None] = mapped_column(Date)
    final_before: Mapped[dt.date | None] = mapped_column(Date)  # days before this one will not move any more
    assumptions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    mapping: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    started_at: Mapped[Now]
    seconds: Mapped[float | None]


class LoadAccount(Base):
    """Which accounts a load touched; access to a load follows from it."""

    __tablename__ = "load_account"
    __table_args__ = ({"schema": "landing"},)

    load_key: Mapped[SmallKey] = mapped_column(ForeignKey("landing.load.load_key"), primary_key=True)
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    rows: Mapped[int]


class RejectedRow(Base):
    """A record that was read and not taken."""

    __tablename__ = "rejected_row"
    __table_args__ = (Index(None, "load_key", "line"), {"schema": "landing"})

    rejected_row_key: Mapped[GeneratedKey]
    load_key: Mapped[SmallKey] = mapped_column(ForeignKey("landing.load.load_key"))
    line: Mapped[int]
    column: Mapped[str | None]
    code: Mapped[str]
    reason: Mapped[str]
    raw: Mapped[str]


class Finding(Base):
    """Something about a load that a person should know."""

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint("severity IN ('info', 'warning', 'error')", name="severity"),
        Index(None, "load_key"),
        {"schema": "landing"},
    )

    finding_key: Mapped[GeneratedKey]
    load_key: Mapped[SmallKey] = mapped_column(ForeignKey("landing.load.load_key"))
    code: Mapped[str]
    severity: Mapped[str]
    message: Mapped[str]


class ColumnMapping(Base):
    """What a person said that a header means, remembered for the account (its id, whatever the platform)."""

    __tablename__ = "column_mapping"
    __table_args__ = ({"schema": "landing"},)

    account_id: Mapped[str] = mapped_column(primary_key=True)
    header: Mapped[str] = mapped_column(primary_key=True)  # normalised
    field: Mapped[str]
    updated_at: Mapped[Now]
