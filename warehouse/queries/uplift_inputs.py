"""What uplift is learned from: who was in which arm and what they did, and what was known of customers before a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import ReadSession, WriteSession
from warehouse.errors import NotFound
from warehouse.queries.copied import copied

# Where features come from, and which come from there. What somebody never did is 0 times; how long ago is then unknown.
SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "touchpoint": (
        "visits", "days_since_visit", "ad_clicks", "ad_views", "days_since_touch", "emails_opened", "emails_clicked",
        "channels", "mobile_share",
    ),
    "shop_order": ("orders", "spent", "items", "days_since_order"),
    "conversion": ("leads",),
    "web_session": ("page_views", "furthest_step"),
}  # fmt: skip
FEATURES: Final = tuple(name for names in SOURCES.values() for name in names)


@dataclass(frozen=True, slots=True)
class Before:
    """Customers of an advertiser as they were known at the beginning of ``day``, by so many days before it."""

    advertiser_key: int
    day: dt.date
    lookback_days: int
    currency: str


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day (UTC) of which a source tells."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class TrialSpan:
    """When a test began by its definition or its first assignment, and ended by its definition (None: it has not)."""

    first: dt.date | None
    last: dt.date | None


@dataclass(frozen=True, slots=True, eq=False)
class TrialCustomers:
    """Customers in one arm alone: customer_key, arm_id, outcome. ``left_out`` units are nobody known, or in two arms.

    ``units`` are all that were put into an arm.
    """

    frame: pl.DataFrame
    units: int
    left_out: int


def advertiser_of(session: ReadSession, account_key: int) -> int:
    """The advertiser of an account, if the reader sees all of its accounts. Raises :class:`NotFound`."""
    sql = """SELECT v.advertiser_key FROM core.account a JOIN core.advertiser v ON v.advertiser_key = a.advertiser_key
             WHERE a.account_key = :account"""
    key = session.execute(text(sql), {"account": account_key}).scalar_one_or_none()
    if key is None:
        raise NotFound(
            f"There is no account {account_key}, or its advertiser has accounts that you may not read.",
            remedy="Ask an administrator: customers are for who may read every account of their advertiser.",
        )
    return int(key)


def source_spans(session: ReadSession, advertiser_key: int) -> dict[str, Span]:
    """The days of which each source of features tells; sources without rows are left out."""
    rows = session.execute(text(_SPANS), {"advertiser": advertiser_key})
    return {row.source: Span(row.first, row.last) for row in rows if row.first is not None}


def trial_span(session: ReadSession, experiment_key: int) -> TrialSpan:
    """When a test began and ended. Raises :class:`NotFound`."""
    row = session.execute(text(_TRIAL_SPAN), {"key": experiment_key}).one_or_none()
    if row is None:
        raise NotFound(f"There is no experiment {experiment_key}.")
    return TrialSpan(row.first, row.last)


def trial_customers(session: ReadSession, experiment_key: int, metric: str) -> TrialCustomers:
    """What each customer of a test did by a metric since they came in, 0 for nothing; in the order of their keys."""
    values = {"experiment": experiment_key, "metric": metric}
    columns = {"customer_key": pl.Int64(), "arm_id": pl.String(), "outcome": pl.Float64()}
    frame = _hashed(session, _TRIAL, values, columns)
    found = session.execute(text(_UNITS), values).one()
    return TrialCustomers(frame, int(found.units), int(found.left_out))


def customer_features(session: ReadSession, before: Before) -> pl.DataFrame:
    """Every customer of an advertiser: customer_key and :data:`FEATURES`, in the order of their keys.

    Nothing of the day itself or later is in them. Amounts are those in ``before.currency``, as ordered: what was given
    back later was not known.
    """
    until = dt.datetime.combine(before.day, dt.time(), dt.UTC)
    values = {
        "advertiser": before.advertiser_key,
        "until": until.isoformat(),
        "since": (until - dt.timedelta(days=before.lookback_days)).isoformat(),
        "currency": before.currency,
    }
    counts = {
        "visits",
        "ad_clicks",
        "ad_views",
        "emails_opened",
        "emails_clicked",
        "channels",
        "orders",
        "items",
        "leads",
    }
    kinds: dict[str, Any] = {name: pl.Int64() if name in counts else pl.Float64() for name in FEATURES}
    return _hashed(session, _FEATURES, values, {"customer_key": pl.Int64(), **kinds})


def worth_of_order(session: ReadSession, before: Before) -> Decimal | None:
    """The mean revenue of an order of the days before, in the currency; None where there is none."""
    until = dt.datetime.combine(before.day, dt.time(), dt.UTC)
    given = {
        "advertiser": before.advertiser_key,
        "until": until,
        "since": until - dt.timedelta(days=before.lookback_days),
        "currency": before.currency,
    }
    found: Decimal | None = session.execute(text(_WORTH), given).scalar_one()
    return found


def newest_load(session: ReadSession, advertiser_key: int) -> int:
    """The newest load into any account of an advertiser."""
    return int(session.execute(text(_NEWEST_LOAD), {"advertiser": advertiser_key}).scalar_one())


def is_behind(session: WriteSession, account_key: int) -> bool:
    """Whether any account of the advertiser was loaded into, or experiments were read, since uplift was published."""
    return bool(session.execute(text(_BEHIND), {"account": account_key}).scalar_one())


def _hashed(session: ReadSession, sql: str, values: Mapping[str, object], columns: Mapping[str, Any]) -> pl.DataFrame:
    """The rows of a query over everybody, whose joins are not made row by row: of fresh tables no size is known."""
    session.execute(text("SET LOCAL enable_nestloop = off"))
    frame = copied(session, sql, values, columns)
    session.execute(text("RESET enable_nestloop"))
    return frame


_MINE = "ARRAY(SELECT m.account_key FROM core.account m WHERE m.advertiser_key = :advertiser)"

_SPANS = f"""
SELECT 'touchpoint' AS source, min(t.at)::date AS first, max(t.at)::date AS last FROM core.touchpoint t
WHERE t.account_key = ANY ({_MINE}) AND t.customer_key IS NOT NULL
UNION ALL
SELECT 'shop_order', min(o.at)::date, max(o.at)::date FROM core.shop_order o
WHERE o.account_key = ANY ({_MINE}) AND o.customer_key IS NOT NULL
UNION ALL
SELECT 'conversion', min(c.at)::date, max(c.at)::date FROM core.conversion c
WHERE c.account_key = ANY ({_MINE}) AND c.customer_key IS NOT NULL AND c.kind <> 'order'
UNION ALL
SELECT 'web_session', min(s.began_at)::date, max(s.began_at)::date FROM core.web_session s
WHERE s.account_key = ANY ({_MINE}) AND s.customer_key IS NOT NULL
"""

_TRIAL_SPAN = """
SELECT coalesce(e.starts_at::date, (SELECT min(a.at)::date FROM core.assignment a
                                    WHERE a.experiment_key = e.experiment_key)) AS first,
       CASE WHEN e.stops_at <= now() THEN (e.stops_at - interval '1 microsecond')::date END AS last
FROM core.experiment e WHERE e.experiment_key = :key
"""

# What a unit did before it came in is no outcome; outcomes without a day are of the whole test.
_TRIAL = """
WITH unit AS (
    SELECT a.unit_key, u.customer_key, min(a.arm_key) AS arm_key, count(*) AS arms, min(a.at)::date AS entered
    FROM core.assignment a
    JOIN core.experiment_unit u ON u.experiment_key = a.experiment_key AND u.unit_key = a.unit_key
    WHERE a.experiment_key = :experiment AND u.customer_key IS NOT NULL
    GROUP BY a.unit_key, u.customer_key
),
did AS (
    SELECT o.unit_key, sum(o.value) AS value
    FROM core.unit_outcome o JOIN unit n ON n.unit_key = o.unit_key
    WHERE o.experiment_key = :experiment AND o.metric = :metric
      AND (o.date IS NULL OR n.entered IS NULL OR o.date >= n.entered)
    GROUP BY o.unit_key
)
SELECT n.customer_key, min(r.arm_id), coalesce(sum(d.value), 0)::float8
FROM unit n JOIN core.experiment_arm r ON r.arm_key = n.arm_key LEFT JOIN did d ON d.unit_key = n.unit_key
GROUP BY n.customer_key HAVING max(n.arms) = 1 AND count(DISTINCT n.arm_key) = 1
ORDER BY n.customer_key
"""

_UNITS = """
SELECT count(*) AS units, count(*) FILTER (WHERE w.customer_key IS NULL OR w.arms > 1) AS left_out
FROM (
    SELECT u.unit_key, u.customer_key, max(c.arms) AS arms
    FROM core.assignment a
    JOIN core.experiment_unit u ON u.experiment_key = a.experiment_key AND u.unit_key = a.unit_key
    LEFT JOIN (
        SELECT v.customer_key, count(DISTINCT b.arm_key) AS arms
        FROM core.assignment b
        JOIN core.experiment_unit v ON v.experiment_key = b.experiment_key AND v.unit_key = b.unit_key
        WHERE b.experiment_key = :experiment AND v.customer_key IS NOT NULL GROUP BY v.customer_key
    ) c ON c.customer_key = u.customer_key
    WHERE a.experiment_key = :experiment GROUP BY u.unit_key, u.customer_key
) w
"""

# An order that was cancelled later was an order then.
_ORDERED = f"""
SELECT o.customer_key, o.at, o.items, CASE WHEN a.currency = :currency THEN o.revenue + coalesce(o.refunded, 0) END
       AS amount
FROM core.shop_order o JOIN core.account a ON a.account_key = o.account_key
WHERE o.account_key = ANY ({_MINE}) AND o.customer_key IS NOT NULL AND NOT o.is_test
  AND o.at >= :since AND o.at < :until
"""

_FEATURES = f"""
WITH met AS (
    SELECT t.customer_key, count(*) FILTER (WHERE t.kind = 'visit') AS visits,
           max(t.at) FILTER (WHERE t.kind IN ('visit', 'click')) AS visited_at,
           count(*) FILTER (WHERE t.kind = 'click') AS ad_clicks,
           count(*) FILTER (WHERE t.kind = 'impression') AS ad_views,
           max(t.at) FILTER (WHERE t.kind IN ('impression', 'click')) AS touched_at,
           count(*) FILTER (WHERE t.kind = 'email_open') AS emails_opened,
           count(*) FILTER (WHERE t.kind = 'email_click') AS emails_clicked,
           count(DISTINCT t.channel) AS channels,
           avg(CASE WHEN t.device IS NULL THEN NULL WHEN lower(t.device) IN ('mobile', 'smartphone', 'phone') THEN 1.0
               ELSE 0.0 END) AS mobile_share
    FROM core.touchpoint t
    WHERE t.account_key = ANY ({_MINE}) AND t.customer_key IS NOT NULL AND t.at >= :since AND t.at < :until
    GROUP BY t.customer_key
),
ordered AS (
    SELECT o.customer_key, count(*) AS orders, sum(o.amount) AS spent, sum(o.items) AS items, max(o.at) AS ordered_at
    FROM ({_ORDERED}) o GROUP BY o.customer_key
),
converted AS (
    SELECT c.customer_key, count(*) AS leads FROM core.conversion c
    WHERE c.account_key = ANY ({_MINE}) AND c.customer_key IS NOT NULL AND c.kind <> 'order'
      AND c.at >= :since AND c.at < :until
    GROUP BY c.customer_key
),
seen AS (
    SELECT s.customer_key, avg(s.page_views) AS page_views, max(s.funnel_step) AS furthest_step
    FROM core.web_session s
    WHERE s.account_key = ANY ({_MINE}) AND s.customer_key IS NOT NULL
      AND s.began_at >= :since AND s.began_at < :until
    GROUP BY s.customer_key
)
SELECT c.customer_key, coalesce(m.visits, 0), extract(epoch FROM CAST(:until AS timestamptz) - m.visited_at) / 86400,
       coalesce(m.ad_clicks, 0), coalesce(m.ad_views, 0),
       extract(epoch FROM CAST(:until AS timestamptz) - m.touched_at) / 86400,
       coalesce(m.emails_opened, 0), coalesce(m.emails_clicked, 0), coalesce(m.channels, 0), m.mobile_share,
       coalesce(o.orders, 0), coalesce(o.spent, 0), coalesce(o.items, 0),
       extract(epoch FROM CAST(:until AS timestamptz) - o.ordered_at) / 86400, coalesce(k.leads, 0),
       s.page_views, s.furthest_step
FROM core.customer c
LEFT JOIN met m ON m.customer_key = c.customer_key
LEFT JOIN ordered o ON o.customer_key = c.customer_key
LEFT JOIN converted k ON k.customer_key = c.customer_key
LEFT JOIN seen s ON s.customer_key = c.customer_key
WHERE c.advertiser_key = :advertiser
ORDER BY c.customer_key
"""

_WORTH = f"SELECT avg(o.amount) FROM ({_ORDERED}) o"

_NEWEST_LOAD = f"""
SELECT coalesce(max(t.load_key), 0) FROM landing.load_account t WHERE t.account_key = ANY ({_MINE})
"""

_BEHIND = """
SELECT EXISTS (
    SELECT FROM results.publication p
    JOIN results.uplift_readout r ON r.run_key = p.run_key
    JOIN core.account a ON a.account_key = p.account_key
    JOIN core.account b ON b.advertiser_key = a.advertiser_key
    JOIN landing.load_account t ON t.account_key = b.account_key
    WHERE p.job = 'uplift' AND p.account_key = :account AND t.load_key > r.watermark)
OR EXISTS (
    SELECT FROM results.publication p
    JOIN results.run r ON r.run_key = p.run_key
    JOIN results.publication e ON e.job = 'experiments' AND e.account_key = p.account_key
    WHERE p.job = 'uplift' AND p.account_key = :account AND e.published_at > r.started_at)
"""
