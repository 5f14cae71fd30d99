"""What streams bring: the last hour by the minute, the sources with their lag, refusals, newest events, and today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text

from warehouse.engine import ReadSession

MOST_MINUTES = 24 * 60
LARGEST_PAGE = 200

# The last hour by the minute, for whoever wants to ask for it elsewhere.
MINUTES_AS_SQL = """SELECT minute_at, sum(events) AS events, sum(refused) AS refused
FROM mart.live_minute
WHERE minute_at > now() - interval '1 hour'
GROUP BY minute_at ORDER BY minute_at"""


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of arrivals, over all sources."""

    minute: dt.datetime
    events: int
    repeated: int
    refused: int


@dataclass(frozen=True, slots=True)
class LiveSource:
    """One source of one account over the minutes asked for. Lags are seconds from event to arrival."""

    account_key: int
    account_name: str
    source: str
    events: int
    repeated: int
    refused: int
    mean_lag: float | None
    longest_lag: float | None
    last_arrived_at: dt.datetime | None  # within the last week
    settled_at: dt.datetime | None  # when its newest rows reached sessions, orders and sums


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """An event that was not taken, without anything personal."""

    refused_event_key: int
    arrived_at: dt.datetime
    account_name: str
    source: str
    name: str | None
    code: str
    reason: str
    shape: str


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An accepted event, without anything personal."""

    arrived_at: dt.datetime
    at: dt.datetime
    account_name: str
    source: str
    name: str


@dataclass(frozen=True, slots=True)
class Today:
    """What streams brought since midnight of each account's own clock, for the accounts of one currency."""

    currency: str
    sessions: int
    orders: int
    revenue: Decimal


def minutes(session: ReadSession, *, last: int = 60) -> list[Minute]:
    """The last minutes up to this one, in order, those without arrivals included."""
    rows = session.execute(text(_MINUTES), {"last": min(last, MOST_MINUTES)})
    return [Minute(*row) for row in rows]


def sources(session: ReadSession, *, last: int = 60) -> list[LiveSource]:
    """Every source that ever brought an event, with what it brought in the last minutes; the busiest first."""
    rows = session.execute(text(_SOURCES), {"last": min(last, MOST_MINUTES)})
    return [LiveSource(*row) for row in rows]


def refused_events(session: ReadSession, *, limit: int = 50, before: int | None = None) -> list[RefusedEvent]:
    """Refused events, newest first; ``before`` is the last key of the page before."""
    rows = session.execute(text(_REFUSED), {"limit": min(limit, LARGEST_PAGE), "before": before})
    return [RefusedEvent(*row) for row in rows]


def newest_events(session: ReadSession, *, limit: int = 25) -> list[NewEvent]:
    """The events that came last."""
    return [NewEvent(*row) for row in session.execute(text(_NEWEST), {"limit": min(limit, LARGEST_PAGE)})]


def today(session: ReadSession) -> list[Today]:
    """Sessions, orders and revenue of today by currency; empty where nothing streams."""
    return [Today(*row) for row in session.execute(text(_TODAY))]


_MINUTES = """
SELECT g.minute, coalesce(sum(m.events), 0), coalesce(sum(m.repeated), 0), coalesce(sum(m.refused), 0)
FROM generate_series(date_trunc('minute', now()) - make_interval(mins => :last - 1), date_trunc('minute', now()),
                     interval '1 minute') AS g (minute)
LEFT JOIN landing.stream_minute m ON m.minute = g.minute
GROUP BY g.minute ORDER BY g.minute
"""

_SOURCES = """
WITH counted AS (
    SELECT m.account_key, m.source, sum(m.events) AS events, sum(m.repeated) AS repeated, sum(m.refused) AS refused,
           sum(m.lag_ms) AS lag_ms, max(m.longest_lag_ms) AS longest_lag_ms
    FROM landing.stream_minute m
    WHERE m.minute > date_trunc('minute', now()) - make_interval(mins => :last)
    GROUP BY m.account_key, m.source
),
known AS (
    SELECT account_key, source FROM counted
    UNION SELECT account_key, source FROM landing.stream_source
)
SELECT k.account_key, a.name, k.source, coalesce(c.events, 0), coalesce(c.repeated, 0), coalesce(c.refused, 0),
       CAST(c.lag_ms / 1000.0 / nullif(c.events, 0) AS float8), CAST(c.longest_lag_ms / 1000.0 AS float8),
       (SELECT max(m.minute) FROM landing.stream_minute m
        WHERE m.account_key = k.account_key AND m.source = k.source AND m.minute > now() - interval '7 days'),
       s.settled_at
FROM known k
JOIN core.account a ON a.account_key = k.account_key
LEFT JOIN counted c ON c.account_key = k.account_key AND c.source = k.source
LEFT JOIN landing.stream_source s ON s.account_key = k.account_key AND s.source = k.source
ORDER BY coalesce(c.events, 0) DESC, a.name, k.source
"""

_REFUSED = """
SELECT r.refused_event_key, r.arrived_at, a.name, r.source, r.name, r.code, r.reason, r.shape
FROM landing.refused_event r JOIN core.account a ON a.account_key = r.account_key
WHERE CAST(:before AS int) IS NULL OR r.refused_event_key < :before
ORDER BY r.refused_event_key DESC LIMIT :limit
"""

_NEWEST = """
SELECT e.arrived_at, e.at, a.name, e.source, e.name
FROM landing.streamed_event e JOIN core.account a ON a.account_key = e.account_key
ORDER BY e.arrived_at DESC LIMIT :limit
"""

_TODAY = """
WITH streaming AS (
    SELECT a.account_key, a.currency, (now() AT TIME ZONE a.time_zone)::date AS day, a.time_zone
    FROM core.account a
    WHERE EXISTS (SELECT FROM landing.stream_source s WHERE s.account_key = a.account_key)
)
SELECT t.currency,
       coalesce(sum((SELECT sum(d.sessions) FROM core.web_session_day d
                     WHERE d.account_key = t.account_key AND d.date = t.day)), 0)::bigint,
       coalesce(sum(o.orders), 0)::bigint, coalesce(sum(o.revenue), 0)
FROM streaming t
LEFT JOIN LATERAL (
    SELECT count(*) AS orders, sum(c.value) FILTER (WHERE c.currency = t.currency) AS revenue
    FROM core.conversion c
    WHERE c.account_key = t.account_key AND c.kind = 'order' AND c.counts
      AND c.at >= t.day::timestamp AT TIME ZONE t.time_zone
) o ON true
GROUP BY t.currency ORDER BY t.currency
"""
