"""How long a test takes: what units do and how many come, day by day, from their own history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ml.experiments.contrast import Quantity, level_of
from ml.experiments.moments import Floats, Moments
from ml.experiments.power import Rule, Sizes, minimum_detectable_effect
from warehouse.errors import BadSetting, NotEnoughData


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What a test of 1 to d days would have had.

    ``units`` (d,) that would have come until then, each once; ``levels`` (d,) and ``variances`` (d,) of the metric over
    their days until then, the latter after what covariates explain.
    """

    units: Floats
    levels: Floats
    variances: Floats

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` where the arrays do not belong together or units become fewer."""
        if not self.units.size == self.levels.size == self.variances.size or not self.units.size:
            raise BadSetting("a history has units, levels and variances for each of its days.")
        if (np.diff(self.units) < 0).any() or not (self.variances > 0).all() or not (self.units > 0).all():
            raise BadSetting("units must not become fewer with the days, and variances must be above 0.")

    @property
    def days(self) -> int:
        """How many days it has."""
        return self.units.size


def history_of(windows: Sequence[Moments], outcome: Quantity, covariates: Sequence[Quantity] = ()) -> History:
    """A history from the moments of the units of the first 1, 2, … d days, each with what it did until then.

    Raises as :func:`level_of` and :class:`History`.
    """
    levels = [level_of(window, outcome, covariates) for window in windows]
    return History(
        np.array([window.n for window in windows], dtype=np.float64),
        np.array([each.level for each in levels]),
        np.array([each.variance for each in levels]),
    )


def steady_history(
    days: int, units_a_day: Sequence[float], level: float, variance: float, correlations: Sequence[float] = ()
) -> History:
    """A history from what is known of single days.

    ``units_a_day`` are new units on each day, of which the last week goes on; ``level`` and ``variance`` are of a unit
    on one day, ``correlations`` of its days with those 1, 2, … days later, of which the last holds for all later ones.
    A unit that comes on a later day has fewer days; the variance is that of units with the mean number of days.
    Raises :class:`BadSetting` for correlations that cannot be.
    """
    coming = np.asarray(units_a_day, dtype=np.float64)
    if days < 1 or not coming.size or (coming < 0).any() or not coming.any():
        raise BadSetting("a history needs days, and units that come on them.")
    rho = np.asarray(correlations if len(correlations) else [0.0], dtype=np.float64)
    if (np.abs(rho) > 1).any():
        raise BadSetting("correlations must be from -1 to 1.")
    week = coming[-7:]
    new = np.concatenate([coming, np.tile(week, days // week.size + 1)])[:days]
    units = np.cumsum(new)
    stays = np.cumsum(units) / np.maximum(units, np.finfo(float).tiny)  # days per unit until then
    lags = np.arange(1, days)
    lasting = np.concatenate([rho, np.full(max(days - 1 - rho.size, 0), rho[-1])])[: days - 1]
    variances = np.array(
        [variance * (stay + 2 * float((np.clip(stay - lags, 0, None) * lasting).sum())) for stay in stays]
    )
    if (variances <= 0).any():
        raise BadSetting("these correlations leave no variance.", remedy="Take them from the same units.")
    first = int(np.argmax(units > 0))
    return History(np.maximum(units, units[first]), level * stays, variances)


def detectable_by_day(history: History, sizes: Sizes, rule: Rule) -> Floats:
    """(d,) the smallest effect, as a part of the level, that a test of 1 to d days finds as often as planned.

    ``sizes`` give the shares of the arms; the deviation is that of the history. Raises :class:`NotEnoughData` where the
    level is not above zero.
    """
    if not (history.levels > 0).all():
        raise NotEnoughData("The metric's level is not above 0.", remedy="Plan by its absolute effect.")
    by_day = zip(history.units, history.levels, np.sqrt(history.variances), strict=True)
    return np.array(
        [
            minimum_detectable_effect(max(int(units), 2), replace(sizes, sd=float(sd)), rule) / level
            for units, level, sd in by_day
        ]
    )


def duration(effect: float, history: History, sizes: Sizes, rule: Rule, *, whole: int = 7) -> int:
    """Days to find ``effect``, a part of the level, as often as planned; a multiple of ``whole`` days.

    Weeks are kept whole because days of the week differ. Raises :class:`NotEnoughData` where the history is too short
    to get there, with what it gets to.
    """
    found = detectable_by_day(history, sizes, rule)
    lengths = np.arange(whole, history.days + 1, whole)
    enough = lengths[found[lengths - 1] <= abs(effect)]
    if not enough.size:
        raise NotEnoughData(
            f"{history.days} days do not find an effect of {abs(effect):.2%}; they find {found.min():.2%}.",
            remedy="Plan a longer test, a larger effect, more units, or covariates that explain more.",
        )
    return int(enough[0])
