"""Tests of channels beside the credits of a period."""

from __future__ import annotations

import datetime as dt

import pytest

from ml.attribution.readout import Reading, lifts_within, readings_of
from warehouse.queries.channel_tests import ChannelTest

FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 3, 21)
BEGIN = dt.date(2026, 1, 1)


def test_evidence_is_read_as_it_stands() -> None:
    (reading,) = readings_of([ChannelTest("test", "video", FIRST, LAST, 0.4, True, 30.0, 10.0)])
    assert reading == Reading("test", "video", FIRST, LAST, 0.4, 30.0, 10.0, is_dark=True)


def test_a_lift_is_that_of_the_part_of_the_period_that_the_test_held() -> None:
    reading = Reading("test", "video", FIRST, LAST, 0.5, 30.0, 10.0)
    inside = reading.within(FIRST - dt.timedelta(days=10), LAST + dt.timedelta(days=10))
    assert inside.covered == pytest.approx(10.5 / (41 - 10.5))
    assert (inside.lift, inside.se) == (30.0, 10.0)
    later = reading.within(LAST + dt.timedelta(days=1), LAST + dt.timedelta(days=5))
    assert later.covered == 1.0
    assert later.lift == pytest.approx(30 * 5 / 10.5)
    whole = Reading("said", "video", FIRST, LAST, 1.0, 30.0, 10.0, is_dark=False).within(FIRST, LAST)
    assert (whole.covered, whole.lift) == (1.0, 30.0)


def test_only_tests_of_known_channels_that_are_over_count() -> None:
    readings = (
        Reading("a", "video", FIRST, LAST, 1.0, 30.0, 10.0),
        Reading("b", "radio", FIRST, LAST, 1.0, 30.0, 10.0),
        Reading("c", "video", FIRST, LAST + dt.timedelta(days=9), 1.0, 30.0, 10.0),
        Reading("d", "video", FIRST, LAST, 1.0, 30.0, 0.0),
    )
    assert [test.experiment for test, _ in lifts_within(readings, BEGIN, LAST, ["video"])] == ["a"]
