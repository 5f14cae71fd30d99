from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.lift.simplex import simplex_weights


def loss(donors: np.ndarray, target: np.ndarray, weights: np.ndarray, ridge: float) -> float:
    return float(((weights @ donors - target) ** 2).sum() + ridge * (weights**2).sum())


@given(st.integers(0, 10_000), st.integers(2, 15), st.integers(1, 30), st.sampled_from([0.0, 0.5, 30.0]))
def test_no_weights_are_better(seed: int, donors: int, periods: int, ridge: float) -> None:
    generator = np.random.default_rng(seed)
    values, target = generator.normal(size=(donors, periods)) * 10, generator.normal(size=periods) * 10
    weights = simplex_weights(values, target, ridge=ridge)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    # Moving weight from any donor that has some to any other one must not lower the loss: a convex problem's optimum.
    slope = values @ (weights @ values - target) + ridge * weights
    assert slope[weights > 0].max() - slope.min() <= 1e-6 * max(np.abs(slope).max(), 1)


def test_it_is_what_a_solver_of_convex_programs_finds() -> None:
    generator = np.random.default_rng(3)
    values, target = generator.normal(size=(12, 40)), generator.normal(size=40)
    weights = cp.Variable(12)
    aim = cp.Minimize(cp.sum_squares(weights @ values - target) + 0.3 * cp.sum_squares(weights))
    cp.Problem(aim, [weights >= 0, cp.sum(weights) == 1]).solve(solver=cp.CLARABEL)
    found = simplex_weights(values, target, ridge=0.3)
    assert found == pytest.approx(weights.value, abs=1e-5)
    assert loss(values, target, found, 0.3) <= loss(values, target, weights.value, 0.3) + 1e-9


def test_a_target_among_the_donors_is_reached() -> None:
    values = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    assert simplex_weights(values, np.array([1.0, 1.0])) == pytest.approx([0.5, 0.25, 0.25])
    assert simplex_weights(values, np.array([9.0, -3.0])) == pytest.approx([0.0, 1.0, 0.0])
    assert simplex_weights(np.ones((3, 2)), np.ones(2)).sum() == pytest.approx(1)
