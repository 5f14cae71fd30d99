from __future__ import annotations

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest

from validation.attribution import PRESETS, UNPAID, examined, trial
from validation.worlds import Known, journeys, known_world


def at(day: int) -> dt.datetime:
    return dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=day)


def test_journeys_follow_the_rules_of_the_warehouse() -> None:
    touches = pl.DataFrame(
        [(1, at(0), "ad"), (1, at(20), "mail"), (1, at(25), "ad"), (1, at(50), "ad"), (2, at(3), "mail")],
        schema=["customer", "at", "channel"],
        orient="row",
    )
    bought = pl.DataFrame(
        [(1, at(40), 10, 5_000), (1, at(45), 11, 1_000), (3, at(9), 12, 700)],
        schema=["customer", "at", "order_id", "revenue_cents"],
        orient="row",
    )
    paths = journeys(touches, bought)
    assert paths.channels == ("ad", "mail")
    assert paths.conversions.sum() == 3
    assert paths.value.sum() == 67
    by_path = {
        tuple(paths.steps[start:end].tolist()): (conversions, nulls)
        for start, end, conversions, nulls in zip(
            paths.offsets[:-1], paths.offsets[1:], paths.conversions, paths.nulls, strict=True
        )
    }
    # The first touch is too old; the second order and the third person's came without any.
    assert by_path == {(1, 0): (1, 0), (): (2, 0), (0,): (0, 2), (1,): (0, 1)}


@pytest.fixture(scope="module")
def small() -> Known:
    return known_world("confounded", seed=7, customers=5_000, days=60)


def test_experiments_bring_credit_nearer_to_the_truth(small: Known) -> None:
    assert small.brought[~small.advertised].tolist() == [0.0] * 3
    assert 0 < small.together < small.paths.conversions.sum()
    world = examined(small)
    assert {"last", "markov, order 1", "markov, order 4", "shapley", "fractional"} <= set(world.errors)
    assert world.every.error < 0.5 * world.errors["markov, order 1"]
    assert world.every.covered >= 0.8
    assert math.isnan(world.every.covered_untested)
    assert world.half.error > world.every.error
    assert abs(world.whole.total - 1) < abs(world.half.total - 1)
    assert world.whole.total_covered >= 0.75


def test_without_effects_nothing_is_proven(small: Known) -> None:
    nothing = Known(small.paths, 0 * small.brought, small.advertised, 0.0)
    credit = np.where(small.advertised, 20.0, 0.0)
    assert "null" in PRESETS
    assert trial(nothing, credit, 10, UNPAID, draws=12).unproven >= 10 / 12
