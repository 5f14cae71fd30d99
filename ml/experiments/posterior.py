"""What a Bayesian believes after the test: how likely an arm is better, and what a wrong choice would cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from ml.experiments.effect import Interval
from ml.experiments.methods import level_said
from warehouse.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Prior:
    """What was believed of a difference before: normal, with ``mean`` and ``sd`` in the metric's unit."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` for a standard deviation that is not positive."""
        if not self.sd > 0 or not np.isfinite(self.mean):
            raise BadSetting(f"sd == {self.sd}, must be above 0.", remedy="Leave the prior out where nothing is known.")


@dataclass(frozen=True, slots=True)
class Posterior:
    """The belief in a difference, normal with ``mean`` and ``sd``, and what follows from it.

    ``interval`` is the central one. ``probability`` that the treated arm is better; ``loss_of_treating`` and
    ``loss_of_keeping`` are what is lost per unit on average, in the metric's unit, by choosing either for good.
    """

    mean: float
    sd: float
    interval: Interval
    probability: float
    loss_of_treating: float
    loss_of_keeping: float


def posterior(
    difference: float, se: float, *, prior: Prior | None = None, level: float = 0.95, higher_is_better: bool = True
) -> Posterior:
    """The posterior of a difference whose estimate is normal; without a prior, every difference was alike before.

    It says nothing of error over many looks: a flat prior believes whatever was seen last.
    """
    level_said(level)
    mean, sd = difference, se
    if prior is not None:
        weight = prior.sd**2 / (prior.sd**2 + se**2)
        mean, sd = prior.mean + weight * (difference - prior.mean), float(np.sqrt(weight)) * se
    half = float(ndtri((1 + level) / 2)) * sd
    good = mean if higher_is_better else -mean
    return Posterior(
        mean,
        sd,
        Interval(mean, mean - half, mean + half),
        float(ndtr(good / sd)),
        expected_gain(-good, sd),
        expected_gain(good, sd),
    )


def expected_gain(mean: float, sd: float) -> float:
    """The mean of what is positive of a normal: what a choice that may be left out is worth."""
    if sd == 0:
        return max(mean, 0.0)
    z = mean / sd
    return float(mean * ndtr(z) + sd * np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))
