"""Where a function is zero; scipy.optimize can say it too, and weighs more than all of a read-out beside it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import copysign, sqrt
from typing import Final

CLOSE: Final = 1e-13  # of the root's size, and at least of the unit's
MOST_STEPS: Final = 100


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """The zero of a function whose signs at two ends differ (Ridders 1979).

    Raises :class:`ValueError` where the signs are the same.
    """
    at_low, at_high = function(low), function(high)
    if at_low == 0 or at_high == 0:
        return low if at_low == 0 else high
    if at_low * at_high > 0:
        raise ValueError(f"The function has the same sign at {low:g} and at {high:g}.")
    found = low
    for _ in range(MOST_STEPS):
        middle = (low + high) / 2
        at_middle = function(middle)
        before, found = found, middle
        if at_middle:
            bent = copysign(at_middle, (at_low - at_high) * at_middle) / sqrt(at_middle**2 - at_low * at_high)
            found = middle + (middle - low) * bent
        at_found = function(found)
        if at_found == 0 or abs(found - before) <= CLOSE * max(abs(found), CLOSE):
            return found
        ends = sorted([(low, at_low), (high, at_high), (middle, at_middle), (found, at_found)])
        # Of the three parts the one at whose ends the signs differ.
        (low, at_low), (high, at_high) = next((one, other) for one, other in pairwise(ends) if one[1] * other[1] <= 0)
    return found
