"""Which of two series moves first: an exploration, which proves no cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import fdtrc, ndtri

from ml.lift.panel import Floats
from warehouse.errors import BadSetting, NotEnoughData

EXPLORATION: Final = (
    "Exploration: what moves first need not be a cause. Budgets follow expected sales, and both follow seasons; "
    "only a test tells what ads bring."
)


@dataclass(frozen=True, slots=True, eq=False)
class LeadLag:
    """How ``one`` and ``other`` move after each other.

    ``correlations`` (2 L + 1,) are those of one with other ``lags`` periods later, after each is freed of what its own
    past tells; by chance any lies beyond ``band`` in one of twenty pairs of series. ``leads`` is the p-value of whether
    the past of one helps to tell other, ``follows`` the reverse. ``words`` say what this is.
    """

    lags: tuple[int, ...]
    correlations: Floats
    band: float
    leads: float
    follows: float
    words: str = EXPLORATION


def lead_lag(one: Floats, other: Floats, most: int = 14) -> LeadLag:
    """Cross-correlations of prewhitened series (Box and Jenkins 1976, ch. 11), and Granger's F test (1969) both ways.

    Series (T,) are differenced first, and autoregressions are of order ``most``. Raises :class:`NotEnoughData` for
    fewer than five periods a parameter or a series that does not move, :class:`BadSetting` for series of two lengths.
    """
    if one.size != other.size:
        raise BadSetting(f"One series has {one.size} periods, the other {other.size}.")
    if most < 1:
        raise BadSetting(f"most == {most}, must be 1 or more.")
    if one.size < 5 * (2 * most + 1):
        raise NotEnoughData(
            f"{one.size} periods are too few to look {most} periods back and forth.",
            remedy=f"Give {5 * (2 * most + 1)} or more, or look less far.",
        )
    steps = np.diff(one), np.diff(other)
    if any(series.std() <= 1e-12 * max(abs(float(series.mean())), 1e-300) for series in steps):
        raise NotEnoughData("One of the series does not move, so nothing moves after it.")
    first, second = (_innovations(series, most) for series in steps)
    lags = tuple(range(-most, most + 1))
    correlations = np.array([_correlation(first, second, lag) for lag in lags])
    band = float(-ndtri(0.025 / len(lags))) / np.sqrt(first.size)
    return LeadLag(
        lags, correlations, float(band), _granger(steps[0], steps[1], most), _granger(steps[1], steps[0], most)
    )


def _past(series: Floats, order: int) -> Floats:
    """(T - order, order) the periods before each."""
    return np.column_stack([series[order - lag : series.size - lag] for lag in range(1, order + 1)])


def _residual(target: Floats, *columns: Floats) -> Floats:
    design = np.column_stack([np.ones(target.size), *columns])
    error: Floats = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    return error


def _innovations(series: Floats, order: int) -> Floats:
    return _residual(series[order:], _past(series, order))


def _correlation(one: Floats, other: Floats, lag: int) -> float:
    size = one.size
    early, late = (one[: size - lag], other[lag:]) if lag >= 0 else (one[-lag:], other[: size + lag])
    return float(early @ late / np.sqrt((one @ one) * (other @ other)))


def _granger(cause: Floats, effect: Floats, order: int) -> float:
    target, own = effect[order:], _past(effect, order)
    without, with_ = _residual(target, own), _residual(target, own, _past(cause, order))
    df = target.size - 2 * order - 1
    ratio = (float(without @ without) - float(with_ @ with_)) / order / (float(with_ @ with_) / df)
    return float(fdtrc(order, df, max(ratio, 0.0)))
