"""What the Overview asks: totals, trend and breakdowns of a period, each beside its comparison."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd
from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.filters import Dimension, Filter
from warehouse.metrics import METRICS, OVERVIEW
from warehouse.queries.amounts import (
    CHANNEL,
    CHANNEL_JOIN,
    RATE_DAY,
    RATE_JOIN,
    RATES,
    REGROUPED,
    SUMS,
    UNGROUPED,
    fetch,
    narrowing,
    sums_of,
)
from warehouse.queries.source_rows import SourceRows, source_rows

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Totals:
    """KPIs of a period by metric name; ``previous`` is None without comparison or without rows in it.

    ``value_coverage`` is the share of spend on rows that report a conversion value at all (0 to 1): a ROAS over
    platforms of which some report none covers only that share. ``claim_ratio`` is None where orders are unknown.
    """

    current: dict[str, Decimal | None]
    previous: dict[str, Decimal | None] | None
    currency: str
    is_final: bool
    value_coverage: Decimal | None
    estimated: dict[str, Decimal]


def totals_and_trend(session: ReadSession, filter_: Filter) -> tuple[Totals, pd.DataFrame]:
    """:func:`totals` and :func:`trend` of the same days, read once."""
    days = _grouped(session, filter_, "day")
    return _totals(session, filter_, days), _trend(filter_, days)


def totals(session: ReadSession, filter_: Filter) -> Totals:
    """KPIs of the period and of the compared one. The filter's currency must be settled (``Scope.with_currency``)."""
    return _totals(session, filter_, _grouped(session, filter_, "day"))


def trend(session: ReadSession, filter_: Filter) -> pd.DataFrame:
    """One row per period of the filter's grain, in order.

    Columns: ``date`` (first day of the period on the current axis), every metric and sum, ``is_final``,
    ``previous_<metric>`` and ``compared_date``. Weeks begin on Monday; days without rows are rows of nulls.
    """
    return _trend(filter_, _grouped(session, filter_, "day"))


def _totals(session: ReadSession, filter_: Filter, days: list[Any]) -> Totals:
    now: dict[str, Any] = {}
    before: dict[str, Any] = {}
    covered: dict[str, Any] = {}
    for row in days:
        _add(now, sums_of(row))
        _add(before, sums_of(row, "previous_"))
        _add(covered, {"spend": row.spend_with_value})
    beside = {(row.what, row.period): row.amount for row in session.execute(*_beside(filter_))}
    return Totals(
        current=_kpis(now, beside.get(("orders", "current"))),
        previous=_kpis(before, beside.get(("orders", "previous"))) if before else None,
        currency=filter_.currency or "",
        is_final=all(row.is_final for row in days),
        value_coverage=_share(covered.get("spend"), now.get("spend")),
        estimated={what: amount for (what, _), amount in beside.items() if what != "orders"},
    )


def _trend(filter_: Filter, days: list[Any]) -> pd.DataFrame:
    shift = filter_.shift or dt.timedelta(0)
    now: dict[dt.date, dict[str, Any]] = {}
    before: dict[dt.date, dict[str, Any]] = {}
    final: dict[dt.date, bool] = {}
    for row in days:
        if row.key >= filter_.start:
            bucket = _bucket(row.key, filter_)
            _add(now.setdefault(bucket, {}), sums_of(row))
            final[bucket] = final.get(bucket, True) and row.is_final
        else:
            _add(before.setdefault(_bucket(row.key + shift, filter_), {}), sums_of(row, "previous_"))
    records = []
    for bucket in _buckets(filter_):
        record: dict[str, Any] = {"date": bucket, **_record(now.get(bucket, {}), before.get(bucket, {}))}
        record["compared_date"] = bucket - shift if filter_.shift else None
        record["is_final"] = final.get(bucket, True)
        records.append(record)
    return pd.DataFrame.from_records(records)


def breakdown(session: ReadSession, filter_: Filter, by: Dimension, *, limit: int = MOST_ROWS) -> pd.DataFrame:
    """One row per value of a dimension, largest spend first (days: in order), at most ``limit``.

    Columns: ``key`` (text, stable), ``label``, ``platform`` and ``channel`` where they are one, the metrics,
    ``previous_<metric>``, ``is_final``. Days stand beside the days that they are compared with.
    """
    if by == "day":
        return _days(trend(session, replace(filter_, grain="day")), limit)
    records = [
        {
            "key": str(row.key),
            "label": row.label,
            "platform": row.platform,
            "channel": row.channel,
            **_record(sums_of(row), sums_of(row, "previous_")),
            "is_final": row.is_final,
        }
        for row in _grouped(session, filter_, by, limit=min(limit, MOST_ROWS))
    ]
    return pd.DataFrame.from_records(records, columns=_COLUMNS)


def _days(daily: pd.DataFrame, limit: int) -> pd.DataFrame:
    """A daily trend as a breakdown, without the days on which nothing is known, now or before."""
    known = daily[[*_METRIC_NAMES, *(f"previous_{m}" for m in _METRIC_NAMES)]].notna().any(axis=1)
    keys = daily["date"].astype(str)
    return daily.assign(key=keys, label=keys, platform=None, channel=None)[known].head(limit)[_COLUMNS]


_METRIC_NAMES = tuple(dict.fromkeys((*OVERVIEW, "impressions", "clicks", "cpm", "aov")))
_COLUMNS = [
    "key", "label", "platform", "channel", *_METRIC_NAMES, *(f"previous_{m}" for m in _METRIC_NAMES), "is_final",
]  # fmt: skip


def _record(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {name: METRICS[name].value(now) for name in _METRIC_NAMES}
    record.update({f"previous_{name}": METRICS[name].value(before) for name in _METRIC_NAMES})
    return record


def _kpis(sums: dict[str, Any], order_revenue: Decimal | None) -> dict[str, Decimal | None]:
    return {name: m.value({**sums, "order_revenue": order_revenue}) for name, m in METRICS.items()}


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if not whole else (part or Decimal(0)) / whole


def _add(total: dict[str, Any], sums: dict[str, Any]) -> None:
    """Add sums to a total; a sum that nothing reports stays unknown."""
    for name, value in sums.items():
        if value is not None:
            total[name] = total.get(name, 0) + value


def _bucket(day: dt.date, filter_: Filter) -> dt.date:
    if filter_.grain == "week":
        day -= dt.timedelta(days=day.weekday())
    elif filter_.grain == "month":
        day = day.replace(day=1)
    return max(day, filter_.start)


def _buckets(filter_: Filter) -> list[dt.date]:
    days = (filter_.start + dt.timedelta(days=i) for i in range(filter_.days))
    return list(dict.fromkeys(_bucket(day, filter_) for day in days))


@dataclass(frozen=True, slots=True)
class _Key:
    """How a dimension groups: the key and the label, over groups (g), accounts (a), platforms (p), channels (h)."""

    key: str
    label: str
    places: bool = True  # whether its values lie within a platform and a channel


_KEYS: dict[Dimension, _Key] = {
    "platform": _Key("a.platform", "p.name"),
    "channel": _Key(CHANNEL, "h.name"),
    "campaign_type": _Key("g.campaign_type", "coalesce(nullif(g.campaign_type, ''), 'No campaign type')"),
    "account": _Key("a.account_key", "a.name"),
    "campaign": _Key("g.campaign_key", "g.campaign_name"),
    "day": _Key("g.date", "NULL::text", places=False),
}

_BY_CAMPAIGN = """
SELECT s.*, k.campaign_type, k.type_key, k.name AS campaign_name
FROM ({groups}) s JOIN core.campaign k ON k.campaign_key = s.campaign_key
"""


def _grouped(session: ReadSession, filter_: Filter, by: Dimension, *, limit: int | None = None) -> list[Any]:
    """Sums per key, the period's and the compared one's side by side, in one statement.

    Rows are added by their integer keys first; only the few groups meet rates, names, types and channels.
    """
    shape = _KEYS[by]
    conditions, parameters = narrowing(filter_)
    source = source_rows(filter_, by)
    places = f"""CASE WHEN min(a.platform) = max(a.platform) THEN min(a.platform) END AS platform,
       CASE WHEN min({CHANNEL}) = max({CHANNEL}) THEN min({CHANNEL}) END AS channel"""
    order = "key" if by == "day" else "sum(g.spend) FILTER (WHERE g.is_current) DESC NULLS LAST, label"
    sql = f"""
WITH fx AS ({RATES})
SELECT {shape.key} AS key, min({shape.label}) AS label,
       {places if shape.places else "NULL AS platform, NULL AS channel"}, {REGROUPED}
FROM ({_groups(source, by)}) g
JOIN core.account a ON a.account_key = g.account_key
JOIN core.platform p ON p.platform = a.platform
{RATE_JOIN}
{CHANNEL_JOIN}
LEFT JOIN core.channel h ON h.channel = {CHANNEL}
WHERE {conditions}
GROUP BY key
ORDER BY {order}
{"" if limit is None else "LIMIT :limit"}
"""
    return fetch(session, sql, parameters | source.parameters | ({} if limit is None else {"limit": limit}), filter_)


def _groups(source: SourceRows, by: Dimension) -> str:
    """The source's rows added up by period and integer keys; those of the rollup by day are that already."""
    keys = ["r.account_key", *(("r.campaign_key",) if source.by_campaign else ("r.campaign_type", "r.type_key"))]
    if by == "day":
        keys.append("r.date")
    columns = f"r.date >= :start AS is_current, {RATE_DAY} AS rate_day, {', '.join(keys)}"
    if by == "day" and not source.by_campaign:
        return f"SELECT {columns}, {UNGROUPED} FROM ({source.sql}) r"
    groups = f"SELECT {columns}, {SUMS} FROM ({source.sql}) r GROUP BY 1, 2, {', '.join(keys)}"
    return _BY_CAMPAIGN.format(groups=groups) if source.by_campaign else groups


def _beside(filter_: Filter) -> tuple[Any, dict[str, Any]]:
    """What stands beside the platforms' numbers: the shop's revenue per period, and published estimates.

    The shop's revenue is NULL where a day has no rate. Estimates are of accounts in the filter's currency alone.
    """
    compared = filter_.compared or (filter_.start, filter_.start - dt.timedelta(days=1))
    parameters: dict[str, Any] = {
        "start": filter_.start, "end": filter_.end, "before_start": compared[0], "before_end": compared[1],
        "currency": filter_.currency,
    }  # fmt: skip
    narrowed: list[str] = []
    for name, condition in (
        ("platforms", "e.platform = ANY (:platforms)"),
        ("channels", "c.channel = ANY (:channels)"),
        ("campaign_types", "coalesce(c.campaign_type, '') = ANY (:campaign_types)"),
        ("campaigns", "c.campaign_key = ANY (:campaigns)"),
        (
            "accounts",
            (
                "(e.platform, e.account_id) IN "
                "(SELECT x.platform, x.account_id FROM core.account x WHERE x.account_key = ANY (:accounts))"
            ),
        ),
    ):
        if getattr(filter_, name):
            narrowed.append(f"AND {condition}")
            parameters[name] = list(getattr(filter_, name))
    sql = f"""
WITH fx AS ({RATES})
SELECT 'orders' AS what, CASE WHEN r.date >= :start THEN 'current' ELSE 'previous' END AS period,
       CASE WHEN bool_and(a.currency = :currency OR fx.rate IS NOT NULL)
            THEN sum(r.revenue * CASE WHEN a.currency = :currency THEN 1 ELSE fx.rate END) END AS amount
FROM core.order_day r
JOIN core.account a ON a.account_key = r.account_key
LEFT JOIN fx ON fx.currency = a.currency AND fx.date = r.date
WHERE r.date BETWEEN :start AND :end OR r.date BETWEEN :before_start AND :before_end
GROUP BY 2
UNION ALL
SELECT e.measure, 'current', sum(e.estimate)
FROM mart.estimate e
JOIN mart.campaign c ON c.platform = e.platform AND c.account_id = e.account_id AND c.campaign_id = e.campaign_id
WHERE e.date_day BETWEEN :start AND :end AND e.currency = :currency {" ".join(narrowed)}
GROUP BY e.measure
"""
    return text(sql), parameters
