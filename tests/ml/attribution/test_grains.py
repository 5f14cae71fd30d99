from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.attribution.grains import Details, Split, split_credit
from ml.attribution.models import Model, attribute, touch_weights
from ml.attribution.paths import paths_from_lists
from tests.ml.attribution.made import Journey, paths_of, rows
from warehouse.errors import BadSetting

PATHS = paths_from_lists([["mail", "search"], ["search", "search"]], [4, 6], value=[40, 120], nulls=[5, 5])
# The mail is known of three of four conversions; search is of campaign 0 or 1.
DETAILS = Details(
    ("brand", "generic"),
    rows=np.array([0, 0, 0, 1, 1, 1]),
    places=np.array([0, 1, 1, 0, 1, 1]),
    labels=np.array([0, 0, 1, 0, 0, 1], dtype=np.int32),
    conversions=np.array([3.0, 1, 3, 6, 2, 4]),
    value=np.array([30.0, 10, 30, 120, 40, 80]),
)


def parts(split: Split) -> dict[tuple[str, str], float]:
    return {
        (split.channels[channel], split.names[label]): float(conversions)
        for channel, label, conversions in zip(split.channel, split.label, split.conversions, strict=True)
    }


def test_a_rule_gives_what_it_would_have_given_to_campaigns() -> None:
    model = Model("last")
    credit = attribute(PATHS, model)
    split = split_credit(PATHS, credit.conversions, credit.value, DETAILS, touch_weights(PATHS, model))
    assert parts(split) == {("search", "brand"): 3, ("search", "generic"): 7}
    assert split.value.tolist() == [50, 110]


def test_a_chain_splits_by_who_was_met_in_converting_journeys() -> None:
    credit = attribute(PATHS, Model("markov"))
    split = parts(split_credit(PATHS, credit.conversions, credit.value, DETAILS))
    search = credit.conversions[1] / 10  # per converting journey that met search
    assert split == pytest.approx({
        ("mail", "brand"): credit.conversions[0] * 0.75,
        ("mail", "(unknown)"): credit.conversions[0] * 0.25,
        ("search", "brand"): search * (1 + 6 / 2 + 2 / 2),
        ("search", "generic"): search * (3 + 4 / 2),
    })  # fmt: skip


@given(rows(), st.sampled_from(["linear", "markov", "shapley", "time_decay"]), st.integers(0, 10_000))
def test_parts_sum_to_the_channel(journeys: list[Journey], name: str, seed: int) -> None:
    paths = paths_of(journeys)
    generator = np.random.default_rng(seed)
    touches = np.flatnonzero(generator.random(paths.steps.size) < 0.8)
    share = generator.random(touches.size)
    at = paths.rows[touches]
    details = Details(
        ("x", "y"), np.tile(at, 2), np.tile(paths.places[touches], 2), np.repeat([0, 1], touches.size).astype(np.int32),
        np.concatenate([share, 1 - share]) * np.tile(paths.conversions[at], 2),
        np.concatenate([share, 1 - share]) * np.tile(paths.value[at], 2),
    )  # fmt: skip
    credit = attribute(paths, Model(name))
    split = split_credit(paths, credit.conversions, credit.value, details, touch_weights(paths, Model(name)))
    size = len(paths.channels)
    assert np.bincount(split.channel, split.conversions, size) == pytest.approx(credit.conversions)
    assert np.bincount(split.channel, split.value, size) == pytest.approx(credit.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": np.array([0, 0, 0, 1, 1, 2])}, "paths that are not there"),
        ({"places": np.array([0, 1, 1, 0, 1, 2])}, "touches that their path does not have"),
        ({"labels": np.full(6, 2, dtype=np.int32)}, "labels that are not named"),
        ({"conversions": np.array([3.0, 2, 3, 6, 2, 4])}, "more conversions or value than their paths"),
    ],
)
def test_refusals(change: dict[str, Any], message: str) -> None:
    credit = attribute(PATHS, Model("markov"))
    with pytest.raises(BadSetting, match=message):
        split_credit(PATHS, credit.conversions, credit.value, replace(DETAILS, **change))
