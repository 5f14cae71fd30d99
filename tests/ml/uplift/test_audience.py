from __future__ import annotations

import numpy as np
import pytest

from ml.uplift.audience import Verification, choose_audience, verify_audience
from warehouse.errors import BadSetting, NotEnoughData

UNITS = [f"customer {number}" for number in range(20_000)]


def test_who_is_held_out_follows_from_the_unit_alone() -> None:
    chosen = np.arange(20_000) % 2 == 0
    first = choose_audience(UNITS, chosen, holdout=0.1, salt="spring")
    assert first.held_out.sum() == pytest.approx(1_000, abs=100)
    assert not (first.held_out & ~chosen).any()
    assert (first.treat | first.held_out).tolist() == chosen.tolist()
    backwards = choose_audience(UNITS[::-1], chosen[::-1], holdout=0.1, salt="spring")
    assert backwards.held_out[::-1].tolist() == first.held_out.tolist()
    wider = choose_audience(UNITS, chosen, holdout=0.2, salt="spring")
    assert not (first.held_out & ~wider.held_out).any()
    other = choose_audience(UNITS, chosen, holdout=0.1, salt="autumn")
    assert (first.held_out & other.held_out).sum() < 200


def campaign(seed: int, *, works: float = 1.0, people: int = 6_000) -> Verification:
    """An audience whose predictions are right to a factor; a fifth is held out."""
    generator = np.random.default_rng(seed)
    predicted = generator.uniform(0.02, 0.3, people)
    held_out = generator.random(people) < 0.2
    chance = 0.2 + 0.5 * predicted + works * predicted * ~held_out
    return verify_audience(predicted, held_out, (generator.random(people) < chance).astype(np.float64))


def test_promises_are_held_against_what_came() -> None:
    kept, broken, idle = campaign(1), campaign(1, works=0.5), campaign(1, works=0.0)
    assert kept.kept
    assert kept.words.endswith("as predicted.")
    assert kept.treated + kept.held_out == 6_000
    assert kept.slope is not None
    assert kept.slope.low < 1 < kept.slope.high
    assert len(kept.groups) == 5
    assert all(abs(group.found.estimate - group.predicted) < 4 * group.found.se for group in kept.groups)
    assert not broken.kept
    assert broken.words.endswith("less than predicted.")
    assert not idle.found.proven
    assert idle.words.endswith("is not proven.")


def test_intervals_hold_the_truth_of_effect_and_slope() -> None:
    """Of 90 %, over 100 seeds: between 82 % and 98 % for chance's sake."""
    found = [campaign(seed, people=2_000) for seed in range(100)]
    for truth, intervals in (
        (0.16, [each.found for each in found]),
        (1.0, [each.slope for each in found if each.slope]),
    ):
        held = sum(interval.low <= truth <= interval.high for interval in intervals)
        assert 82 <= held <= 98


def test_an_effect_called_provable_is_proven_four_times_of_five() -> None:
    found = [campaign(seed, people=1_500, works=0.4) for seed in range(100)]
    power = np.mean([each.found.low > 0 for each in found])
    provable, there = np.mean([each.provable for each in found]), 0.4 * 0.16
    assert (power > 0.8) == (there > provable)


def test_one_score_for_all_has_no_slope() -> None:
    generator = np.random.default_rng(1)
    held_out = generator.random(500) < 0.3
    found = verify_audience(np.full(500, 0.1), held_out, generator.normal(size=500))
    assert found.slope is None


def test_refusals() -> None:
    chosen = np.ones(20_000, dtype=np.bool_)
    with pytest.raises(BadSetting, match="holdout == 1"):
        choose_audience(UNITS, chosen, holdout=1.0, salt="")
    with pytest.raises(NotEnoughData, match="Nobody is worth treating"):
        choose_audience(UNITS, ~chosen, holdout=0.1, salt="")
    ones = np.ones(100)
    with pytest.raises(NotEnoughData, match="71 customers were treated and 29 held out"):
        verify_audience(ones, np.arange(100) < 29, ones)
    with pytest.raises(BadSetting, match="99 hold-outs"):
        verify_audience(ones, np.arange(99) < 50, ones)
    with pytest.raises(BadSetting, match="missing for some"):
        verify_audience(ones, np.arange(100) < 50, ones * np.nan)
