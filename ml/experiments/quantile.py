"""Quantiles of two arms, with the standard error that the ranks around them give."""

from __future__ import annotations

from typing import Final

import numpy as np

from ml.experiments.contrast import Contrast
from ml.experiments.moments import Distribution
from warehouse.errors import NotEnoughData

LEAST_BEYOND: Final = 10  # units on either side, so that the ranks around the quantile are there
_WIDE: Final = 1.959963984540054  # normal quantiles between the ranks that are looked at


def quantile_contrast(treated: Distribution, control: Distribution, probability: float) -> Contrast:
    """Compare a quantile of two arms.

    A standard error is the distance between the values whose ranks are a binomial interval around the quantile's own
    (Woodruff 1952). Raises :class:`NotEnoughData` where fewer than ten units lie beyond the quantile, or where it lies
    in a run of equal values.
    """
    estimates = [_estimate(arm, probability) for arm in (treated, control)]
    (one, one_se), (other, other_se) = estimates
    return Contrast(one, other, one_se**2, other_se**2, 0.0, treated.n + control.n, np.inf)


def _estimate(arm: Distribution, probability: float) -> tuple[float, float]:
    beyond = arm.n * min(probability, 1 - probability)
    if beyond < LEAST_BEYOND:
        raise NotEnoughData(
            f"Only {beyond:.0f} units of an arm lie beyond the quantile {probability:g}, fewer than {LEAST_BEYOND}.",
            remedy="Wait for more units, or take a quantile nearer to the median.",
        )
    rank = probability * (arm.n - 1)
    apart = _WIDE * np.sqrt(arm.n * probability * (1 - probability))
    low, high = arm.at_rank(np.array([rank - apart, rank + apart]))
    if high <= low:
        raise NotEnoughData(
            f"The quantile {probability:g} lies among many units with the same value, {low:g}: it has no interval.",
            remedy="Take another quantile, or the share of units above a value.",
        )
    return arm.quantile(probability), float((high - low) / (2 * _WIDE))
