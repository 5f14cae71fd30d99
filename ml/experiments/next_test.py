"""Which test next: of every channel the test whose answer would change most money, less what it costs.

A channel is worth keeping while what it causes is worth more than it costs. What it causes is a belief, normal as an
interval says it; a test in which some regions go without its ads narrows the belief, and may turn the decision.
Expected value of sample information for a normal effect and a linear stake (Raiffa and Schlaifer 1961, chapter 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from scipy.special import ndtr

from ml.experiments.posterior import expected_gain
from warehouse.errors import BadSetting, NotEnoughData

WEEKS: Final = (2, 4, 6, 8, 12)
SHARES: Final = (0.1, 0.2, 0.3, 0.5)  # of all conversions, of the regions without ads
FEWEST_WEEKS: Final = 6


@dataclass(frozen=True, slots=True)
class Belief:
    """What a channel is thought to cause in a week, in conversions, and what it costs in that week, in money."""

    channel: str
    mean: float
    sd: float
    spend: float


@dataclass(frozen=True, slots=True)
class Stakes:
    """What is at stake: one conversion brings ``value`` in money, the decision is for ``horizon`` weeks."""

    value: float
    horizon: int = 13

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for stakes that are none."""
        if not self.value > 0 or self.horizon < 1:
            raise BadSetting("A conversion must be worth something, for at least a week.", remedy="Say value in money.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """The best test of a channel: regions with ``share`` of all conversions go without its ads for ``weeks``.

    ``precision`` is the standard deviation of the belief in the channel's weekly conversions after it, that of before
    and the test together. ``chance_wrong`` is how likely the
    decision of today is wrong. ``information`` is what deciding after the test is better than today, over the horizon,
    and ``cost`` what is lost meanwhile in regions where today's decision is not followed; both in money.
    """

    belief: Belief
    weeks: int
    share: float
    precision: float
    chance_wrong: float
    information: float
    cost: float

    @property
    def net(self) -> float:
        """What is left of the information after its cost."""
        return self.information - self.cost


def rank(beliefs: Sequence[Belief], weekly: Sequence[float], stakes: Stakes) -> list[Proposal]:
    """The best test of every channel, the one worth most first.

    ``weekly`` are all conversions week by week, from which follows how much regions scatter. Raises
    :class:`NotEnoughData` for fewer than six weeks.
    """
    scatter = weekly_variance(weekly)
    return sorted((_best(belief, scatter, stakes) for belief in beliefs), key=lambda one: -one.net)


def weekly_variance(weekly: Sequence[float]) -> float:
    """Variance of a week's conversions around its neighbours' mean, at least that of counts.

    A week less the mean of the two beside it has one and a half times the variance of a week, whatever the trend.
    """
    counts = np.asarray(weekly, dtype=np.float64)
    if counts.size < FEWEST_WEEKS:
        raise NotEnoughData(
            f"There are {counts.size} whole weeks of conversions, and {FEWEST_WEEKS} are needed.",
            remedy="Attribute a longer period.",
        )
    apart = counts[1:-1] - (counts[:-2] + counts[2:]) / 2
    return max(float(np.mean(apart**2)) / 1.5, float(counts.mean()), 1.0)


def _best(belief: Belief, scatter: float, stakes: Stakes) -> Proposal:
    tests = (_proposal(belief, weeks, share, scatter, stakes) for weeks in WEEKS for share in SHARES)
    return max(tests, key=lambda one: one.net)


def _proposal(belief: Belief, weeks: int, share: float, scatter: float, stakes: Stakes) -> Proposal:
    """What one test tells: the variance of a region's weeks grows with its size, and the others are compared with."""
    se = sqrt(scatter / (weeks * share * (1 - share)))
    gain = belief.mean * stakes.value - belief.spend  # of keeping the channel for a week, as far as one knows
    sd = belief.sd * stakes.value
    spread = float(np.hypot(belief.sd, se))
    moved = belief.sd**2 / spread * stakes.value
    better = expected_gain(gain, moved) - max(gain, 0.0)
    lost = weeks * (share * gain if gain > 0 else (1 - share) * -gain)
    wrong = float(ndtr(-abs(gain) / sd)) if sd else 0.0
    return Proposal(belief, weeks, share, belief.sd * se / spread, wrong, max(better, 0.0) * stakes.horizon, lost)
