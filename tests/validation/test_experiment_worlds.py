from __future__ import annotations

from sqlalchemy import Engine

from validation.experiment_worlds import read_world
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


def test_a_world_is_read_as_everybodys_experiments_are(settings: Settings, engine: Engine) -> None:
    told = read_world(Warehouse(settings, engine), 3, 600, 100)
    assert [(one.kind, one.faulty) for one in told].count(("customers", True)) == 1
    assert {one.kind for one in told} == {"customers", "regions held out", "everywhere off"}
    for one in told:
        assert (one.estimate is None) == one.withheld
        assert one.held is None or one.held == (one.low <= one.truth <= one.high)
