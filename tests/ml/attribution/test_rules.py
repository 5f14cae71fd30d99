from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from ml.attribution import rules
from ml.attribution.models import Model, attribute
from ml.attribution.paths import Paths, paths_from_lists
from warehouse.errors import BadSetting, NotEnoughData

REAL = {
    "first": "first",
    "last": "last",
    "linear": "linear",
    "position": "position_40_20_40",
    "time_decay": "time_decay_step_hl1",
    "shapley": "shapley_exact_containment",
    "shapley_ordered": "shapley_exact_containment",
}


@pytest.mark.parametrize(("model", "column"), REAL.items())
def test_real_journeys(real_paths: Paths, exact: pl.DataFrame, model: str, column: str) -> None:
    expected = exact[column].to_numpy()
    assert attribute(real_paths, Model(model)).conversions == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("model", "column"), [*((name, column) for name, column in REAL.items() if "shapley" not in name),
                          ("shapley", "shapley_simplified")]
)  # fmt: skip
def test_published_example(oracles: dict[str, Any], model: str, column: str) -> None:
    case = oracles["dp6_test_9paths"]
    paths = paths_from_lists([path.split(" > ") for path in case["paths"]], case["conv"])
    assert attribute(paths, Model(model)).conversions == pytest.approx(case[column], abs=1e-9)


def timed() -> Paths:
    """search 20 days before, a view of video 10 days before, direct on the day; and a visit that came directly."""
    paths = paths_from_lists([["search", "video", "direct"], ["direct"]], [2, 1], value=[100, 10])
    return replace(paths, ages=np.array([20.0, 10.0, 0.0, 0.0]), views=np.array([False, True, False, False]))


def by_name(paths: Paths, model: Model) -> dict[str, float]:
    return dict(zip(paths.channels, attribute(paths, model).conversions.tolist(), strict=True))


def test_last_non_direct_falls_back_to_direct() -> None:
    assert by_name(timed(), Model("last_non_direct")) == {"direct": 1.0, "search": 0.0, "video": 2.0}
    renamed = timed().named({"video": "(none)"})
    assert by_name(renamed, Model("last_non_direct")) == {"(none)": 0.0, "direct": 1.0, "search": 2.0}


def test_weight_halves_with_time() -> None:
    weights = rules.time_decay(timed(), 10.0)
    assert weights == pytest.approx([1 / 7, 2 / 7, 4 / 7, 1.0])
    old = replace(timed(), ages=np.array([90_000.0, 89_990.0, 89_980.0, 0.0]))
    assert rules.time_decay(old, 10.0) == pytest.approx(weights)


def test_a_lookback_is_the_channels_own() -> None:
    seen = rules.within(timed(), rules.Lookback(5, {"search": 30}))
    assert seen.lengths.tolist() == [2, 1]
    assert by_name(timed(), Model("linear", lookback=rules.Lookback(5, {"search": 30}))) == {
        "direct": 2.0, "search": 1.0, "video": 0.0,
    }  # fmt: skip
    assert attribute(timed(), Model("markov", lookback=rules.Lookback(0.5, {}))).conversions.tolist() == [3.0, 0.0, 0.0]


def test_views_count_less() -> None:
    assert by_name(timed(), Model("linear", view_weight=0.5)) == pytest.approx({
        "direct": 1 + 2 * 0.4, "search": 2 * 0.4, "video": 2 * 0.2,
    })  # fmt: skip
    only_views = replace(timed(), views=np.ones(4, dtype=np.bool_))
    assert by_name(only_views, Model("first", view_weight=0.0)) == by_name(timed(), Model("first"))


def test_value_follows_its_path() -> None:
    assert attribute(timed(), Model("last")).value.tolist() == [110.0, 0.0, 0.0]
    assert attribute(timed(), Model("first")).value.tolist() == [10.0, 100.0, 0.0]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(0.4, 0.4, [0.4, 0.2, 0.4]), (1.0, 0.0, [1.0, 0.0, 0.0]), (0.2, 0.6, [0.2, 0.2, 0.6])],
)
def test_position_weights(first: float, last: float, expected: list[float]) -> None:
    assert rules.position_based(timed(), first, last) == pytest.approx([*expected, 1.0])


def test_refusals() -> None:
    untimed = rules.without_ages(timed())
    for refused, message in (
        (lambda: rules.position_based(timed(), 0.7, 0.7), "must not be negative and sum to at most 1"),
        (lambda: rules.step_decay(timed(), 0), "half_life == 0, must be > 0"),
        (lambda: rules.within(timed(), rules.Lookback(0, {})), "more than 0 days"),
        (lambda: rules.within(timed(), rules.Lookback(7, {"radio": 3})), "no path has the channel 'radio'"),
        (lambda: rules.discounted(timed(), rules.linear(timed()), 2), "view_weight == 2"),
        (lambda: Model("las"), "there is no model 'las'"),
        (lambda: Model("markov", view_weight=0.5), "Only rules discount views"),
    ):
        with pytest.raises(BadSetting, match=message):
            refused()
    for unknown in (
        lambda: rules.time_decay(untimed),
        lambda: rules.within(untimed, rules.Lookback(7, {})),
        lambda: rules.discounted(untimed, rules.linear(untimed), 0.5),
    ):
        with pytest.raises(NotEnoughData):
            unknown()
