"""Whether effects wear off, from the halves of units' time as they were last read in the warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ml.experiments.kept_questions import Asked
from ml.experiments.methods import Method
from ml.experiments.metrics import Role
from ml.experiments.moments import Moments
from ml.experiments.novelty import EARLY, LATE, novelty
from warehouse.changes.experiment_results import NoveltyRow
from warehouse.errors import NotEnoughData
from warehouse.queries.experiment_moments import HalfRow


def novelty_rows(
    asked: Sequence[Asked], halves: Sequence[HalfRow], control: str, method: Method
) -> Iterator[NoveltyRow]:
    """The change of every arm's effect on primary means; those that cannot be told yet are left out."""
    by_arm = {(row.metric, row.arm_id): row for row in halves}
    for one in asked:
        if one.metric.role is not Role.primary or not one.is_plain_mean:
            continue
        without = by_arm.get((one.metric.column, control))
        arms = [row for (metric, arm), row in by_arm.items() if metric == one.metric.column and arm != control]
        if without is None:
            continue
        for row in arms:
            try:
                yield _row(one.metric.name, row, without, method)
            except NotEnoughData:
                continue  # a half in which nothing varies; the next week tells


def _row(metric: str, treated: HalfRow, control: HalfRow, method: Method) -> NoveltyRow:
    found = novelty(_moments(treated), _moments(control), method)
    early, late, change = (effect.difference for effect in (found.early, found.late, found.change))
    return NoveltyRow(
        metric, treated.arm_id, treated.as_of, treated.units + control.units,
        early.estimate, early.low, early.high, late.estimate, late.low, late.high,
        change.estimate, change.low, change.high, found.change.p_value, found.words,
    )  # fmt: skip


def _moments(row: HalfRow) -> Moments:
    products = np.array([[row.early_squares, row.products], [row.products, row.late_squares]])
    return Moments((EARLY, LATE), row.units, np.array([row.early, row.late]), products)
