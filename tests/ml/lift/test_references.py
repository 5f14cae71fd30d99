"""Published results, to their digits."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from ml.lift.case import Treatment, case_of
from ml.lift.lift import lift_of
from ml.lift.methods import Method
from ml.lift.panel import Panel
from ml.lift.placebo import placebos_of, rmspe_rank
from ml.lift.predictors import Predictor
from ml.lift.results import Lift
from ml.lift.synthetic import SyntheticControl

CALIFORNIA = Treatment(("California",), 1989)
SMOKING = (
    Predictor("lnincome", 1980, 1988), Predictor("retprice", 1980, 1988), Predictor("age15to24", 1980, 1988),
    Predictor("beer", 1984, 1988), Predictor("outcome", 1975, 1975), Predictor("outcome", 1980, 1980),
    Predictor("outcome", 1988, 1988),
)  # fmt: skip
BASQUE = Treatment(("Basque Country (Pais Vasco)",), 1975)
SCHOOLING = ("school.illit", "school.prim", "school.med", "school.high", "school.post.high")
SECTORS = (
    "sec.agriculture", "sec.energy", "sec.industry", "sec.construction", "sec.services.venta", "sec.services.nonventa",
)  # fmt: skip
REGIONS = (
    *(Predictor(name, 1964, 1969) for name in (*SCHOOLING, "invest")), Predictor("outcome", 1960, 1969),
    *(Predictor(name, 1961, 1969) for name in SECTORS), Predictor("popdens", 1969, 1969),
)  # fmt: skip


def loss(found: Lift, first: int, last: int) -> float:
    """Mean squared error from one year to another."""
    window = slice(found.times.index(first), found.times.index(last) + 1)
    return float(((found.observed - found.counterfactual)[window] ** 2).mean())


def test_smoking_by_the_outcome_alone(prop99: Panel) -> None:
    found = lift_of(prop99, CALIFORNIA)
    assert found.att.estimate == pytest.approx(-19.5136, abs=5e-5)
    assert found.rmspe == pytest.approx(1.6564, abs=5e-5)
    case = case_of(prop99, CALIFORNIA)
    estimator = SyntheticControl("level")
    assert rmspe_rank(case, estimator.fit(case), placebos_of(case, estimator)) == (3, 39)


def test_smoking_by_predictors(prop99_predictors: Panel) -> None:
    found = lift_of(prop99_predictors, Treatment(("3",), 1989), Method(predictors=SMOKING))
    assert loss(found, 1970, 1988) == pytest.approx(3.0767, abs=5e-5)
    assert found.att.estimate == pytest.approx(-18.98, abs=5e-3)
    # Utah, Nevada, Montana, Colorado, Connecticut.
    weights = [found.weights[state] for state in ("34", "21", "19", "4", "5")]
    assert weights == pytest.approx([0.335, 0.236, 0.202, 0.160, 0.068], abs=1e-3)
    assert sum(weights) == pytest.approx(1, abs=1e-3)


def test_smoking_by_synthetic_differences(prop99: Panel) -> None:
    found = lift_of(prop99, CALIFORNIA, Method("sdid"))
    assert found.att.estimate == pytest.approx(-15.6054, abs=5e-5)


def test_the_basque_country_as_published(basque: Panel) -> None:
    method = Method(predictors=REGIONS, fitted=(1960, 1969), search="descent")
    found = lift_of(basque, BASQUE, method)
    assert found.weights["Cataluna"] == pytest.approx(0.851, abs=5e-4)
    assert found.weights["Madrid (Comunidad De)"] == pytest.approx(0.149, abs=5e-4)
    gap = (found.observed - found.counterfactual)[found.times.index(1975) :]
    assert gap.mean() == pytest.approx(-0.6996, abs=5e-5)


def test_the_whole_search_finds_a_better_match_for_the_basque_country(basque: Panel) -> None:
    """What was published is a local optimum: a match of half the error was there."""
    one, other = (
        lift_of(basque, BASQUE, Method(predictors=REGIONS, fitted=(1960, 1969), search=search))
        for search in ("global", "descent")
    )
    assert loss(one, 1960, 1969) < 0.5 * loss(other, 1960, 1969)


def test_geolift_with_two_markets(geolift: Panel) -> None:
    found = lift_of(geolift, Treatment(("chicago", "portland"), dt.date(2021, 4, 1)))
    assert found.att.estimate == pytest.approx(155.556, abs=5e-4)
    assert found.incremental.estimate == pytest.approx(4667, abs=0.5)
    assert found.lift.estimate == pytest.approx(0.054, abs=5e-4)
    assert found.l2 == pytest.approx(909.489, abs=5e-4)
    assert list(found.weights.values()) == pytest.approx([max(w, 0) for w in found.weights.values()])
    heavy = sorted(found.weights.items(), key=lambda item: -item[1])[:3]
    assert [name for name, _ in heavy] == ["cincinnati", "miami", "baton rouge"]
    assert np.array([weight for _, weight in heavy]) == pytest.approx([0.2272, 0.2028, 0.1335], abs=5e-5)
