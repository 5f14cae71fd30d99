"""What a warehouse holds, to be compared, and what must hold of it after every load."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from warehouse.access import Reader
from warehouse.sessions import Warehouse

EVERYTHING = Reader("user:1", "reads every account")  # granted to in conftest.py

# Everything that a load may change besides its own books.
DATA = (
    "core.account", "core.campaign", "core.ad_group", "core.ad", "core.keyword", "core.measurement",
    "core.performance", "core.performance_version", "core.account_level", "core.daily_rollup", "core.monthly_rollup",
    "core.fx_rate", "core.order_day", "core.web_session_day",
)  # fmt: skip
BOOKS = ("landing.load", "landing.load_account", "landing.rejected_row", "landing.finding", "landing.column_mapping")


def rows(warehouse: Warehouse, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The answer of a statement, asked as the program itself."""
    with warehouse.writing() as session:
        return [tuple(row) for row in session.execute(text(sql), parameters)]


def seen(warehouse: Warehouse, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The same, asked as somebody who may read every account; the mart shows nothing to anybody else."""
    with warehouse.reading(EVERYTHING) as session:
        return [tuple(row) for row in session.execute(text(sql), parameters)]


def one(warehouse: Warehouse, sql: str, **parameters: Any) -> Any:
    """The one value that a reader of everything sees."""
    ((value,),) = seen(warehouse, sql, **parameters)
    return value


def dump(warehouse: Warehouse, *tables: str) -> dict[str, list[str]]:
    """Every row of the tables as text, sorted: equal exactly when the tables are."""
    return {t: [r[0] for r in rows(warehouse, f"SELECT t::text FROM {t} t ORDER BY 1")] for t in tables or DATA}


def facts(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """``core.performance`` in the platforms' own words, free of keys: the same for the same facts."""
    return rows(
        warehouse,
        """SELECT a.platform, a.account_id, p.level::text, c.campaign_id, coalesce(g.ad_group_id, dg.ad_group_id) AS g,
                  d.ad_id, p.date, p.counted, p.is_final, p.impressions, p.clicks, p.spend, p.conversions,
                  p.conversion_value, m.click_definition, m.attribution_setting, m.conversion_basis
           FROM core.performance p
           JOIN core.account a ON a.account_key = p.account_key
           JOIN core.campaign c ON c.campaign_key = p.campaign_key
           JOIN core.measurement m ON m.measurement_key = p.measurement_key
           LEFT JOIN core.ad_group g ON p.level = 'ad_group' AND g.ad_group_key = p.entity_key
           LEFT JOIN core.ad d ON p.level = 'ad' AND d.ad_key = p.entity_key
           LEFT JOIN core.ad_group dg ON dg.ad_group_key = d.ad_group_key
           ORDER BY 1, 2, 3, 4, 5, 6, 7""",
    )


def campaign_days(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """``mart.campaign_daily``: account, campaign, day and its five sums, in order."""
    return seen(
        warehouse,
        """SELECT account_id, campaign_id, date_day, impressions, clicks, spend, conversions, conversion_value
           FROM mart.campaign_daily ORDER BY 1, 2, 3""",
    )


def assert_consistent(warehouse: Warehouse) -> None:
    """Rollups are what recomputing them gives, what counts follows the rule, facts stand where their entities do."""
    for name, sql in _MUST_BE_EMPTY.items():
        assert rows(warehouse, sql) == [], name


_SUMS = (
    "bool_and(p.is_final), sum(p.impressions)::bigint, sum(p.clicks)::bigint, sum(p.spend), sum(p.conversions), "
    "sum(p.conversion_value)"
)
_DAYS = f"""
SELECT p.account_key, p.date, c.campaign_type, {_SUMS}, sum(p.spend) FILTER (WHERE p.conversion_value IS NOT NULL)
FROM core.performance p JOIN core.campaign c ON c.campaign_key = p.campaign_key
WHERE p.counted GROUP BY 1, 2, 3
"""
_DAYS_STORED = """
SELECT account_key, date, campaign_type, is_final, impressions, clicks, spend, conversions, conversion_value,
       spend_with_value FROM core.daily_rollup
"""
_MONTHS = f"""
SELECT p.campaign_key, date_trunc('month', p.date)::date, p.account_key, {_SUMS}
FROM core.performance p WHERE p.counted GROUP BY 1, 2, 3
"""
_MONTHS_STORED = """
SELECT campaign_key, month, account_key, is_final, impressions, clicks, spend, conversions, conversion_value
FROM core.monthly_rollup
"""
_COUNTED = """
SELECT p.*, CASE
    WHEN p.level = 'keyword' THEN false
    WHEN p.level = 'account' THEN NOT EXISTS (SELECT FROM core.performance q WHERE q.account_key = p.account_key
        AND q.date = p.date AND q.level IN ('campaign', 'ad_group', 'ad'))
    WHEN c.campaign_id = '(unknown)' THEN NOT EXISTS (SELECT FROM core.performance q
        WHERE q.account_key = p.account_key AND q.date = p.date
        AND q.level IN ('campaign', 'ad_group', 'ad') AND q.level < p.level)
    ELSE NOT EXISTS (SELECT FROM core.performance q WHERE q.campaign_key = p.campaign_key AND q.date = p.date
        AND q.level IN ('campaign', 'ad_group', 'ad') AND q.level < p.level) END AS should_count
FROM core.performance p JOIN core.campaign c ON c.campaign_key = p.campaign_key
"""


def _differing(computed: str, stored: str) -> str:
    return f"(({computed}) EXCEPT ({stored})) UNION ALL (({stored}) EXCEPT ({computed}))"


_MUST_BE_EMPTY = {
    "daily rollup": _differing(_DAYS, _DAYS_STORED),
    "monthly rollup": _differing(_MONTHS, _MONTHS_STORED),
    "counted": f"SELECT entity_key, date, level FROM ({_COUNTED}) w WHERE counted <> should_count",
    "campaign of its account": """
        SELECT p.entity_key FROM core.performance p LEFT JOIN core.campaign c ON c.campaign_key = p.campaign_key
        WHERE c.account_key IS DISTINCT FROM p.account_key""",
    "entity of its campaign": """
        SELECT p.entity_key FROM core.performance p
        LEFT JOIN core.ad_group g ON p.level = 'ad_group' AND g.ad_group_key = p.entity_key
        LEFT JOIN core.ad d ON p.level = 'ad' AND d.ad_key = p.entity_key
        LEFT JOIN core.keyword k ON p.level = 'keyword' AND k.keyword_key = p.entity_key
        WHERE p.campaign_key IS DISTINCT FROM CASE p.level WHEN 'ad_group' THEN g.campaign_key
            WHEN 'ad' THEN d.campaign_key WHEN 'keyword' THEN k.campaign_key ELSE p.entity_key END""",
    "children of their parents": """
        SELECT d.ad_key FROM core.ad d JOIN core.ad_group g ON g.ad_group_key = d.ad_group_key
        WHERE (d.campaign_key, d.account_key) <> (g.campaign_key, g.account_key)
        UNION ALL SELECT g.ad_group_key FROM core.ad_group g JOIN core.campaign c ON c.campaign_key = g.campaign_key
        WHERE g.account_key <> c.account_key""",
    "span of levels": """
        SELECT p.account_key, p.level FROM core.performance p
        LEFT JOIN core.account_level v ON v.account_key = p.account_key AND v.level = p.level
        GROUP BY p.account_key, p.level, v.first_day, v.last_day
        HAVING v.first_day IS NULL OR min(p.date) < v.first_day OR max(p.date) > v.last_day""",
    "loads add up": """
        SELECT load_key FROM landing.load WHERE rows_read <> accepted + rejected + skipped
           OR skipped <> coalesce((SELECT sum(v::bigint) FROM jsonb_each_text(skipped_by_reason) AS e (k, v)), 0)""",
    "every rejected row is kept": """
        SELECT l.load_key FROM landing.load l LEFT JOIN landing.rejected_row r ON r.load_key = l.load_key
        WHERE l.status <> 'refused' GROUP BY l.load_key, l.rejected HAVING count(r.load_key) <> l.rejected""",
    "restated rows have a version": """
        SELECT l.load_key FROM landing.load l WHERE l.dataset = 'performance' AND l.vanished <>
            (SELECT count(*) FROM core.performance_version v WHERE v.superseded_by = l.load_key AND v.vanished)""",
}  # fmt: skip
