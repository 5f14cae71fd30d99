"""Journeys of the customers who were touched since the last build: as much of them as can have changed.

What changed since a time changes no conversion's journey that ended before, and no null path of a window that ended one
lookback before. So a day more is a matter of the customers of that day and their last weeks.
"""

from __future__ import annotations

from warehouse.events.inputs import STEPS, Inputs


def build_touched(inputs: Inputs) -> tuple[int, int]:
    """Build anew what can have changed, and write what did; how many customers and journeys that were."""
    inputs.execute(_NO_TOUCHED)
    customers: int = inputs.execute(_TAKE_TOUCHED).rowcount
    journeys = _rebuild(inputs) if customers else 0
    inputs.execute("DROP TABLE touched")
    return customers, journeys


def _rebuild(inputs: Inputs) -> int:
    inputs.execute("ANALYZE touched")
    first = inputs.execute("SELECT min(reads_from) FROM touched").scalar_one()
    inputs.execute(_TOUCHES.format(counts=inputs.counted_touches), first=first)
    inputs.give_steps("touch AS t")
    touches = f"touch AS t {STEPS.format(advertiser=inputs.advertiser_key)}"
    built = " UNION ALL ".join(
        inputs.journeys(goal, touches, f"({inputs.goals_of(_conversions(inputs, goal))})") for goal in inputs.goals
    )
    journeys = inputs.run(_REBUILD.format(built=built))
    inputs.execute(_REMOVE)
    inputs.execute(_STORE)
    inputs.execute("DROP TABLE touch, rebuilt")
    return journeys


def _conversions(inputs: Inputs, goal: str) -> str:
    return _CONVERSIONS.format(counts=inputs.counted_conversions(goal))


_NO_TOUCHED = """
CREATE TEMPORARY TABLE touched (
    customer_key bigint PRIMARY KEY, since timestamptz NOT NULL, first_window bigint NOT NULL,
    reads_from timestamptz NOT NULL) ON COMMIT DROP
"""

# What is rebuilt of a customer: journeys to conversions since then, and null paths of the window that one lookback
# earlier lies in and of later ones. All their touches are read, which begin where that window does.
_TAKE_TOUCHED = """
WITH taken AS (
    DELETE FROM core.touched_customer WHERE advertiser_key = :advertiser RETURNING customer_key, since),
changed AS (
    SELECT customer_key, greatest(min(coalesce(since, '1970-01-01')), '1970-01-01') AS since
    FROM taken GROUP BY customer_key),
counted AS (
    SELECT customer_key, since,
           greatest(since::date - date '1970-01-01' - :lookback, 0) + mod(customer_key, :lookback) AS day
    FROM changed)
INSERT INTO touched
SELECT customer_key, since, day - mod(day, :lookback),
       date '1970-01-01' + CAST(day - mod(day, :lookback) - mod(customer_key, :lookback) AS int)
FROM counted
"""

_TOUCHES = """
CREATE TEMPORARY TABLE touch ON COMMIT DROP AS
SELECT t.customer_key, t.at, t.channel
FROM touched d JOIN core.touchpoint t ON t.customer_key = d.customer_key AND t.at >= d.reads_from
WHERE t.at >= :first AND {counts}
"""

_CONVERSIONS = """(
    SELECT c.customer_key, c.conversion_key, c.at
    FROM touched AS d JOIN core.conversion AS c ON c.customer_key = d.customer_key AND c.at >= d.reads_from
    WHERE {counts})"""

# Of what is older, built has parts of journeys that stay as they are.
_REBUILD = """
CREATE TEMPORARY TABLE rebuilt ON COMMIT DROP AS
SELECT r.* FROM ({built}) AS r JOIN touched t ON t.customer_key = r.customer_key
WHERE CASE WHEN r.ending > 0 THEN r.ended_at >= t.since ELSE -r.ending >= t.first_window END
"""

# Journeys that came out as before stay where they are: most of the work is writing, in many places at once.
_REMOVE = """
DELETE FROM core.journey j USING touched t
WHERE j.advertiser_key = :advertiser AND j.customer_key = t.customer_key
  AND CASE WHEN j.ending > 0 THEN j.ended_at >= t.since ELSE -j.ending >= t.first_window END
  AND NOT EXISTS (SELECT FROM rebuilt r WHERE r.customer_key = j.customer_key AND r.ending = j.ending
                                          AND r.kind = j.kind AND ROW(r.*) IS NOT DISTINCT FROM ROW(j.*))
"""
_STORE = "INSERT INTO core.journey SELECT * FROM rebuilt ON CONFLICT DO NOTHING"
