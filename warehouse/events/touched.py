"""Journeys of the customers who were touched since the last build: as much of them as can have changed.

What changed since a time changes no conversion's journey that ended before. With a conversion since then, now or at the
last build, it changes no null path of a window that ended one lookback before, and without one none of a window that
ended before. So a day more is a matter of the customers of that day and their last weeks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from warehouse.events.inputs import STEPS, Inputs


def build_touched(inputs: Inputs) -> tuple[int, int]:
    """Build anew what can have changed, and write what did; how many customers and journeys that were."""
    inputs.execute(_NO_TOUCHED)
    with _found_by_key(inputs):
        customers: int = inputs.execute(_TAKE_TOUCHED).rowcount
    journeys = _rebuild(inputs) if customers else 0
    inputs.execute("DROP TABLE touched")
    return customers, journeys


def _rebuild(inputs: Inputs) -> int:
    inputs.execute("ANALYZE touched")
    first = inputs.execute("SELECT min(reads_from) FROM touched").scalar_one()
    with _found_by_key(inputs):
        inputs.execute(_TOUCHES.format(counts=inputs.counted_touches), first=first)
        inputs.execute(_CONVERSIONS)
        inputs.execute(_STANDING)
    inputs.give_steps("touch AS t")
    touches = f"touch AS t {STEPS.format(advertiser=inputs.advertiser_key)}"
    built = " UNION ALL ".join(
        inputs.journeys(goal, touches, f"({inputs.goals_of(_conversions(inputs, goal))})", "converted")
        for goal in inputs.goals
    )
    journeys = inputs.run(_REBUILD.format(built=built))
    with _found_by_key(inputs):
        inputs.execute(_REMOVE)
    inputs.execute(_STORE)
    inputs.execute("DROP TABLE touch, converted, standing, rebuilt")
    return journeys


@contextlib.contextmanager
def _found_by_key(inputs: Inputs) -> Iterator[None]:
    """Find the few among the many by their keys; the planner would rather read all of those that are recent."""
    for setting in _NO_JOINS_OF_ALL:
        inputs.execute(f"SET LOCAL {setting} = off")
    yield
    for setting in _NO_JOINS_OF_ALL:
        inputs.execute(f"RESET {setting}")


def _conversions(inputs: Inputs, goal: str) -> str:
    return (
        f"(SELECT c.customer_key, c.conversion_key, c.at FROM converted AS c WHERE {inputs.counted_conversions(goal)})"
    )


_NO_JOINS_OF_ALL = ("enable_hashjoin", "enable_mergejoin")

_NO_TOUCHED = """
CREATE TEMPORARY TABLE touched (
    customer_key bigint PRIMARY KEY, since timestamptz NOT NULL, first_window bigint NOT NULL,
    reads_from timestamptz NOT NULL) ON COMMIT DROP
"""

# What is rebuilt of a customer: journeys to conversions since then, and null paths from the window on that this time
# lies in. Touches that lead to a conversion, or led to one that is no more, can lie one lookback before. All touches
# from the first window on are read. In the order of customers, who are close to each other where they are looked up.
_TAKE_TOUCHED = """
WITH taken AS (
    DELETE FROM core.touched_customer WHERE advertiser_key = :advertiser RETURNING customer_key, since),
changed AS (
    SELECT customer_key, greatest(min(coalesce(since, '1970-01-01')), '1970-01-01') AS since
    FROM taken GROUP BY customer_key),
reaching AS MATERIALIZED (
    SELECT customer_key, since, CASE WHEN EXISTS (
        SELECT FROM core.conversion c WHERE c.customer_key = d.customer_key AND c.at >= d.since
        UNION ALL
        SELECT FROM core.journey j WHERE j.advertiser_key = :advertiser AND j.customer_key = d.customer_key
                                     AND j.ending > 0 AND j.ended_at >= d.since) THEN :lookback ELSE 0 END AS reach
    FROM changed d),
counted AS (
    SELECT customer_key, since,
           greatest(since::date - date '1970-01-01' - reach, 0) + mod(customer_key, :lookback) AS day
    FROM reaching)
INSERT INTO touched
SELECT customer_key, since, day - mod(day, :lookback),
       date '1970-01-01' + CAST(day - mod(day, :lookback) - mod(customer_key, :lookback) AS int)
FROM counted ORDER BY customer_key
"""

_TOUCHES = """
CREATE TEMPORARY TABLE touch ON COMMIT DROP AS
SELECT t.customer_key, t.at, t.channel
FROM touched d JOIN core.touchpoint t ON t.customer_key = d.customer_key AND t.at >= d.reads_from
WHERE t.at >= :first AND {counts}
"""

_CONVERSIONS = """
CREATE TEMPORARY TABLE converted ON COMMIT DROP AS
SELECT c.* FROM touched d JOIN core.conversion c ON c.customer_key = d.customer_key AND c.at >= d.reads_from
"""

_CAN_CHANGE = "CASE WHEN {j}.ending > 0 THEN {j}.ended_at >= t.since ELSE -{j}.ending >= t.first_window END"

_STANDING = f"""
CREATE TEMPORARY TABLE standing ON COMMIT DROP AS
SELECT j.* FROM touched t JOIN core.journey j ON j.advertiser_key = :advertiser AND j.customer_key = t.customer_key
WHERE {_CAN_CHANGE.format(j="j")}
"""

# Of what is older, built has parts of journeys that stay as they are.
_REBUILD = f"""
CREATE TEMPORARY TABLE rebuilt ON COMMIT DROP AS
SELECT r.* FROM ({{built}}) AS r JOIN touched t ON t.customer_key = r.customer_key WHERE {_CAN_CHANGE.format(j="r")}
"""

# Journeys that came out as before stay where they are: most of the work is writing, in many places at once.
_REMOVE = """
DELETE FROM core.journey j USING (SELECT * FROM standing EXCEPT SELECT * FROM rebuilt) s
WHERE j.advertiser_key = :advertiser AND j.customer_key = s.customer_key AND j.ending = s.ending AND j.kind = s.kind
"""
_STORE = """
INSERT INTO core.journey SELECT * FROM (SELECT * FROM rebuilt EXCEPT SELECT * FROM standing) n ORDER BY customer_key
"""
