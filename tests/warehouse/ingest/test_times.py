"""Moments as systems write them, in UTC."""

import datetime as dt

import polars as pl
import pytest

from warehouse.ingest.booleans import read_booleans
from warehouse.ingest.times import read_moments

NOON = dt.datetime(2026, 1, 2, 11, 4, 5, tzinfo=dt.UTC)


def read(cell, **options):
    return read_moments(pl.Series([cell], dtype=pl.String), **options).values[0]


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-02T11:04:05Z",
        "2026-01-02T12:04:05+01:00",
        "2026-01-02T12:04:05.000+0100",
        "2026-01-02 11:04:05 UTC",
        "2026-01-02 12:04:05 +0100",
        "'2026-01-02T11:04:05Z'",
        "02/Jan/2026:12:04:05 +0100",
        "1767351845",
        "1767351845000",
        "1767351845000000",
        "1767351845000000000",
        "1767351845.0",
        "20260102110405",
        "Jan 2, 2026, 11:04:05 AM",
        "2.1.2026 11:04:05",
        "2026-01-02T11:04:05",
    ],
)
def test_one_moment_in_many_spellings(cell):
    assert read(cell) == NOON


@pytest.mark.parametrize(
    ("cell", "zone", "utc"),
    [
        ("2026-07-01 12:00:00", "Europe/Berlin", (2026, 7, 1, 10, 0)),
        ("2026-07-01", "Europe/Berlin", (2026, 6, 30, 22, 0)),
        ("2026-10-25 02:30:00", "Europe/Berlin", (2026, 10, 25, 0, 30)),  # shown twice: the first
        ("2026-07-01 12:00:00Z", "Europe/Berlin", (2026, 7, 1, 12, 0)),
        ("7/1/2026 2:15 PM", "UTC", (2026, 7, 1, 14, 15)),
    ],
)
def test_without_an_offset_the_clock_of_a_zone_holds(cell, zone, utc):
    found = read_moments(pl.Series([cell]), zone=zone, order="month_first")
    assert found.values[0] == dt.datetime(*utc, tzinfo=dt.UTC)
    assert found.on_clock is not cell.endswith("Z")


@pytest.mark.parametrize(
    "cell", ["soon", "2026-03-29 02:30:00", "2026-13-01T00:00:00Z", "12345", "2026-01-02Tlater", "1/2/2026", "25:00"]
)
def test_what_is_no_moment_or_could_be_two_is_said_so(cell):
    found = read_moments(pl.Series([cell, "2026-01-02T11:04:05Z", None]), zone="Europe/Berlin")
    assert found.values.to_list() == [None, NOON, None]
    assert found.unreadable.to_list() == [True, False, False]


@pytest.mark.parametrize("cell", ["", "--", "null", " ", None])
def test_missing_is_missing_and_not_unreadable(cell):
    found = read_moments(pl.Series([cell], dtype=pl.String))
    assert (found.values[0], found.unreadable) == (None, None)


def test_yes_and_no_and_neither():
    found = read_booleans(pl.Series(["True", "0", "ja", "", None, "maybe"]))
    assert found.values.to_list() == [True, False, True, None, None, None]
    assert found.unreadable.to_list() == [False] * 5 + [True]
    assert read_booleans(pl.Series(["1", None])).unreadable is None
