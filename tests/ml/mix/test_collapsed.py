"""The integral over linear block and noise, against the same by matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_t

from ml.mix.collapsed import PRIOR_SHAPE, collapse


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_the_density_is_a_multivariate_student_t(rho: float) -> None:
    chance = np.random.default_rng(1)
    columns, rest = chance.normal(size=(30, 4)), chance.normal(size=(30, 3))
    variances = np.array([4.0, 0.5, 2.0, 1.0])
    block = collapse(columns, variances, rho, 2.0)
    serial = rho ** np.abs(np.subtract.outer(np.arange(30), np.arange(30))) / (1 - rho**2)
    covariance = serial + columns * variances @ columns.T
    np.testing.assert_allclose(np.linalg.inv(covariance), block.precision(), atol=1e-9)
    np.testing.assert_allclose(
        np.einsum("tm,tm->m", block.whiten(rest), block.whiten(rest)), block.squares(rest), rtol=1e-9
    )
    expected = multivariate_t(shape=covariance * block.scale / PRIOR_SHAPE, df=2 * PRIOR_SHAPE).logpdf(rest.T)
    np.testing.assert_allclose(block.log_density(rest), expected, rtol=1e-9)


def test_coefficients_and_noise_are_found_again() -> None:
    chance = np.random.default_rng(2)
    columns = np.column_stack([np.ones(400), chance.normal(size=400)])
    outcome = columns @ np.array([50.0, -4.0]) + chance.normal(0, 3, 400)
    block = collapse(columns, np.array([1e6, 1e6]), 0.0, float(outcome.var()))
    rest = np.repeat(outcome[:, None], 2000, axis=1)
    noise = block.noise_variances(rest, chance)
    found = block.coefficients(rest, noise, chance)
    np.testing.assert_allclose(found.mean(axis=1), [50, -4], atol=0.4)
    np.testing.assert_allclose(found.std(axis=1), 3 / np.sqrt(400), rtol=0.15)
    assert np.sqrt(noise.mean()) == pytest.approx(3, rel=0.1)
