"""How many units of an experiment have each total of an outcome, which moments cannot say."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.experiments.sources import everybody
from warehouse.experiments.values import distribution
from warehouse.schema.experiments import Counted


@dataclass(frozen=True, slots=True, eq=False)
class UnitTotals:
    """Totals in rising order, and how many units have each."""

    values: array[float]
    units: array[int]


def unit_totals(
    session: ReadSession, experiment_key: int, metric: str, cut_by: str
) -> dict[tuple[str, str], UnitTotals]:
    """How many units have each total of a metric, by arm and cut. Every outcome of the metric is read."""
    sql = "SELECT e.counts::text FROM core.experiment e WHERE e.experiment_key = :key"
    counts = session.execute(text(sql), {"key": experiment_key}).scalar_one_or_none()
    if counts is None:
        return {}
    question = distribution("postgres", everybody(experiment_key, Counted(counts)), metric, cut_by).replace(":", r"\:")
    rows = session.execute(text(_TOTALS.format(totals=question)), execution_options={"stream_results": True})
    found: dict[tuple[str, str], UnitTotals] = {}
    for part in rows.partitions(_AT_ONCE):
        for arm_id, cut, value, units in part:
            totals = found.setdefault((arm_id, cut), UnitTotals(array("d"), array("q")))
            totals.values.append(value)
            totals.units.append(units)
    return found


_TOTALS = """
SELECT r.arm_id, t.cut, t.value, t.units FROM ({totals}) t JOIN core.experiment_arm r ON r.arm_key = t.arm_key
ORDER BY t.value
"""
_AT_ONCE = 20_000
