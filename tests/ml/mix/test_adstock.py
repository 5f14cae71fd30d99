"""Weights of carry-over: sums, shapes, and the matrices that spread spend over time."""

from __future__ import annotations

import numpy as np
import pytest

from ml.mix.adstock import ADSTOCKS, carry_in, carry_over, half_life, lagged

LAGS = np.arange(13.0)


@pytest.mark.parametrize("name", ADSTOCKS)
def test_weights_sum_to_one_wherever_the_parameters_are(name: str) -> None:
    family = ADSTOCKS[name]
    free = np.random.default_rng(1).normal(0, 6, (len(family.shape), 500))
    weights = family.weights_of(free, LAGS)
    assert weights.shape == (13, 500)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=0), 1)


def test_geometric_weights_fall_by_alpha() -> None:
    weights = ADSTOCKS["geometric"].weights(LAGS, np.array([0.4]))[:, 0]
    np.testing.assert_allclose(weights[1:] / weights[:-1], 0.4)
    assert 1 - weights[0] == pytest.approx(0.4, abs=1e-4)


def test_the_delayed_family_peaks_at_its_delay() -> None:
    weights = ADSTOCKS["delayed"].weights(LAGS, np.array([0.7]), np.array([3.0]))[:, 0]
    assert int(np.argmax(weights)) == 3
    np.testing.assert_allclose(weights[2], weights[4])


def test_a_weibull_of_shape_one_is_geometric() -> None:
    weights = ADSTOCKS["weibull"].weights(LAGS, np.array([1.0]), np.array([2.0]))
    geometric = ADSTOCKS["geometric"].weights(LAGS, np.array([np.exp(-0.5)]))
    np.testing.assert_allclose(weights, geometric)


def test_lags_and_the_matrix_of_carry_over_say_the_same() -> None:
    spend = np.random.default_rng(2).random(40)
    weights = ADSTOCKS["weibull"].weights(LAGS, np.array([1.5]), np.array([3.0]))[:, 0]
    np.testing.assert_allclose(lagged(spend, 13) @ weights, carry_over(weights, 40) @ spend)


def test_what_was_spent_before_is_carried_in() -> None:
    spend = np.random.default_rng(3).random(60)
    weights = ADSTOCKS["geometric"].weights(LAGS, np.array([0.6]))[:, 0]
    whole = lagged(spend, 13) @ weights
    np.testing.assert_allclose(lagged(spend[30:], 13, spend[:30]) @ weights, whole[30:])
    np.testing.assert_allclose(carry_over(weights, 30) @ spend[30:] + carry_in(weights, spend[:30], 30), whole[30:])


def test_half_of_the_effect_has_come_by_the_half_life() -> None:
    weights = np.array([[0.25, 1.0], [0.25, 0.0], [0.5, 0.0]])
    np.testing.assert_allclose(half_life(weights), [2.0, 0.5])
