"""Arms that are more alike than chance makes them, and still given by chance."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from ml.experiments.balance import assigned, balanced, stratified
from warehouse.errors import BadSetting, NotEnoughData

UNITS = [f"user-{number}" for number in range(400)]
HALVES = {"control": 0.5, "green": 0.5}


def test_a_hundred_salts_leave_less_imbalance_than_one() -> None:
    covariates = np.random.default_rng(1).standard_normal((400, 2)) @ np.array([[1.0, 0.8], [0.0, 0.6]])
    found = balanced(UNITS, covariates, HALVES, "cart")
    assert found.imbalance < 0.1 * found.usual
    arms = np.array(assigned(UNITS, found.assignment))
    apart = covariates[arms == "green"].mean(axis=0) - covariates[arms == "control"].mean(axis=0)
    assert apart @ np.linalg.inv(np.cov(covariates, rowvar=False)) @ apart == pytest.approx(found.imbalance)
    again = balanced(UNITS, covariates, HALVES, "cart")
    assert again.assignment == found.assignment
    assert balanced(UNITS, covariates, HALVES, "other").assignment != found.assignment
    assert found.assignment.salt.startswith("cart.")


def test_strata_are_shared_out_as_exactly_as_units_can_be() -> None:
    strata = [("de", "fr", "it")[number % 7 % 3] for number in range(400)]
    shares = {"control": 0.5, "green": 0.25}
    arms = stratified(UNITS, strata, shares, "cart")
    counts = Counter(zip(strata, arms, strict=True))
    for stratum, size in Counter(strata).items():
        assert counts[stratum, "control"] == pytest.approx(size / 2, abs=1)
        assert counts[stratum, "green"] == pytest.approx(size / 4, abs=1)
    order = np.random.default_rng(2).permutation(400)
    again = stratified([UNITS[i] for i in order], [strata[i] for i in order], shares, "cart")
    assert again == tuple(arms[i] for i in order)


def test_every_unit_keeps_its_chance() -> None:
    units, strata = UNITS[:7], ["a"] * 5 + ["b"] * 2
    arms = [stratified(units, strata, {"x": 0.3, "y": 0.7}, f"salt {number}") for number in range(2_000)]
    for unit in range(7):
        assert np.mean([one[unit] == "x" for one in arms]) == pytest.approx(0.3, abs=0.04)


def test_what_cannot_be_balanced_is_said() -> None:
    with pytest.raises(BadSetting, match="as many rows"):
        balanced(UNITS, np.zeros((3, 1)), HALVES, "cart")
    with pytest.raises(NotEnoughData, match="stays without units"):
        balanced(UNITS[:2], np.zeros((2, 1)), {"control": 0.9, "a": 1e-7, "b": 1e-7}, "cart")
    with pytest.raises(BadSetting, match="each unit one name"):
        stratified(["a", "a"], ["x", "x"], HALVES, "cart")
