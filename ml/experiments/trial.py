"""A file of units analysed from end to end: guards, effects, segments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from ml.experiments.analysis import Analysis, analyse
from ml.experiments.guards import (
    Guard,
    early_exposure,
    exposure,
    imbalance,
    missing,
    multiple_exposure,
    negative_values,
    sample_ratio,
)
from ml.experiments.methods import FixedHorizon, Method
from ml.experiments.metrics import Metric
from ml.experiments.moments import Counts, Moments
from ml.experiments.novelty import EARLY, LATE, Novelty, novelty
from ml.experiments.questions import Design, covariate_moments, questions_of
from ml.experiments.segments import SegmentResult, segment_results
from ml.experiments.unit_file import UnitTable
from ml.experiments.watch import outage, peeking, renamed
from warehouse.errors import NotEnoughData


@dataclass(frozen=True, slots=True)
class Plan:
    """What was settled before the start: metrics, control, method, shares of the arms, units to be reached."""

    metrics: tuple[Metric, ...]
    control: str
    method: Method
    shares: Mapping[str, float] | None = None
    planned: int | None = None


def analyse_table(table: UnitTable, plan: Plan, design: Design) -> Analysis:
    """Guards first, and if none fails, every arm against the control. Raises as :func:`analyse` and the guards."""
    guards = tuple(guards_of(table, plan, design))
    failed = analyse([], plan.control, plan.method, guards)
    if failed.withheld:
        return failed
    return analyse(questions_of(table.units, table.arms, plan.metrics, design), plan.control, plan.method, guards)


def segments_of(table: UnitTable, plan: Plan, design: Design, columns: Sequence[str]) -> tuple[SegmentResult, ...]:
    """Results among the units of every segment of some label columns. Raises as :func:`analyse`."""
    questions = {
        column: {
            str(key[0] or "(empty)"): questions_of(units, table.arms, plan.metrics, design)
            for key, units in sorted(_parted(table.units, column), key=lambda part: str(part[0]))
        }
        for column in columns
    }
    return segment_results(questions, plan.control, plan.method)


def novelty_of(table: UnitTable, plan: Plan, arm: str, column: str) -> Novelty:
    """Whether the effect on a number changes over each unit's time in the test, which a table with a log tells.

    Time runs from the unit's exposure, where that is known, else from the first day of the log. Raises
    :class:`NotEnoughData` where the log is shorter than two days.
    """
    if table.log is None:
        raise NotEnoughData("Without days nothing can be said of how an effect changes.", remedy="Name their column.")
    halves = _halves(table.log, f"n:{column}")
    names = (EARLY, LATE)
    one, other = (
        Moments.of(names, halves.filter(pl.col("arm") == name).select(names).to_numpy()) for name in (arm, plan.control)
    )
    return novelty(one, other, plan.method)


def guards_of(table: UnitTable, plan: Plan, design: Design) -> Iterator[Guard]:
    """What every guard says that the table and the plan have something for."""
    units, arms = table.units, table.arms
    shared_out = units.unique("cluster") if design.is_clustered else units
    yield from sample_ratio(_counted(shared_out, arms), plan.shares)
    yield multiple_exposure(table.everybody, table.crossed, "clusters" if design.is_clustered else "units")
    if table.unexposed is not None:
        yield exposure(units.height + table.unexposed, table.unexposed, table.before)
    if table.early is not None:
        yield early_exposure(table.everybody, table.early)
    if design.covariates:
        yield imbalance(covariate_moments(units, arms, design))
    for column in dict.fromkeys(name for metric in plan.metrics for name in metric.columns):
        values = units[f"n:{column}"]
        yield missing(column, _counted(units, arms), _counted(units.filter(values.is_null()), arms))
        below = values.filter(values < 0).to_numpy()
        if below.size:
            yield negative_values(column, below.size, float(below.min()))
    if table.log is not None:
        days, seen = _by_day(table.log, arms)
        yield renamed(days, seen)
        yield outage(days, seen)
    if isinstance(plan.method, FixedHorizon):
        yield peeking(units.height, plan.planned)


def _parted(units: pl.DataFrame, column: str) -> list[tuple[tuple[object, ...], pl.DataFrame]]:
    return list(units.group_by(f"l:{column}", maintain_order=True))


def _halves(log: pl.DataFrame, column: str) -> pl.DataFrame:
    """What each unit did in the halves of its time; of an odd number of days the middle one is in neither."""
    first, last = log["day"].min(), log["day"].max()
    since = (pl.col("day") - pl.col("start")).dt.total_days()
    days = (pl.lit(last) - pl.col("start")).dt.total_days() + 1
    timed = log.with_columns(pl.col("start").fill_null(first)).with_columns(since.alias("since"), days.alias("days"))
    value, half = pl.col(column).fill_null(0.0), pl.col("days") // 2
    units = (
        timed.filter(half > 0)
        .group_by("unit")
        .agg(
            pl.col("arm").first(),
            value.filter(pl.col("since") < half).sum().alias(EARLY),
            value.filter(pl.col("since") >= pl.col("days") - half).sum().alias(LATE),
        )
    )
    if not units.height:
        raise NotEnoughData("The log is one day long: it has no halves.", remedy="Wait for another day.")
    return units


def _counted(units: pl.DataFrame, arms: Sequence[str]) -> dict[str, int]:
    sizes = dict(units.group_by("arm").len().iter_rows())
    return {arm: sizes.get(arm, 0) for arm in arms}


def _by_day(log: pl.DataFrame, arms: Sequence[str]) -> tuple[list[dt.date], dict[str, Counts]]:
    """All days from the first to the last, and the rows of each arm on them."""
    rows = {
        day: seen
        for day, *seen in log.group_by("day").agg((pl.col("arm") == arm).sum().alias(arm) for arm in arms).iter_rows()
    }
    first = min(rows)
    days = [first + dt.timedelta(days=number) for number in range((max(rows) - first).days + 1)]
    seen = np.array([rows.get(day, [0] * len(arms)) for day in days], dtype=np.int64)
    return days, dict(zip(arms, seen.T, strict=True))
