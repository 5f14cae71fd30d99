"""How far importance weights can be believed, from their largest ones."""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from ml.mix.saturation import Floats


def smoothed_weights(log_ratios: Floats) -> tuple[Floats, float]:
    """Normalised weights whose tail is replaced by quantiles of a generalised Pareto distribution, and its shape k.

    Below 0.5 the weights have a variance, above 0.7 they mislead (Vehtari, Simpson, Gelman, Yao and Gabry 2024). nan
    ratios count as no weight.
    """
    ratios = np.where(np.isfinite(log_ratios), log_ratios, -np.inf)
    weights = np.exp(ratios - ratios.max())
    tail = int(min(0.2 * weights.size, 3 * np.sqrt(weights.size)))
    order = np.argsort(weights)
    if tail < 5:
        return weights / weights.sum(), np.inf
    threshold = weights[order[-tail - 1]]
    excess = weights[order[-tail:]] - threshold
    if excess[-1] <= 1e-12:  # all of the largest are alike
        return weights / weights.sum(), 0.0
    k, scale = generalised_pareto(excess[excess > 0])
    if np.isfinite(k):
        probability = (np.arange(tail) + 0.5) / tail
        quantiles = scale * (-np.log1p(-probability) if abs(k) < 1e-8 else np.expm1(-k * np.log1p(-probability)) / k)
        weights[order[-tail:]] = np.minimum(threshold + quantiles, 1.0)
    return weights / weights.sum(), k


def generalised_pareto(excess: Floats) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution, from excesses that ascend (Zhang and Stephens 2009).

    The shape is drawn towards one half as if by ten more observations.
    """
    count = excess.size
    if count < 5:
        return np.inf, np.nan
    grid = 30 + int(np.sqrt(count))
    steps = 1.0 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))
    theta = steps / (3.0 * excess[int(count / 4 + 0.5) - 1]) + 1.0 / excess[-1]
    shapes = np.log1p(-np.multiply.outer(theta, excess)).mean(axis=1)
    log_likelihood = count * (np.log(-theta / shapes) - shapes - 1.0)
    best = float(theta @ softmax(log_likelihood))
    shape = float(np.log1p(-best * excess).mean())
    scale = -shape / best
    return (shape * count + 5.0) / (count + 10.0), scale
