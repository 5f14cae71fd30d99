from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from ml.attribution import shapley
from ml.attribution.models import Model, attribute
from ml.attribution.paths import Floats, paths_from_lists
from ml.attribution.shapley import by_position, containment_weights, rate_game, shapley_values
from tests.ml.attribution.made import paths_of, rows
from warehouse.errors import BadSetting, NotEnoughData


def by_orders(worth: Floats, players: int) -> Floats:
    """The definition: the mean gain over all orders in which players join."""
    values = np.zeros(players)
    orders = list(permutations(range(players)))
    for order in orders:
        joined = 0
        for player in order:
            values[player] += worth[joined | 1 << player] - worth[joined]
            joined |= 1 << player
    return values / len(orders)


def test_published_games(oracles: dict[str, Any]) -> None:
    gloves = np.array([0, 0, 0, 0, 0, 1, 1, 1.0])
    assert shapley_values(gloves) == pytest.approx(oracles["shapley_glove"]["phi"])
    readme = np.array([0, 7, 6, 15, 4, 7, 9, 19.0])
    assert shapley_values(readme) == pytest.approx(oracles["dp6_readme_shapley"]["phi"])


def test_values_are_the_mean_over_orders() -> None:
    worth = np.random.default_rng(1).normal(size=32)
    assert shapley_values(worth) == pytest.approx(by_orders(worth, 5) + 0.0)


@given(rows())
def test_containment_is_its_game(journeys: list[Any]) -> None:
    paths = paths_of(journeys)
    players = len(paths.channels)
    worth = np.array([
        sum(c for path, c, _ in journeys if set(path) <= {n for b, n in enumerate(paths.channels) if members >> b & 1})
        for members in range(1 << players)
    ], dtype=np.float64)  # fmt: skip
    expected = by_orders(worth - worth[0], players)
    assert attribute(paths, Model("shapley")).conversions == pytest.approx(expected, abs=1e-9)


@given(rows())
def test_rate_is_its_game(journeys: list[Any]) -> None:
    paths = paths_of(journeys)
    players = len(paths.channels)
    rate = paths.conversions.sum() / paths.journeys.sum()
    worth = np.zeros(1 << players)
    for members in range(1, 1 << players):
        inside = {name for bit, name in enumerate(paths.channels) if members >> bit & 1}
        met = [(c, c + n) for path, c, n in journeys if set(path) <= inside]
        worth[members] = (sum(c for c, _ in met) + 5 * rate) / (sum(n for _, n in met) + 5)
    expected = by_orders(worth, players) / rate
    assert rate_game(paths, smoothing=5).share == pytest.approx(expected, abs=1e-9)


def test_many_players_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(2)
    lists = [list(generator.choice(list("abcdefgh"), size=generator.integers(1, 5))) for _ in range(200)]
    paths = paths_from_lists(
        lists, generator.integers(0, 3, 200), value=np.ones(200), nulls=generator.integers(1, 9, 200)
    )
    whole = rate_game(paths)
    monkeypatch.setattr(shapley, "MOST_ENUMERATED", 5)
    sampled = rate_game(paths)
    assert (sampled.error > 0).all()
    assert sampled.share.sum() == pytest.approx(1.0)
    assert (np.abs(sampled.share - whole.share) < 5 * sampled.error).all()
    assert (np.abs(sampled.value_share - whole.value_share) < 0.05).all()


def test_position_credit_sums_to_the_channels() -> None:
    paths = paths_from_lists([["a", "b", "a", "c"], ["b"]], [6, 1])
    table = by_position(paths, containment_weights(paths), 3)
    assert table.tolist() == [[1.0, 0.0, 1.0], [1.0, 2.0, 0.0], [0.0, 0.0, 2.0]]
    assert table.sum(axis=1) == pytest.approx(attribute(paths, Model("shapley_ordered")).conversions)


def test_refusals() -> None:
    with pytest.raises(BadSetting, match="3 coalitions"):
        shapley_values(np.zeros(3))
    with pytest.raises(NotEnoughData, match="no conversions"):
        rate_game(paths_from_lists([["a"]], [0], nulls=[3]))
    with pytest.raises(BadSetting, match="smoothing"):
        rate_game(paths_from_lists([["a"]], [1]), smoothing=0)
    assert attribute(paths_from_lists([["a"]], [0], nulls=[3]), Model("shapley_rate")).conversions.tolist() == [0.0]
