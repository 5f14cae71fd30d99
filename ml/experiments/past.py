"""What an experiment tells about the next one: of each metric the level, the spread, and what is known before."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from ml.experiments.contrast import Quantity, level_of
from ml.experiments.kept import before, days_of, entered_by_day
from warehouse.errors import NotEnoughData
from warehouse.experiments.totals import UNITS
from warehouse.queries.experiment_moments import KeptMoments


@dataclass(frozen=True, slots=True)
class Past:
    """A metric in the control arm: its mean ``level`` over ``units`` (or clusters), and their deviation ``sd``.

    ``explained`` is the part of its variance that was known before the start. ``units_a_day`` came into all arms
    together, None where no day is known.
    """

    metric: str
    units: int
    level: float
    sd: float
    explained: float
    units_a_day: float | None


def pasts_of(kept: KeptMoments, control: str) -> tuple[Past, ...]:
    """Every metric of which the control arm tells enough; nothing of the effect is in it."""
    now = list(days_of(kept))
    arms = now[-1].by_arm() if now else {}
    if control not in arms:
        return ()
    days, entered = entered_by_day(kept)
    came = sum(int(counts.sum()) for counts in entered.values()) / len(days) if days else None
    units, found = arms[control], []
    counted = UNITS if UNITS in units.columns else None
    known = [
        Quantity(name, counted)
        for name in map(before, kept.metrics)
        if units.products[units.place(name), units.place(name)] > 0
    ]
    for metric in kept.metrics:
        try:
            level = level_of(units, Quantity(metric, counted), known)
        except NotEnoughData:
            continue  # it does not vary yet
        sd = sqrt(level.variance / (1 - level.explained)) if level.explained < 1 else 0.0
        if level.level > 0 and sd > 0:
            found.append(Past(metric, units.n, level.level, sd, max(level.explained, 0.0), came))
    return tuple(found)
