"""Whom to treat when a treatment costs something, and what that is worth on customers it was not decided on.

Values are means of doubly robust scores (augmented inverse propensity weighting: Athey and Wager 2021, doi
10.3982/ECTA15732), so a policy is judged on a hold-out that was treated by another rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.uplift.estimate import Estimate, mean_of
from ml.uplift.sample import Bools, Floats
from warehouse.errors import BadSetting, NotEnoughData


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """What a policy is worth per customer of all, in money: the value of outcomes less the cost of treatments.

    ``gain`` is against treating nobody, ``over_everybody`` against treating everybody; ``share`` is how many it treats.
    ``everybody`` is what treating everybody gains against treating nobody.
    """

    share: float
    gain: Estimate
    over_everybody: Estimate
    everybody: Estimate

    @property
    def words(self) -> str:
        """Whether choosing customers is proven to pay."""
        if self.gain.low <= 0:
            return "That choosing customers by score pays more than treating nobody is not proven."
        if self.over_everybody.low <= 0:
            return "Choosing customers by score pays; that it pays more than treating everybody is not proven."
        return "Choosing customers by score pays more than treating everybody, or nobody."


def worth_treating(uplift: Floats, *, value: float = 1.0, cost: npt.ArrayLike = 0.0) -> Bools:
    """(n,) whether the uplift of a customer, times what one unit of it is worth, is more than the treatment costs.

    ``cost`` is one for all or (n,). Raises :class:`BadSetting` for amounts that mean nothing.
    """
    worth: Bools = uplift * value > costs_of(cost, uplift.size, value)
    return worth


def policy_value(
    treat: Bools, effects: Floats, *, value: float = 1.0, cost: npt.ArrayLike = 0.0, level: float = 0.9
) -> PolicyValue:
    """Judge a choice (n,) by the effect scores (n,) of the same customers, who had no part in making it.

    Raises :class:`BadSetting` for amounts that mean nothing, :class:`NotEnoughData` below 30 customers.
    """
    if treat.shape != effects.shape:
        raise BadSetting(f"there are {treat.size:,} choices for {effects.size:,} customers.")
    if effects.size < 30:
        raise NotEnoughData(f"There are {effects.size} customers to judge by, must be 30 or more.")
    each = value * effects - costs_of(cost, effects.size, value)
    return PolicyValue(
        float(treat.mean()),
        mean_of(np.where(treat, each, 0.0), level),
        mean_of(np.where(treat, 0.0, -each), level),
        mean_of(each, level),
    )


def costs_of(cost: npt.ArrayLike, size: int, value: float) -> Floats:
    """(n,) costs. Raises :class:`BadSetting` for negative ones, and for a value that is not above 0."""
    if not (np.isfinite(value) and value > 0):
        raise BadSetting(f"value == {value}, must be above 0: what one unit of the outcome is worth.")
    costs = np.asarray(cost, dtype=np.float64)
    if costs.ndim == 0:
        costs = np.full(size, float(costs))
    if costs.shape != (size,) or not np.isfinite(costs).all() or (costs < 0).any():
        raise BadSetting("cost must be a number of 0 or more, or one for each customer.")
    return costs
