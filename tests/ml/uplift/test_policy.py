from __future__ import annotations

import numpy as np
import pytest

from ml.uplift.kinds import Kind, kinds_found, kinds_of, margin_of
from ml.uplift.nuisance import Expected, effect_scores
from ml.uplift.policy import policy_value, worth_treating
from ml.uplift.sample import Floats
from validation.customers import Treated, treated_world
from warehouse.errors import BadSetting, NotEnoughData


def scores_of(made: Treated) -> Floats:
    """With nothing known of outcomes, so that only the chance of treatment makes them right."""
    chance = made.sample.propensity
    assert chance is not None
    return effect_scores(made.sample, Expected(np.full(chance.size, 0.3), chance))


def test_a_treatment_must_bring_more_than_it_costs() -> None:
    uplift = np.array([0.02, 0.05, 0.051, -0.1])
    assert worth_treating(uplift, value=20, cost=1).tolist() == [False, False, True, False]
    assert worth_treating(uplift).tolist() == [True, True, True, False]
    assert worth_treating(uplift, value=20, cost=[0.1, 2, 1, 0]).tolist() == [True, False, True, False]


@pytest.mark.parametrize("confounded", [False, True])
def test_values_hold_the_truth(confounded: bool) -> None:
    """Of intervals of 90 % over 80 seeds: between 80 % and 98 % for chance's sake."""
    held = np.zeros(3)
    for seed in range(80):
        made = treated_world(seed, 2_000, confounded=confounded)
        treat = made.sample.features[:, 3] > 0.5
        found = policy_value(treat, scores_of(made), value=50, cost=4)
        each = 50 * made.effect - 4
        truths = (np.where(treat, each, 0).mean(), np.where(treat, 0, -each).mean(), each.mean())
        for place, (interval, truth) in enumerate(
            zip((found.gain, found.over_everybody, found.everybody), truths, strict=True)
        ):
            held[place] += interval.low <= truth <= interval.high
    assert ((held >= 64) & (held <= 79)).all(), held


def test_words_say_what_pays() -> None:
    made = treated_world(1, 20_000)
    scores = scores_of(made)
    best = policy_value(made.effect > 0.08, scores, value=50, cost=4)
    assert best.words == "Choosing customers by score pays more than treating everybody, or nobody."
    assert best.share == pytest.approx((made.effect > 0.08).mean())
    assert best.gain.estimate - best.everybody.estimate == pytest.approx(best.over_everybody.estimate)
    free = policy_value(made.effect > -1, scores)
    assert free.words.endswith("that it pays more than treating everybody is not proven.")
    assert (free.over_everybody.estimate, free.over_everybody.se) == (0, 0)
    assert "is not proven" in policy_value(made.effect > 0, scores, value=50, cost=40).words


def test_kinds_are_told_by_uplift_and_by_what_comes_anyway() -> None:
    uplift = np.array([0.2, -0.2, 0.0, 0.0, 0.05])
    untreated = np.array([0.1, 0.9, 0.9, 0.1, 0.1])
    assert kinds_of(uplift, untreated, 0.05).tolist() == [
        Kind.PERSUADABLE, Kind.SLEEPING_DOG, Kind.SURE_THING, Kind.LOST_CAUSE, Kind.LOST_CAUSE
    ]  # fmt: skip
    assert margin_of(untreated, value=20, cost=1) == 0.05
    assert margin_of(untreated, value=20, cost=0) == pytest.approx(0.1 * untreated.mean())


def test_every_kind_is_held_against_what_it_did() -> None:
    made = treated_world(3, 8_000)
    kinds = kinds_of(made.effect, made.untreated, 0.06)
    found = kinds_found(kinds, made.effect, made.untreated, scores_of(made), 0.9)
    assert [each.kind for each in found] == list(Kind)
    assert sum(each.customers for each in found) == 8_000
    for each in found:
        assert each.found is not None
        assert abs(each.found.estimate - each.uplift) < 4 * each.found.se
    nobody = kinds_found(kinds[:20], made.effect[:20], made.untreated[:20], scores_of(made)[:20], 0.9)
    assert {each.found for each in nobody} == {None}


def test_refusals() -> None:
    few = np.ones(29)
    with pytest.raises(NotEnoughData, match="29 customers to judge by"):
        policy_value(few > 0, few)
    with pytest.raises(BadSetting, match="29 choices for 30"):
        policy_value(few > 0, np.ones(30))
    with pytest.raises(BadSetting, match="value == 0"):
        worth_treating(few, value=0)
    with pytest.raises(BadSetting, match="cost must be"):
        worth_treating(few, cost=-1)
    with pytest.raises(BadSetting, match="cost must be"):
        worth_treating(few, cost=[1, 2])
    with pytest.raises(BadSetting, match="margin == -1"):
        kinds_of(few, few, -1)
