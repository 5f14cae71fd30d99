"""Campaigns with their KPIs, page by page, in the order of any KPI or by name.

A page begins where the last one ended: after the position (the value that is sorted by) and key of its last row. A
campaign for which the value is unknown comes last, whichever way is sorted.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from warehouse.engine import ReadSession
from warehouse.errors import BadFilter
from warehouse.filters import Filter
from warehouse.metrics import METRICS, SUMS
from warehouse.queries.amounts import (
    CHANNEL,
    CHANNEL_JOIN,
    RATE_DAY,
    RATE_JOIN,
    RATES,
    REGROUPED,
    fetch,
    narrowing,
    sums_of,
)
from warehouse.queries.amounts import SUMS as SUMMED
from warehouse.queries.source_rows import source_rows

LARGEST_PAGE = 1_000
BY_NAME = "name"
# KPIs of one campaign; the claim ratio needs the shop's orders, which belong to no campaign.
KPIS: tuple[str, ...] = tuple(name for name in METRICS if name != "claim_ratio")


@dataclass(frozen=True, slots=True)
class Order:
    """By which KPI (or ``BY_NAME``) campaigns are sorted, and which way."""

    by: str = "spend"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class CampaignPosition:
    """Where a page ended. ``value`` is the text of what is sorted by."""

    value: str
    campaign_key: int


@dataclass(frozen=True, slots=True)
class CampaignKpis:
    """One campaign with its sums in the filter's currency, of the period and of the compared one."""

    campaign_key: int
    campaign_id: str
    name: str
    campaign_type: str | None
    status: str | None
    platform: str
    channel: str
    account_key: int
    account_id: str
    account_name: str
    is_final: bool
    sums: dict[str, Decimal | int | None]
    previous: dict[str, Decimal | int | None] | None
    position: CampaignPosition

    def kpis(self) -> dict[str, Decimal | None]:
        """Every KPI of :data:`KPIS` in the period."""
        return {name: METRICS[name].value(self.sums) for name in KPIS}

    def previous_kpis(self) -> dict[str, Decimal | None] | None:
        """The same in the compared period; None without rows in it."""
        return None if self.previous is None else {name: METRICS[name].value(self.previous) for name in KPIS}


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """Rows of one page, how many there are on all pages, and whether another one follows."""

    rows: list[CampaignKpis]
    total: int
    more: bool


def campaigns(
    session: ReadSession, filter_: Filter, *, order: Order, limit: int = 100, after: CampaignPosition | None = None
) -> CampaignPage:
    """A page of the campaigns with rows in the period or in the compared one, in one statement.

    The filter's currency must be settled. Raises :class:`BadFilter` for an unknown order and
    :class:`~warehouse.errors.MissingRate` when any campaign's amounts cannot be converted.
    """
    limit = min(limit, LARGEST_PAGE)
    conditions, parameters = narrowing(filter_)
    source = source_rows(filter_, "campaign")
    sql = _SQL.format(
        source=source.sql, conditions=conditions, position=_position(order), after=_after(order, after),
        direction="DESC" if order.descending else "ASC",
    )  # fmt: skip
    parameters |= source.parameters | {"limit": limit + 1}
    if after is not None:
        parameters |= {"after_value": after.value, "after_key": after.campaign_key}
    rows = fetch(session, sql, parameters, filter_)
    return CampaignPage(
        rows=[_campaign(row) for row in rows[:limit]],
        total=rows[0].total if rows else 0,
        more=len(rows) > limit,
    )


def _position(order: Order) -> str:
    if order.by == BY_NAME:
        return "lower(k.name)"
    if order.by not in KPIS:
        raise BadFilter(f"Campaigns cannot be sorted by {order.by!r}.", remedy=f"Choose name or {', '.join(KPIS)}.")
    unknown = "-Infinity" if order.descending else "Infinity"
    return f"coalesce(({METRICS[order.by].sql({s: f'k.{s}' for s in SUMS})})::numeric, '{unknown}'::numeric)"


def _after(order: Order, after: CampaignPosition | None) -> str:
    if after is None:
        return "true"
    kind = "text" if order.by == BY_NAME else "numeric"
    sign = "<" if order.descending else ">"
    return f"(o.position, o.campaign_key) {sign} (CAST(:after_value AS {kind}), CAST(:after_key AS int))"


def _campaign(row: Any) -> CampaignKpis:
    return CampaignKpis(
        campaign_key=row.campaign_key,
        campaign_id=row.campaign_id,
        name=row.name,
        campaign_type=row.campaign_type or None,
        status=row.status,
        platform=row.platform,
        channel=row.channel,
        account_key=row.account_key,
        account_id=row.account_id,
        account_name=row.account_name,
        is_final=row.is_final,
        sums=sums_of(row),
        previous=sums_of(row, "previous_") if row.compared else None,
        position=CampaignPosition(row.position_text, row.campaign_key),
    )


_SHOWN = ", ".join(f"o.{prefix}{s}" for prefix in ("", "previous_") for s in SUMS)
_SQL = f"""
WITH fx AS ({RATES}), g AS (
    SELECT s.*, c.name, c.campaign_type, c.type_key
    FROM (
        SELECT r.date >= :start AS is_current, {RATE_DAY} AS rate_day, r.account_key, r.campaign_key, {SUMMED}
        FROM ({{source}}) r
        GROUP BY 1, 2, r.account_key, r.campaign_key
    ) s
    JOIN core.campaign c ON c.campaign_key = s.campaign_key
), k AS (
    SELECT g.campaign_key, g.name, a.account_key, min({CHANNEL}) AS channel, bool_or(NOT g.is_current) AS compared,
           {REGROUPED}
    FROM g
    JOIN core.account a ON a.account_key = g.account_key
    {RATE_JOIN}
    {CHANNEL_JOIN}
    WHERE {{conditions}}
    GROUP BY g.campaign_key, g.name, a.account_key
), o AS (
    SELECT k.*, {{position}} AS position, count(*) OVER () AS total,
           min(k.rate_missing_from) OVER () AS unrated_from, max(k.rate_missing_to) OVER () AS unrated_to,
           min(k.rate_missing_currency) OVER () AS unrated_currency
    FROM k
)
SELECT o.campaign_key, o.name, o.channel, o.compared, o.is_final, o.total, o.position::text AS position_text,
       {_SHOWN}, c.campaign_id, c.campaign_type, c.status,
       a.account_key, a.platform, a.account_id, a.name AS account_name,
       o.unrated_from AS rate_missing_from, o.unrated_to AS rate_missing_to,
       o.unrated_currency AS rate_missing_currency
FROM (SELECT * FROM o WHERE {{after}} ORDER BY o.position {{direction}}, o.campaign_key {{direction}} LIMIT :limit) o
JOIN core.campaign c ON c.campaign_key = o.campaign_key
JOIN core.account a ON a.account_key = o.account_key
ORDER BY o.position {{direction}}, o.campaign_key {{direction}}
"""
