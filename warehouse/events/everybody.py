"""Journeys of everybody: new tables beside the old ones, which are then dropped."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from warehouse import access
from warehouse.events.inputs import STEPS, Inputs


def build_everybody(inputs: Inputs) -> int:
    """Build the journeys of all of an advertiser's customers; how many there are."""
    for setting in _IN_BULK:
        inputs.execute(f"SET LOCAL {setting}")
    access.become_owner(inputs.session.connection())
    inputs.execute("DELETE FROM core.touched_customer WHERE advertiser_key = :advertiser")
    if not inputs.channels():
        inputs.give_steps(_touches(inputs))
    slices = _slices(inputs)
    journeys = sum(_build_goal(inputs, goal, slices) for goal in inputs.goals)
    _exchange(inputs)
    for setting in _IN_BULK:
        inputs.execute(f"RESET {setting.partition(' ')[0]}")
    access.become_writer(inputs.session.connection())
    return journeys


def _slices(inputs: Inputs) -> list[str]:
    """Conditions that divide customers among as many processes as may work on one query.

    Each of them reads all touches, and sorts and adds up its own customers'. PostgreSQL by itself would let them sort,
    and one process do all the rest.
    """
    processes = int(inputs.execute("SHOW max_parallel_workers_per_gather").scalar_one())
    if processes < 2:
        return ["true"]
    percent = float(inputs.execute(_SAMPLED).scalar_one())
    shares = [number / processes for number in range(1, processes)]
    sql = _BOUNDS.format(counts=inputs.counted_touches, percent=percent)
    bounds = inputs.execute(sql, shares=shares).scalar_one()
    if bounds is None:
        return ["true"]
    between = (f"customer_key >= {low} AND customer_key < {high}" for low, high in pairwise(bounds))
    return [f"customer_key < {bounds[0]}", *between, f"customer_key >= {bounds[-1]}"]


def _build_goal(inputs: Inputs, goal: str, slices: list[str]) -> int:
    """Build a new table of the goal's journeys, ready to take its place; how many there are."""
    table = _next(inputs, goal)
    count = _write(inputs, goal, slices)
    if inputs.execute(_MISSES_STEPS.format(table=table)).scalar_one():
        # A channel that the advertiser never had. To look for such before would cost every build a tenth.
        inputs.execute(f"DROP TABLE {table}")
        inputs.give_steps(_touches(inputs))
        count = _write(inputs, goal, slices)
    for statement in _FINISH:
        inputs.execute(statement.format(table=table, advertiser=inputs.advertiser_key, goal=goal))
    return count


def _write(inputs: Inputs, goal: str, slices: list[str]) -> int:
    # A table, and neither a subquery nor a temporary table: those are read in one process only.
    goals = f"core.journey_{inputs.advertiser_key}_goal"
    conversions = _CONVERSIONS.format(counts=inputs.counted_conversions(goal))
    inputs.run(f"CREATE UNLOGGED TABLE {goals} AS {inputs.goals_of(conversions)}")
    inputs.execute(f"ANALYZE {goals}")
    steps = STEPS.format(advertiser=inputs.advertiser_key)
    built = " UNION ALL ".join(
        inputs.journeys(goal, _touches(inputs, slice_, steps), f"(SELECT * FROM {goals} WHERE {slice_})")
        for slice_ in slices
    )
    count = inputs.run(f"CREATE TABLE {_next(inputs, goal)} AS {built}")
    inputs.execute(f"DROP TABLE {goals}")
    return count


def _exchange(inputs: Inputs) -> None:
    """Put the new tables in the place of the old ones."""
    name = f"journey_{inputs.advertiser_key}"
    inputs.execute(f"DROP TABLE IF EXISTS core.{name}")
    inputs.execute(f"CREATE TABLE core.{name} PARTITION OF core.journey FOR VALUES IN (:advertiser) "
                   "PARTITION BY LIST (kind)")  # fmt: skip
    for goal in inputs.goals:
        inputs.execute(f"ALTER TABLE {_next(inputs, goal)} RENAME TO {name}_{goal}")
        inputs.execute(f"ALTER TABLE core.{name} ATTACH PARTITION core.{name}_{goal} FOR VALUES IN ('{goal}')")


def _next(inputs: Inputs, goal: str) -> str:
    """The table that becomes the goal's partition."""
    return f"core.journey_{inputs.advertiser_key}_{goal}_next"


def _touches(inputs: Inputs, slice_: str = "true", steps: str = "") -> str:
    """What stands behind FROM for the touches of a slice, whose condition is the first to be looked at."""
    return f"core.touchpoint AS t {steps} WHERE {slice_} AND {inputs.counted_touches}"


_IN_BULK: Final = (
    "work_mem = '256MB'",
    "maintenance_work_mem = '256MB'",
    "parallel_leader_participation = off",  # one process puts together and writes what the others made
    "enable_mergejoin = off",
    # Every row is needed: an index would lead to each of them by itself.
    "enable_indexscan = off",
    "enable_bitmapscan = off",
)

# So many percent of the pages are about a thousand.
_SAMPLED = """
SELECT least(100, 100 * 1000 * 8192 / greatest(1, sum(pg_relation_size(p.relid))))
FROM pg_partition_tree('core.touchpoint') p WHERE p.isleaf
"""
_BOUNDS = """
SELECT percentile_disc(CAST(:shares AS float8[])) WITHIN GROUP (ORDER BY t.customer_key)
FROM core.touchpoint AS t TABLESAMPLE SYSTEM ({percent}) REPEATABLE (0) WHERE {counts}
"""

_CONVERSIONS = "(SELECT c.customer_key, c.conversion_key, c.at FROM core.conversion AS c WHERE {counts})"

_MISSES_STEPS = "SELECT EXISTS (SELECT FROM {table} WHERE length(path) < least(touches, 200))"

# With the condition of the partition that it becomes, so that its rows are looked through once.
_FINISH: Final = (
    """ALTER TABLE {table} ALTER advertiser_key SET NOT NULL, ALTER customer_key SET NOT NULL, ALTER kind SET NOT NULL,
           ALTER ending SET NOT NULL, ALTER date SET NOT NULL, ALTER ended_at SET NOT NULL,
           ALTER touches SET NOT NULL, ALTER path SET NOT NULL,
           ADD CHECK (advertiser_key = {advertiser} AND kind = '{goal}')""",
    "ALTER TABLE {table} ADD PRIMARY KEY (customer_key, ending, kind, advertiser_key)",
    "CREATE INDEX ON {table} (date)",
    "ANALYZE {table}",
)
