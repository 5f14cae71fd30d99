from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.attribution.path_file import newest
from ml.attribution.paths import paths_from_characters, paths_from_lists
from ml.attribution.profile import days_to_convert, flow_of, positions_of, touches_to_convert
from ml.attribution.together import merged, together
from tests.ml.attribution.made import paths_of, rows
from warehouse.errors import BadSetting

TWO = paths_from_lists([["a", "b", "a"], [], ["b"]], [2, 1, 0], value=[20, 3, 0], nulls=[4, 5, 6])


def test_parts_of_paths() -> None:
    assert TWO.rows.tolist() == [0, 0, 0, 2]
    assert TWO.places.tolist() == [0, 1, 2, 0]
    assert TWO.value_per_conversion.tolist() == [10, 3, 0]
    some = TWO.take(np.array([2, 0]))
    assert (some.steps.tolist(), some.nulls.tolist()) == ([1, 0, 1, 0], [6, 4])
    assert TWO.keep(TWO.steps == 1).lengths.tolist() == [1, 0, 1]
    assert newest(TWO, 2).steps.tolist() == [1, 0, 1]


def test_characters_are_steps() -> None:
    counts = np.array([1.0, 2.0, 0.0])
    paths = paths_from_characters(["ab", "", "€"], {"a": "search", "b": "email", "€": "search"}, counts, counts, counts)
    assert paths.channels == ("email", "search")
    assert (paths.steps.tolist(), paths.offsets.tolist()) == ([1, 0, 1], [0, 2, 2, 3])
    with pytest.raises(BadSetting, match="'x' stands for no channel"):
        paths_from_characters(["ax", "", ""], {"a": "search"}, counts, counts, counts)


@given(rows(fewest=2), st.integers(1, 6))
def test_merging_adds_counts_of_equal_paths(journeys: list[Any], cut: int) -> None:
    one, other = paths_of(journeys[:cut]), paths_of(journeys[cut:] or journeys[:1])
    both = merged([one, other])
    lists = [
        tuple(both.channels[s] for s in both.steps[both.offsets[r] : both.offsets[r + 1]]) for r in range(both.size)
    ]
    assert len(set(lists)) == len(lists)
    expected: dict[tuple[str, ...], int] = {}
    for path, conversions, _ in [*journeys[:cut], *(journeys[cut:] or journeys[:1])]:
        expected[tuple(path)] = expected.get(tuple(path), 0) + conversions
    assert dict(zip(lists, both.conversions.tolist(), strict=True)) == expected
    first, second = together(one, other)
    assert first.steps.tolist() == second.steps.tolist()
    assert first.nulls.sum() == one.nulls.sum()
    assert second.value.sum() == pytest.approx(other.value.sum())


def test_paths_with_times_stay_apart() -> None:
    timed = replace(TWO, ages=np.array([3.0, 2.0, 1.0, 0.0]))
    assert merged([timed, timed]).size == 6
    with pytest.raises(BadSetting, match="only some of the paths to merge have ages"):
        merged([timed, TWO])
    with pytest.raises(BadSetting, match="no paths to merge"):
        merged([])


def test_flow() -> None:
    flow = flow_of(TWO, 2)
    assert flow.starts.tolist() == [6, 6]
    assert flow.counts[0].tolist() == [[0, 6, 0, 0], [0, 0, 0, 6]]
    assert flow.counts[1].tolist() == [[0, 0, 0, 0], [6, 0, 0, 0]]
    with pytest.raises(BadSetting, match="steps == 0"):
        flow_of(TWO, 0)


def test_positions_touches_and_days() -> None:
    assert positions_of(TWO).tolist() == [[0, 2, 0, 2], [0, 0, 2, 0]]
    assert touches_to_convert(TWO).tolist() == [1, 0, 0, 2]
    assert [each.tolist() for each in days_to_convert(TWO)] == [[], []]
    timed = replace(TWO, ages=np.array([3.0, 2.0, 1.0, 0.5]))
    assert [each.tolist() for each in days_to_convert(timed)] == [[3.0, 0.5], [2.0, 0.0]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conversions": np.zeros(2)}, "conversions has 2 entries for 3 paths"),
        ({"nulls": np.array([1.0, -1.0, 0.0])}, "nulls has negative counts"),
        ({"value": np.array([1.0, np.nan, 0.0])}, "value has entries that are no number"),
        ({"ages": np.zeros(1)}, "ages has 1 entries for 4 touches"),
        ({"offsets": np.array([0, 3, 2, 4])}, "offsets must rise"),
        ({"channels": ("a",)}, "channels that are none of the 1"),
        ({"channels": ("a", "a")}, "named twice"),
    ],
)
def test_refusals(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        replace(TWO, **change)
