"""What attribution starts from: paths with their counts by day, and the touches of journeys that converted one by one.

Path counts are added up from ``core.journey`` when they are asked for (``warehouse/events/path_counts.sql``): journeys
are rebuilt for touched customers far back in time, so a second store of counts would have to be told of every one of
them, and adding up a year costs less than a second.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

import polars as pl
from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import NotFound
from warehouse.events.carry import written
from warehouse.filters import Filter
from warehouse.queries.amounts import RATES, refuse_missing_rates
from warehouse.queries.copied import copied
from warehouse.schema.commerce import ConversionKind

PATHS: Final[Mapping[str, Any]] = {
    "date": pl.Date(),
    "path": pl.String(),
    "conversions": pl.Int64(),
    "new_customers": pl.Int64(),
    "value": pl.Float64(),
    "margin": pl.Float64(),
    "new_value": pl.Float64(),
    "new_margin": pl.Float64(),
    "null_paths": pl.Int64(),
    "seconds": pl.Int64(),
}
TOUCHES: Final[Mapping[str, Any]] = {
    "journey": pl.Int64(),
    "date": pl.Date(),
    "value": pl.Float64(),
    "margin": pl.Float64(),
    "is_new": pl.Boolean(),
    "step": pl.String(),
    "age": pl.Float64(),
    "is_view": pl.Boolean(),
    "touched": pl.Date(),
    "campaign": pl.Int64(),
    "ad_group": pl.Int64(),
    "ad": pl.Int64(),
    "creative": pl.Int64(),
    "device": pl.String(),
    "region": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Window:
    """Which journeys of an advertiser: those towards a goal that ended from ``first`` to ``last``, and the currency."""

    advertiser_key: int
    goal: ConversionKind
    first: dt.date
    last: dt.date
    currency: str


@dataclass(frozen=True, slots=True)
class JourneyStore:
    """What journeys an advertiser has, and by which rules. ``currencies`` are those of its conversions."""

    advertiser_key: int
    name: str
    accounts: tuple[int, ...]
    lookback_days: int
    touches: tuple[str, ...]
    goals: tuple[ConversionKind, ...]
    built_at: dt.datetime
    first_day: dt.date
    last_day: dt.date
    currencies: tuple[str, ...]
    steps: Mapping[str, str]


def journey_stores(session: ReadSession) -> list[JourneyStore]:
    """The advertisers that have journeys and whose accounts the reader sees, those with the newest journeys first."""
    return [
        JourneyStore(
            row.advertiser_key,
            row.name,
            tuple(row.accounts),
            row.lookback_days,
            tuple(row.touches),
            tuple(ConversionKind(goal) for goal in row.goals),
            row.built_at,
            row.first_day,
            row.last_day,
            tuple(row.currencies),
            dict(row.steps),
        )
        for row in session.execute(text(_STORES))
    ]


def journey_store(session: ReadSession, account_key: int) -> JourneyStore:
    """The journeys of an account's advertiser. Raises :class:`NotFound` where there are none to be seen."""
    sql = "SELECT a.advertiser_key FROM core.account a WHERE a.account_key = :account"
    advertiser = session.execute(text(sql), {"account": account_key}).scalar_one_or_none()
    for store in journey_stores(session):
        if store.advertiser_key == advertiser:
            return store
    raise NotFound(
        "This account's advertiser has no journeys yet, or has accounts that you may not read.",
        remedy="Load touchpoints and orders, and run `causeway run journeys`.",
    )


def path_counts(session: ReadSession, window: Window) -> pl.DataFrame:
    """Journeys added up by day and path, columns ``PATHS``; amounts in the window's currency, unknown ones as nothing.

    Raises :class:`~warehouse.errors.MissingRate`.
    """
    counted = written("path_counts", "postgres", {"journey": "core.journey"})
    narrowed = counted.replace("FROM core.journey AS j", f"FROM core.journey AS j WHERE {_WINDOW}")
    frame = _copied(session, _PATHS.format(counted=narrowed, rates=RATES), window, {**PATHS, **_MISSING})
    _refuse_missing(frame, window)
    return frame.select(list(PATHS)).with_columns(pl.col("path").fill_null(""))


def converting_touches(session: ReadSession, window: Window, touches: tuple[str, ...]) -> pl.DataFrame:
    """Touches of these kinds in journeys that converted, journey by journey in the order of the path.

    Columns ``TOUCHES``: ``journey`` numbers journeys from 0; ``age`` is days before the conversion, to a hundredth;
    ``is_view`` that an ad was only seen; ``touched`` the day (UTC) of the touch. Raises as :func:`path_counts`.
    """
    sql = _TOUCHES.format(rates=RATES, window=_WINDOW)
    frame = _copied(session, sql, window, {**TOUCHES, **_MISSING}, kinds=",".join(touches))
    _refuse_missing(frame, window)
    return frame.select(list(TOUCHES))


_MISSING: Final[Mapping[str, Any]] = {"missing_currency": pl.String()}


def _copied(session: ReadSession, sql: str, window: Window, columns: Mapping[str, Any], **more: object) -> pl.DataFrame:
    """The rows of a query, by COPY."""
    values = {
        "advertiser": window.advertiser_key,
        "goal": window.goal.value,
        "start": window.first,
        "end": window.last,
        "before_start": window.first,
        "before_end": window.first - dt.timedelta(days=1),
        "currency": window.currency,
        **more,
    }
    return copied(session, sql, values, columns)


def _refuse_missing(frame: pl.DataFrame, window: Window) -> None:
    missing = frame.filter(pl.col("missing_currency").is_not_null())
    if missing.height:
        days = missing["date"]
        row = SimpleNamespace(rate_missing_from=days.min(), rate_missing_to=days.max(),
                              rate_missing_currency=missing["missing_currency"][0])  # fmt: skip
        refuse_missing_rates([row], Filter(window.first, window.last, currency=window.currency))


_WINDOW = """j.advertiser_key = :advertiser AND j.kind = CAST(:goal AS core.conversion_kind)
    AND j.date BETWEEN :start AND :end"""

_RATED = "CASE WHEN {0}.currency = :currency THEN 1 ELSE fx.rate END"

_PATHS = f"""
WITH fx AS ({{rates}}), counted AS ({{counted}})
SELECT p.date, p.path, sum(p.conversions)::bigint, sum(p.new_customers)::bigint,
       coalesce(sum(p.value * r.rate), 0), coalesce(sum(p.margin * r.rate), 0),
       coalesce(sum(p.new_value * r.rate), 0), coalesce(sum(p.new_margin * r.rate), 0),
       sum(p.null_paths)::bigint, sum(p.seconds)::bigint,
       min(p.currency) FILTER (WHERE p.valued > 0 AND r.rate IS NULL)
FROM counted p LEFT JOIN fx ON fx.currency = p.currency AND fx.date = p.date
CROSS JOIN LATERAL (SELECT {_RATED.format("p")} AS rate) r
GROUP BY p.date, p.path ORDER BY p.date, p.path
"""

_TOUCHES = f"""
WITH fx AS ({{rates}}),
converted AS MATERIALIZED (
    SELECT j.advertiser_key, j.customer_key, j.ending, j.date, j.began_at, j.ended_at, j.value, j.margin, j.currency,
           j.is_new_customer
    FROM core.journey j WHERE j.ending > 0 AND j.touches > 0 AND {{window}})
SELECT dense_rank() OVER (ORDER BY j.date, j.customer_key, j.ending) - 1, j.date,
       coalesce(j.value * r.rate, 0), coalesce(j.margin * r.rate, 0), coalesce(j.is_new_customer, false), s.step,
       round(extract(epoch FROM j.ended_at - t.at) / 86400, 2), t.kind = 'impression', CAST(t.at AS date),
       t.campaign_key, t.ad_group_key, t.ad_key, t.creative_key, t.device, t.region,
       CASE WHEN j.value IS NOT NULL AND r.rate IS NULL THEN j.currency END
FROM converted j
JOIN core.touchpoint t ON t.customer_key = j.customer_key AND t.at BETWEEN j.began_at AND j.ended_at
JOIN core.journey_step s ON s.advertiser_key = j.advertiser_key AND s.channel = t.channel
LEFT JOIN fx ON fx.currency = j.currency AND fx.date = j.date
CROSS JOIN LATERAL (SELECT {_RATED.format("j")} AS rate) r
WHERE t.kind::text = ANY (string_to_array(:kinds, ','))
  AND t.at >= (SELECT min(c.began_at) FROM converted c) AND t.at <= (SELECT max(c.ended_at) FROM converted c)
ORDER BY 1, t.at, s.step
"""

_STORES = """
SELECT b.advertiser_key, v.name,
       ARRAY(SELECT a.account_key FROM core.account a WHERE a.advertiser_key = b.advertiser_key) AS accounts,
       b.lookback_days,
       ARRAY(SELECT k::text FROM unnest(b.touches) k ORDER BY k) AS touches,
       ARRAY(SELECT x.goal::text FROM unnest(b.goals) AS x (goal) ORDER BY x.goal) AS goals,
       b.built_at, d.first_day, d.last_day,
       ARRAY(SELECT DISTINCT a.currency FROM core.account a
             WHERE a.advertiser_key = b.advertiser_key
               AND EXISTS (SELECT FROM core.conversion c WHERE c.account_key = a.account_key)) AS currencies,
       (SELECT jsonb_object_agg(s.step, s.channel) FROM core.journey_step s
        WHERE s.advertiser_key = b.advertiser_key) AS steps
FROM core.journey_build b
JOIN core.advertiser v ON v.advertiser_key = b.advertiser_key
CROSS JOIN LATERAL (SELECT min(j.date) AS first_day, max(j.date) AS last_day FROM core.journey j
                    WHERE j.advertiser_key = b.advertiser_key) d
WHERE d.first_day IS NOT NULL
ORDER BY d.last_day DESC, b.advertiser_key
"""
