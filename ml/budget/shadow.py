"""What each rule costs: shadow prices of rows and bounds around the best spends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.budget.channels import Interval
from ml.budget.curves import Floats
from ml.budget.problem import TOLERANCE, Problem
from ml.budget.search import Found


@dataclass(frozen=True, slots=True)
class Binding:
    """A rule that keeps the plan from bringing more: ``price`` is what easing it by one unit would bring."""

    rule: str
    price: float


def binding_of(problem: Problem, found: Found, intervals: Sequence[Interval]) -> tuple[Binding, ...]:
    """The rules that hold tightly, the dearest first."""
    spend, local = found.spend, found.local
    binding = [Binding(*row) for row in zip(problem.equal.names, local.of_equal.tolist(), strict=True)]
    rows = zip(problem.at_most.names, problem.at_most.over(spend), local.of_at_most.tolist(), strict=True)
    binding += [Binding(name, price) for name, over, price in rows if over > -TOLERANCE and price > 0]
    floors = zip(problem.floors.names, local.of_floors.tolist(), strict=True)
    binding += [Binding(name, -price) for name, price in floors if price < 0]
    prices = bound_prices(problem, found)
    for interval, price in zip(intervals, prices.tolist(), strict=True):
        if price > 0 and interval.high_words:
            binding.append(Binding(interval.high_words, price))
        elif price < 0 and interval.low > 0:
            binding.append(Binding(interval.low_words, -price))
    return tuple(sorted(binding, key=lambda each: -each.price))


def bound_prices(problem: Problem, found: Found) -> Floats:
    """(n,) what one more unit of the bound brings that a spend is at: of an upper one above zero, of a lower one below.

    It is what the spend's next unit brings, less what it takes from the rows that hold (the reduced gradient).
    """
    local = found.local
    fed = problem.fed(found.spend)
    slopes = np.array([float(curve.slope(at)) for curve, at in zip(problem.curves, fed, strict=True)])
    of_floors = -local.of_floors
    gain = problem.worth + of_floors @ problem.floors.gain
    reduced = problem.mixing.T @ (gain * slopes) - problem.price - of_floors @ problem.floors.price
    reduced = reduced - problem.at_most.matrix.T @ local.of_at_most - problem.equal.matrix.T @ local.of_equal
    slack = TOLERANCE * np.maximum(problem.high, 1e-300)
    at_high = (found.spend >= problem.high - slack) & (reduced > 0)
    at_low = (found.spend <= problem.low + slack) & (reduced < 0)
    return np.where(at_high | at_low, reduced, 0.0)
