from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.attribution.agreement import (
    against_experiments,
    agreement_of,
    forgetful,
    rank_correlation,
    share_distance,
    stability_of,
)
from ml.attribution.calibrated import Lift
from ml.attribution.difference import CAUSES, difference_of
from ml.attribution.models import Model, attribute
from ml.attribution.paths import Floats, Paths, paths_from_lists
from tests.ml.attribution.made import paths_of, rows
from warehouse.errors import BadSetting, NotEnoughData


@pytest.mark.parametrize(
    ("model", "row"),
    [
        (Model("first"), "first"),
        (Model("last"), "last"),
        (Model("linear"), "linear"),
        (Model("position"), "position_40_20_40"),
        (Model("time_decay"), "time_decay_step_hl1"),
        (Model("shapley"), "shapley_simplified"),
        (Model("markov"), "markov1"),
        (Model("markov", order=2), "markov2"),
        (Model("markov", order=3), "markov3"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_distance_of_credit_from_the_truth(
    attribution_data: Path, confounded: Paths, truth: dict[str, Any], model: Model, row: str
) -> None:
    known = pl.read_csv(attribution_data / "sim_truth_eval.csv").rows_by_key("", named=True, unique=True)[row]
    expected = np.array([truth["shapley_incremental"][channel] for channel in confounded.channels])
    credit = attribute(confounded, model).conversions
    assert share_distance(credit, expected) == pytest.approx(known["L1_share_err_vs_shapley_truth"], abs=1e-4)
    assert rank_correlation(credit, expected) == pytest.approx(known["spearman"], abs=1e-4)
    assert credit.sum() == pytest.approx(known["total_credit"])


def test_matrix() -> None:
    agreement = agreement_of(["x", "y"], [np.array([3.0, 1, 0]), np.array([0.0, 1, 3])])
    assert agreement.distance.tolist() == [[0, 1.5], [1.5, 0]]
    assert agreement.rank == pytest.approx(np.array([[1, -1], [-1, 1]]))
    assert np.isnan(rank_correlation(np.ones(3), np.arange(3.0)))


def test_credit_beside_experiments() -> None:
    verdicts = against_experiments(
        "last", ["ad", "mail"], np.array([100.0, 40.0]), [Lift("ad", 20, 10), Lift("mail", 15, 4, covered=0.5)]
    )
    assert [(v.channel, v.credited, v.errors, v.agrees) for v in verdicts] == [
        ("ad", 100, 8, False), ("mail", 20, 1.25, True),
    ]  # fmt: skip
    (whole,) = against_experiments("last", ["ad", "Direct"], np.array([100.0, 40.0]), [Lift("*", 20, 10, covered=0.5)])
    assert (whole.channel, whole.credited) == ("*", 50)  # nobody asked for a direct visit
    with pytest.raises(BadSetting, match="no channel here"):
        against_experiments("last", ["ad"], np.ones(1), [Lift("mail", 1, 1)])
    with pytest.raises(BadSetting, match="must be > 0"):
        against_experiments("last", ["ad"], np.ones(1), [Lift("ad", 1, 0)])


def timed() -> Paths:
    paths = paths_from_lists([["a", "b"], ["b"], ["c", "a"]], [30, 20, 40], nulls=[100, 200, 300])
    return replace(paths, ages=np.array([20.0, 1.0, 0.0, 10.0, 3.0]))


def test_stability() -> None:
    stability = stability_of(timed(), Model("first"), lookbacks=(2, 60), lost=(0.0, 1.0), draws=50)
    assert 0.02 < stability.sampling < 0.5
    assert np.array(stability.lookbacks) == pytest.approx(np.array([[2, 14 / 9], [60, 0]]))
    assert stability.consent[0] == (0.0, 0.0)
    last = attribute(timed(), Model("last")).conversions
    first = attribute(timed(), Model("first")).conversions
    assert stability.consent[1][1] == pytest.approx(share_distance(first, last))
    assert stability_of(replace(timed(), ages=None), Model("last"), draws=5).lookbacks == ()
    with pytest.raises(NotEnoughData, match="no conversions"):
        stability_of(paths_from_lists([["a"]], [0], nulls=[5]), Model("last"))


def test_lost_consent_cuts_journeys() -> None:
    paths = paths_from_lists([["a", "b", "c"], []], [10, 1], value=[50, 1], nulls=[20, 1])
    whole, single = forgetful(paths, 0.0, 1), forgetful(paths, 1.0, 1)
    assert whole.lengths.tolist() == [3] * 30
    assert single.lengths.tolist() == [1] * 90
    assert single.conversions.sum() == 10
    assert single.value.sum() == 50
    assert single.nulls.sum() == 80
    assert attribute(single, Model("linear")).conversions.tolist() == [0, 0, 10]
    half = forgetful(paths, 0.5, 1)
    assert 30 < half.size < 90
    assert half.steps.size == 90
    with pytest.raises(BadSetting, match="share == 2"):
        forgetful(paths, 2, 1)


def test_many_journeys_are_drawn() -> None:
    many = paths_from_lists([["a", "b"], ["b"]], [1e6, 2e6], nulls=[3e6, 4e6])
    assert forgetful(many, 0.2, 1).conversions.sum() == pytest.approx(3e6, rel=0.02)


def credit(name: str) -> Any:
    def of(paths: Paths) -> Floats:
        return attribute(paths, Model(name)).conversions

    return of


def causes(one: Paths, other: Paths, before: str = "linear", after: str = "linear") -> dict[str, list[float]]:
    difference = difference_of(one, other, credit(before), credit(after))
    assert difference.causes.sum(axis=0) == pytest.approx(difference.change)
    return {cause: part.round(9).tolist() for cause, part in zip(CAUSES, difference.causes, strict=True)}


def test_each_cause_is_told_from_the_others() -> None:
    one = paths_from_lists([["a"], ["b"]], [10, 10], nulls=[90, 90])
    nothing = [0.0, 0.0]
    double = causes(one, one.weighted(2 * one.conversions, 2 * one.nulls))
    assert double == {"volume": [10, 10], "mix": nothing, "rates": nothing, "model": nothing}
    shifted = causes(one, paths_from_lists([["a"], ["b"]], [15, 5], nulls=[135, 45]))
    assert shifted == {"volume": nothing, "mix": [5, -5], "rates": nothing, "model": nothing}
    better = causes(one, paths_from_lists([["a"], ["b"]], [30, 10], nulls=[70, 90]))
    assert better == {"volume": nothing, "mix": nothing, "rates": [20, 0], "model": nothing}
    pair = paths_from_lists([["a", "b"]], [10], nulls=[90])
    assert causes(pair, pair, "first", "last") == {
        "volume": nothing,
        "mix": nothing,
        "rates": nothing,
        "model": [-10, 10],
    }


@given(rows(), rows(), st.sampled_from(["first", "markov", "shapley"]), st.sampled_from(["last", "markov"]))
def test_causes_sum_to_the_change(one: list[Any], other: list[Any], before: str, after: str) -> None:
    first, second = paths_of(one), paths_of(other)
    difference = difference_of(first, second, credit(before), credit(after))
    assert difference.causes.sum(axis=0) == pytest.approx(difference.change, abs=1e-8)
    assert difference.before.sum() == pytest.approx(first.conversions.sum())
    assert difference.after.sum() == pytest.approx(second.conversions.sum())


def test_nothing_cannot_be_compared() -> None:
    empty = paths_from_lists([["a"]], [0])
    with pytest.raises(NotEnoughData, match="no journey"):
        difference_of(empty, empty, credit("last"), credit("last"))
