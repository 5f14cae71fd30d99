"""What every model owes to everybody."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.attribution.models import MODELS, Model, attribute
from ml.attribution.paths import Paths, paths_from_lists
from ml.attribution.together import merged
from tests.ml.attribution.made import paths_of, rows
from warehouse.errors import BadSetting

CLOSED = [Model(name) for name in MODELS if name != "fractional"] + [Model("markov", order=k) for k in (2, 3)]
models = st.sampled_from(CLOSED)


def credit_of(paths: Paths, model: Model) -> dict[str, tuple[float, float]]:
    credit = attribute(paths, model)
    return dict(zip(credit.channels, zip(credit.conversions, credit.value, strict=True), strict=True))


def assert_same(one: dict[str, tuple[float, float]], other: dict[str, tuple[float, float]]) -> None:
    assert set(one) == set(other)
    for channel, credit in one.items():
        assert credit == pytest.approx(other[channel], abs=1e-8, rel=1e-8), channel


@given(rows(), models)
def test_credits_sum_to_conversions_and_to_value(journeys: list[Any], model: Model) -> None:
    paths = paths_of(journeys)
    credit = attribute(paths, model)
    assert credit.conversions.sum() == pytest.approx(paths.conversions.sum())
    assert credit.value.sum() == pytest.approx(paths.value.sum())


@given(rows(), models)
def test_a_channel_that_nobody_met_gets_nothing(journeys: list[Any], model: Model) -> None:
    paths = paths_of(journeys)
    wider = Paths(
        (*paths.channels, "zeppelin"), paths.steps, paths.offsets, paths.conversions, paths.value, paths.nulls
    )
    credit = credit_of(wider, model)
    assert credit.pop("zeppelin") == pytest.approx((0.0, 0.0), abs=1e-12)
    assert_same(credit, credit_of(paths, model))


@given(rows(), models, st.randoms(use_true_random=False))
def test_order_of_rows_and_names_change_nothing(journeys: list[Any], model: Model, chance: Any) -> None:
    new = dict(zip("abcd", ["north", "zebra", "apple", "mango"], strict=True))
    shuffled = [([new[channel] for channel in path], *counts) for path, *counts in journeys]
    chance.shuffle(shuffled)
    renamed = {new[channel]: credit for channel, credit in credit_of(paths_of(journeys), model).items()}
    assert_same(credit_of(paths_of(shuffled), model), renamed)


@given(rows(), models)
def test_one_row_or_many_is_the_same(journeys: list[Any], model: Model) -> None:
    split = [
        (path, *counts) for path, conversions, nulls in journeys for counts in [(1, 0)] * conversions + [(0, 1)] * nulls
    ]
    paths = paths_of(split)
    expected = {name: credit for name, credit in credit_of(paths_of(journeys), model).items() if name in paths.channels}
    assert_same(credit_of(paths, model), expected)
    assert_same(credit_of(merged([paths]), model), expected)


@given(rows(fewest=2), models, st.integers(1, 5))
def test_a_day_more_is_the_same_as_all_days(journeys: list[Any], model: Model, day: int) -> None:
    cut = min(day, len(journeys) - 1)
    days = merged([merged([paths_of(journeys[:cut])]), merged([paths_of(journeys[cut:])])])
    assert_same(credit_of(days, model), credit_of(merged([paths_of(journeys)]), model))


@pytest.mark.parametrize(
    "model", [Model(name) for name in MODELS if name != "fractional"], ids=lambda model: model.name
)
def test_one_touch_or_no_conversion(model: Model) -> None:
    assert attribute(paths_from_lists([["a"]], [3], value=[6]), model).conversions.tolist() == [3.0]
    nothing = attribute(paths_from_lists([["a", "b"], []], [0, 2], value=[0, 9], nulls=[4, 1]), model)
    assert (nothing.conversions.tolist(), nothing.value.tolist()) == ([0.0, 0.0], [0.0, 0.0])
    assert nothing.shares.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("model", [Model("last"), Model("markov"), Model("markov", order=2), Model("shapley_rate")],
                         ids=lambda model: f"{model.name}{model.order}")  # fmt: skip
def test_intervals_hold_the_credit(model: Model) -> None:
    paths = paths_from_lists([["a", "b"], ["b"], ["a", "c"]], [40, 60, 30], value=[400, 600, 90], nulls=[200, 500, 90])
    credit = attribute(paths, model, draws=300)
    assert credit.draws is not None
    assert credit.low is not None
    assert credit.high is not None
    assert credit.value_low is not None
    assert credit.value_high is not None
    assert (credit.low <= credit.conversions).all()
    assert (credit.conversions <= credit.high).all()
    assert (credit.value_low <= credit.value).all()
    assert (credit.value <= credit.value_high).all()
    # The conversions altogether are a Poisson number, whatever the model.
    assert credit.draws.conversions.sum(axis=1).std() == pytest.approx(np.sqrt(130), rel=0.2)
    again = attribute(paths, model, draws=300)
    assert again.draws is not None
    assert np.array_equal(credit.draws.conversions, again.draws.conversions)


def test_refusals() -> None:
    with pytest.raises(BadSetting, match="level == 1"):
        attribute(paths_from_lists([["a"]], [1]), Model("last"), draws=10, level=1)
    with pytest.raises(BadSetting, match="draws == -1"):
        attribute(paths_from_lists([["a"]], [1]), Model("last"), draws=-1)
