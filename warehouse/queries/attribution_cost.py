"""What the ads of a period cost, by the channel or the campaign that conversions are credited to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.filters import Filter
from warehouse.queries.amounts import RATES, refuse_missing_rates
from warehouse.queries.path_counts import Window

# Whose spend is known apart; of other grains it is not.
_GRAINS = {
    "channel": ("NULL::int", "p.counted"),
    "campaign": ("p.campaign_key", "p.counted"),
    "ad_group": ("p.entity_key", "p.level = 'ad_group'"),
    "ad": ("p.entity_key", "p.level = 'ad'"),
}
_NAMES = {
    "campaign": "SELECT campaign_key AS key, name FROM core.campaign",
    "ad_group": "SELECT ad_group_key AS key, name FROM core.ad_group",
    "ad": "SELECT ad_key AS key, name FROM core.ad",
    "creative": "SELECT creative_key AS key, coalesce(name, creative_id) AS name FROM core.creative",
}


def spend_by(session: ReadSession, window: Window, grain: str) -> Mapping[tuple[str, int | None], Decimal]:
    """Spend by channel and key of the grain, in the window's currency; nothing for a grain without spend of its own.

    Raises :class:`~warehouse.errors.MissingRate`.
    """
    if grain not in _GRAINS:
        return {}
    key, condition = _GRAINS[grain]
    given: dict[str, Any] = {
        "advertiser": window.advertiser_key, "start": window.first, "end": window.last, "currency": window.currency,
        "before_start": window.last, "before_end": window.first,
    }  # fmt: skip
    rows = session.execute(text(_SPEND.format(rates=RATES, key=key, condition=condition)), given).all()
    refuse_missing_rates(rows, Filter(window.first, window.last, currency=window.currency))
    return {(row.channel, row.key): row.spend for row in rows}


def names_of(session: ReadSession, grain: str, keys: set[int]) -> Mapping[int, str]:
    """The names of campaigns, ad groups, ads or creatives; empty for another grain."""
    if grain not in _NAMES or not keys:
        return {}
    sql = f"SELECT x.key, x.name FROM ({_NAMES[grain]}) x WHERE x.key = ANY (:keys)"
    return {row.key: row.name for row in session.execute(text(sql), {"keys": sorted(keys)}) if row.name is not None}


# Summed before campaigns are looked up, whose channels take longer to find than sums.
_SPEND = """
WITH fx AS ({rates}),
spent AS MATERIALIZED (
    SELECT p.campaign_key, {key} AS key,
           sum(CASE WHEN a.currency = :currency THEN p.spend ELSE p.spend * fx.rate END) AS spend,
           min(p.date) FILTER (WHERE a.currency <> :currency AND fx.rate IS NULL) AS rate_missing_from,
           max(p.date) FILTER (WHERE a.currency <> :currency AND fx.rate IS NULL) AS rate_missing_to,
           min(a.currency) FILTER (WHERE a.currency <> :currency AND fx.rate IS NULL) AS rate_missing_currency
    FROM core.account a
    JOIN core.performance p ON p.account_key = a.account_key AND p.date BETWEEN :start AND :end AND p.spend IS NOT NULL
    LEFT JOIN fx ON fx.currency = a.currency AND fx.date = p.date
    WHERE a.advertiser_key = :advertiser AND {condition}
    GROUP BY 1, 2)
SELECT c.channel, s.key, sum(s.spend) AS spend, min(s.rate_missing_from) AS rate_missing_from,
       max(s.rate_missing_to) AS rate_missing_to, min(s.rate_missing_currency) AS rate_missing_currency
FROM spent s
JOIN mart.campaign c ON c.campaign_key = s.campaign_key
GROUP BY 1, 2
"""
