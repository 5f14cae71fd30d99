from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.attribution.absorbing import outcomes_without
from ml.attribution.markov import chain_of, joint_removal, removal_effects, transition_matrix
from ml.attribution.models import Model, attribute
from ml.attribution.paths import Paths, paths_from_lists
from tests.ml.attribution.made import CHANNELS, conversion_without, paths_of, rows
from warehouse.errors import BadSetting, NotEnoughData


@pytest.mark.parametrize("order", [1, 2, 3])
def test_published_removal_effects(oracles: dict[str, Any], order: int) -> None:
    case = oracles[f"selfloop_order{order}"]
    paths = paths_from_lists([path.split(" > ") for path in case["paths"]], case["conv"], nulls=case["null"])
    removal = removal_effects(chain_of(paths, order))
    assert removal.probability == pytest.approx(case["p_conv"], abs=1e-12)
    assert removal.conversions == pytest.approx(case["re"], abs=1e-12)
    assert attribute(paths, Model("markov", order=order)).conversions == pytest.approx(case["attr"], abs=1e-9)


def test_published_example_with_value(oracles: dict[str, Any]) -> None:
    case = oracles["analyzecore_3path"]
    paths = paths_from_lists(
        [path.split(" > ") for path in case["paths"]], case["conv"], nulls=case["null"], value=case["value"]
    )
    credit = attribute(paths, Model("markov"))
    assert credit.removal_effect == pytest.approx(list(case["removal_effect"].values()), abs=1e-12)
    assert credit.conversions == pytest.approx(list(case["attribution"].values()), abs=1e-12)
    assert credit.value == pytest.approx(list(case["value_attribution"].values()), abs=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_real_journeys(real_paths: Paths, exact: pl.DataFrame, order: int) -> None:
    credit = attribute(real_paths, Model("markov", order=order))
    assert credit.removal_effect == pytest.approx(exact[f"markov{order}_re"].to_numpy(), rel=1e-9, abs=1e-12)
    assert credit.conversions == pytest.approx(exact[f"markov{order}"].to_numpy(), rel=1e-9)


@given(rows(), st.sampled_from([1, 2, 3]))
def test_every_set_of_channels_can_be_removed(journeys: list[Any], order: int) -> None:
    paths = paths_of(journeys)
    chain = chain_of(paths, order)
    whole = conversion_without(journeys, order, ())
    for size in range(1, len(paths.channels) + 1):
        for some in combinations(paths.channels, size):
            expected = 1 - conversion_without(journeys, order, some) / whole
            assert joint_removal(chain, some) == pytest.approx(expected, abs=1e-9)
    singles = [1 - conversion_without(journeys, order, channel) / whole for channel in paths.channels]
    assert removal_effects(chain).conversions == pytest.approx(singles, abs=1e-9)


@given(rows(), st.sampled_from([1, 2, 3, 4]))
def test_the_chain_predicts_the_rate_there_was(journeys: list[Any], order: int) -> None:
    paths = paths_of(journeys)
    rate = paths.conversions.sum() / paths.journeys.sum()
    assert removal_effects(chain_of(paths, order)).probability == pytest.approx(rate, abs=1e-10)


@given(rows())
def test_at_a_high_order_a_removal_costs_the_conversions_that_met_the_channel(journeys: list[Any]) -> None:
    paths = paths_of(journeys)
    touching = [
        sum(conversions for path, conversions, _ in journeys if channel in path) / paths.conversions.sum()
        for channel in paths.channels
    ]
    assert removal_effects(chain_of(paths, 6)).conversions == pytest.approx(touching, abs=1e-9)


@given(rows())
def test_repeating_a_touch_changes_nothing_at_order_one(journeys: list[Any]) -> None:
    again = [([channel for channel in path for _ in range(2)], *counts) for path, *counts in journeys]
    assert removal_effects(chain_of(paths_of(again))).conversions == pytest.approx(
        removal_effects(chain_of(paths_of(journeys))).conversions, abs=1e-9
    )


def test_many_channels_are_solved_like_few() -> None:
    generator = np.random.default_rng(3)
    names = [f"campaign {number}" for number in range(40)]
    lists = [list(generator.choice(names, size=generator.integers(1, 6))) for _ in range(300)]
    journeys = [(path, int(generator.integers(0, 3)), 1 + int(generator.integers(0, 9))) for path in lists]
    effects = removal_effects(chain_of(paths_of(journeys), 2)).conversions
    whole = conversion_without(journeys, 2, ())
    some = paths_of(journeys).channels[:3]
    assert effects[:3] == pytest.approx(
        [1 - conversion_without(journeys, 2, [name]) / whole for name in some], abs=1e-9
    )


def test_journeys_that_hardly_ever_end_are_solved_too() -> None:
    """Two states that lead to each other 99,999 times in 100,000: more than any number of sweeps."""
    share = 0.99999
    start, outcomes = np.array([1.0, 0.0]), np.array([[1 - share], [0.0]])
    sources, targets = np.array([0, 1]), np.array([1, 0])
    removed = np.array([[False, True], [False, False]])
    reached = outcomes_without(start, sources, targets, np.array([share, share]), outcomes, removed)
    assert reached[0, 0] == pytest.approx((1 - share) / (1 - share**2), rel=1e-9)
    assert reached[1, 0] == 0.0


def test_what_comes_next() -> None:
    chain = chain_of(paths_from_lists([["a", "b"], ["b"]], [1, 0], nulls=[1, 2]))
    assert transition_matrix(chain) == pytest.approx(np.array([
        [0.5, 0.5, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.25, 0.75],
    ]))  # fmt: skip


def test_without_conversions_nothing_is_credited() -> None:
    credit = attribute(paths_from_lists([["a", "b"], ["b"]], [0, 0], nulls=[1, 2]), Model("markov", order=2))
    assert credit.conversions.tolist() == [0.0, 0.0]
    assert credit.removal_effect is not None
    assert credit.removal_effect.tolist() == [0.0, 0.0]


def test_refusals() -> None:
    paths = paths_from_lists([[], ["a"]], [1, 1])
    with pytest.raises(NotEnoughData, match="No path has a touch"):
        chain_of(paths_from_lists([[]], [1]))
    with pytest.raises(BadSetting, match="order == 0, must be 1 or more"):
        chain_of(paths, 0)
    with pytest.raises(BadSetting, match="cannot be numbered"):
        chain_of(paths, 70)
    with pytest.raises(BadSetting, match="no path has the channel 'x'"):
        joint_removal(chain_of(paths), ["x"])


def test_paths_without_a_touch_do_not_count() -> None:
    with_them = attribute(paths_from_lists([[], ["a"], ["b"]], [7, 1, 1], nulls=[3, 1, 4]), Model("markov"))
    without = attribute(paths_from_lists([["a"], ["b"]], [1, 1], nulls=[1, 4]), Model("markov"))
    assert with_them.conversions.tolist() == without.conversions.tolist()
    assert set(CHANNELS) > set(with_them.channels)
