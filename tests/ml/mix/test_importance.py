"""Draws by importance, and the tail of their weights, against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import genpareto

from ml.mix.importance import importance_draws, resampled
from ml.mix.pareto import generalised_pareto, smoothed_weights


@pytest.mark.parametrize("shape", [-0.3, 0.2, 0.7])
def test_the_shape_of_a_generalised_pareto_is_found(shape: float) -> None:
    excess = np.sort(genpareto(shape, scale=2.5).rvs(4000, random_state=1))
    found, scale = generalised_pareto(excess)
    assert found == pytest.approx(shape, abs=0.08)
    assert scale == pytest.approx(2.5, rel=0.1)


def test_even_weights_have_no_tail_and_wild_ones_do() -> None:
    weights, k_hat = smoothed_weights(np.zeros(1000))
    np.testing.assert_allclose(weights, 1e-3)
    assert k_hat <= 0
    assert smoothed_weights(3 * np.random.default_rng(1).standard_t(1.2, 4000))[1] > 1


def test_a_target_without_density_somewhere_has_no_weight_there() -> None:
    weights, _ = smoothed_weights(np.where(np.arange(500) % 2 == 0, 0.0, np.nan))
    assert weights[1::2].sum() == 0
    assert weights.sum() == pytest.approx(1)


def test_a_skewed_target_is_drawn_and_its_integral_found() -> None:
    """A gamma density on the scale of logarithms, three at once."""
    shapes = np.array([2.0, 3.0, 5.0])[:, None]

    def log_target(points: np.ndarray) -> np.ndarray:
        return np.asarray((shapes * points - np.exp(points)).sum(axis=0))

    mode = np.log(shapes[:, 0])
    draws = importance_draws(log_target, [(mode, np.diag(1 / shapes[:, 0]))], np.random.default_rng(3))
    assert draws.k_hat < 0.5
    assert draws.log_evidence == pytest.approx(float(gammaln(shapes).sum()), abs=0.05)
    even = resampled(draws, 4000, np.random.default_rng(4))
    np.testing.assert_allclose(np.exp(even).mean(axis=1), shapes[:, 0], rtol=0.06)


def test_two_modes_are_both_drawn() -> None:
    def log_target(points: np.ndarray) -> np.ndarray:
        return np.asarray(np.logaddexp(-0.5 * (points[0] - 6) ** 2, np.log(3) - 0.5 * (points[0] + 6) ** 2))

    modes = [(np.array([centre]), np.eye(1)) for centre in (6.0, -6.0)]
    draws = importance_draws(log_target, modes, np.random.default_rng(5))
    assert draws.weights[draws.points[0] > 0].sum() == pytest.approx(0.25, abs=0.04)
