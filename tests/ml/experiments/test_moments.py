"""Statistics that add up over days say what the units say together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.experiments.moments import Distribution, Floats, Moments
from warehouse.errors import BadSetting, NotEnoughData

COLUMNS = ("spend", "orders", "pre_spend")
sizes = st.lists(st.integers(0, 30), min_size=1, max_size=5)


def drawn(seed: int, rows: int, far: float = 0.0) -> Floats:
    generator = np.random.default_rng(seed)
    return far + generator.standard_normal((rows, 3)) @ np.array([[1.0, 0.4, 0.2], [0.0, 2.0, 0.1], [0.0, 0.0, 0.5]])


@given(sizes, st.integers(0, 10_000))
def test_days_add_up_to_all_units(days: list[int], seed: int) -> None:
    values = drawn(seed, sum(days))
    parts = np.split(values, np.cumsum(days)[:-1])
    added = sum((Moments.of(COLUMNS, part) for part in parts), start=Moments.none(COLUMNS))
    whole = Moments.of(COLUMNS, values)
    assert added.n == whole.n
    assert added.means == pytest.approx(whole.means)
    assert added.products == pytest.approx(whole.products, abs=1e-9)


def test_nothing_cancels_far_from_zero() -> None:
    values = drawn(1, 1_000, far=1e9)
    added = Moments.of(COLUMNS, values[:300]) + Moments.of(COLUMNS, values[300:])
    assert added.covariance == pytest.approx(np.cov(values, rowvar=False), rel=1e-6)


def test_of_plain_numbers() -> None:
    values = drawn(2, 50)
    covariance = np.cov(values, rowvar=False)
    told = Moments.of_numbers(
        50,
        dict(zip(COLUMNS, values.mean(axis=0), strict=True)),
        {(a, b): covariance[i, j] for i, a in enumerate(COLUMNS) for j, b in enumerate(COLUMNS) if i <= j},
    )
    assert told.covariance == pytest.approx(covariance)
    assert told.variance("orders") == pytest.approx(values[:, 1].var(ddof=1))
    assert told.mean("pre_spend") == pytest.approx(values[:, 2].mean())
    assert told.of_columns(["orders", "spend"]).covariance == pytest.approx(covariance[np.ix_([1, 0], [1, 0])])


def test_what_is_no_moment_is_refused() -> None:
    with pytest.raises(BadSetting, match="no number"):
        Moments.of(["spend"], np.array([[1.0], [np.nan]]))
    with pytest.raises(BadSetting, match="named twice"):
        Moments.of(["spend", "spend"], np.zeros((2, 2)))
    with pytest.raises(BadSetting, match="negative sum of squares"):
        Moments(("spend",), 2, np.zeros(1), np.full((1, 1), -1.0))
    with pytest.raises(BadSetting, match="2 columns"):
        Moments(("spend", "orders"), 2, np.zeros(1), np.zeros((1, 1)))
    with pytest.raises(BadSetting, match="do not add up"):
        Moments.none(["spend"]) + Moments.none(["orders"])
    with pytest.raises(BadSetting, match="There are: spend"):
        Moments.none(["spend"]).mean("visits")
    with pytest.raises(NotEnoughData, match="1 units have no variance"):
        Moments.of(["spend"], np.ones((1, 1))).variance("spend")


@given(
    st.lists(st.integers(-5, 5), min_size=1, max_size=40), st.lists(st.integers(-5, 5), max_size=40), st.floats(0, 1)
)
def test_quantiles_of_distributions_are_those_of_the_units(
    one: list[int], other: list[int], probability: float
) -> None:
    added = Distribution.of(np.array(one, dtype=float)) + Distribution.of(np.array(other, dtype=float))
    assert added.n == len(one) + len(other)
    assert added.quantile(probability) == pytest.approx(np.quantile([*one, *other], probability), abs=1e-9)


def test_what_is_no_distribution_is_refused() -> None:
    with pytest.raises(BadSetting, match="must rise"):
        Distribution(np.array([2.0, 1.0]), np.array([1, 1]))
    with pytest.raises(BadSetting, match="every value is a number"):
        Distribution.of(np.array([1.0, np.nan]))
    with pytest.raises(NotEnoughData, match="no unit"):
        Distribution.of(np.array([])).quantile(0.5)
