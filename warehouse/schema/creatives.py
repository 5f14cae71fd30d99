"""What ads show: creatives with their texts and pictures, and the ads that run them.

Traits and embeddings come later and refer to ``creative_key``. A picture itself lies under ``CAUSEWAY_HOME/images``,
named by its digest (``warehouse/images.py``); ``core.image`` says whose it is.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, ForeignKey, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Base, GeneratedKey, Now, SmallKey


class Image(Base):
    """A picture that an account's creatives show. The same bytes are kept once, whoever shows them."""

    __tablename__ = "image"
    __table_args__ = ({"schema": "core"},)

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of the bytes, hexadecimal
    media_type: Mapped[str]
    bytes: Mapped[SmallKey]
    width: Mapped[SmallKey]
    height: Mapped[SmallKey]


class Creative(Base):
    """What an ad shows, in its newest version. What an export does not say of a creative stays as it was."""

    __tablename__ = "creative"
    __table_args__ = (
        UniqueConstraint("account_key", "creative_id"),
        ForeignKeyConstraint(["account_key", "image_digest"], ["core.image.account_key", "core.image.digest"]),
        {"schema": "core"},
    )

    creative_key: Mapped[GeneratedKey]
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"))
    creative_id: Mapped[str]
    format: Mapped[str | None]  # image, video, carousel, text ..., or the platform's own word in small letters
    headline: Mapped[str | None]
    body: Mapped[str | None]
    call_to_action: Mapped[str | None]
    image_reference: Mapped[str | None]  # as the export writes it: an address, or a path beside the export
    name: Mapped[str | None]
    image_digest: Mapped[str | None]  # of the picture itself, where it was there
    landing_page: Mapped[str | None]
    language: Mapped[str | None]
    duration_seconds: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    width: Mapped[SmallKey | None]
    height: Mapped[SmallKey | None]
    first_day: Mapped[dt.date | None] = mapped_column(Date)
    last_day: Mapped[dt.date | None] = mapped_column(Date)
    tags: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    assets: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default="[]")  # of a responsive ad: kind, text
    further: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB, server_default="{}")  # the export's own columns
    load_key: Mapped[SmallKey | None]
    updated_at: Mapped[Now]


class AdCreative(Base):
    """Which creative an ad shows, by the platform's id of the ad, which may come before or after the ad itself."""

    __tablename__ = "ad_creative"
    __table_args__ = (Index(None, "creative_key"), {"schema": "core"})

    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    ad_id: Mapped[str] = mapped_column(primary_key=True)
    creative_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.creative.creative_key"))
    load_key: Mapped[SmallKey]
