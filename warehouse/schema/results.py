"""Runs and what they published. Readers follow ``publication`` and nothing else."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, GeneratedKey, Now, SmallKey


class Run(Base):
    """One execution of a job. ``data_watermark`` is the newest load that it saw."""

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'done', 'failed', 'skipped')", name="state"),
        Index(None, "job", "account_key"),
        {"schema": "results"},
    )

    run_key: Mapped[GeneratedKey]
    job: Mapped[str]
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    code_version: Mapped[str]
    data_watermark: Mapped[int]
    state: Mapped[str]
    error: Mapped[str | None]
    started_at: Mapped[Now]
    finished_at: Mapped[dt.datetime | None]


class Publication(Base):
    """The pointer that readers follow: the run that currently answers for a job and an account."""

    __tablename__ = "publication"
    __table_args__ = ({"schema": "results"},)

    job: Mapped[str] = mapped_column(primary_key=True)
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"), primary_key=True)
    run_key: Mapped[SmallKey] = mapped_column(ForeignKey("results.run.run_key"))
    published_at: Mapped[Now]


class Estimate(Base):
    """A missing spend or revenue, filled by a documented rule on request, and never mixed with reported ones."""

    __tablename__ = "estimate"
    __table_args__ = (
        CheckConstraint("measure IN ('spend', 'conversion_value')", name="measure"),
        Index(None, "account_key", "date"),
        {"schema": "results"},
    )

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey("results.run.run_key"), primary_key=True)
    campaign_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.campaign.campaign_key"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"))
    rule: Mapped[str]  # the words of the rule that made it, e.g. "CPC x clicks"
    estimate: Mapped[Amount]
    low: Mapped[Amount]
    high: Mapped[Amount]
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
