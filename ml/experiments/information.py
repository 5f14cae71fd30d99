"""What a test is worth before it is made: the value of the decision that it may change, less what it costs.

Expected value of sample information for a normal effect and a linear stake (Raiffa and Schlaifer 1961, chapter 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ml.experiments.posterior import Prior, expected_gain
from ml.experiments.power import Rule, Sizes, half_width, minimum_detectable_effect
from warehouse.errors import BadSetting

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Stakes:
    """What a decision is about, in money.

    ``value`` of one more of the metric; ``units`` that the decision is for afterwards, and ``cost_of_treating`` one of
    them; ``cost_of_test`` to make it at all, and ``cost_of_unit`` for each unit in it.
    """

    value: Decimal
    units: int
    cost_of_treating: Decimal = Decimal(0)
    cost_of_test: Decimal = Decimal(0)
    cost_of_unit: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for stakes that are none."""
        if self.value <= 0 or self.units < 1 or self.cost_of_test < 0 or self.cost_of_unit < 0:
            raise BadSetting(
                "value and units must be above 0, costs of the test not below.", remedy="Say them in money."
            )


@dataclass(frozen=True, slots=True)
class Worth:
    """What a test of so many units is worth: ``information`` is what deciding after it is better than before it."""

    units: int
    information: Decimal
    cost: Decimal

    @property
    def net(self) -> Decimal:
        """What is left of the information after its cost."""
        return self.information - self.cost


@dataclass(frozen=True, slots=True)
class Proposal:
    """A test to make, or none where ``worth`` is not above zero; in ``words`` what it would tell."""

    worth: Worth
    precision: float
    detectable: float
    words: str


def worth_of_test(units: int, sizes: Sizes, prior: Prior, stakes: Stakes) -> Worth:
    """What deciding by a test of so many units is worth, when the effect is believed to be as the prior has it."""
    se = sizes.se(units)
    threshold = float(stakes.cost_of_treating / stakes.value)
    moved = prior.sd**2 / float(np.hypot(prior.sd, se))  # how far the mean of the belief will move, on average
    gain = expected_gain(prior.mean - threshold, moved) - max(prior.mean - threshold, 0.0)
    information = _money(max(gain, 0.0) * stakes.units, stakes.value)
    return Worth(units, information, (stakes.cost_of_test + units * stakes.cost_of_unit).quantize(CENT))


def propose(
    sizes: Sizes, prior: Prior, stakes: Stakes, rule: Rule, *, most: int, metric: str = "the metric"
) -> Proposal:
    """The size of test, up to ``most`` units, whose information is worth most after its cost.

    Raises :class:`BadSetting` where fewer than 100 units are there for it.
    """
    if most < _FEWEST:
        raise BadSetting(f"most == {most}, must be {_FEWEST} or more.", remedy="A test needs more units than that.")
    sizes_tried = np.unique(np.geomspace(_FEWEST, most, 200).astype(int))
    best = max((worth_of_test(int(units), sizes, prior, stakes) for units in sizes_tried), key=lambda worth: worth.net)
    precision = half_width(best.units, sizes, rule)
    detectable = minimum_detectable_effect(best.units, sizes, rule)
    if best.net <= 0:
        words = (
            f"No test of {metric} is worth its cost: the best would tell {best.information:,} worth and cost "
            f"{best.cost:,}. Decide by what is known."
        )
    else:
        words = (
            f"To learn the effect on {metric} to ±{precision:.4g} you need {best.units:,} units. The decision after it "
            f"is worth {best.information:,} more than one made today; the test costs {best.cost:,}."
        )
    return Proposal(best, precision, detectable, words)


_FEWEST = 100


def _money(number: float, value: Decimal) -> Decimal:
    return (Decimal(repr(float(number))) * value).quantize(CENT)
