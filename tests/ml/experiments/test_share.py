"""Scores of shares, against published intervals, and what they say of rare events."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ml.experiments.effect import effect_of
from ml.experiments.methods import FixedHorizon
from ml.experiments.moments import Moments
from ml.experiments.share import (
    Shares,
    difference_interval,
    difference_score,
    pooled_z,
    ratio_interval,
    ratio_score,
)
from warehouse.errors import BadSetting, NotEnoughData

Z = 1.959963984540054


@pytest.mark.parametrize(
    ("shares", "published"),
    [  # Newcombe 1998, doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, table II, method 4
        (Shares(56, 70, 48, 80), (0.0533, 0.3377)),
        (Shares(9, 10, 3, 10), (0.1821, 0.8370)),
        (Shares(5, 56, 0, 29), (-0.0313, 0.1926)),
    ],
)
def test_intervals_are_as_published(shares: Shares, published: tuple[float, float]) -> None:
    assert difference_interval(shares, Z) == pytest.approx(published, abs=1e-4)


counts = st.tuples(st.integers(0, 30), st.integers(1, 30), st.integers(0, 30), st.integers(1, 30))


@given(counts)
def test_the_ends_are_where_the_test_stops_rejecting(drawn: tuple[int, int, int, int]) -> None:
    shares = Shares(min(drawn[0], drawn[1]), drawn[1], min(drawn[2], drawn[3]), drawn[3])
    assume(0 < shares.treated + shares.control < shares.n)
    low, high = difference_interval(shares, Z)
    one, other = shares.rates
    assert -1 <= low <= one - other <= high <= 1
    for end, at in ((low, Z), (high, -Z)):
        if abs(end) < 1 - 1e-9:
            assert difference_score(shares, end) == pytest.approx(at, abs=1e-4)
    least, most = ratio_interval(shares, Z)
    assert least >= 0
    if shares.treated and least:
        assert ratio_score(shares, least) == pytest.approx(Z, abs=1e-3)
    if most is not None:
        assert ratio_score(shares, most) == pytest.approx(-Z, abs=1e-3)
    # The verdict does not depend on what is shown.
    rejected = abs(pooled_z(shares)) > Z
    assert rejected == (not low <= 0 <= high) or abs(abs(pooled_z(shares)) - Z) < 1e-6
    assert rejected == (not least <= 1 <= (most or np.inf)) or abs(abs(pooled_z(shares)) - Z) < 1e-6


def test_rare_events_are_not_believed_as_a_mean_would() -> None:
    effect = effect_of(Shares(5, 1_000, 0, 1_000), FixedHorizon())
    assert effect.p_value == pytest.approx(0.0253, abs=1e-3)
    assert effect.relative is None
    assert effect.difference.high > 0.005 + 1.96 * effect.se


def test_of_moments_only_where_they_are_zeros_and_ones() -> None:
    ones = Moments.of(["did"], np.array([[1.0], [0.0], [1.0], [1.0]]))
    assert Shares.of(ones, ones + ones, "did") == Shares(3, 4, 6, 8)
    with pytest.raises(BadSetting, match="not 0 or 1"):
        Shares.of(ones, Moments.of(["did"], np.array([[2.0], [0.0], [0.0], [0.0]])), "did")


def test_where_nothing_varies_there_is_no_answer() -> None:
    for shares, words in (
        (Shares(0, 5, 0, 5), "No unit"),
        (Shares(5, 5, 5, 5), "Every unit"),
        (Shares(0, 0, 1, 5), "empty|no units"),
    ):
        with pytest.raises(NotEnoughData, match=words):
            pooled_z(shares)
