from __future__ import annotations

import pytest

from ml.experiments.contrast import Quantity
from validation.experiments import Question, coverage, false_alarms, found_as_designed, guard_alarms, kinds


def test_the_default_is_rarely_wrong_and_peeking_often() -> None:
    found = false_alarms(Question(Quantity("spend"), (Quantity("before"),)), 200)
    assert found["sequence"] <= 0.05
    assert found["sequence, size planned"] <= 0.05
    assert found["fixed, at every look"] > 0.15
    assert found["fixed, once"] < 0.1
    assert found["group"] < 0.1


@pytest.mark.parametrize("kind", kinds())
def test_intervals_hold_what_they_promise(kind: str) -> None:
    held = coverage(*kinds()[kind], 400)
    # 95 % within three standard errors of so many, and a little for means of a hundred units.
    assert 0.91 <= held.difference <= 0.985
    assert 0.91 <= held.relative <= 0.985


def test_what_was_planned_to_be_found_is_found() -> None:
    found = found_as_designed("sequential", "orders", 200)
    assert 0.7 < found.power < 0.9
    assert found.part < 0.8


def test_guards_rarely_fire_for_nothing() -> None:
    alarms = guard_alarms(150)
    assert alarms["sample_ratio_sequential, at any look"] <= 0.02
    assert alarms["imbalance"] <= 0.02
