"""How well one pair of families predicts each period from the others, and what weight that earns it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import gammaln, logsumexp

from ml.mix.collapsed import PRIOR_SHAPE
from ml.mix.pareto import smoothed_weights
from ml.mix.posterior import Posterior
from ml.mix.saturation import Floats

_PSEUDO_PERIODS: Final = 12.0  # as which the families' posterior probabilities count in stacking
_LEAST: Final = 0.005  # probability of a family that the data speak against
_STEPS: Final = 500


def leave_one_out(posterior: Posterior, free: Floats) -> Floats:
    """The logarithm of the density (T,) that the others predict for each period, from equally weighted draws (P, M).

    The linear block and the noise are integrated out exactly, without the period (Sundararajan and Keerthi 2001, eq.
    6); what the period told the other parameters is taken back by importance weights (Vehtari, Gelman, Gabry 2017).
    """
    block = posterior.block
    rest = posterior.rest(posterior.media.contributions(free))
    precision = block.precision()
    own = np.diag(precision)[:, None]
    pulled = precision @ rest
    freedom = 2 * PRIOR_SHAPE + len(rest) - 1
    left = block.scale + 0.5 * (block.squares(rest) - pulled**2 / own)
    variance = 2 * left / (freedom * own)
    off = pulled / own
    log_density = (
        gammaln((freedom + 1) / 2) - gammaln(freedom / 2) - 0.5 * np.log(freedom * np.pi * variance)
        - (freedom + 1) / 2 * np.log1p(off**2 / (freedom * variance))
    )  # fmt: skip
    found = np.empty(len(rest))
    for period, row in enumerate(log_density):
        weights, _ = smoothed_weights(-row)
        found[period] = logsumexp(row, b=weights)
    return found


def stacking_weights(densities: Sequence[Floats], log_evidence: Sequence[float]) -> Floats:
    """The weight (K,) of every family: the mixture that predicts best, from log densities (T,) of each.

    Stacking (Yao, Vehtari, Simpson and Gelman 2018) with a Dirichlet prior that is centred on the families' posterior
    probabilities: left alone it puts all weight on few that happen to be ahead, and intervals become too narrow.
    """
    stacked = np.stack(densities)
    probability = np.exp(np.array(log_evidence) - max(log_evidence))
    probability /= probability.sum()
    probability = (1 - _LEAST * len(probability)) * probability + _LEAST
    relative = np.exp(stacked - stacked.max(axis=0))
    weights = probability
    for _ in range(_STEPS):
        share = weights[:, None] * relative
        share /= share.sum(axis=0)
        weights = share.sum(axis=1) + _PSEUDO_PERIODS * probability
        weights = weights / weights.sum()
    return np.asarray(weights)
