"""Deals one by one, and the stages that they go through."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from warehouse.engine import ReadSession

LARGEST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Deal:
    """One row of ``mart.deal``, in its own currency."""

    platform: str
    account_id: str
    deal_id: str
    customer_key: int | None
    pipeline: str | None
    stage: str | None
    amount: Decimal | None
    currency: str
    created_at: dt.datetime | None
    updated_at: dt.datetime | None
    closes_at: dt.datetime | None
    is_won: bool
    won_at: dt.datetime | None
    is_closed: bool
    source: str | None
    campaign_id: str | None


@dataclass(frozen=True, slots=True)
class DealPosition:
    """Where a page of deals ended: the sort key of its last row."""

    platform: str
    account_id: str
    deal_id: str


@dataclass(frozen=True, slots=True)
class StageSummary:
    """What became of the deals that entered a stage; ``median_days`` is the time to the next, of those that left."""

    platform: str
    pipeline: str | None
    stage: str
    deals: int
    moved_on: int
    won: int
    median_days: float | None


def deals(session: ReadSession, *, limit: int = 100, after: DealPosition | None = None) -> list[Deal]:
    """Deals that are not deleted, by platform, account and id, at most ``limit`` (up to ``LARGEST_PAGE``)."""
    parameters: dict[str, Any] = {"limit": min(limit, LARGEST_PAGE)}
    condition = "true"
    if after is not None:
        condition = "(platform, account_id, deal_id) > (:platform, :account_id, :deal_id)"
        parameters |= {"platform": after.platform, "account_id": after.account_id, "deal_id": after.deal_id}
    sql = f"""
SELECT platform, account_id, deal_id, customer_key, pipeline, stage, amount, currency, created_at, updated_at,
       closes_at, is_won, won_at, is_closed, source, campaign_id
FROM mart.deal WHERE NOT is_deleted AND {condition}
ORDER BY platform, account_id, deal_id LIMIT :limit
"""
    return [Deal(*row) for row in session.execute(text(sql), parameters)]


def stage_summaries(session: ReadSession) -> list[StageSummary]:
    """Every stage of every pipeline, those that most deals entered first."""
    sql = """
SELECT s.platform, s.pipeline, s.stage, count(DISTINCT s.deal_id) AS deals,
       count(DISTINCT s.deal_id) FILTER (WHERE s.left_at IS NOT NULL) AS moved_on,
       count(DISTINCT s.deal_id) FILTER (WHERE d.is_won) AS won,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM s.left_at - s.entered_at) / 86400.0)
           FILTER (WHERE s.left_at IS NOT NULL) AS median_days
FROM mart.deal_stage s
LEFT JOIN mart.deal d ON d.platform = s.platform AND d.account_id = s.account_id AND d.deal_id = s.deal_id
GROUP BY s.platform, s.pipeline, s.stage ORDER BY deals DESC, s.platform, s.pipeline, s.stage
"""
    return [StageSummary(*row) for row in session.execute(text(sql))]
