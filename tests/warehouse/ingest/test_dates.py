import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.ingest.dates import date_order, days_in, parse_day, read_days, read_stamps

DAYS = st.dates(min_value=dt.date(2000, 1, 1), max_value=dt.date(2099, 12, 31))
FORMS = st.sampled_from([
    ("%Y-%m-%d", None), ("%Y%m%d", None), ("%Y/%m/%d", None), ("%Y-%m-%d 00:00:00", None), ("%Y-%m-%dT00:00:00Z", None),
    ("%Y-%m-%d|07", None), ("%d.%m.%Y", None), ("%m/%d/%Y", "month_first"), ("%d/%m/%Y", "day_first"),
    ("%d-%m-%Y", "day_first"), ("%b %d, %Y", None), ("%d %B %Y", None), ("%B %d, %Y", None),
])  # fmt: skip


@given(day=DAYS, form=FORMS)
def test_a_day_in_any_form_is_read_back(day, form):
    pattern, order = form
    assert parse_day(day.strftime(pattern), order) == day


@given(days=st.lists(DAYS, min_size=1), order=st.sampled_from(["day_first", "month_first"]))
def test_the_order_is_found_or_left_open_but_never_wrong(days, order):
    pattern = "%d/%m/%Y" if order == "day_first" else "%m/%d/%Y"
    assert date_order(day.strftime(pattern) for day in days) in {order, "undecidable"}


@pytest.mark.parametrize(
    "cell",
    ["1. September 2026", "1 septembre 2026", "1er sept. 2026", "1 de septiembre de 2026", "1 de setembro de 2026",
     "1 settembre 2026", "1 września 2026", "1 september 2026", "Sep 1, 2026"],
)  # fmt: skip
def test_months_have_names_in_eight_languages(cell):
    assert parse_day(cell, None) == dt.date(2026, 9, 1)


@pytest.mark.parametrize(
    "cell", ["03/04/2026", "Total", "2026-13-01", "31/02/2026", "9/1/26", "12", "1. Foo 2026", "Week 3"]
)
def test_what_is_no_day_or_two_days_is_not_guessed(cell):
    assert parse_day(cell, None) is None


def test_a_column_tells_missing_from_unreadable():
    read = read_days(pl.Series(["2026-09-01", "", None, "x", " 20260902 "]), None)
    assert read.values.to_list() == [dt.date(2026, 9, 1), None, None, None, dt.date(2026, 9, 2)]
    assert read.unreadable.to_list() == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["13/09/2026", "01/02/2026"], "day_first"),
        (["9/13/2026"], "month_first"),
        (["1/2/2026"], "undecidable"),
        (["13/1/2026", "1/13/2026"], "contradictory"),
        (["2026-09-01", "1.9.2026"], None),
    ],
)
def test_the_order_of_a_column(cells, order):
    assert date_order(cells) == order


@pytest.mark.parametrize(
    ("line", "order", "days"),
    [
        ("September 1, 2026 - September 3, 2026", None, ["2026-09-01", "2026-09-03"]),
        ("1. September 2026 - 2. September 2026", None, ["2026-09-01", "2026-09-02"]),
        ("Report Time: 9/1/2026 - 9/2/2026", "month_first", ["2026-09-01", "2026-09-02"]),
        ("# Start date: 20260901", None, ["2026-09-01"]),
        ("All time", None, []),
    ],
)
def test_the_days_that_a_line_names(line, order, days):
    assert [day.isoformat() for day in days_in(line, order)] == days


def test_stamps_become_sortable():
    cells = [
        "2021-09-15 5:00:00",
        "2023-05-25 09:00:00.000 +0000",
        "2023-01-09 22:21:19.329000 UTC",
        "2022-02-01",
        "x",
        None,
    ]
    stamps = read_stamps(pl.Series(cells)).to_list()
    assert stamps == [
        "2021-09-15T05:00:00.000000", "2023-05-25T09:00:00.000000", "2023-01-09T22:21:19.329000",
        "2022-02-01T00:00:00.000000", None, None,
    ]  # fmt: skip
