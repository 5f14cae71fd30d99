"""Storing what a run estimated of missing spend and revenue."""

from __future__ import annotations

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession

_RESULTS = ("campaign_key", "date", "measure", "rule", "estimate", "low", "high")


def write_estimates(session: WriteSession, rows: pl.DataFrame, *, run_key: int, account_key: int, level: float) -> None:
    """Store estimates under a run: columns campaign_key, date, measure, rule, estimate, low, high, level in [0, 1].

    Amounts are rounded to four decimals.
    """
    if rows.is_empty():
        return
    columns = {name: rows[name].to_list() for name in _RESULTS}
    session.execute(text(_INSERT), {**columns, "run": run_key, "account": account_key, "level": level})


_INSERT = """
INSERT INTO results.estimate
    (run_key, account_key, campaign_key, date, measure, rule, estimate, low, high, level)
SELECT :run, :account, e.campaign_key, e.date, e.measure, e.rule,
       round(e.estimate::numeric, 4), round(e.low::numeric, 4), round(e.high::numeric, 4), :level
FROM unnest(CAST(:campaign_key AS int[]), CAST(:date AS date[]), CAST(:measure AS text[]), CAST(:rule AS text[]),
            CAST(:estimate AS float8[]), CAST(:low AS float8[]), CAST(:high AS float8[]))
     AS e (campaign_key, date, measure, rule, estimate, low, high)
"""
