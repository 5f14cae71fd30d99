"""Intervals and p-values of a method say the same, and hold where they say that they hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ml.experiments.group_sequential import boundaries, crossing, spent
from ml.experiments.methods import ConfidenceSequence, FixedHorizon, GroupSequential, Method
from warehouse.errors import BadSetting

LOOKS = (0.2, 0.4, 0.6, 0.8, 1.0)
METHODS = [FixedHorizon(0.9), ConfidenceSequence(0.9, 500), GroupSequential((0.3, 0.7), 0.9)]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
@given(z=st.floats(-8, 8), n=st.integers(4, 10**7), df=st.floats(2, 1e6))
def test_an_interval_leaves_zero_out_just_where_its_p_value_is_small(
    method: Method, z: float, n: int, df: float
) -> None:
    edge = method.critical(n, df)
    p = method.p_value(z, n, df)
    assert 0 < p <= 1
    if abs(abs(z) - edge) > 1e-6:
        assert (p < 0.1) == (abs(z) > edge)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_no_p_value_is_zero(method: Method) -> None:
    assert 0 < method.p_value(60.0, 10_000, 9_998.0) < 1e-10


def test_a_fixed_horizon_is_welchs() -> None:
    assert FixedHorizon().critical(100, 57.3) == pytest.approx(stats.t.ppf(0.975, 57.3))
    assert FixedHorizon().p_value(14.0, 10**6, 1e6) == pytest.approx(1.55e-44, rel=0.01)


def test_a_sequence_is_as_published() -> None:
    """Equation 11 of arXiv 2103.06476, with rho by their equation 20 at the planned units."""
    n, planned, alpha = 1_000, 4_000, 0.05
    sequence = ConfidenceSequence(1 - alpha, planned)
    edges = [sequence.critical(units, np.inf) for units in (planned // 4, planned, 4 * planned)]
    assert edges[1] < min(edges[0], edges[2])
    approximately = np.sqrt((-2 * np.log(alpha) + np.log(-2 * np.log(alpha)) + 1) / planned)
    published = np.sqrt(
        2 * (n * approximately**2 + 1) / (n * approximately**2) * np.log(np.sqrt(n * approximately**2 + 1) / alpha)
    )
    assert sequence.critical(n, np.inf) == pytest.approx(published, rel=0.01)


def test_a_sequence_holds_from_the_first_units_on() -> None:
    """Looked at after every unit; on normal quantiles it would be wrong in 13 of 100 tests here."""
    generator, n, tests = np.random.default_rng(1), np.arange(2, 60), 1_500
    sequence = ConfidenceSequence(0.95, 20)
    edges = np.array([sequence.critical(2 * units, 2 * units - 2.0) for units in n])
    arms = [generator.standard_normal((tests, n[-1])) for _ in range(2)]
    means = [arm.cumsum(axis=1)[:, n - 1] / n for arm in arms]
    variances = [((arm**2).cumsum(axis=1)[:, n - 1] - n * m**2) / (n - 1) for arm, m in zip(arms, means, strict=True)]
    z = np.abs(means[0] - means[1]) / np.sqrt((variances[0] + variances[1]) / n)
    assert (z > edges).any(axis=1).mean() < 0.05


@pytest.mark.parametrize(
    ("spending", "published"),
    [
        ("obrien_fleming", [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        ("pocock", [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ],
)
def test_boundaries_are_as_published(spending: str, published: list[float]) -> None:
    found = boundaries(LOOKS, 0.05, spending)
    assert found == pytest.approx(published, abs=2e-4)
    assert crossing(LOOKS, found, 0.0).sum() == pytest.approx(0.05, abs=1e-6)


def test_looks_that_were_not_planned_spend_what_is_left() -> None:
    early = boundaries([0.1, 0.11, 0.5], 0.05)
    assert crossing([0.1, 0.11, 0.5], early, 0.0).sum() == pytest.approx(spent(0.5, 0.05, "obrien_fleming"), rel=1e-6)
    assert boundaries([1.0], 0.05) == pytest.approx([1.959964])
    drift = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert crossing(LOOKS, boundaries(LOOKS, 0.05), drift).sum() == pytest.approx(0.79, abs=0.01)


def test_what_is_no_method_is_refused() -> None:
    for wrong in ((), (0.5, 0.5), (0.0, 1.0), (0.5, 1.2)):
        with pytest.raises(BadSetting, match="must rise"):
            GroupSequential(wrong)
    with pytest.raises(BadSetting, match="no spending"):
        GroupSequential((1.0,), 0.95, "linear")
    with pytest.raises(BadSetting, match="between 0 and 1"):
        FixedHorizon(95)
    with pytest.raises(BadSetting, match="1 or more"):
        ConfidenceSequence(0.95, 0)
