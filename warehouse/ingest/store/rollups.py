"""What follows from changed days: which rows make up the campaigns' totals, and the rollups over them.

Everything here is restricted to the touched account-days, so that adding a day costs a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import polars as pl
from sqlalchemy import text

from warehouse import access
from warehouse.engine import WriteSession
from warehouse.ingest.contract import Level
from warehouse.ingest.store.copying import copy_frame


def refresh(session: WriteSession, touched: pl.DataFrame, level: Level | None, retyped: Collection[int]) -> None:
    """Bring ``counted`` and both rollups up to date.

    ``touched`` has ``account_key`` and ``date`` of rows of ``level``. Campaigns in ``retyped`` changed their type or
    were given other rows, so all of their days count as touched.
    """
    session.execute(text("DROP TABLE IF EXISTS touched"))
    session.execute(text("CREATE TEMPORARY TABLE touched (account_key int, date date) ON COMMIT DROP"))
    copy_frame(session, "touched", touched, ("account_key", "date"))
    if level is not None:
        session.execute(text(_ACCOUNT_LEVEL), {"level": level})
    if retyped:
        session.execute(text(_RETYPED), {"campaigns": list(retyped)})
        session.execute(text(_RETYPED_LEVELS), {"campaigns": list(retyped)})
    session.execute(text("ANALYZE touched"))
    span = session.execute(text("SELECT min(date) AS first, max(date) AS last FROM touched")).one()
    if span.first is None:
        return
    # Rows that came a moment ago have no statistics yet, and without them a million look like one.
    session.execute(text("SET LOCAL enable_nestloop = off"))
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    days = {"first": span.first, "last": span.last}
    if session.execute(text(_SEVERAL_LEVELS)).scalar_one():
        session.execute(text(_RECOUNT), days)
    session.execute(text(_CLEAR_DAYS))
    session.execute(text(_BUILD_DAYS), days)
    session.execute(text(_CLEAR_MONTHS))
    session.execute(text(_BUILD_MONTHS), _whole_months(span.first, span.last))
    session.execute(text("RESET enable_nestloop"))
    session.execute(text("RESET work_mem"))


def _whole_months(first: dt.date, last: dt.date) -> dict[str, dt.date]:
    """The span, widened to whole months."""
    next_month = (last.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    return {"first": first.replace(day=1), "last": next_month - dt.timedelta(days=1)}


def renew_statistics(session: WriteSession, rows: int) -> None:
    """Let the planner know of a bulk load at once: nothing else ever gathers statistics of a partitioned table."""
    if rows >= _BULK:
        connection = session.connection()
        access.become_owner(connection)
        session.execute(text("ANALYZE core.performance (entity_key, date, level, account_key, campaign_key, load_key)"))
        session.execute(text("ANALYZE core.campaign, core.ad_group, core.ad, core.daily_rollup, core.monthly_rollup"))
        access.become_writer(connection)


_BULK = 10_000  # rows

_ACCOUNT_LEVEL = """
INSERT INTO core.account_level (account_key, level, first_day, last_day)
SELECT account_key, CAST(:level AS core.level), min(date), max(date) FROM touched GROUP BY account_key
ON CONFLICT (account_key, level) DO UPDATE
SET first_day = least(account_level.first_day, excluded.first_day),
    last_day = greatest(account_level.last_day, excluded.last_day)
"""

_RETYPED = """
INSERT INTO touched
SELECT DISTINCT account_key, date FROM core.performance WHERE campaign_key = ANY (CAST(:campaigns AS int[]))
EXCEPT SELECT account_key, date FROM touched
"""

_RETYPED_LEVELS = """
INSERT INTO core.account_level (account_key, level, first_day, last_day)
SELECT account_key, level, min(date), max(date) FROM core.performance
WHERE campaign_key = ANY (CAST(:campaigns AS int[])) GROUP BY account_key, level
ON CONFLICT (account_key, level) DO UPDATE
SET first_day = least(account_level.first_day, excluded.first_day),
    last_day = greatest(account_level.last_day, excluded.last_day)
"""

_SEVERAL_LEVELS = """
SELECT EXISTS (
    SELECT FROM core.account_level WHERE account_key IN (SELECT account_key FROM touched)
    GROUP BY account_key HAVING count(*) > 1)
"""

# A campaign-day is made up of its own row if there is one, else of its ad groups, else of its ads. Rows about the
# whole account count only on days on which nothing finer is known. Keywords never count: they cover search alone.
_RECOUNT = """
UPDATE core.performance p SET counted = w.counted
FROM (
    SELECT q.entity_key, q.date, q.level, CASE q.level
        WHEN 'keyword' THEN false
        WHEN 'account' THEN NOT bool_or(q.level IN ('campaign', 'ad_group', 'ad'))
            OVER (PARTITION BY q.account_key, q.date)
        ELSE q.level = min(q.level) FILTER (WHERE q.level IN ('campaign', 'ad_group', 'ad'))
            OVER (PARTITION BY q.campaign_key, q.date) END AS counted
    FROM core.performance q
    JOIN touched t ON t.account_key = q.account_key AND t.date = q.date
    WHERE q.date BETWEEN :first AND :last
) w
WHERE p.date BETWEEN :first AND :last AND p.entity_key = w.entity_key AND p.date = w.date AND p.level = w.level AND p.counted <> w.counted
"""

_SUMS = """
    bool_and(p.is_final), sum(p.impressions), sum(p.clicks), sum(p.spend), sum(p.conversions), sum(p.conversion_value)
"""

_CLEAR_DAYS = """
DELETE FROM core.daily_rollup r USING touched t WHERE r.account_key = t.account_key AND r.date = t.date
"""

_BUILD_DAYS = f"""
INSERT INTO core.daily_rollup (account_key, date, campaign_type, is_final, impressions, clicks, spend, conversions,
    conversion_value, spend_with_value)
SELECT p.account_key, p.date, c.campaign_type, {_SUMS},
       sum(p.spend) FILTER (WHERE p.conversion_value IS NOT NULL)
FROM core.performance p
JOIN touched t ON t.account_key = p.account_key AND t.date = p.date
JOIN core.campaign c ON c.campaign_key = p.campaign_key
WHERE p.counted AND p.date BETWEEN :first AND :last
GROUP BY p.account_key, p.date, c.campaign_type
"""

_MONTHS = "(SELECT DISTINCT account_key, date_trunc('month', date)::date AS month FROM touched)"

_CLEAR_MONTHS = f"""
DELETE FROM core.monthly_rollup r USING {_MONTHS} t WHERE r.account_key = t.account_key AND r.month = t.month
"""

_BUILD_MONTHS = f"""
INSERT INTO core.monthly_rollup (campaign_key, month, account_key, is_final, impressions, clicks, spend, conversions,
    conversion_value)
SELECT p.campaign_key, t.month, p.account_key, {_SUMS}
FROM core.performance p
JOIN {_MONTHS} t ON t.account_key = p.account_key AND t.month = date_trunc('month', p.date)::date
WHERE p.counted AND p.date BETWEEN :first AND :last
GROUP BY p.campaign_key, t.month, p.account_key
"""
