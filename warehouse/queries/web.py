"""Touchpoints and visits by day and channel."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.filters import Filter


@dataclass(frozen=True, slots=True)
class TouchpointDay:
    """Touchpoints of a kind on a day; ``customers`` are the people met, who may be met on other days too."""

    date: dt.date
    channel: str
    kind: str
    touchpoints: int
    customers: int


@dataclass(frozen=True, slots=True)
class SessionDay:
    """Visits of a channel that began on a day. ``duration_seconds`` is of all of them together."""

    date: dt.date
    channel: str
    sessions: int
    engaged_sessions: int
    page_views: int
    duration_seconds: int
    purchases: int


def touchpoints_by_day(session: ReadSession, filter_: Filter) -> list[TouchpointDay]:
    """Touchpoints of the period (days in each account's zone) by day, channel and kind, in that order.

    Platforms, channels, accounts and campaigns narrow it.
    """
    narrowed, values = _narrowing(filter_, "t")
    if filter_.campaigns:
        narrowed += " AND t.campaign_key = ANY (:campaigns)"
        values["campaigns"] = list(filter_.campaigns)
    return [TouchpointDay(*row) for row in session.execute(text(_TOUCHPOINTS.format(where=narrowed)), values)]


def sessions_by_day(session: ReadSession, filter_: Filter) -> list[SessionDay]:
    """Visits that began in the period (days in each property's zone) by day and channel, in that order.

    Platforms, channels and accounts narrow it.
    """
    narrowed, values = _narrowing(filter_, "s")
    return [SessionDay(*row) for row in session.execute(text(_SESSIONS.format(where=narrowed)), values)]


def _narrowing(filter_: Filter, table: str) -> tuple[str, dict[str, Any]]:
    conditions, values = ["true"], dict[str, Any](start=filter_.start, end=filter_.end)
    for name, column in (("platforms", "a.platform"), ("channels", f"{table}.channel"), ("accounts", "a.account_key")):
        chosen = getattr(filter_, name)
        if chosen:
            conditions.append(f"{column} = ANY (:{name})")
            values[name] = list(chosen)
    return " AND ".join(conditions), values


# No zone is further than a day from UTC; the bounds on the moment keep other months out.
_TOUCHPOINTS = """
SELECT (t.at AT TIME ZONE a.time_zone)::date AS date, t.channel, t.kind::text AS kind, count(*),
       count(DISTINCT t.customer_key)
FROM core.touchpoint t JOIN core.account a ON a.account_key = t.account_key
WHERE t.at >= CAST(:start AS date) - interval '1 day' AND t.at < CAST(:end AS date) + interval '2 days'
  AND (t.at AT TIME ZONE a.time_zone)::date BETWEEN :start AND :end AND {where}
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

_SESSIONS = """
SELECT (s.began_at AT TIME ZONE a.time_zone)::date AS date, s.channel, count(*), count(*) FILTER (WHERE s.engaged),
       sum(s.page_views)::bigint, sum(extract(epoch FROM s.ended_at - s.began_at))::bigint,
       count(*) FILTER (WHERE s.funnel_step >= 4)
FROM core.web_session s JOIN core.account a ON a.account_key = s.account_key
WHERE s.began_at >= CAST(:start AS date) - interval '1 day' AND s.began_at < CAST(:end AS date) + interval '2 days'
  AND (s.began_at AT TIME ZONE a.time_zone)::date BETWEEN :start AND :end AND {where}
GROUP BY 1, 2 ORDER BY 1, 2
"""
