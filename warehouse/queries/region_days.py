"""What regions or time slots did day by day, of which tests over them are read."""

from __future__ import annotations

import polars as pl
from sqlalchemy import text

from warehouse.engine import ReadSession


def region_days(session: ReadSession, experiment_key: int) -> pl.DataFrame:
    """Outcomes of regions or time slots by day: geo, arm_id, date, metric, value (NULL: not known), is_treated."""
    rows = session.execute(text(_REGION_DAYS), {"key": experiment_key}).all()
    schema = {
        "geo": pl.String(), "arm_id": pl.String(), "date": pl.Date(), "metric": pl.String(), "value": pl.Float64(),
        "is_treated": pl.Boolean(),
    }  # fmt: skip
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


_REGION_DAYS = """
SELECT g.geo, g.arm_id, g.date_day, g.metric, g.value::float8, g.is_treated FROM mart.geo_daily g
WHERE g.experiment_key = :key ORDER BY g.metric, g.geo, g.date_day
"""
