"""Curves say what they bring, and envelopes are above them and concave."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.budget.curves import Curve, Parametric, Sampled, believed_up_to
from ml.budget.draws import Drawn, FamilyDraws
from ml.budget.envelope import pieces_of
from warehouse.errors import BadSetting

SMOOTH = {
    "exponential": Parametric.of("exponential", 3.0, 2.0),
    "michaelis_menten": Parametric.of("michaelis_menten", 3.0, 2.0),
    "hill, steep at nothing": Parametric.of("hill", 3.0, 2.0, 0.6),
    "hill, S-shaped": Parametric.of("hill", 3.0, 2.0, 3.0),
    "logistic": Parametric.of("logistic", 3.0, 0.7),
}


def drawn(seed: int = 1, count: int = 60, top: float = 10.0) -> Drawn:
    """Half of the draws S-shaped, half exponential."""
    chance = np.random.default_rng(seed)
    half = count // 2
    parts = [
        FamilyDraws(
            "hill",
            np.arange(half),
            chance.uniform(2, 4, half),
            (chance.uniform(1, 3, half), chance.uniform(0.7, 4, half)),
        ),
        FamilyDraws("exponential", np.arange(half, count), chance.uniform(2, 4, half), (chance.uniform(1, 3, half),)),
    ]
    return Drawn.mixed(parts, top=top)


CURVES: dict[str, Curve] = {
    **SMOOTH,
    "sampled": Sampled.of([0, 1, 2, 5, 6, 10], [0, 0.1, 2, 2.5, 4, 4.1]),
    "expected of draws": drawn().expected(),
}


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("interval", [(0.0, 10.0), (0.5, 3.0), (4.0, 9.0), (2.0, 2.0)])
@pytest.mark.parametrize("least", [0.0, 1.7])
def test_pieces_are_a_concave_curve_above(name: str, interval: tuple[float, float], least: float) -> None:
    low, high = interval
    pieces = pieces_of(CURVES[name], low, high, 2.0, least)
    assert pieces.lengths.sum() == pytest.approx(high - low, abs=1e-9)
    assert np.all(np.diff(pieces.slopes[pieces.lengths > 0]) <= 1e-12)
    spends = np.linspace(low, high, 501)
    allowed = spends[(spends == low) | (spends >= least)] if least > low else spends
    above = np.array([pieces.value(spend - low) for spend in allowed])
    below = CURVES[name].value(allowed)
    assert np.all(above >= below - 1e-9)
    for end in (low, high):
        assert pieces.value(end - low) == pytest.approx(float(CURVES[name].value(np.array(end))), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("name", ["exponential", "michaelis_menten", "logistic", "hill, steep at nothing"])
def test_pieces_of_a_concave_curve_are_close_to_it(name: str) -> None:
    pieces = pieces_of(SMOOTH[name], 0.0, 10.0, 2.0)
    for spend in (2.0, 2.001):
        assert pieces.value(spend) == pytest.approx(float(SMOOTH[name].value(np.array(spend))), rel=1e-7)


def test_the_envelope_of_an_s_is_its_chord_and_what_is_beyond() -> None:
    """From nothing the chord touches where the mean response is the marginal one: of Hill at (slope - 1)^(1/slope)."""
    curve = Parametric.of("hill", 1.0, 1.0, 3.0)
    touch = 2 ** (1 / 3)
    pieces = pieces_of(curve, 0.0, 10.0, touch)
    assert pieces.value(touch / 2) == pytest.approx(float(curve.value(np.array(touch))) / 2, rel=1e-5)
    assert pieces.value(2 * touch) == pytest.approx(float(curve.value(np.array(2 * touch))), rel=5e-3)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 10), min_size=3, max_size=12), st.floats(0, 5), st.floats(0.1, 5))
def test_pieces_of_any_rising_points_are_above(steps: list[float], low: float, width: float) -> None:
    curve = Sampled.of(np.linspace(0, 10, len(steps)), np.cumsum(steps))
    pieces = pieces_of(curve, low, low + width, low)
    spends = np.linspace(low, low + width, 97)
    assert np.all([pieces.value(spend - low) >= float(curve.value(spend)) - 1e-8 for spend in spends])


def test_the_expected_curve_is_the_mean_of_the_draws() -> None:
    draws = drawn()
    expected, spends = draws.expected(), np.concatenate([[0.0], np.geomspace(1e-6, 10, 301)])
    np.testing.assert_allclose(expected.value(spends), draws.by_draw(spends).mean(axis=0), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(expected.slope(spends[50:]), draws.slopes_by_draw(spends[50:]).mean(axis=0), rtol=1e-3)
    first = np.zeros(draws.count)
    first[0] = 1.0
    np.testing.assert_allclose(draws.weighted(first).value(spends), draws.by_draw(spends)[0], rtol=1e-6, atol=1e-8)


def test_draws_that_make_no_sense_are_refused() -> None:
    ones = np.ones(3)
    with pytest.raises(BadSetting, match="not each there once"):
        Drawn.mixed([FamilyDraws("exponential", np.array([0, 2, 2]), ones, (ones,))], top=1.0)
    with pytest.raises(BadSetting, match="as many as they should be"):
        Drawn.of("exponential", ones, np.ones(2), top=1.0)
    with pytest.raises(BadSetting, match="top == 0"):
        Drawn.of("exponential", ones, ones, top=0.0)


@pytest.mark.parametrize(
    ("spend", "response", "words"),
    [
        ([1], [1], "has 1 points"),
        ([0, 1, 1], [0, 1, 2], "two points at a spend of 1.00"),
        ([0, 1, 2], [0, 2, 1], "falls from 2 to 1 as spend rises to 2.00"),
        ([-1, 1], [0, 2], "a spend below 0"),
        ([0, 1], [0, np.nan], "no number"),
    ],
)
def test_samples_that_are_no_curve_are_refused(spend: list[float], response: list[float], words: str) -> None:
    with pytest.raises(BadSetting, match=words):
        Sampled.of(spend, response)


def test_parameters_that_make_no_curve_are_refused() -> None:
    with pytest.raises(BadSetting, match="There is no family 'power'"):
        Parametric.of("power", 1.0, 1.0)
    with pytest.raises(BadSetting, match="theta == -1"):
        Parametric.of("exponential", 1.0, -1.0)


def test_the_slope_at_a_sample_is_that_of_the_next_unit() -> None:
    curve = Sampled.of([0, 1, 3], [0, 4, 6])
    assert curve.slope(np.array([0.0, 0.5, 1.0, 2.9, 3.0])).tolist() == [4, 4, 1, 1, 1]


def test_curves_are_believed_a_little_beyond_the_past() -> None:
    assert believed_up_to(np.concatenate([np.zeros(50), np.full(99, 10.0), [1_000.0]])) == pytest.approx(13)
    with pytest.raises(BadSetting, match="Nothing was ever spent"):
        believed_up_to(np.zeros(5))
