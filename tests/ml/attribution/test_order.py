from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ml.attribution.order import choose_order, ending_chances
from ml.attribution.path_file import paths_from_text
from ml.attribution.paths import Paths, paths_from_lists
from warehouse.errors import BadSetting, NotEnoughData


def as_paths(journeys: pl.DataFrame) -> Paths:
    counted = journeys.group_by("path").agg(
        pl.col("conversion").sum().cast(pl.Float64), pl.len().cast(pl.Float64)
    ).sort("path")  # fmt: skip
    done = counted["conversion"].to_numpy()
    return paths_from_text(counted["path"], done, 0 * done, counted["len"].to_numpy() - done)


def test_real_journeys_by_later_ones(attribution_data: Path) -> None:
    journeys = pl.read_csv(attribution_data / "ga4_journeys.csv.gz").sort("anchor_timestamp")
    cut = int(0.7 * journeys.height)
    choice = choose_order(as_paths(journeys[:cut]), as_paths(journeys[cut:]))
    assert choice.auc == pytest.approx([0.767, 0.810, 0.812, 0.805], abs=0.001)
    assert choice.order == 2
    assert choice.error == pytest.approx([0.008] * 4, abs=0.001)


def test_a_chain_that_looks_back_two_touches_is_recognised() -> None:
    """Whether the last touch converts depends on the one before it."""
    generator = np.random.default_rng(1)

    def sample() -> Paths:
        lists = [list(generator.choice(["a", "b"], size=generator.integers(2, 6))) for _ in range(20_000)]
        chance = np.array([0.4 if path[-2] == "a" else 0.1 for path in lists])
        done = (generator.random(chance.size) < chance).astype(np.float64)
        return paths_from_lists(lists, done, nulls=1 - done)

    choice = choose_order(sample(), sample(), orders=(3, 1, 2))
    assert choice.orders == (1, 2, 3)
    assert choice.order == 2
    assert choice.auc[1] > choice.auc[0] + 0.1


def test_what_was_never_seen_is_judged_by_less_of_it() -> None:
    earlier = paths_from_lists([["a", "b"], ["b"]], [50, 10], nulls=[50, 90])
    later = paths_from_lists([["b", "b"], ["a", "b"]], [1, 1], nulls=[1, 1])
    by_one = 60.0 / 200.0
    assert ending_chances(earlier, later, 1) == pytest.approx([by_one, by_one], abs=0.01)
    assert ending_chances(earlier, later, 2) == pytest.approx([by_one, 0.5], abs=0.01)


def test_refusals() -> None:
    paths = paths_from_lists([["a"]], [3], nulls=[4])
    with pytest.raises(BadSetting, match="other channels"):
        choose_order(paths, paths_from_lists([["b"]], [3], nulls=[4]))
    with pytest.raises(NotEnoughData, match="Earlier journeys must have conversions"):
        choose_order(paths, paths_from_lists([["a"]], [3]))
