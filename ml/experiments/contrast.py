"""Two arms' means and how sure they are, adjusted for what was known before: all that an interval needs.

Adjustment is CUPED with any number of covariates (Deng, Xu, Kohavi and Walker 2013), with the coefficients of both arms
pooled; ratios are linearised by the delta method. Strata are weighted by their share of both arms (Miratrix, Sekhon
and Yu 2013). Units in clusters come as ratios of cluster totals, so that only clusters need to be independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.experiments.moments import Floats, Moments
from warehouse.errors import BadSetting, NotEnoughData

Strata = tuple[Moments, ...]  # of one arm; without strata there is one


@dataclass(frozen=True, slots=True)
class Quantity:
    """A mean over units, or where there is a ``denominator``, a ratio of two means."""

    numerator: str
    denominator: str | None = None


@dataclass(frozen=True, slots=True)
class Contrast:
    """What an outcome was in two arms.

    ``treated`` and ``control`` are estimates of the two levels, adjusted; ``var_treated``, ``var_control`` and
    ``covariance`` of these estimates. ``n`` units (or clusters) are in both arms together, ``df`` are the degrees of
    freedom of the difference (Welch 1947), ``theta`` the coefficients of the covariates.
    """

    treated: float
    control: float
    var_treated: float
    var_control: float
    covariance: float
    n: int
    df: float
    theta: tuple[float, ...] = ()

    @property
    def difference(self) -> float:
        """Treated less control."""
        return self.treated - self.control

    @property
    def se(self) -> float:
        """The standard error of the difference."""
        return self.se_of(1.0)

    def se_of(self, factor: float) -> float:
        """The standard error of treated less ``factor`` times control."""
        variance = self.var_treated - 2 * factor * self.covariance + factor**2 * self.var_control
        return float(np.sqrt(max(variance, 0.0)))


def mean_contrast(treated: Strata, control: Strata, outcome: Quantity, covariates: Sequence[Quantity] = ()) -> Contrast:
    """Compare a mean or a ratio of two arms, which have the same strata in the same order.

    Raises :class:`NotEnoughData` where an arm of a stratum has fewer than two units, where nothing varies in an arm, or
    where a denominator is not above zero.
    """
    if len(treated) != len(control) or not treated:
        raise BadSetting("both arms must have the same strata, and there must be one.")
    quantities = (outcome, *covariates)
    together = tuple(one + other for one, other in zip(treated, control, strict=True))
    sizes = np.array([both.n for both in together], dtype=np.float64)
    weights = sizes / sizes.sum() if sizes.sum() else sizes
    one, other = _arm(treated, weights, quantities), _arm(control, weights, quantities)
    theta = _theta(together, weights, quantities)
    part = sum(moments.n for moments in treated) / sizes.sum()
    apart = one.levels[1:] - other.levels[1:]
    contrast = np.concatenate([[1.0], -theta])
    spread, other_spread = one.along(contrast), other.along(contrast)
    for arm, variance in ((one, spread), (other, other_spread)):
        if variance.sum() <= _NOTHING * arm.levels[0] ** 2:
            raise NotEnoughData(
                f"{_said(outcome)} does not vary in an arm: it is {arm.levels[0]:g} for every unit.",
                remedy="Wait for more units; if it is 0 or 1, compare its share, whose interval holds for rare events.",
            )
    total = spread.sum() + other_spread.sum()
    df = total**2 / ((spread**2 / one.freedom).sum() + (other_spread**2 / other.freedom).sum())
    # Levels are both moved to the covariates' mean in both arms together, which is itself estimated from both.
    in_one = np.array([[1.0, *(-(1 - part) * theta)], [0.0, *(part * theta)]])
    in_other = np.array([[0.0, *((1 - part) * theta)], [1.0, *(-part * theta)]])
    covariance = in_one @ one.covariance @ in_one.T + in_other @ other.covariance @ in_other.T
    return Contrast(
        float(one.levels[0] - (1 - part) * theta @ apart),
        float(other.levels[0] + part * theta @ apart),
        float(covariance[0, 0]),
        float(covariance[1, 1]),
        float(covariance[0, 1]),
        int(sizes.sum()),
        float(df),
        tuple(theta.tolist()),
    )


@dataclass(frozen=True, slots=True)
class Level:
    """What a quantity is over one set of units.

    ``variance`` is that of one unit's part in it (of a ratio, linearised), after what the covariates explain, which is
    the part ``explained`` of what it is without them.
    """

    level: float
    variance: float
    explained: float


def level_of(units: Moments, outcome: Quantity, covariates: Sequence[Quantity] = ()) -> Level:
    """The level of a quantity, and how far single units are from it. Raises as :func:`mean_contrast`."""
    quantities, weights = (outcome, *covariates), np.ones(1)
    slopes = _slopes(units, units.means, quantities)
    spread = slopes @ units.covariance @ slopes.T
    whole = float(spread[0, 0])
    if whole <= _NOTHING * _level(units, units.means, outcome) ** 2:
        raise NotEnoughData(f"{_said(outcome)} does not vary.", remedy="Take more units, or another metric.")
    explained = float(spread[0, 1:] @ _theta((units,), weights, quantities)) / whole
    return Level(_level(units, units.means, outcome), whole * (1 - explained), explained)


_NOTHING = 1e-24  # of a squared level: what is left of a variance of zero after rounding


@dataclass(frozen=True, slots=True, eq=False)
class _Arm:
    """Levels (q,) of quantities, and for each of s strata the covariance (s, q, q) of its part in them."""

    levels: Floats
    parts: Floats
    freedom: Floats

    @property
    def covariance(self) -> Floats:
        return np.asarray(self.parts.sum(axis=0), dtype=np.float64)

    def along(self, direction: Floats) -> Floats:
        """(s,) variances of a combination of the levels."""
        return np.asarray(np.einsum("i,sij,j->s", direction, self.parts, direction), dtype=np.float64)


def _arm(strata: Strata, weights: Floats, quantities: Sequence[Quantity]) -> _Arm:
    means = np.einsum("s,sk->k", weights, np.array([moments.means for moments in strata]))
    slopes = _slopes(strata[0], means, quantities)
    parts = np.array(
        [w**2 * slopes @ moments.covariance @ slopes.T / moments.n for w, moments in zip(weights, strata, strict=True)]
    )
    return _Arm(_levels(strata[0], means, quantities), parts, np.array([moments.n - 1.0 for moments in strata]))


def _theta(together: Strata, weights: Floats, quantities: Sequence[Quantity]) -> Floats:
    """(c,) coefficients of the covariates, from deviations within strata; of covariates in line, the smallest."""
    means = np.einsum("s,sk->k", weights, np.array([moments.means for moments in together]))
    slopes = _slopes(together[0], means, quantities)
    products = slopes @ np.sum([moments.products for moments in together], axis=0) @ slopes.T
    scale = np.sqrt(products.diagonal()[1:])
    scale = np.where(scale > 0, scale, 1.0)
    correlations = products[1:, 1:] / np.outer(scale, scale)
    solved = np.linalg.pinv(correlations, rcond=1e-10, hermitian=True) @ (products[1:, 0] / scale)
    return np.asarray(solved / scale, dtype=np.float64)


def _levels(names: Moments, means: Floats, quantities: Sequence[Quantity]) -> Floats:
    return np.array([_level(names, means, quantity) for quantity in quantities])


def _level(names: Moments, means: Floats, quantity: Quantity) -> float:
    above = float(means[names.place(quantity.numerator)])
    if quantity.denominator is None:
        return above
    below = float(means[names.place(quantity.denominator)])
    if below <= 0:
        raise NotEnoughData(
            f"{quantity.denominator} is {below:g} on average in an arm, so nothing can be divided by it.",
            remedy="Take a denominator that is above zero.",
        )
    return above / below


def _slopes(names: Moments, means: Floats, quantities: Sequence[Quantity]) -> Floats:
    """(q, k) how levels change with the means of the columns (the delta method)."""
    slopes = np.zeros((len(quantities), len(names.columns)))
    for row, quantity in enumerate(quantities):
        level = _level(names, means, quantity)
        below = 1.0 if quantity.denominator is None else float(means[names.place(quantity.denominator)])
        slopes[row, names.place(quantity.numerator)] = 1 / below
        if quantity.denominator is not None:
            slopes[row, names.place(quantity.denominator)] -= level / below
    return slopes


def _said(quantity: Quantity) -> str:
    return quantity.numerator if quantity.denominator is None else f"{quantity.numerator}/{quantity.denominator}"
