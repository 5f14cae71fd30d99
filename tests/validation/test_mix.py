"""The worlds that the mix model is held against are what they say, and its table counts what it says."""

from __future__ import annotations

import numpy as np
import pytest

from validation import mix
from validation.mix_worlds import WORLDS


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_is_the_same_again_and_another_by_another_seed(name: str) -> None:
    one, same, other = (WORLDS[name](seed) for seed in (1, 1, 2))
    assert one.brought.shape == (len(one.told.channels), len(one.told.periods))
    np.testing.assert_array_equal(one.told.outcome, same.told.outcome)
    assert not np.array_equal(one.told.outcome, other.told.outcome)
    assert (one.totals > 0).all() or name in {mix.CANNOT, mix.NO_EFFECT}


def test_a_lift_is_what_was_brought_in_its_window() -> None:
    world = WORLDS["clean"](1)
    lift = world.lifts(first=10, weeks=5)[2]
    assert (lift.channel, lift.start, lift.end) == ("Social", world.told.periods[10], world.told.periods[14])
    assert lift.lift == pytest.approx(world.brought[2, 10:15].sum())
    assert lift.se == pytest.approx(0.05 * lift.lift)


def test_a_silent_failure_is_wrong_and_green() -> None:
    trials = [
        mix.Trial(0.1, 1.0, "green", (0.01, 1.0)),
        mix.Trial(0.3, 0.5, "green", None),
        mix.Trial(0.5, 0.75, "amber", None),
    ]
    assert mix._row("made", trials) == "| made | 0.300 | 75% | 0.010 | 100% | 2 of 3 | 1 of 2 |\n"
