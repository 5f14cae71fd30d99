"""Whether an effect wears off or grows: what units did in the first and in the second half of their time."""

from __future__ import annotations

from dataclasses import dataclass

from ml.experiments.contrast import Quantity, mean_contrast
from ml.experiments.effect import Effect, effect_of
from ml.experiments.methods import Method
from ml.experiments.moments import Moments

EARLY, LATE = "early", "late"


@dataclass(frozen=True, slots=True)
class Novelty:
    """The effect in the ``early`` and the ``late`` half of each unit's time, and the ``change`` between them.

    Halves are of the same units, so the change is much surer than the two intervals look.
    """

    early: Effect
    late: Effect
    change: Effect

    @property
    def words(self) -> str:
        """What follows from it."""
        low, high = self.change.difference.low, self.change.difference.high
        if low <= 0 <= high:
            return "Nothing shows that the effect changes with time."
        faded = abs(self.late.difference.estimate) < abs(self.early.difference.estimate)
        if faded:
            return "The effect wears off with time: what is left of it counts, so let the test run on."
        return "The effect grows with time: the whole test's is too small, so let it run on."


def novelty(treated: Moments, control: Moments, method: Method) -> Novelty:
    """Compare the halves, by moments over units of the columns ``early`` and ``late``.

    Raises as :func:`mean_contrast`.
    """

    def effect(name: str, weights: dict[str, float]) -> Effect:
        one, other = (arm.combined(name, weights) for arm in (treated, control))
        return effect_of(mean_contrast((one,), (other,), Quantity(name)), method)

    early, late = effect(EARLY, {EARLY: 1.0}), effect(LATE, {LATE: 1.0})
    return Novelty(early, late, effect("change", {LATE: 1.0, EARLY: -1.0}))
