"""Readings of tests on made-up days whose lost conversions are known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from ml.attribution.readout import Reading, lifts_within, readings_of

FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 3, 21)
BEGIN = dt.date(2026, 1, 1)


def days(kind: str, lost: float, *, regions: int = 12, dark: int = 4, seed: int = 1) -> pl.DataFrame:
    """Regions with 20 conversions a day each, of which the dark ones lose a share in the test."""
    generator = np.random.default_rng(seed)
    rows = []
    for region in range(regions):
        is_dark = region < dark or kind == "go_dark"
        for number in range(101):
            date = BEGIN + dt.timedelta(days=number)
            off = is_dark and FIRST <= date <= LAST
            value = generator.poisson(20.0 * (1 - lost * off))
            rows.append(("test", "video", kind, FIRST, LAST, str(region), is_dark, date, float(value)))
    names = ("experiment", "channel", "kind", "first", "last", "geo", "is_dark", "date", "value")
    return pl.DataFrame(rows, schema=names, orient="row")


@pytest.mark.parametrize(("kind", "people"), [("geo", 1 / 3), ("go_dark", 1.0)])
@pytest.mark.parametrize("lost", [0.0, 0.3])
def test_lost_conversions_are_found_within_their_error(kind: str, people: float, lost: float) -> None:
    errors = []
    for seed in range(12):
        (reading,) = readings_of(days(kind, lost, seed=seed))
        assert (reading.channel, reading.first, reading.last) == ("video", FIRST, LAST)
        assert reading.people == pytest.approx(people, abs=0.02)
        truth = lost * 20 * 21 * (4 if kind == "geo" else 12)
        errors.append((reading.lift - truth) / reading.se)
        assert reading.se < 0.35 * 20 * 21 * (4 if kind == "geo" else 12)
    assert np.abs(errors).max() < 4
    assert np.abs(np.mean(errors)) < 1


def test_what_cannot_be_read_is_left_out() -> None:
    assert readings_of(days("geo", 0.3).filter(pl.col("date") >= FIRST)) == ()
    assert readings_of(days("geo", 0.3, dark=0)) == ()
    assert readings_of(days("geo", 0.3).filter(pl.col("date") < FIRST)) == ()


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
