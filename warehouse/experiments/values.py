"""What moments cannot say of units: how many have each total, and what they did in the halves of their time.

Each is one text in PostgreSQL's SQL, carried to whatever holds the outcomes, and reads every outcome of a metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from warehouse.dialects import Dialect
from warehouse.experiments.moments import cut_of, placed, quoted, units_of
from warehouse.experiments.totals import SEVERAL_ARMS


def distribution(dialect: Dialect, sources: Mapping[str, str], metric: str, cut_by: str) -> str:
    """How many units of an arm and a cut have each total of a metric; ``sources`` as :func:`moments` takes them.

    Out: arm_key, cut, value, units, of units in one arm. A unit without a row did nothing: its total is zero.
    """
    return placed(dialect, sources, lambda standing: _DISTRIBUTION.format(
        unit=units_of(standing), outcome=standing["outcome"], metric=quoted(metric), cut_by=quoted(cut_by),
        cut=cut_of("t.was"), several=SEVERAL_ARMS,
    ))  # fmt: skip


def halves(dialect: Dialect, sources: Mapping[str, str], metric: str) -> str:
    """Moments of what units did of a metric in the first and in the second half of their time.

    A unit's time is from the day on which it came in (from the first day with an outcome where nobody says when it did)
    to the last day on which any unit did anything; of an odd number of days the middle one is in neither half, and who
    came in on the last day has none.

    Out: arm_key, as_of, units, early, late (means), early_variance, covariance, late_variance (over units, n below).
    """
    return placed(dialect, sources, lambda standing: _HALVES.format(
        unit=units_of(standing), outcome=standing["outcome"], metric=quoted(metric), several=SEVERAL_ARMS,
        did=_day("d.date"), last=_day("s.last"),
        start=_day("CASE WHEN u.entered > DATE '1970-01-01' THEN u.entered ELSE s.first END"),
    ))  # fmt: skip


def _day(date: str) -> str:
    """A day as a number; engines agree on seconds, and on nothing about differences of days."""
    return f"ROUND(EXTRACT(EPOCH FROM CAST({date} AS TIMESTAMP)) / 86400)"


_DISTRIBUTION: Final = """
WITH {unit},
total AS (
    SELECT u.unit_key, u.arm_key,
           COALESCE(SUM(CASE WHEN o.metric = {metric} AND (o.date IS NULL OR o.date >= u.entered) THEN o.value END), 0)
               AS value,
           COALESCE(MAX(CASE WHEN o.metric = {cut_by} THEN o.pre_value END),
                    SUM(CASE WHEN o.metric = {cut_by} AND o.date < u.entered THEN o.value END)) AS was
    FROM unit AS u
    LEFT JOIN {outcome} AS o ON o.unit_key = u.unit_key AND o.metric IN ({metric}, {cut_by})
    WHERE u.arm_key <> {several}
    GROUP BY u.unit_key, u.arm_key
)
SELECT t.arm_key, {cut} AS cut, CAST(t.value AS DOUBLE PRECISION) AS value, COUNT(*) AS units
FROM total AS t
GROUP BY t.arm_key, {cut}, t.value
"""

_HALVES: Final = """
WITH {unit},
did AS (
    SELECT o.unit_key, o.metric, o.date, CAST(o.value AS DOUBLE PRECISION) AS value
    FROM {outcome} AS o
    JOIN unit AS u ON u.unit_key = o.unit_key
    WHERE o.date >= u.entered AND u.arm_key <> {several}
),
span AS (
    SELECT MIN(d.date) AS first, MAX(d.date) AS last FROM did AS d
),
timed AS (
    SELECT u.unit_key, u.arm_key, s.last AS as_of, {start} AS start, {last} + 1 - {start} AS days
    FROM unit AS u
    CROSS JOIN span AS s
    WHERE u.arm_key <> {several}
),
half AS (
    SELECT t.unit_key, t.arm_key, t.as_of,
           COALESCE(SUM(CASE WHEN {did} - t.start < FLOOR(t.days / 2) THEN d.value END), 0) AS early,
           COALESCE(SUM(CASE WHEN {did} - t.start >= t.days - FLOOR(t.days / 2) THEN d.value END), 0) AS late
    FROM timed AS t
    LEFT JOIN did AS d ON d.unit_key = t.unit_key AND d.metric = {metric}
    WHERE t.days >= 2
    GROUP BY t.unit_key, t.arm_key, t.as_of
)
SELECT h.arm_key, h.as_of, COUNT(*) AS units, AVG(h.early) AS early, AVG(h.late) AS late,
       VAR_POP(h.early) AS early_variance, COVAR_POP(h.early, h.late) AS covariance, VAR_POP(h.late) AS late_variance
FROM half AS h
GROUP BY h.arm_key, h.as_of
"""
