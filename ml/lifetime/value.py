"""What customers will be worth: purchases to come times what each is worth, and what a treatment changed in it.

Standard errors join the luck of which customers there are and that of what was fitted to them: each customer counts by
its own value and by how it pulled at the parameters (the influence function; van der Vaart 1998, chapter 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from ml.lifetime import beta_geometric, gamma_gamma
from ml.lifetime.beta_geometric import BetaGeometric, expected_purchases, fit_bg_nbd
from ml.lifetime.gamma_gamma import GammaGamma, Spending, expected_amounts, fit_gamma_gamma
from ml.lifetime.purchases import Floats, Purchases
from warehouse.errors import BadSetting

_STEPS: Final = 24  # of the horizon, in which what comes later is discounted
_NUDGE: Final = 1e-4  # of a parameter, to see what it does to values


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far ahead, in units of the purchases' time, and by what part a unit of it lowers what money is worth."""

    length: float
    discount: float = 0.0

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting`."""
        if not (np.isfinite(self.length) and self.length > 0):
            raise BadSetting(f"horizon == {self.length}, must be above 0.")
        if not 0 <= self.discount < 1:
            raise BadSetting(f"discount == {self.discount}, must be from 0 to below 1 for a unit of time.")


@dataclass(frozen=True, slots=True)
class MeanValue:
    """The mean value to come of ``customers``, with its standard error and interval."""

    customers: int
    estimate: float
    low: float
    high: float
    se: float


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """What customers of either arm will be worth, and the difference that treatment made, per customer."""

    level: float
    treated: MeanValue
    untreated: MeanValue
    difference: float
    low: float
    high: float
    se: float

    @property
    def words(self) -> str:
        """Whether a difference is proven."""
        told = f"{self.difference:.4g} ({self.low:.4g} to {self.high:.4g}) per customer"
        if self.low <= 0 <= self.high:
            return f"That treatment changes what customers will be worth is not proven: {told}."
        return f"Treatment {'raises' if self.difference > 0 else 'lowers'} what customers will be worth: {told}."


@dataclass(frozen=True, slots=True, eq=False)
class LifetimeModel:
    """How often customers buy and what for, fitted to the customers that are given."""

    purchases: Purchases
    spending: Spending
    buying: BetaGeometric
    amounts: GammaGamma

    @classmethod
    def of(cls, purchases: Purchases, spending: Spending) -> LifetimeModel:
        """Fit BG/NBD and Gamma-Gamma to the same customers. Raises as they do, :class:`BadSetting` for others."""
        if purchases.customers != spending.frequency.size:
            raise BadSetting(f"there are {purchases.customers:,} histories for {spending.frequency.size:,} amounts.")
        return cls(purchases, spending, fit_bg_nbd(purchases), fit_gamma_gamma(spending))

    def values(self, horizon: Horizon) -> Floats:
        """(n,) what each customer is expected to bring."""
        return self._values(self.buying.fit.parameters, self.amounts.fit.parameters, horizon)

    def mean(self, horizon: Horizon, level: float = 0.9) -> MeanValue:
        """Of all customers. Raises :class:`BadSetting` for a level that is none."""
        values = self.values(horizon)
        pulls = self._pulls(horizon)
        se = float(np.sqrt(np.mean((values - values.mean() + pulls) ** 2) / values.size))
        reach = _reach(level) * se
        mean = float(values.mean())
        return MeanValue(values.size, mean, mean - reach, mean + reach, se)

    def _values(self, buying: Floats, amounts: Floats, horizon: Horizon) -> Floats:
        come = _discounted(buying, self.purchases, horizon)[self.purchases.history]
        return come * expected_amounts(amounts, self.spending)

    def _pulls(self, horizon: Horizon) -> Floats:
        """(n,) what each customer moves in the mean value through the parameters."""
        buying, amounts = self.buying.fit, self.amounts.fit
        by_history = beta_geometric.scores(buying.parameters, self.purchases)
        slopes = [
            np.array(
                [self._slope(buying.parameters, amounts.parameters, which, place, horizon) for place in range(size)]
            )
            for which, size in ((0, 4), (1, 3))
        ]
        size = self.purchases.customers
        pulls: Floats = by_history[self.purchases.history] @ (buying.covariance @ slopes[0]) * size
        pulls += gamma_gamma.scores(amounts.parameters, self.spending) @ (amounts.covariance @ slopes[1]) * size
        return pulls

    def _slope(self, buying: Floats, amounts: Floats, which: int, place: int, horizon: Horizon) -> float:
        """How the mean value moves with one parameter, by a difference to either side."""
        found = []
        for sign in (1, -1):
            moved = (buying.copy(), amounts.copy())
            moved[which][place] *= 1 + sign * _NUDGE
            found.append(self._values(moved[0], moved[1], horizon).mean())
        return float((found[0] - found[1]) / (2 * _NUDGE * (buying, amounts)[which][place]))


def value_difference(
    treated: LifetimeModel, untreated: LifetimeModel, horizon: Horizon, *, level: float = 0.9
) -> ValueDifference:
    """Compare customers who were treated with others, each arm by a model of its own.

    Histories of both must begin when the test did: the time of treatment stands for the first purchase, and purchases
    since are the frequency. Raises :class:`BadSetting` for a level that is none.
    """
    with_, without = treated.mean(horizon, level), untreated.mean(horizon, level)
    difference, se = with_.estimate - without.estimate, float(np.hypot(with_.se, without.se))
    reach = _reach(level) * se
    return ValueDifference(level, with_, without, difference, difference - reach, difference + reach, se)


def _discounted(parameters: Floats, purchases: Purchases, horizon: Horizon) -> Floats:
    """(D,) purchases to come, each worth what it is in the middle of its step."""
    if not horizon.discount:
        return expected_purchases(parameters, purchases, horizon.length)
    ends = np.linspace(0.0, horizon.length, _STEPS + 1)
    come = [expected_purchases(parameters, purchases, end) for end in ends[1:]]
    steps = np.diff([np.zeros_like(purchases.age), *come], axis=0)
    worth = (1 - horizon.discount) ** ((ends[1:] + ends[:-1]) / 2)
    discounted: Floats = worth @ steps
    return discounted


def _reach(level: float) -> float:
    if not 0 < level < 1:
        raise BadSetting(f"level == {level}, must be above 0 and below 1.")
    return NormalDist().inv_cdf((1 + level) / 2)
