"""Every family of saturation starts at zero, ends at one, and has the slope it says."""

import numpy as np
import pytest

from ml.mix.saturation import SATURATIONS

SHAPES: dict[str, list[tuple[float, ...]]] = {
    "exponential": [(0.4,), (30.0,)],
    "michaelis_menten": [(0.4,), (30.0,)],
    "hill": [(2.0, 0.6), (5.0, 3.0), (1.0, 1.0)],
    "logistic": [(0.2,), (4.0,)],
}
CASES = [(name, shape) for name in SATURATIONS for shape in SHAPES[name]]


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_goes_from_zero_to_one(name: str, shape: tuple[float, ...]) -> None:
    level = SATURATIONS[name].level(np.array([0.0, 1e-3, 1.0, 10.0, 1e9]), *shape)
    assert level[0] == 0.0
    assert np.all(np.diff(level) >= 0.0)
    assert level[-1] == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_slope_is_the_difference_quotient(name: str, shape: tuple[float, ...]) -> None:
    family, spend, step = SATURATIONS[name], np.array([0.1, 1.0, 7.0]), 1e-6
    quotient = (family.level(spend + step, *shape) - family.level(spend - step, *shape)) / (2 * step)
    np.testing.assert_allclose(family.slope(spend, *shape), quotient, rtol=1e-4, atol=1e-9)


def test_known_levels() -> None:
    assert SATURATIONS["exponential"].level(3.0, 3.0) == pytest.approx(1 - np.exp(-1))
    assert SATURATIONS["michaelis_menten"].level(3.0, 3.0) == pytest.approx(0.5)
    assert SATURATIONS["hill"].level(3.0, 3.0, 2.7) == pytest.approx(0.5)
    assert SATURATIONS["logistic"].level(2.0, 1.5) == pytest.approx((1 - np.exp(-3)) / (1 + np.exp(-3)))


@pytest.mark.parametrize("name", SATURATIONS)
def test_slopes_far_out_and_at_nothing_are_numbers(name: str) -> None:
    family = SATURATIONS[name]
    assert np.all(np.isfinite(family.slope(np.array([0.0, 1e9]), *SHAPES[name][0])))


def test_draws_are_broadcast() -> None:
    level = SATURATIONS["hill"].level(np.array([[1.0, 2.0]]), np.array([[1.0], [2.0], [4.0]]), np.array([[1.0]]))
    assert level.shape == (3, 2)
