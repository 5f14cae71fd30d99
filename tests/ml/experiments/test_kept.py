"""Kept moments, added up to a day, are the moments of the totals of that day."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from sqlalchemy import Engine

from ml.experiments.kept import crossed, days_of, entered_by_day
from ml.experiments.moments import Moments
from tests.warehouse.experiments.trial import Trial, on
from warehouse.local_owner import local_owner
from warehouse.queries.experiment_moments import KeptMoments, kept_moments
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

COLUMNS = ("orders", "revenue", "orders before", "revenue before")


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine) -> Warehouse:
    return Warehouse(settings, engine)


@pytest.fixture(scope="module")
def kept(warehouse: Warehouse) -> KeptMoments:
    trial = Trial(warehouse).begin()
    for unit, (arm, day) in enumerate(((0, 0), (0, 1), (1, 0), (1, 2), (1, 2))):
        trial.assign(unit, arm, day)
        trial.did(unit, "orders", 3, unit + 1, before=unit % 3)
    trial.did(0, "revenue", 4, 12.5)
    trial.assign(9, 0, 0)
    trial.assign(9, 1, 0)
    trial.refresh()
    with warehouse.reading(local_owner(warehouse)) as session:
        found = kept_moments(session, trial.experiment)
    assert found is not None
    return found


def test_totals_up_to_each_day(kept: KeptMoments) -> None:
    days = list(days_of(kept))
    assert [day.date for day in days] == [on(number) for number in (0, 1, 2, 3, 4)]
    assert_same(days[0].by_arm()["control"], [[0, 0, 0, 0]])
    assert_same(days[3].by_arm()["control"], [[1, 0, 0, 0], [2, 0, 1, 0]])
    assert_same(days[4].by_arm()["control"], [[1, 12.5, 0, 0], [2, 0, 1, 0]])
    assert_same(days[4].by_arm()["green"], [[3, 0, 2, 0], [4, 0, 0, 0], [5, 0, 1, 0]])


def test_parts_of_the_units_add_up(kept: KeptMoments) -> None:
    last = list(days_of(kept))[-1]
    assert last.cuts == ["active", "new"]
    assert_same(last.by_arm("active")["green"], [[3, 0, 2, 0], [5, 0, 1, 0]])
    assert_same(last.by_arm("new")["green"], [[4, 0, 0, 0]])
    assert last.known_by_arm(0) == {"control": 2, "green": 3}
    assert last.known_by_arm(1) == {"control": 1, "green": 0}


def test_who_came_in_when(kept: KeptMoments) -> None:
    days, entered = entered_by_day(kept)
    assert days == [on(0), on(1), on(2)]
    assert {arm: counts.tolist() for arm, counts in entered.items()} == {"control": [1, 1, 0], "green": [1, 0, 2]}
    assert crossed(kept) == 1


def test_units_without_a_day_are_there_from_the_first_one_on(warehouse: Warehouse) -> None:
    trial = Trial(warehouse).begin()
    trial.assign(1, 0, None)
    trial.assign(2, 1, None)
    trial.did(1, "orders", 0, 1)
    trial.did(2, "orders", 2, 1)
    trial.refresh()
    with warehouse.reading(local_owner(warehouse)) as session:
        found = kept_moments(session, trial.experiment)
    assert found is not None
    assert [day.date for day in days_of(found)] == [on(0), on(2)]
    assert entered_by_day(found) == ([], {})
    first = next(iter(days_of(found)))
    assert {arm: moments.n for arm, moments in first.by_arm().items()} == {"control": 1, "green": 1}
    assert first.date > dt.date(1970, 1, 1)


def assert_same(found: Moments, totals: list[list[float]]) -> None:
    expected = Moments.of(COLUMNS, np.array(totals, dtype=float))
    assert (found.columns, found.n) == (COLUMNS, expected.n)
    np.testing.assert_allclose(found.means, expected.means, atol=1e-12)
    np.testing.assert_allclose(found.products, expected.products, atol=1e-9)
