"""What rolling an arm out is worth, in money, with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Final

from ml.experiments.effect import Effect
from ml.experiments.information import CENT, Stakes
from ml.experiments.posterior import Prior, posterior

_WIDE: Final = Context(prec=400)  # of a handful of units an interval has ends with dozens of digits


@dataclass(frozen=True, slots=True)
class DecisionValue:
    """What treating all units of the stakes brings more than treating none, after what treating costs.

    ``low`` and ``high`` follow from the effect's own interval. ``probability`` that it brings more than it costs, and
    ``regret``, what treating loses on average where it does not, follow from the posterior.
    """

    estimate: Decimal
    low: Decimal
    high: Decimal
    probability: float
    regret: Decimal


def decision_value(
    effect: Effect, stakes: Stakes, *, prior: Prior | None = None, higher_is_better: bool = True
) -> DecisionValue:
    """The value of rolling out, from the effect per unit. Where less is better, one less brings the value."""
    sign = 1 if higher_is_better else -1
    ends = sorted(sign * each for each in (effect.difference.low, effect.difference.high))
    threshold = float(stakes.cost_of_treating / stakes.value)
    belief = posterior(effect.difference.estimate, effect.se, prior=prior)
    above = posterior(sign * belief.mean - threshold, belief.sd)
    return DecisionValue(
        _rolled_out(sign * effect.difference.estimate, stakes),
        _rolled_out(ends[0], stakes),
        _rolled_out(ends[1], stakes),
        above.probability,
        (Decimal(repr(float(above.loss_of_treating))) * stakes.value * stakes.units).quantize(CENT, context=_WIDE),
    )


def _rolled_out(effect: float, stakes: Stakes) -> Decimal:
    amount = (Decimal(repr(float(effect))) * stakes.value - stakes.cost_of_treating) * stakes.units
    return amount.quantize(CENT, context=_WIDE)
