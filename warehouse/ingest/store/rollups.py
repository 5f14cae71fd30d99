"""What follows from changed days: which rows make up the campaigns' totals, and the rollups over them.

Everything here is restricted to the touched account-days, so that adding a day costs a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import polars as pl
from sqlalchemy import text

from warehouse import access
from warehouse.engine import WriteSession
from warehouse.ingest.contract import Level
from warehouse.ingest.store.copying import copy_frame
from warehouse.ingest.store.entities import UNKNOWN


def refresh(
    session: WriteSession,
    touched: pl.DataFrame,
    level: Level | None,
    *,
    moved: pl.DataFrame,
    retyped: Collection[int],
) -> None:
    """Bring ``counted`` and both rollups up to date.

    ``touched`` has ``account_key`` and ``date`` of rows of ``level``, ``moved`` of rows of any level that were given
    to another campaign or account. Campaigns in ``retyped`` changed their type, so all of their days count as touched.
    """
    session.execute(text("DROP TABLE IF EXISTS touched"))
    session.execute(text("CREATE TEMPORARY TABLE touched (account_key int, date date) ON COMMIT DROP"))
    copy_frame(session, "touched", touched, ("account_key", "date"))
    if level is not None:
        session.execute(text(_ACCOUNT_LEVEL), {"level": level})
    if not moved.is_empty():
        copy_frame(session, "touched", moved.unique().join(touched, on=moved.columns, how="anti"), moved.columns)
    if retyped:
        session.execute(text(_RETYPED), {"campaigns": list(retyped)})
    where = session.execute(text(_TOUCHED)).mappings().one()
    if not where["accounts"]:
        return
    # A load below the bulk has no statistics yet.
    session.execute(text("SET LOCAL enable_nestloop = off"))
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    if not moved.is_empty() or session.execute(text(_SEVERAL_LEVELS), dict(where)).scalar_one():
        session.execute(text(_RECOUNT), dict(where) | {"unknown": UNKNOWN})
    _rebuild(session, "core.daily_rollup", "date", dict(where) | {"days": where["dates"]}, _DAYS)
    first, last = min(where["months"]), _end_of_month(max(where["months"]))
    months = dict(where) | {"days": where["months"], "first": first, "last": last}
    _rebuild(session, "core.monthly_rollup", "month", months, _MONTHS)
    session.execute(text("RESET enable_nestloop"))
    session.execute(text("RESET work_mem"))


def _rebuild(session: WriteSession, rollup: str, day: str, where: dict[str, Any], select: str) -> None:
    """Replace a rollup's rows of the touched accounts and days.

    The sums go through a temporary table, because PostgreSQL adds up in parallel for one but not for an INSERT.
    """
    session.execute(text("DROP TABLE IF EXISTS rolled"))
    session.execute(text(f"CREATE TEMPORARY TABLE rolled ON COMMIT DROP AS {select}"), where)
    session.execute(text(f"DELETE FROM {rollup} WHERE account_key = ANY (:accounts) AND {day} = ANY (:days)"), where)
    columns = ", ".join(session.execute(text("SELECT * FROM rolled LIMIT 0")).keys())
    session.execute(text(f"INSERT INTO {rollup} ({columns}) SELECT {columns} FROM rolled"))


def _end_of_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)


def renew_statistics(session: WriteSession, rows: int, tables: str) -> None:
    """Let the planner know of a bulk load at once: nothing else ever gathers statistics of a partitioned table.

    Rows without statistics look like a handful, and the rollups of a million would be built by sorting on disk.
    """
    if rows >= _BULK:
        connection = session.connection()
        access.become_owner(connection)
        session.execute(text("SET LOCAL default_statistics_target = 10"))  # of every partition 3,000 rows tell enough
        session.execute(text(f"ANALYZE {tables}"))
        session.execute(text("RESET default_statistics_target"))
        access.become_writer(connection)


FACTS = """core.performance (entity_key, date, level, account_key, campaign_key, load_key), core.campaign,
    core.ad_group, core.ad, core.account, core.account_level, ops.account_grant"""
ROLLUPS = "core.daily_rollup, core.monthly_rollup"

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

# The accounts and days to look at: a little more than was touched where several accounts were, and never a day else.
_TOUCHED = """
SELECT array_agg(DISTINCT account_key) AS accounts, array_agg(DISTINCT date) AS dates,
       array_agg(DISTINCT date_trunc('month', date)::date) AS months
FROM touched
"""

_SEVERAL_LEVELS = """
SELECT EXISTS (
    SELECT FROM core.account_level WHERE account_key = ANY (:accounts) GROUP BY account_key HAVING count(*) > 1)
"""

# A campaign-day is made up of its own row if there is one, else of its ad groups, else of its ads. Rows about the
# whole account count only on days on which nothing finer is known. Ads whose campaign is not known yet are part of
# whatever coarser rows the account has. Keywords never count: they cover search alone.
_RECOUNT = """
UPDATE core.performance p SET counted = w.counted
FROM (
    SELECT q.entity_key, q.date, q.level, CASE
        WHEN q.level = 'keyword' THEN false
        WHEN q.level = 'account' THEN NOT bool_or(q.level IN ('campaign', 'ad_group', 'ad'))
            OVER (PARTITION BY q.account_key, q.date)
        ELSE q.level = CASE WHEN q.campaign_key = ANY (ARRAY(
                SELECT c.campaign_key FROM core.campaign c
                WHERE c.account_key = ANY (:accounts) AND c.campaign_id = :unknown))
            THEN min(q.level) FILTER (WHERE q.level IN ('campaign', 'ad_group', 'ad'))
                OVER (PARTITION BY q.account_key, q.date)
            ELSE min(q.level) FILTER (WHERE q.level IN ('campaign', 'ad_group', 'ad'))
                OVER (PARTITION BY q.campaign_key, q.date) END END AS counted
    FROM core.performance q
    WHERE q.account_key = ANY (:accounts) AND q.date = ANY (:dates)
) w
WHERE p.date = ANY (:dates) AND p.entity_key = w.entity_key AND p.date = w.date AND p.level = w.level
  AND p.counted <> w.counted
"""

_SUMS = """
    bool_and(p.is_final) AS is_final, sum(p.impressions) AS impressions, sum(p.clicks) AS clicks,
    sum(p.spend) AS spend, sum(p.conversions) AS conversions, sum(p.conversion_value) AS conversion_value
"""

_DAYS = f"""
SELECT p.account_key, p.date, c.campaign_type, {_SUMS},
       sum(p.spend) FILTER (WHERE p.conversion_value IS NOT NULL) AS spend_with_value
FROM core.performance p
JOIN core.campaign c ON c.campaign_key = p.campaign_key
WHERE p.counted AND p.account_key = ANY (:accounts) AND p.date = ANY (:dates)
GROUP BY p.account_key, p.date, c.campaign_type
"""

_MONTHS = f"""
SELECT p.campaign_key, d.month_start AS month, p.account_key, {_SUMS}
FROM core.performance p
JOIN core.day d ON d.date = p.date
WHERE p.counted AND p.account_key = ANY (:accounts) AND d.month_start = ANY (:months)
  AND p.date BETWEEN :first AND :last
GROUP BY p.campaign_key, d.month_start, p.account_key
"""
