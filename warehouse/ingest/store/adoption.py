"""Facts that waited under a stand-in move to the real campaign, ad group or ad once a table tells which that is.

Tables that are landed one by one name only what they must: spend by ad with neither campaign nor ad group,
conversions by ad without even the account. Until another table tells, such an entity stands in for the real one:
under the parent "(unknown)", or in the platform's own account. A stand-in is an entity with the same id, each of whose
parents is the same or such a placeholder. When the real one is made, in whichever order the tables come, it takes over
the stand-in's facts, versions and children, and the stand-in goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import polars as pl
from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.ingest.contract import Level
from warehouse.ingest.store.entities import UNKNOWN

_TOUCHED = pl.Schema({"account_key": pl.Int32(), "date": pl.Date()})


@dataclass(frozen=True, slots=True)
class Adopted:
    """``entities`` are those that took over facts, by level; ``touched`` the account-days whose totals changed."""

    entities: Mapping[Level, AbstractSet[int]]
    touched: pl.DataFrame


def adopt(
    session: WriteSession, made: Mapping[Level, AbstractSet[int]], load_key: int, *, across_accounts: bool
) -> Adopted:
    """Let the entities that a load has just made take over what waits for them.

    ``across_accounts`` also looks into the platform's own account; not so when a person named the account of the file,
    because then the same rows may be meant to be there twice.
    """
    keys = {
        "campaigns": list(made.get("campaign", ())),
        "ad_groups": list(made.get("ad_group", ())),
        "ads": list(made.get("ad", ())),
        "keywords": list(made.get("keyword", ())),
        "across": across_accounts,
        "unknown": UNKNOWN,
        "load": load_key,
    }
    nothing = Adopted({}, pl.DataFrame(schema=_TOUCHED))
    if not any(made.values()) or not session.execute(text(_ANY_STAND_IN), keys).scalar_one():
        return nothing
    session.execute(text(_TABLES))
    for statement in (_FIND_CAMPAIGNS, _FIND_AD_GROUPS, *map(_find_children, ("ad", "keyword"))):
        session.execute(text(statement), keys)
    if not session.execute(text("SELECT EXISTS (SELECT FROM adopted)")).scalar_one():
        return nothing
    for statement in (_REPARENT_AD_GROUPS, *map(_reparent_children, ("ad", "keyword")), *_MOVING):
        session.execute(text(statement))
    days = session.execute(text(_DAYS)).all()
    for statement in (*_MOVE_FACTS, *_MOVE_TOUCHPOINTS):
        session.execute(text(statement), keys)
    for statement in _REMOVE_STAND_INS:
        session.execute(text(statement), keys)
    new = session.execute(text("SELECT DISTINCT level::text AS level, new_key FROM moving")).all()
    return Adopted(
        {level: {r.new_key for r in new if r.level == level} for level in ("campaign", "ad_group", "ad", "keyword")},
        pl.DataFrame({"account_key": [d.account_key for d in days], "date": [d.date for d in days]}, schema=_TOUCHED),
    )


def remove_empty_stand_ins(session: WriteSession) -> None:
    """Remove placeholders that nothing stands under."""
    for statement in (_EMPTY_AD_GROUPS, _EMPTY_CAMPAIGNS):
        session.execute(text(statement), {"unknown": UNKNOWN})


_ANY_STAND_IN = """
SELECT EXISTS (SELECT FROM core.campaign WHERE campaign_id = :unknown)
    OR EXISTS (SELECT FROM core.ad_group WHERE ad_group_id = :unknown)
    OR :across AND EXISTS (SELECT FROM core.account WHERE account_id = platform)
"""

_TABLES = """
DROP TABLE IF EXISTS adopted;
CREATE TEMPORARY TABLE adopted (
    level core.level NOT NULL, old_key int NOT NULL, new_key int NOT NULL, UNIQUE (level, new_key),
    UNIQUE (level, old_key)
) ON COMMIT DROP;
DROP TABLE IF EXISTS moving;
CREATE TEMPORARY TABLE moving (
    level core.level NOT NULL, old_key int NOT NULL, new_key int NOT NULL, campaign_key int NOT NULL,
    account_key int NOT NULL
) ON COMMIT DROP
"""

# Accounts (o, n) of which the first may hold what belongs to the second.
_ACCOUNTS = """
JOIN core.account na ON na.account_key = n.account_key
JOIN core.account oa ON oa.platform = na.platform AND (oa.account_key = na.account_key
    OR :across AND oa.account_id = oa.platform AND na.account_id <> na.platform
       AND (oa.currency = na.currency OR NOT oa.currency_is_stated))
"""

_FIND_CAMPAIGNS = f"""
INSERT INTO adopted
SELECT CAST('campaign' AS core.level), o.campaign_key, n.campaign_key
FROM core.campaign n
{_ACCOUNTS}
JOIN core.campaign o ON o.account_key = oa.account_key AND o.campaign_id = n.campaign_id
    AND o.campaign_key <> n.campaign_key
WHERE n.campaign_key = ANY (CAST(:campaigns AS int[])) AND NOT n.id_is_name AND NOT o.id_is_name
ON CONFLICT DO NOTHING
"""

_FIND_AD_GROUPS = f"""
INSERT INTO adopted
SELECT CAST('ad_group' AS core.level), o.ad_group_key, n.ad_group_key
FROM core.ad_group n
{_ACCOUNTS}
JOIN core.campaign nc ON nc.campaign_key = n.campaign_key
JOIN core.ad_group o ON o.account_key = oa.account_key AND o.ad_group_id = n.ad_group_id
    AND o.ad_group_key <> n.ad_group_key
JOIN core.campaign oc ON oc.campaign_key = o.campaign_key
WHERE n.ad_group_key = ANY (CAST(:ad_groups AS int[])) AND n.ad_group_id <> :unknown
  AND (oc.campaign_id = :unknown OR oc.campaign_id = nc.campaign_id)
UNION
SELECT CAST('ad_group' AS core.level), o.ad_group_key, n.ad_group_key
FROM adopted c
JOIN core.ad_group o ON o.campaign_key = c.old_key
JOIN core.ad_group n ON n.campaign_key = c.new_key AND n.ad_group_id = o.ad_group_id
WHERE c.level = 'campaign'
ON CONFLICT DO NOTHING
"""


def _find_children(kind: str) -> str:
    return f"""
INSERT INTO adopted
SELECT CAST('{kind}' AS core.level), o.{kind}_key, n.{kind}_key
FROM core.{kind} n
{_ACCOUNTS}
JOIN core.ad_group ng ON ng.ad_group_key = n.ad_group_key
JOIN core.{kind} o ON o.account_key = oa.account_key AND o.{kind}_id = n.{kind}_id AND o.{kind}_key <> n.{kind}_key
JOIN core.ad_group og ON og.ad_group_key = o.ad_group_key
WHERE n.{kind}_key = ANY (CAST(:{kind}s AS int[])) AND n.{kind}_id <> :unknown
  AND (og.ad_group_id = :unknown OR og.ad_group_id = ng.ad_group_id)
UNION
SELECT CAST('{kind}' AS core.level), o.{kind}_key, n.{kind}_key
FROM adopted g
JOIN core.{kind} o ON o.ad_group_key = g.old_key
JOIN core.{kind} n ON n.ad_group_key = g.new_key AND n.{kind}_id = o.{kind}_id
WHERE g.level = 'ad_group'
ON CONFLICT DO NOTHING
"""


# Children that only the stand-in has come along.
_REPARENT_AD_GROUPS = """
UPDATE core.ad_group g SET campaign_key = n.campaign_key, account_key = n.account_key
FROM adopted c JOIN core.campaign n ON n.campaign_key = c.new_key
WHERE c.level = 'campaign' AND g.campaign_key = c.old_key
  AND NOT EXISTS (SELECT FROM adopted x WHERE x.level = 'ad_group' AND x.old_key = g.ad_group_key)
"""


def _reparent_children(kind: str) -> str:
    return f"""
UPDATE core.{kind} e SET ad_group_key = n.ad_group_key
FROM adopted g JOIN core.ad_group n ON n.ad_group_key = g.new_key
WHERE g.level = 'ad_group' AND e.ad_group_key = g.old_key
  AND NOT EXISTS (SELECT FROM adopted x WHERE x.level = '{kind}' AND x.old_key = e.{kind}_key);
UPDATE core.{kind} e SET campaign_key = g.campaign_key, account_key = g.account_key
FROM core.ad_group g
WHERE g.ad_group_key = e.ad_group_key AND (g.campaign_key, g.account_key) <> (e.campaign_key, e.account_key)
  AND (e.campaign_key IN (SELECT old_key FROM adopted WHERE level = 'campaign')
       OR g.ad_group_key IN (SELECT new_key FROM adopted WHERE level = 'ad_group'))
  AND NOT EXISTS (SELECT FROM adopted x WHERE x.level = '{kind}' AND x.old_key = e.{kind}_key)
"""


# Every entity whose facts get another key, campaign or account: the adopted ones, and those that came along.
_MOVING = (
    """
INSERT INTO moving
SELECT x.level, x.old_key, x.new_key, c.campaign_key, c.account_key
FROM adopted x JOIN core.campaign c ON c.campaign_key = x.new_key WHERE x.level = 'campaign'
""",
    *(
        f"""
INSERT INTO moving
SELECT x.level, x.old_key, x.new_key, e.campaign_key, e.account_key
FROM adopted x JOIN core.{kind} e ON e.{kind}_key = x.new_key WHERE x.level = '{kind}'
UNION ALL
SELECT CAST('{kind}' AS core.level), e.{kind}_key, e.{kind}_key, e.campaign_key, e.account_key
FROM core.{kind} e
WHERE (e.campaign_key IN (SELECT new_key FROM adopted WHERE level = 'campaign')
       OR {parent} IN (SELECT new_key FROM adopted WHERE level = 'ad_group'))
  AND NOT EXISTS (SELECT FROM adopted x WHERE x.level = '{kind}' AND e.{kind}_key IN (x.old_key, x.new_key))
"""
        for kind, parent in (("ad_group", "e.ad_group_key"), ("ad", "e.ad_group_key"), ("keyword", "e.ad_group_key"))
    ),
)

_DAYS = """
WITH f AS (
    SELECT DISTINCT p.account_key AS old_account, m.account_key AS new_account, p.date
    FROM core.performance p JOIN moving m ON m.level = p.level AND m.old_key = p.entity_key
)
SELECT old_account AS account_key, date FROM f UNION SELECT new_account, date FROM f
"""

_SAME_DAY = """n.entity_key = m.new_key AND n.level = m.level
    AND o.entity_key = m.old_key AND o.level = m.level AND o.date = n.date AND m.old_key <> m.new_key"""

_MEASURES = ("impressions", "clicks", "spend", "conversions", "conversion_value")
_VERSION = "entity_key, date, level, account_key, campaign_key, measurement_key, load_key"

# A day that both have is one day: the real one's numbers count, the stand-in's fill what it lacks, and where both
# say something else the stand-in's become an earlier version.
_MOVE_FACTS = (
    f"""
INSERT INTO core.performance_version ({_VERSION}, superseded_by, vanished, {", ".join(_MEASURES)})
SELECT m.new_key, o.date, o.level, m.account_key, m.campaign_key, o.measurement_key, o.load_key, :load, false,
       {", ".join(f"o.{c}" for c in _MEASURES)}
FROM moving m, core.performance n, core.performance o
WHERE {_SAME_DAY} AND ({" OR ".join(f"o.{c} <> n.{c}" for c in _MEASURES)})
""",
    f"""
UPDATE core.performance n SET {", ".join(f"{c} = coalesce(n.{c}, o.{c})" for c in _MEASURES)},
    is_final = n.is_final AND o.is_final
FROM moving m, core.performance o WHERE {_SAME_DAY}
""",
    f"DELETE FROM core.performance o USING moving m, core.performance n WHERE {_SAME_DAY}",
    """
UPDATE core.performance p SET entity_key = m.new_key, campaign_key = m.campaign_key, account_key = m.account_key
FROM moving m WHERE p.entity_key = m.old_key AND p.level = m.level
""",
    """
UPDATE core.performance_version v SET entity_key = m.new_key, campaign_key = m.campaign_key,
    account_key = m.account_key
FROM moving m WHERE v.entity_key = m.old_key AND v.level = m.level
""",
    """
INSERT INTO core.account_level (account_key, level, first_day, last_day)
SELECT p.account_key, p.level, min(p.date), max(p.date)
FROM core.performance p JOIN moving m ON m.level = p.level AND m.new_key = p.entity_key
GROUP BY p.account_key, p.level
ON CONFLICT (account_key, level) DO UPDATE
SET first_day = least(account_level.first_day, excluded.first_day),
    last_day = greatest(account_level.last_day, excluded.last_day)
""",
)

# Touchpoints name the campaign, the ad group and the ad, each of which may get another key.
_MOVE_TOUCHPOINTS = tuple(
    f"""
UPDATE core.touchpoint t SET {assigned}, account_key = m.account_key
FROM moving m WHERE m.level = '{kind}' AND t.{kind}_key = m.old_key
"""
    for kind, assigned in (
        ("ad_group", "ad_group_key = m.new_key, campaign_key = m.campaign_key"),
        ("ad", "ad_key = m.new_key, campaign_key = m.campaign_key"),
        ("campaign", "campaign_key = m.new_key"),
    )
)

_REMOVE_STAND_INS = (
    "DELETE FROM core.ad USING adopted x WHERE x.level = 'ad' AND x.old_key = ad_key",
    "DELETE FROM core.keyword USING adopted x WHERE x.level = 'keyword' AND x.old_key = keyword_key",
    "DELETE FROM core.ad_group USING adopted x WHERE x.level = 'ad_group' AND x.old_key = ad_group_key",
    """
DELETE FROM core.monthly_rollup r USING adopted x WHERE x.level = 'campaign' AND x.old_key = r.campaign_key
""",
    # A campaign that published results speak of stays, without facts.
    """
DELETE FROM core.campaign c USING adopted x WHERE x.level = 'campaign' AND x.old_key = c.campaign_key
    AND NOT EXISTS (SELECT FROM results.estimate e WHERE e.campaign_key = c.campaign_key)
""",
    """
DELETE FROM core.account_level v
WHERE v.account_key IN (SELECT account_key FROM core.account WHERE account_id = platform)
  AND NOT EXISTS (SELECT FROM core.performance p WHERE p.account_key = v.account_key AND p.level = v.level)
""",
)

_EMPTY_AD_GROUPS = """
DELETE FROM core.ad_group g
WHERE g.ad_group_id = :unknown
  AND NOT EXISTS (SELECT FROM core.ad a WHERE a.ad_group_key = g.ad_group_key)
  AND NOT EXISTS (SELECT FROM core.keyword k WHERE k.ad_group_key = g.ad_group_key)
  AND NOT EXISTS (SELECT FROM core.performance p WHERE p.entity_key = g.ad_group_key AND p.level = 'ad_group')
"""

_EMPTY_CAMPAIGNS = """
WITH empty AS (
    SELECT c.campaign_key FROM core.campaign c
    WHERE c.campaign_id = :unknown
      AND NOT EXISTS (SELECT FROM core.ad_group g WHERE g.campaign_key = c.campaign_key)
      AND NOT EXISTS (SELECT FROM core.performance p
                      WHERE p.entity_key = c.campaign_key AND p.level IN ('campaign', 'account'))
      AND NOT EXISTS (SELECT FROM results.estimate e WHERE e.campaign_key = c.campaign_key)
), months AS (
    DELETE FROM core.monthly_rollup r USING empty e WHERE e.campaign_key = r.campaign_key
)
DELETE FROM core.campaign c USING empty e WHERE e.campaign_key = c.campaign_key
"""
