"""How much the baseline may move, and how long the noise lasts: learnt from what advertising leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.mix.baseline import GROUPS, Baseline
from ml.mix.collapsed import Collapsed, collapse
from ml.mix.saturation import Floats

_FACTORS: Final = tuple(float(factor) for factor in np.logspace(-3, 3, 13))
_RHOS: Final = tuple(float(rho) for rho in np.linspace(-0.3, 0.9, 13))
_USUAL_FACTOR: Final = 1.0
_FACTOR_SPREAD: Final = 2.0  # of the prior of a factor's logarithm
_RHO_SPREAD: Final = 0.3


@dataclass(frozen=True, slots=True)
class Scales:
    """The variance of coefficients of each group over that of the noise, and the noise's serial correlation."""

    factors: dict[str, float]
    rho: float

    def block(self, baseline: Baseline, outcome_variance: float) -> Collapsed:
        """The linear block at these scales."""
        return collapse(baseline.columns, baseline.variances(self.factors), self.rho, outcome_variance)


def first_scales() -> Scales:
    """Before anything is learnt."""
    return Scales({group: _USUAL_FACTOR for group in GROUPS if group != "fixed"}, 0.0)


def learnt_scales(baseline: Baseline, rest: Floats, outcome_variance: float, start: Scales) -> Scales:
    """The scales under which all of ``rest`` (T, N) are most likely, each in turn along a grid, with a weak prior."""
    factors, rho = dict(start.factors), start.rho

    def height(scales: Scales) -> float:
        block = scales.block(baseline, outcome_variance)
        prior = sum((np.log(value / _USUAL_FACTOR) / _FACTOR_SPREAD) ** 2 for value in scales.factors.values())
        return float(block.log_density(rest).sum() - 0.5 * (prior + (scales.rho / _RHO_SPREAD) ** 2))

    for _ in range(2):
        for group in sorted(set(baseline.groups) - {"fixed"}):
            tried = {value: height(Scales({**factors, group: value}, rho)) for value in _FACTORS}
            factors[group] = max(tried, key=lambda value: tried[value])
        heights = {value: height(Scales(factors, value)) for value in _RHOS}
        rho = max(heights, key=lambda value: heights[value])
    return Scales(factors, rho)
