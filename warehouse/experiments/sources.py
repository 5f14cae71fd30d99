"""Where an experiment's units and outcomes stand in the warehouse: all of them, or those that changed, now and then.

What changed stands in the logs of changes, as it was when the moments were last brought up to date. So the units
concerned can be taken out as they went in, and put in anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from warehouse.schema.experiments import Counted

Ask = Callable[..., Any]
Sources = Mapping[str, str]


def everybody(experiment_key: int, counts: Counted) -> Sources:
    """All units that count, and all outcomes, in the words of PostgreSQL."""
    return _placed(experiment_key, {"assignment": _assignment(_ASSIGNED, _EXPOSED, counts), "outcome": _OUTCOME})


def before_changes(experiment_key: int, counts: Counted) -> Sources:
    """The units that changed, as they were; after :func:`take_changes`."""
    return _placed(
        experiment_key, {"assignment": _assignment(_ASSIGNED_THEN, _EXPOSED_THEN, counts), "outcome": _OUTCOME_THEN}
    )


def after_changes(experiment_key: int, counts: Counted) -> Sources:
    """The same units as they are."""
    return _placed(
        experiment_key, {"assignment": _assignment(_ASSIGNED_NOW, _EXPOSED, counts), "outcome": _OUTCOME_NOW}
    )


def take_changes(ask: Ask, *, clusters: bool) -> tuple[int, int]:
    """Take the changes out of their logs; how many units changed, and how many of them were assigned before.

    With clusters, all units of theirs change with a unit. What is taken stands in temporary tables until
    :func:`drop_changes`.
    """
    for statement in _TAKE:
        ask(statement)
    if clusters:
        ask(_WHOLE_CLUSTERS)
    for statement in _LOOK_UP:
        ask(statement)
    units, known = ask(_CONCERNED).one()
    return int(units), int(known)


def drop_changes(ask: Ask) -> None:
    """Drop what :func:`take_changes` made."""
    ask("DROP TABLE changed_unit, outcome_then, assignment_then, exposure_then, outcome_now, assignment_now")


def _placed(experiment_key: int, queries: Sources) -> Sources:
    return {name: f"({query.replace(':experiment', str(experiment_key))})" for name, query in queries.items()}


def _assignment(rows: str, exposed: str, counts: Counted) -> str:
    """Units with the day on which they came in; who came in at a time that nobody says came in before all others."""
    at = "x.at" if counts is Counted.exposed else "a.at"
    joined = f"JOIN ({exposed}) AS x ON x.unit_key = a.unit_key" if counts is Counted.exposed else ""
    return f"""
SELECT a.unit_key, a.arm_key, COALESCE(CAST({at} AT TIME ZONE 'UTC' AS DATE), DATE '1970-01-01') AS date, a.stratum,
       COALESCE(CAST(a.cluster_digest AS text), CAST(a.unit_key AS text)) AS cluster_key
FROM ({rows}) AS a {joined}
"""


_RAW: Final = "a.unit_key, a.arm_key, a.at, a.stratum, a.cluster_digest"
_ASSIGNED: Final = f"SELECT {_RAW} FROM core.assignment AS a WHERE a.experiment_key = :experiment"
_ASSIGNED_NOW: Final = f"SELECT {_RAW} FROM assignment_now AS a"
_ASSIGNED_THEN: Final = f"""
SELECT {_RAW} FROM assignment_now AS a WHERE NOT EXISTS (
    SELECT 1 FROM assignment_then AS t WHERE t.unit_key = a.unit_key AND t.arm_key = a.arm_key)
UNION ALL
SELECT {_RAW} FROM assignment_then AS a WHERE a.existed
"""
_EXPOSED: Final = """
SELECT e.unit_key, MIN(e.at) AS at FROM core.exposure AS e WHERE e.experiment_key = :experiment GROUP BY e.unit_key
"""
_EXPOSED_THEN: Final = """
SELECT e.unit_key, MIN(e.at) AS at FROM (
    SELECT n.unit_key, n.at FROM core.exposure AS n
    JOIN changed_unit AS c ON c.unit_key = n.unit_key
    WHERE n.experiment_key = :experiment AND NOT EXISTS (
        SELECT 1 FROM exposure_then AS t WHERE t.unit_key = n.unit_key AND t.arm_key = n.arm_key AND t.at = n.at)
    UNION ALL
    SELECT t.unit_key, t.at FROM exposure_then AS t WHERE t.existed) AS e
GROUP BY e.unit_key
"""

_OUTCOME: Final = """
SELECT a.unit_key, a.metric, a.date, a.value, a.pre_value FROM core.unit_outcome AS a
WHERE a.experiment_key = :experiment
"""
_OUTCOME_NOW: Final = "SELECT a.unit_key, a.metric, a.date, a.value, a.pre_value FROM outcome_now AS a"
_OUTCOME_THEN: Final = f"""
{_OUTCOME_NOW} WHERE NOT EXISTS (
    SELECT 1 FROM outcome_then AS t
    WHERE t.unit_key = a.unit_key AND t.metric = a.metric AND t.date IS NOT DISTINCT FROM a.date)
UNION ALL
SELECT a.unit_key, a.metric, a.date, a.value, a.pre_value FROM outcome_then AS a WHERE a.existed
"""

# Of several changes the first says what was added up.
_TAKE: Final = (
    """
CREATE TEMPORARY TABLE outcome_then ON COMMIT DROP AS
SELECT DISTINCT ON (unit_key, metric, date) unit_key, metric, date, value, pre_value, existed
FROM core.outcome_change WHERE experiment_key = :experiment ORDER BY unit_key, metric, date, change_key
""",
    """
CREATE TEMPORARY TABLE assignment_then ON COMMIT DROP AS
SELECT DISTINCT ON (unit_key, arm_key) unit_key, arm_key, at, stratum, cluster_digest, existed
FROM core.assignment_change WHERE experiment_key = :experiment ORDER BY unit_key, arm_key, change_key
""",
    """
CREATE TEMPORARY TABLE exposure_then ON COMMIT DROP AS
SELECT DISTINCT ON (unit_key, arm_key, at) unit_key, arm_key, at, existed
FROM core.exposure_change WHERE experiment_key = :experiment ORDER BY unit_key, arm_key, at, change_key
""",
    """
CREATE TEMPORARY TABLE changed_unit ON COMMIT DROP AS
SELECT unit_key FROM outcome_then UNION SELECT unit_key FROM assignment_then UNION SELECT unit_key FROM exposure_then
""",
)
_WHOLE_CLUSTERS: Final = """
INSERT INTO changed_unit
SELECT a.unit_key FROM core.assignment a
WHERE a.experiment_key = :experiment AND a.cluster_digest IN (
    SELECT b.cluster_digest FROM core.assignment b JOIN changed_unit c ON c.unit_key = b.unit_key
    WHERE b.experiment_key = :experiment
    UNION SELECT t.cluster_digest FROM assignment_then t)
EXCEPT SELECT unit_key FROM changed_unit
"""
# How many rows there are is all that has to be known of them.
_LOOK_UP: Final = (
    "SET LOCAL default_statistics_target = 5",
    "ANALYZE changed_unit",
    f"""
CREATE TEMPORARY TABLE outcome_now ON COMMIT DROP AS {_OUTCOME} AND a.unit_key IN (SELECT unit_key FROM changed_unit)
""",
    f"""
CREATE TEMPORARY TABLE assignment_now ON COMMIT DROP AS
{_ASSIGNED} AND a.unit_key IN (SELECT unit_key FROM changed_unit)
""",
    "ANALYZE outcome_then, assignment_then, exposure_then, outcome_now, assignment_now",
    "DELETE FROM core.outcome_change WHERE experiment_key = :experiment",
    "DELETE FROM core.assignment_change WHERE experiment_key = :experiment",
    "DELETE FROM core.exposure_change WHERE experiment_key = :experiment",
)
# Units that are new were nowhere: of them there is nothing to take out.
_CONCERNED: Final = f"""
SELECT (SELECT count(*) FROM changed_unit) AS units, (SELECT count(*) FROM ({_ASSIGNED_THEN}) AS t) AS known
"""
