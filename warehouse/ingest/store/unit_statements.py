"""The SQL by which rows about units get into the warehouse.

``incoming_unit`` has the rows as they came, each with its unit's digest; ``unit_of`` the units that they are about.
"""

from __future__ import annotations

from typing import Final

STAGE: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_unit (
    line int, experiment_key int, digest uuid, name text, identifier_key bigint, customer_key bigint, arm_key int,
    stratum text, cluster_digest uuid,
    at timestamptz, until timestamptz, metric text, date date, value numeric(18, 6), pre_value numeric(18, 6),
    is_treated boolean
) ON COMMIT DROP
"""

# A unit that is not known by this digest may be known by another one of the same person, unless it is assigned now.
UNITS: Final = (
    "ANALYZE incoming_unit",
    "DROP TABLE IF EXISTS unit_of",
    """
CREATE TEMPORARY TABLE unit_of ON COMMIT DROP AS
SELECT DISTINCT ON (s.experiment_key, s.digest) s.experiment_key, s.digest, s.name, s.identifier_key,
       coalesce(i.customer_key, s.customer_key) AS customer_key, u.unit_key
FROM incoming_unit s
LEFT JOIN core.identifier i ON i.identifier_key = s.identifier_key
LEFT JOIN core.experiment_unit u ON u.experiment_key = s.experiment_key AND u.digest = s.digest
ORDER BY s.experiment_key, s.digest, s.line
""",
    """
UPDATE unit_of o SET unit_key = k.unit_key
FROM (
    SELECT u.experiment_key, u.customer_key, min(u.unit_key) AS unit_key FROM core.experiment_unit u
    WHERE u.customer_key IS NOT NULL AND u.experiment_key = ANY (:experiments)
    GROUP BY u.experiment_key, u.customer_key HAVING count(*) = 1
) k
WHERE NOT :assigns AND o.unit_key IS NULL AND k.experiment_key = o.experiment_key AND k.customer_key = o.customer_key
""",
    """
WITH made AS (
    INSERT INTO core.experiment_unit (experiment_key, digest, name, identifier_key, customer_key)
    SELECT experiment_key, digest, name, identifier_key, customer_key FROM unit_of WHERE unit_key IS NULL
    RETURNING experiment_key, digest, unit_key
)
UPDATE unit_of o SET unit_key = m.unit_key FROM made m
WHERE m.experiment_key = o.experiment_key AND m.digest = o.digest
""",
    "ANALYZE unit_of",
)

# An exposure without an arm is to the arm that its unit was put into, if that is one. Each unit's is looked up by the
# key of assignments, for how many units are in one arm alone the planner cannot know.
SETTLE_ARMS: Final = """
UPDATE incoming_unit s SET arm_key = (
    SELECT CASE WHEN count(*) = 1 THEN min(a.arm_key) END FROM core.assignment a
    WHERE a.experiment_key = o.experiment_key AND a.unit_key = o.unit_key)
FROM unit_of o
WHERE s.arm_key IS NULL AND o.experiment_key = s.experiment_key AND o.digest = s.digest
"""
OF_NO_ARM: Final = "DELETE FROM incoming_unit WHERE arm_key IS NULL RETURNING line"

_ROWS: Final = """
s AS (SELECT i.*, o.unit_key FROM incoming_unit i
      JOIN unit_of o ON o.experiment_key = i.experiment_key AND o.digest = i.digest)
"""

_ASSIGNMENT: Final = f"""
WITH {_ROWS}, k AS (
    SELECT experiment_key, unit_key, arm_key, min(at) AS at, max(until) AS until, max(stratum) AS stratum,
           CAST(max(CAST(cluster_digest AS text)) AS uuid) AS cluster_digest, count(*) AS lines FROM s
    GROUP BY experiment_key, unit_key, arm_key
), judged AS (
    SELECT k.*, t.unit_key IS NULL AS fresh, t.unit_key IS NOT NULL
           AND (least(k.at, t.at), coalesce(k.until, t.until), coalesce(k.stratum, t.stratum),
                coalesce(k.cluster_digest, t.cluster_digest))
               IS DISTINCT FROM (t.at, t.until, t.stratum, t.cluster_digest) AS changed
    FROM k LEFT JOIN core.assignment t
      ON t.experiment_key = k.experiment_key AND t.unit_key = k.unit_key AND t.arm_key = k.arm_key
), written AS (
    INSERT INTO core.assignment (experiment_key, unit_key, arm_key, at, until, stratum, cluster_digest, load_key)
    SELECT experiment_key, unit_key, arm_key, at, until, stratum, cluster_digest, :load FROM judged
    WHERE fresh OR changed
    ON CONFLICT (experiment_key, unit_key, arm_key) DO UPDATE
    SET at = least(assignment.at, excluded.at), until = coalesce(excluded.until, assignment.until),
        stratum = coalesce(excluded.stratum, assignment.stratum),
        cluster_digest = coalesce(excluded.cluster_digest, assignment.cluster_digest), load_key = excluded.load_key
    RETURNING 1
)
SELECT count(*) FILTER (WHERE fresh) AS fresh, count(*) FILTER (WHERE changed) AS changed,
       count(*) FILTER (WHERE NOT fresh AND NOT changed) AS known, coalesce(sum(lines - 1), 0)::bigint AS repeated,
       (SELECT count(*) FROM written) AS written
FROM judged
"""

_EXPOSURE: Final = f"""
WITH {_ROWS}, k AS (
    SELECT experiment_key, unit_key, arm_key, at, count(*) AS lines FROM s
    GROUP BY experiment_key, unit_key, arm_key, at
), written AS (
    INSERT INTO core.exposure (experiment_key, unit_key, arm_key, at, load_key)
    SELECT experiment_key, unit_key, arm_key, at, :load FROM k ON CONFLICT DO NOTHING
    RETURNING 1
), counted AS (SELECT count(*) AS fresh FROM written)
SELECT c.fresh, 0 AS changed, count(*) - c.fresh AS known, coalesce(sum(k.lines - 1), 0)::bigint AS repeated
FROM k CROSS JOIN counted c GROUP BY c.fresh
"""

# A row with several metrics is fresh when any of them is. Of rows that say the same thing the last one counts.
_OUTCOME: Final = f"""
WITH {_ROWS}, ranked AS (
    SELECT s.*, coalesce(s.date, '-infinity') AS day,
           row_number() OVER (PARTITION BY s.experiment_key, s.unit_key, s.metric, s.date ORDER BY s.line DESC) = 1
               AS counts
    FROM s
), judged AS (
    SELECT r.*, t.unit_key IS NULL AS fresh, t.unit_key IS NOT NULL
           AND (coalesce(r.value, t.value), coalesce(r.pre_value, t.pre_value), coalesce(r.is_treated, t.is_treated))
               IS DISTINCT FROM (t.value, t.pre_value, t.is_treated) AS changed
    FROM ranked r LEFT JOIN core.unit_outcome t
      ON t.experiment_key = r.experiment_key AND t.unit_key = r.unit_key AND t.metric = r.metric
     AND coalesce(t.date, '-infinity') = r.day
), written AS (
    INSERT INTO core.unit_outcome (experiment_key, unit_key, metric, date, value, pre_value, is_treated, load_key)
    SELECT experiment_key, unit_key, metric, date, value, pre_value, is_treated, :load FROM judged
    WHERE counts AND (fresh OR changed)
    ON CONFLICT (experiment_key, unit_key, metric, date) DO UPDATE
    SET value = coalesce(excluded.value, unit_outcome.value),
        pre_value = coalesce(excluded.pre_value, unit_outcome.pre_value),
        is_treated = coalesce(excluded.is_treated, unit_outcome.is_treated), load_key = excluded.load_key
    RETURNING 1
), lines AS (
    SELECT line, bool_or(counts AND fresh) AS fresh, bool_or(counts AND changed) AS changed, bool_or(counts) AS counts
    FROM judged GROUP BY line
)
SELECT count(*) FILTER (WHERE fresh) AS fresh, count(*) FILTER (WHERE changed AND NOT fresh) AS changed,
       count(*) FILTER (WHERE counts AND NOT fresh AND NOT changed) AS known,
       count(*) FILTER (WHERE NOT counts) AS repeated, (SELECT count(*) FROM written) AS written
FROM lines
"""

WRITE: Final = {"assignment": _ASSIGNMENT, "exposure": _EXPOSURE, "outcome": _OUTCOME}

# Outcomes that name their arm assign the unit to it, at a time that nobody says.
ASSIGN_BY_OUTCOME: Final = """
INSERT INTO core.assignment (experiment_key, unit_key, arm_key, stratum, cluster_digest, load_key)
SELECT i.experiment_key, o.unit_key, i.arm_key, max(i.stratum), CAST(max(CAST(i.cluster_digest AS text)) AS uuid),
       CAST(:load AS int)
FROM incoming_unit i JOIN unit_of o ON o.experiment_key = i.experiment_key AND o.digest = i.digest
WHERE i.arm_key IS NOT NULL GROUP BY i.experiment_key, o.unit_key, i.arm_key ON CONFLICT DO NOTHING
"""

# What a person should know: code -> the words, and how often.
FINDINGS: Final = {
    "unit_in_several_arms": (
        "Units that are in more than one arm: {n}. They stay, and belong to no arm when arms are compared.",
        """
SELECT count(*) FROM (
    SELECT 1 FROM core.assignment a
    JOIN (SELECT DISTINCT experiment_key, unit_key FROM unit_of) o USING (experiment_key, unit_key)
    GROUP BY a.experiment_key, a.unit_key HAVING count(*) > 1) x
""",
    ),
    "not_assigned": (
        "Units that are in no arm: {n}. Load their assignments too, or they count nowhere.",
        """
SELECT count(*) FROM (SELECT DISTINCT experiment_key, unit_key FROM unit_of) o
WHERE NOT EXISTS (SELECT FROM core.assignment a
                  WHERE a.experiment_key = o.experiment_key AND a.unit_key = o.unit_key)
  AND NOT EXISTS (SELECT FROM core.unit_outcome t WHERE t.experiment_key = o.experiment_key
                  AND t.unit_key = o.unit_key AND t.is_treated IS NOT NULL)
""",
    ),
    "exposed_to_another_arm": (
        "Exposures to another arm than the unit was put into: {n}.",
        """
SELECT count(*) FROM incoming_unit i JOIN unit_of o ON o.experiment_key = i.experiment_key AND o.digest = i.digest
WHERE i.at IS NOT NULL AND i.metric IS NULL AND i.arm_key IS NOT NULL
  AND EXISTS (SELECT FROM core.assignment a WHERE a.experiment_key = o.experiment_key AND a.unit_key = o.unit_key)
  AND NOT EXISTS (SELECT FROM core.assignment a WHERE a.experiment_key = o.experiment_key
                  AND a.unit_key = o.unit_key AND a.arm_key = i.arm_key)
""",
    ),
    "outside_of_the_period": (
        "Rows before the start or after the stop of their experiment: {n}.",
        """
SELECT count(*) FROM incoming_unit i JOIN core.experiment e ON e.experiment_key = i.experiment_key
WHERE i.metric IS NULL AND (i.at < e.starts_at OR i.at > e.stops_at)
""",
    ),
    "unregistered_metric": (
        "Values of metrics that the definition does not name: {n}.",
        """
SELECT count(*) FROM incoming_unit i JOIN core.experiment e ON e.experiment_key = i.experiment_key
WHERE e.is_registered AND i.metric IS NOT NULL
  AND EXISTS (SELECT FROM core.experiment_metric m WHERE m.experiment_key = i.experiment_key)
  AND NOT EXISTS (SELECT FROM core.experiment_metric m
                  WHERE m.experiment_key = i.experiment_key
                    AND (i.metric IN (m.metric, m.outcome, m.denominator) OR i.metric = ANY (m.covariates)))
""",
    ),
}
