"""Moments as they are kept: the same as counted by hand, and a change alone gives the same as everything anew."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.warehouse.experiments.trial import Trial
from warehouse.errors import NotEnoughData


@pytest.fixture
def trial(empty_warehouse) -> Trial:
    return Trial(empty_warehouse).begin()


def assert_by_hand(trial: Trial) -> None:
    found, counted = trial.moments(), trial.by_hand()
    # What a day added stays as a row of zeros where everything of that day was taken back.
    assert set(counted) <= set(found)
    for key, moments in counted.items():
        np.testing.assert_allclose(found[key], moments, rtol=1e-9, atol=1e-7, err_msg=str(key))
    for arm, cut, date in set(found) - set(counted):
        earlier = [day for a, c, day in counted if (a, c) == (arm, cut) and day < date]
        same = counted[arm, cut, max(earlier)] if earlier else 0
        np.testing.assert_allclose(found[arm, cut, date], same, atol=1e-7)


def test_totals_grow_day_by_day(trial) -> None:
    trial.assign(1, 0, 0)
    trial.assign(2, 1, 1)
    trial.did(1, "orders", 2, 1, before=3)
    trial.did(1, "orders", 4, 2)
    trial.did(1, "revenue", 4, 20.5)
    trial.did(2, "orders", 3, 1)
    assert trial.refresh().units is None
    assert_by_hand(trial)


def test_what_was_before_a_unit_came_in_is_no_outcome(trial) -> None:
    trial.assign(1, 0, 5)
    trial.did(1, "orders", 3, 2)
    trial.did(1, "orders", 4, 1)
    trial.did(1, "orders", 6, 1)
    trial.refresh()
    assert_by_hand(trial)
    assert {cut for _, cut, _ in trial.moments()} == {"active"}


def test_a_unit_in_several_arms_belongs_to_none(trial) -> None:
    trial.assign(1, 0, 0)
    trial.assign(1, 1, 0)
    trial.did(1, "orders", 0, 1)
    trial.refresh()
    assert {arm for arm, _, _ in trial.moments()} == {0}


def test_large_values_lose_no_digit(trial) -> None:
    """Sums of squares of totals around a million leave nothing of a spread of a cent."""
    for unit in range(40):
        trial.assign(unit, unit % 2, 0)
        trial.did(unit, "orders", None, 1_000_000 + unit / 100)
    trial.refresh()
    units, sum_, product = trial.rows(
        """SELECT sum(units), sum(sums[1]), sum(products[1]) FROM core.moment WHERE experiment_key = :key"""
    )[0]
    spread = np.var([unit / 100 for unit in range(40)])
    assert (product - sum_**2 / float(units)) / float(units) == pytest.approx(spread, rel=1e-9)


def test_nothing_measured_is_said(trial) -> None:
    trial.assign(1, 0, 0)
    with pytest.raises(NotEnoughData, match="Nothing was measured"):
        trial.refresh()


def test_a_new_metric_adds_everything_up_anew(trial) -> None:
    trial.assign(1, 0, 0)
    trial.did(1, "orders", 0, 1)
    trial.refresh()
    trial.did(1, "revenue", 0, 10)
    assert trial.refresh().units is None
    assert_by_hand(trial)


@pytest.mark.parametrize("seed", range(4))
def test_a_refresh_is_the_same_as_everything_anew(trial, seed) -> None:
    chance = random.Random(seed)
    trial.assign(0, 0, 0)
    trial.did(0, "orders", 0, 1)
    trial.did(0, "revenue", 0, 1)
    trial.refresh()
    for _ in range(6):
        for _ in range(12):
            _change(trial, chance)
        units = trial.refresh().units
        assert units
        assert_by_hand(trial)
    assert trial.refresh().units == 0
    kept = trial.moments()
    trial.refresh_all()
    for key, moments in trial.moments().items():
        np.testing.assert_allclose(kept[key], moments, rtol=1e-9, atol=1e-7)


CHOICES = {
    "strata": ("strata = 'country'", "cap = 2.5"),
    "clusters": ("cluster = 'household', strata = 'country'", "covariates = '{orders}'"),
    "exposed": ("counts = 'exposed'", "cap = 2.5, covariates = '{revenue}'"),
    "exposed clusters": ("counts = 'exposed', cluster = 'household'", "cap = 2.5"),
}


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_chosen_a_refresh_is_the_same_as_everything_anew(trial, choice, seed) -> None:
    trial.chooses(*CHOICES[choice])
    chance = random.Random(seed)
    for unit in range(3):
        trial.assign(unit, unit % 2, 0)
        trial.did(unit, "orders", 0, 1)
        trial.did(unit, "revenue", 0, 1)
    trial.refresh()
    for _ in range(4):
        for _ in range(12):
            _change(trial, chance)
            _belong(trial, chance)
        assert trial.refresh().units
        kept = trial.of_all_totals()
        trial.refresh_all()
        anew = trial.of_all_totals()
        assert set(anew) <= set(kept)
        for key, moments in kept.items():
            # What a day added stays as a row of zeros where everything of that day was taken back.
            earlier = [day for *group, day in anew if tuple(group) == key[:3] and day <= key[3]]
            same = anew[*key[:3], max(earlier)] if earlier else 0
            np.testing.assert_allclose(moments, same, rtol=1e-9, atol=1e-7, err_msg=str(key))


def test_a_cap_is_taken_from_before_and_anew_when_there_are_twice_as_many_units(trial) -> None:
    trial.chooses("layer = NULL", "winsorise = 0.5")
    for unit in range(4):
        trial.assign(unit, unit % 2, 0)
        trial.did(unit, "orders", 1, 10 * unit, before=unit)
    trial.refresh()
    assert cap_of(trial) == 2  # of 1, 2, 3: who did nothing before says nothing of a limit
    for unit in range(4, 7):
        trial.assign(unit, unit % 2, 0)
        trial.did(unit, "orders", 1, 5, before=50)
    assert trial.refresh().units == 3
    assert cap_of(trial) == 2
    trial.assign(7, 1, 0)
    assert trial.refresh().units is None
    assert cap_of(trial) == pytest.approx(26.5)


def test_without_anything_known_before_there_is_no_cap(trial) -> None:
    trial.chooses("layer = NULL", "winsorise = 0.9")
    trial.assign(1, 0, 0)
    trial.did(1, "orders", 1, 10)
    trial.refresh()
    assert cap_of(trial) is None


def test_another_choice_adds_everything_up_anew(trial) -> None:
    trial.assign(1, 0, 0)
    trial.did(1, "orders", 0, 1)
    trial.refresh()
    for choice in (CHOICES["strata"], CHOICES["clusters"], CHOICES["exposed"]):
        trial.chooses(*choice)
        assert trial.refresh().units is None
        assert trial.refresh().units == 0


def cap_of(trial: Trial) -> float | None:
    (totals,) = trial.rows("SELECT totals FROM core.moment_build WHERE experiment_key = :key")[0]
    return next(cap for _, _, cap, winsorise in totals if winsorise is not None)


def _belong(trial: Trial, chance: random.Random) -> None:
    unit = chance.randrange(12)
    if chance.random() < 0.5:
        trial.is_in(unit, chance.choice([None, "de", "fr"]), chance.choice([None, 1, 2, 3, 4]))
    else:
        trial.meets(unit, int(chance.random() < 0.5), chance.randrange(8))


def _change(trial: Trial, chance: random.Random) -> None:
    unit, day = chance.randrange(12), chance.choice([None, *range(8)])
    kind = chance.random()
    if kind < 0.3:
        trial.assign(unit, int(chance.random() < 0.5), day)
    elif kind < 0.9:
        before = chance.choice([None, None, 0, 2.5])
        value = chance.choice([None, 0, 1, 2, 19.99])
        trial.did(unit, chance.choice(["orders", "revenue"]), day, value, before)
    else:
        trial.forget(unit)
