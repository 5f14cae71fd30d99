"""Cohorts: customers by the month of their first order, and what they do in the months after it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import MissingRate

MOST_MONTHS: Final = 24


@dataclass(frozen=True, slots=True)
class CohortMonth:
    """One cohort in one month of its life; month 0 is that of the first order.

    ``retained`` is the share of ``cohort_size`` that ordered in it, ``revenue`` what they spent, in one currency.
    """

    cohort_month: dt.date
    months_since: int
    cohort_size: int
    customers: int
    retained: Decimal
    orders: int
    revenue: Decimal


def cohort_retention(session: ReadSession, currency: str, *, cohorts: int = 12, months: int = 12) -> list[CohortMonth]:
    """The newest ``cohorts`` with orders, each in its first ``months`` months, oldest first, without silent months.

    Only for readers of all accounts of an advertiser; others get nothing. Raises :class:`MissingRate` when orders in
    another currency have no rate.
    """
    wanted = {
        "currency": currency,
        "cohorts": min(max(cohorts, 1), MOST_MONTHS),
        "months": min(max(months, 1), MOST_MONTHS),
    }
    rows = session.execute(text(_RETENTION), wanted).all()
    missing = [row for row in rows if row.missing]
    if missing:
        raise MissingRate(
            f"Orders in {missing[0].missing} cannot be shown in {currency}: some of their days have no rate.",
            remedy=f"Load rates (a CSV with date, from, to, rate), or show everything in {missing[0].missing}.",
        )
    return [CohortMonth(*row[:-1]) for row in rows]


# The newest rate of the last seven days serves, in either direction, as in every other sum.
_RETENTION: Final = """
WITH bought AS (
    SELECT v.customer_key, date_trunc('month', v.at AT TIME ZONE a.time_zone)::date AS month, v.at::date AS day,
           v.currency, count(*) AS orders, sum(v.value) AS value
    FROM core.conversion v
    JOIN core.account a ON a.account_key = v.account_key
    JOIN core.customer u ON u.customer_key = v.customer_key
    WHERE v.counts AND v.kind = 'order'
    GROUP BY v.customer_key, month, day, v.currency
), fx AS (
    SELECT b.currency, b.day, coalesce(
        (SELECT x.rate FROM core.fx_rate x WHERE x.from_currency = b.currency AND x.to_currency = :currency
         AND x.date <= b.day AND x.date > b.day - 7 ORDER BY x.date DESC LIMIT 1),
        (SELECT 1 / x.rate FROM core.fx_rate x WHERE x.from_currency = :currency AND x.to_currency = b.currency
         AND x.date <= b.day AND x.date > b.day - 7 ORDER BY x.date DESC LIMIT 1)) AS rate
    FROM (SELECT DISTINCT currency, day FROM bought WHERE currency <> :currency AND value <> 0) b
), months AS (
    SELECT b.customer_key, b.month, min(b.month) OVER (PARTITION BY b.customer_key) AS cohort_month,
           sum(b.orders) AS orders,
           sum(CASE WHEN b.currency = :currency THEN b.value ELSE b.value * fx.rate END) AS revenue,
           min(b.currency) FILTER (WHERE b.currency <> :currency AND b.value <> 0 AND fx.rate IS NULL) AS missing
    FROM bought b LEFT JOIN fx ON fx.currency = b.currency AND fx.day = b.day
    GROUP BY b.customer_key, b.month
), newest AS (
    SELECT cohort_month, count(DISTINCT customer_key) AS customers FROM months
    GROUP BY cohort_month ORDER BY cohort_month DESC LIMIT :cohorts
), aged AS (
    SELECT m.*, n.customers AS cohort_size,
           ((extract(year FROM m.month) - extract(year FROM m.cohort_month)) * 12
            + extract(month FROM m.month) - extract(month FROM m.cohort_month))::int AS months_since
    FROM months m JOIN newest n ON n.cohort_month = m.cohort_month
)
SELECT cohort_month, months_since, cohort_size, count(*) AS customers,
       round(count(*)::numeric / cohort_size, 6) AS retained, sum(orders)::bigint AS orders,
       round(coalesce(sum(revenue), 0), 6) AS revenue, min(missing) AS missing
FROM aged WHERE months_since < :months
GROUP BY cohort_month, months_since, cohort_size
ORDER BY cohort_month, months_since
"""
