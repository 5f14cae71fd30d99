"""Campaign-days one by one: the bottom of every drill-down, and what an export of a page holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.filters import Filter

LARGEST_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class CampaignDay:
    """One row of ``mart.campaign_daily``, in the account's own currency."""

    date_day: dt.date
    platform: str
    channel: str
    account_id: str
    account_name: str
    campaign_key: int
    campaign_id: str
    campaign_name: str
    campaign_type: str | None
    currency: str
    impressions: int | None
    clicks: int | None
    spend: Decimal | None
    conversions: Decimal | None
    conversion_value: Decimal | None
    is_final: bool
    level: str
    click_definition: str | None
    load_key: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the sort key of its last row."""

    date_day: dt.date
    campaign_key: int


def campaign_days(
    session: ReadSession, filter_: Filter, *, limit: int = 100, after: Position | None = None
) -> list[CampaignDay]:
    """Rows of the period, newest day first, at most ``limit`` (up to ``LARGEST_PAGE``), after a position.

    Looks at the last days first and further back only while rows are missing, so that a page costs the same however
    long the period is: three statements at most.
    """
    limit = min(limit, LARGEST_PAGE)
    last = after.date_day if after is not None else filter_.end
    for days in _LOOK_BACK:
        first = max(filter_.start, last - dt.timedelta(days=days))
        rows = _between(session, filter_, first, last, limit, after)
        if len(rows) == limit or first == filter_.start:
            break
    return rows


_LOOK_BACK = (3, 60, 366 * 10)


def _between(
    session: ReadSession, filter_: Filter, first: dt.date, last: dt.date, limit: int, after: Position | None
) -> list[CampaignDay]:
    conditions = ["d.date_day BETWEEN :first AND :last"]
    parameters: dict[str, Any] = {"first": first, "last": last, "limit": limit}
    for name, column in (
        ("platforms", "d.platform"),
        ("channels", "d.channel"),
        ("campaign_types", "coalesce(d.campaign_type, '')"),
        ("campaigns", "d.campaign_key"),
    ):
        if getattr(filter_, name):
            conditions.append(f"{column} = ANY (:{name})")
            parameters[name] = list(getattr(filter_, name))
    if filter_.accounts:
        conditions.append(
            "(d.platform, d.account_id) IN "
            "(SELECT a.platform, a.account_id FROM core.account a WHERE a.account_key = ANY (:accounts))"
        )
        parameters["accounts"] = list(filter_.accounts)
    if after is not None:
        conditions.append("(d.date_day, d.campaign_key) < (:after_day, :after_key)")
        parameters |= {"after_day": after.date_day, "after_key": after.campaign_key}
    sql = f"""
SELECT d.date_day, d.platform, d.channel, d.account_id, d.account_name, d.campaign_key, d.campaign_id,
       d.campaign_name, d.campaign_type, d.currency, d.impressions, d.clicks, d.spend, d.conversions,
       d.conversion_value, d.is_final, d.level, d.click_definition, d.load_key
FROM mart.campaign_daily d
WHERE {" AND ".join(conditions)}
ORDER BY d.date_day DESC, d.campaign_key DESC
LIMIT :limit
"""
    return [CampaignDay(*row) for row in session.execute(text(sql), parameters)]
