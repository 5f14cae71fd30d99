"""What every method returns: the effect with its interval, what it stands on, and how far it can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ml.lift.panel import Floats, Time

Status = Literal["green", "amber", "red"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with the interval that holds the true one at the level of the result."""

    estimate: float
    low: float
    high: float

    def times(self, factor: float) -> Estimate:
        """In another unit; a negative factor turns the interval around."""
        ends = sorted((self.low * factor, self.high * factor))
        return Estimate(self.estimate * factor, *ends)


@dataclass(frozen=True, slots=True)
class Check:
    """One look at whether the result can be believed; ``value`` is what was measured, None where there is no number."""

    name: str
    status: Status
    words: str
    value: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Lift:
    """What treatment brought to ``treated`` markets from ``first`` to ``last``.

    ``att`` is per treated market and period, ``incremental`` the sum over all of them, ``lift`` that sum as a part of
    what would have been without. ``se`` is the half-width of the interval of ``att`` over that of a normal one; p_value
    and interval are of one test, named in ``inference``: where the interval leaves zero out it is at most 1 - level.
    ``weights`` are those of the other markets. ``observed``, ``counterfactual`` and its interval (T,) are means of the
    treated markets in all ``times``. ``rmspe`` and ``l2`` are the root mean square and the length of their difference
    before treatment. ``identifies`` says in words what is measured, and what that assumes.
    """

    method: str
    inference: str
    treated: tuple[str, ...]
    first: Time
    last: Time
    level: float
    att: Estimate
    se: float
    p_value: float
    incremental: Estimate
    lift: Estimate
    weights: Mapping[str, float]
    times: tuple[Time, ...]
    observed: Floats
    counterfactual: Floats
    counterfactual_low: Floats
    counterfactual_high: Floats
    rmspe: float
    l2: float
    identifies: str
    checks: tuple[Check, ...]

    @property
    def incremental_se(self) -> float:
        """The standard error of the incremental outcome, as ``se`` is that of the effect per market and period."""
        return (self.incremental.high - self.incremental.low) / (self.att.high - self.att.low) * self.se

    @property
    def is_proven(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.att.low > 0 or self.att.high < 0

    @property
    def status(self) -> Status:
        """The worst of the checks."""
        found = {check.status for check in self.checks}
        return "red" if "red" in found else "amber" if "amber" in found else "green"


@dataclass(frozen=True, slots=True, eq=False)
class Inference:
    """How far chance goes, by one test: ``att`` with its interval, and the half-widths (T,) of single periods."""

    name: str
    att: Estimate
    p_value: float
    half_widths: Floats
