"""Orders one by one, conversions by day, and e-mail and organic traffic by day, in the accounts' own currencies."""

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
class Order:
    """One row of ``mart.order``."""

    platform: str
    account_id: str
    order_id: str
    order_name: str | None
    ordered_at: dt.datetime
    date_day: dt.date
    customer_key: int | None
    currency: str
    revenue: Decimal
    margin: Decimal | None
    refunded: Decimal | None
    items: int | None
    counts: bool
    is_test: bool
    cancelled_at: dt.datetime | None
    is_new_customer: bool | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    load_key: int


@dataclass(frozen=True, slots=True)
class OrderPosition:
    """Where a page of orders ended: the sort key of its last row."""

    ordered_at: dt.datetime
    platform: str
    account_id: str
    order_id: str


@dataclass(frozen=True, slots=True)
class ConversionDay:
    """The conversions of one kind and currency on one day that count; ``value`` is NULL where none has one."""

    date_day: dt.date
    kind: str
    currency: str
    conversions: int
    value: Decimal | None
    new_customers: int


@dataclass(frozen=True, slots=True)
class EmailDay:
    """One row of ``mart.email_daily``."""

    date_day: dt.date
    platform: str
    account_id: str
    campaign_id: str
    campaign_name: str | None
    sent: int | None
    delivered: int | None
    opens: int | None
    clicks: int | None
    unsubscribes: int | None
    revenue: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class OrganicDay:
    """One row of ``mart.organic_daily``."""

    date_day: dt.date
    platform: str
    account_id: str
    origin: str
    impressions: int | None
    clicks: int | None
    sessions: int | None


def orders(
    session: ReadSession, filter_: Filter, *, limit: int = 100, after: OrderPosition | None = None
) -> list[Order]:
    """Orders of the period, newest first, at most ``limit`` (up to ``LARGEST_PAGE``), after a position."""
    conditions, parameters = _narrowed(filter_)
    if after is not None:
        conditions += " AND (ordered_at, platform, account_id, order_id) < (:at, :platform, :account_id, :order_id)"
        parameters |= {"at": after.ordered_at, "platform": after.platform, "account_id": after.account_id,
                       "order_id": after.order_id}  # fmt: skip
    sql = f"""
SELECT platform, account_id, order_id, order_name, ordered_at, date_day, customer_key, currency, revenue, margin,
       refunded, items, counts, is_test, cancelled_at, is_new_customer, utm_source, utm_medium, utm_campaign, load_key
FROM mart."order" WHERE {conditions}
ORDER BY ordered_at DESC, platform DESC, account_id DESC, order_id DESC LIMIT :limit
"""
    return [Order(*row) for row in session.execute(text(sql), parameters | {"limit": min(limit, LARGEST_PAGE)})]


def conversion_days(session: ReadSession, filter_: Filter) -> list[ConversionDay]:
    """What counts, by day, kind and currency, oldest day first."""
    conditions, parameters = _narrowed(filter_)
    sql = f"""
SELECT date_day, kind, currency, count(*), sum(value), count(*) FILTER (WHERE is_new_customer)
FROM mart.conversion WHERE counts AND {conditions}
GROUP BY date_day, kind, currency ORDER BY date_day, kind, currency
"""
    return [ConversionDay(*row) for row in session.execute(text(sql), parameters)]


def email_days(session: ReadSession, filter_: Filter, *, limit: int = 1000) -> list[EmailDay]:
    """E-mail of the period by campaign and day, newest day first."""
    conditions, parameters = _narrowed(filter_)
    sql = f"""
SELECT date_day, platform, account_id, campaign_id, campaign_name, sent, delivered, opens, clicks, unsubscribes,
       revenue, currency
FROM mart.email_daily WHERE {conditions}
ORDER BY date_day DESC, platform, account_id, campaign_id LIMIT :limit
"""
    return [EmailDay(*row) for row in session.execute(text(sql), parameters | {"limit": min(limit, 10_000)})]


def organic_days(session: ReadSession, filter_: Filter, *, limit: int = 1000) -> list[OrganicDay]:
    """Unpaid traffic of the period by origin and day, newest day first."""
    conditions, parameters = _narrowed(filter_)
    sql = f"""
SELECT date_day, platform, account_id, origin, impressions, clicks, sessions
FROM mart.organic_daily WHERE {conditions}
ORDER BY date_day DESC, platform, account_id, origin LIMIT :limit
"""
    return [OrganicDay(*row) for row in session.execute(text(sql), parameters | {"limit": min(limit, 10_000)})]


def _narrowed(filter_: Filter) -> tuple[str, dict[str, Any]]:
    """The conditions that a filter means for views with a day, a platform and an account, and their parameters."""
    conditions = ["date_day BETWEEN :first AND :last"]
    parameters: dict[str, Any] = {"first": filter_.start, "last": filter_.end}
    if filter_.platforms:
        conditions.append("platform = ANY (:platforms)")
        parameters["platforms"] = list(filter_.platforms)
    if filter_.accounts:
        conditions.append(
            "(platform, account_id) IN "
            "(SELECT x.platform, x.account_id FROM core.account x WHERE x.account_key = ANY (:accounts))"
        )
        parameters["accounts"] = list(filter_.accounts)
    return " AND ".join(conditions), parameters
