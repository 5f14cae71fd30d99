"""Shares of two arms by their score, which holds for rare events where the standard error of a mean does not.

Mee 1984 and Miettinen and Nurminen 1985 for the difference (without their factor N/(N - 1)), Koopman 1984 for the
ratio. Each interval is what the test does not reject, and at no difference both tests are the pooled z.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ml.experiments.contrast import Contrast
from ml.experiments.moments import Moments
from ml.experiments.roots import root
from warehouse.errors import BadSetting, NotEnoughData


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of the units of two arms did it."""

    treated: int
    of_treated: int
    control: int
    of_control: int

    @classmethod
    def of(cls, treated: Moments, control: Moments, column: str) -> Shares:
        """From the moments of a column that is 0 or 1. Raises :class:`BadSetting` where it is anything else."""
        counts = []
        for arm in (treated, control):
            mean = arm.mean(column)
            place = arm.place(column)
            count = round(arm.n * mean)
            # Of zeros and ones, and of nothing else with such a mean, the squares sum to what the values sum to.
            squares = float(arm.products[place, place]) + arm.n * mean**2
            if abs(arm.n * mean - count) > 1e-6 * max(arm.n, 1) or abs(squares - count) > 1e-6 * max(count, 1):
                raise BadSetting(f"{column} is not 0 or 1 for every unit.", remedy="Compare its mean instead.")
            counts += [count, arm.n]
        return cls(*counts)

    @property
    def n(self) -> int:
        """Units of both arms."""
        return self.of_treated + self.of_control

    @property
    def rates(self) -> tuple[float, float]:
        """The shares of treated and control. Raises :class:`NotEnoughData` where an arm is empty or all are alike."""
        done = self.treated + self.control
        if not self.of_treated or not self.of_control:
            raise NotEnoughData("An arm has no units.", remedy="Wait until every arm has some.")
        if done in {0, self.n}:
            raise NotEnoughData(
                f"{'Every' if done else 'No'} unit of either arm did it: nothing varies.", remedy="Wait for more units."
            )
        return self.treated / self.of_treated, self.control / self.of_control

    @property
    def contrast(self) -> Contrast:
        """The shares as two means. Raises as :attr:`rates`."""
        (one, other), ones, others = self.rates, self.of_treated, self.of_control
        return Contrast(one, other, one * (1 - one) / ones, other * (1 - other) / others, 0.0, self.n, np.inf)


def pooled_z(shares: Shares) -> float:
    """How many standard errors the shares lie apart, where both are one share. Raises as :attr:`Shares.rates`."""
    return difference_score(shares, 0.0)


def difference_score(shares: Shares, difference: float) -> float:
    """How many standard errors the shares are from lying ``difference`` apart. Raises as :attr:`Shares.rates`."""
    one, other = shares.rates
    base = _control_rate_apart(shares, difference)
    return _score(one - other - difference, shares, min(max(base + difference, 0.0), 1.0), base, 1.0)


def ratio_score(shares: Shares, ratio: float) -> float:
    """How many standard errors the treated share is from ``ratio`` times the control's. Raises as above."""
    one, other = shares.rates
    base = _control_rate_times(shares, ratio)
    return _score(one - ratio * other, shares, min(ratio * base, 1.0), base, ratio)


def difference_interval(shares: Shares, critical: float) -> tuple[float, float]:
    """All differences whose score is at most ``critical``. Raises as above."""
    one, other = shares.rates
    low = _root(lambda value: difference_score(shares, value) - critical, -1.0, one - other)
    return low, _root(lambda value: difference_score(shares, value) + critical, one - other, 1.0)


def ratio_interval(shares: Shares, critical: float) -> tuple[float, float | None]:
    """All ratios whose score is at most ``critical``; without an upper end where the control may be next to nothing.

    Raises as above.
    """
    one, other = shares.rates
    between = one / other if other else np.inf
    low = (
        0.0
        if not shares.treated
        else _root(lambda value: ratio_score(shares, value) - critical, 0.0, min(between, _MOST))
    )
    if not shares.control or ratio_score(shares, _MOST) > -critical:
        return low, None
    return low, _root(lambda value: ratio_score(shares, value) + critical, between, _MOST)


_MOST = 1e6  # times the control: no ratio of shares is larger for any number of units that there are


def _score(apart: float, shares: Shares, treated: float, control: float, ratio: float) -> float:
    variance = treated * (1 - treated) / shares.of_treated + ratio**2 * control * (1 - control) / shares.of_control
    if variance <= 0:
        return 0.0 if apart == 0 else float(np.copysign(np.inf, apart))
    return float(apart / np.sqrt(variance))


def _control_rate_apart(shares: Shares, difference: float) -> float:
    """The likeliest share of the control where the treated lies ``difference`` above it (a cubic equation)."""
    n, done = shares.n, shares.treated + shares.control
    square = (shares.of_treated + 2 * shares.of_control) * difference - n - done
    linear = (shares.of_control * difference - n - 2 * shares.control) * difference + done
    constant = shares.control * difference * (1 - difference)
    third = square / (3 * n)
    turn = third**3 - linear * square / (6 * n**2) + constant / (2 * n)
    length = np.copysign(np.sqrt(max(third**2 - linear / (3 * n), 0.0)), turn)
    angle = (np.pi + np.arccos(np.clip(turn / length**3, -1, 1) if length else 1.0)) / 3
    found = 2 * length * np.cos(angle) - third
    return float(np.clip(found, max(0.0, -difference), min(1.0, 1 - difference)))


def _control_rate_times(shares: Shares, ratio: float) -> float:
    """The likeliest share of the control where the treated is ``ratio`` times it (a quadratic equation)."""
    done = shares.treated + shares.control
    if ratio == 0:
        return shares.control / (shares.of_control + shares.treated)
    square = shares.n * ratio
    linear = shares.of_treated * ratio + shares.treated + shares.of_control + shares.control * ratio
    found = (linear - np.sqrt(max(linear**2 - 4 * square * done, 0.0))) / (2 * square)
    return float(np.clip(found, 0.0, min(1.0, 1 / ratio)))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where the function is zero between two ends; the end that it does not reach zero before."""
    at_low, at_high = (float(np.clip(function(end), -_FAR, _FAR)) for end in (low, high))
    if at_low * at_high > 0:
        return low if abs(at_low) < abs(at_high) else high
    return root(lambda value: float(np.clip(function(value), -_FAR, _FAR)), low, high)


_FAR = 1e6  # standard errors, in place of infinitely many
