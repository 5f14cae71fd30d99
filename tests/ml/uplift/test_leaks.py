from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.uplift.leaks import refuse_leaks
from ml.uplift.sample import Floats, Sample
from validation.customers import treated_world
from warehouse.errors import BadSetting


def beside(sample: Sample, column: Floats, name: str = "leak") -> Sample:
    table = np.column_stack([sample.features, column.astype(np.float32)])
    return replace(sample, features=table, names=(*sample.names, name))


@pytest.mark.parametrize("confounded", [False, True])
@pytest.mark.parametrize("spend", [False, True])
def test_what_was_known_before_is_taken(confounded: bool, spend: bool) -> None:
    for seed in range(20):
        refuse_leaks(treated_world(seed, 2_000, confounded=confounded, spend=spend).sample)


@pytest.mark.parametrize("spend", [False, True])
def test_what_tells_the_outcome_is_refused(spend: bool) -> None:
    sample = treated_world(1, 4_000, spend=spend).sample
    generator = np.random.default_rng(1)
    bought = sample.outcome > 0
    for column in (sample.outcome, -3 * sample.outcome + 1, np.where(bought, sample.outcome, np.nan)):
        with pytest.raises(BadSetting, match="Feature 'leak' tells the outcome"):
            refuse_leaks(beside(sample, column))
    visited = bought | (generator.random(4_000) < 0.2)
    with pytest.raises(BadSetting, match=r"with the value 0 none has one, where \d+ were to be expected"):
        refuse_leaks(beside(sample, visited.astype(np.float64)))
    with pytest.raises(BadSetting, match="without a value none has one"):
        refuse_leaks(beside(sample, np.where(visited, generator.normal(size=4_000), np.nan)))


def test_what_the_treatment_changed_is_refused() -> None:
    sample = treated_world(1, 4_000).sample
    generator = np.random.default_rng(1)
    opened = generator.random(4_000) < 0.1 + 0.1 * sample.treated
    missing = np.where(opened, generator.normal(size=4_000), np.nan)
    for column in (opened.astype(np.float64), missing, sample.treated + generator.normal(size=4_000)):
        with pytest.raises(BadSetting, match="'leak' differs between treated and untreated customers by"):
            refuse_leaks(beside(sample, column))
        refuse_leaks(beside(replace(sample, propensity=None), column))


def test_propensities_that_were_not_gone_by_are_refused() -> None:
    sample = treated_world(1, 4_000, confounded=True).sample
    with pytest.raises(BadSetting, match="treatment did not go by the propensities given"):
        refuse_leaks(replace(sample, propensity=np.full(4_000, sample.treated.mean())))


def test_columns_that_say_nothing_are_no_leak() -> None:
    sample = treated_world(1, 2_000).sample
    for column in (np.zeros(2_000), np.full(2_000, np.nan)):
        refuse_leaks(beside(sample, column))
