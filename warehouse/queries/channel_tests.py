"""Tests that switched the ads of a channel off, region by region and day by day."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.schema.commerce import ConversionKind

_COLUMNS: dict[str, Any] = {
    "experiment": pl.String(),
    "channel": pl.String(),
    "kind": pl.String(),
    "first": pl.Date(),
    "last": pl.Date(),
    "geo": pl.String(),
    "is_dark": pl.Boolean(),
    "date": pl.Date(),
    "value": pl.Float64(),
}

# What an outcome is called that counts conversions of a kind.
_METRICS = {
    ConversionKind.order: ["orders", "conversions", "purchases"],
    ConversionKind.lead: ["leads"],
    ConversionKind.deal: ["deals"],
    ConversionKind.offline: ["conversions"],
    ConversionKind.signup: ["signups", "sign_ups"],
}


def channel_tests(session: ReadSession, advertiser_key: int, goal: ConversionKind) -> pl.DataFrame:
    """Stopped tests of one channel by region (geo) or by time (go_dark), with conversions of the goal by day.

    Columns experiment, channel, kind, first and last day without ads, geo, is_dark (whether the region was in the part
    without ads), date, value. Regions of a geo test without an arm are left out.
    """
    rows = session.execute(text(_TESTS), {"advertiser": advertiser_key, "metrics": _METRICS[goal]}).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=_COLUMNS, orient="row")


_TESTS = """
WITH test AS (
    SELECT e.experiment_key, e.experiment_id, e.kind::text AS kind, e.channels ->> 0 AS channel,
           CAST(e.starts_at AT TIME ZONE 'UTC' AS date) AS first,
           CAST((e.stops_at - interval '1 second') AT TIME ZONE 'UTC' AS date) AS last
    FROM core.experiment e JOIN core.account a ON a.account_key = e.account_key
    WHERE a.advertiser_key = :advertiser AND e.kind IN ('geo', 'go_dark') AND jsonb_array_length(e.channels) = 1
      AND e.status IN ('stopped', 'decided') AND e.starts_at IS NOT NULL AND e.stops_at IS NOT NULL),
dark AS (
    SELECT DISTINCT o.experiment_key, o.unit_key FROM core.unit_outcome o JOIN test t USING (experiment_key)
    WHERE o.is_treated)
SELECT t.experiment_id, t.channel, t.kind, t.first, t.last, coalesce(CASE WHEN t.kind = 'geo' THEN u.name END, ''),
       t.kind = 'go_dark' OR d.unit_key IS NOT NULL, o.date, sum(o.value)::float8
FROM test t
JOIN core.unit_outcome o ON o.experiment_key = t.experiment_key AND o.date IS NOT NULL AND o.metric = ANY (:metrics)
JOIN core.experiment_unit u ON u.experiment_key = o.experiment_key AND u.unit_key = o.unit_key
LEFT JOIN dark d ON d.experiment_key = o.experiment_key AND d.unit_key = o.unit_key
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 6, 8
"""
