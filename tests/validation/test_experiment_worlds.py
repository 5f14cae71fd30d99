from __future__ import annotations

import math

import pytest
from sqlalchemy import Engine

from validation.experiment_worlds import Told, read_world
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


def test_a_world_is_read_as_everybodys_experiments_are(settings: Settings, engine: Engine) -> None:
    told = read_world(Warehouse(settings, engine), 3, 600, 100)
    assert [(one.kind, one.faulty) for one in told].count(("customers", True)) == 1
    assert {one.kind for one in told} == {"customers", "regions held out", "everywhere off"}
    assert all(math.isfinite(one.truth) for one in told)
    assert any(one.truth for one in told if one.kind == "customers" and not one.faulty)
    for one in told:
        if one.withheld:
            assert (one.estimate, one.low, one.high) == (None, None, None)
        else:
            assert one.low < one.estimate < one.high


@pytest.mark.parametrize(("low", "high", "held"), [(0.1, 0.3, True), (0.21, 0.3, False), (0.0, 0.19, False)])
def test_an_interval_holds_the_truth_or_not(low: float, high: float, held: bool) -> None:
    assert Told("customers", False, "good", False, 0.2, 0.15, low, high).held is held


def test_what_is_withheld_holds_nothing() -> None:
    assert Told("customers", True, "bad", True, 0.2, None, None, None).held is None
