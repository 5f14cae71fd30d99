"""The size of a test from what is typed: what it needs, what it finds, and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from ml.experiments.power import Rule
from ml.experiments.sizing import Wanted, size_of
from warehouse.errors import BadSetting

FIXED = Rule("fixed")
WANTED = Wanted(0.1, 0.1, 1000, rule=FIXED)


def test_a_share_needs_what_the_textbook_says() -> None:
    found = size_of(WANTED)
    # 2 arms x 2 (1.95996 + .84162)^2 p (1 - p) / (p effect)^2
    assert found.units == pytest.approx(4 * 2.80159**2 * 0.09 / 0.01**2, rel=1e-4)
    assert found.days == 35
    assert found.expected_days == 35
    assert found.precision == pytest.approx(1.95996 * 0.3 * (4 / 35_000) ** 0.5 / 0.1, rel=1e-4)
    assert "35 days" in found.words


def test_what_is_known_before_saves_units() -> None:
    spread = replace(WANTED, sd=0.3)
    assert size_of(spread).units == size_of(WANTED).units
    assert size_of(replace(spread, explained=0.5)).units == pytest.approx(size_of(spread).units / 2, abs=1)
    assert size_of(replace(spread, treated=0.1)).units > 2 * size_of(spread).units


def test_the_curves_go_through_the_test() -> None:
    found = size_of(replace(WANTED, units_a_day=100, rule=Rule("sequential")))
    assert found.expected_days < found.days
    effects, chances = zip(*found.chances, strict=True)
    assert 0 < chances[0] < 0.05
    assert chances[10] == pytest.approx(0.8, abs=0.03)
    assert effects[10] == pytest.approx(0.1)
    assert all(one < other for one, other in pairwise(chances[:15]))
    at_end = dict(found.smallest)[found.days // 7]
    assert 0.09 < at_end <= 0.1
    assert all(one > other for one, other in pairwise([effect for _, effect in found.smallest]))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"level": 0.0}, "must be above 0"),
        ({"level": 12.0}, "is no share"),
        ({"level": float("nan")}, "must be above 0"),
        ({"sd": -1.0}, "spread"),
        ({"effect": 0.0}, "effect"),
        ({"units_a_day": 0.0}, "come a day"),
        ({"treated": 1.0}, "treated part"),
        ({"explained": 1.0}, "part explained"),
    ],
)
def test_what_cannot_be_is_a_sentence(wrong, words) -> None:
    with pytest.raises(BadSetting, match=words):
        replace(WANTED, **wrong)


def test_a_test_of_a_lifetime_is_none() -> None:
    with pytest.raises(BadSetting, match="years to come"):
        size_of(replace(WANTED, effect=0.001, units_a_day=10))
