"""The view's URL form, the presets, and the way down."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.state import DIMENSIONS, NEXT, PERIODS, SHOWABLE, Days, View, period_days
from warehouse.errors import BadFilter
from warehouse.filters import Filter

DAYS = Days(dt.date(2025, 9, 28), dt.date(2026, 11, 21))
WORDS = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=3).map(tuple)
KEYS = st.lists(st.integers(1, 9999), max_size=3).map(tuple)


@st.composite
def views(draw) -> View:
    start = draw(st.dates(dt.date(2020, 1, 1), dt.date(2026, 11, 21)))
    filter_ = Filter(
        start=start,
        end=start + dt.timedelta(days=draw(st.integers(0, 800))),
        compare=draw(st.sampled_from(["none", "previous", "year"])),
        grain=draw(st.sampled_from(["day", "week", "month"])),
        currency=draw(st.sampled_from([None, "EUR", "USD"])),
        platforms=draw(WORDS),
        channels=draw(WORDS),
        campaign_types=draw(WORDS),
        accounts=draw(KEYS),
        campaigns=draw(KEYS),
    )
    return View(filter_, draw(st.sampled_from(SHOWABLE)), draw(st.sampled_from(list(DIMENSIONS))))


@given(views())
def test_an_address_is_read_back_to_the_same_view(view: View) -> None:
    query = dict(parse_qsl(view.search().removeprefix("?"), keep_blank_values=True, strict_parsing=True))
    assert View.from_query(query, Days(dt.date(1999, 1, 1), dt.date(1999, 1, 2))) == view, "whatever is loaded"


def test_a_bare_address_means_the_28_days_up_to_the_last_one_with_data() -> None:
    view = View.from_query({}, DAYS)
    assert (view.filter.start, view.filter.end) == (dt.date(2026, 10, 25), dt.date(2026, 11, 21))
    assert view.period(DAYS) == "last28"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("last7", "2026-11-15", "2026-11-21"),
        ("last90", "2026-08-24", "2026-11-21"),
        ("this_month", "2026-11-01", "2026-11-21"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("this_year", "2026-01-01", "2026-11-21"),
        ("all", "2025-09-28", "2026-11-21"),
    ],
)
def test_a_preset_counts_from_the_last_day_with_data(name, first, last) -> None:
    view = View.from_query({"period": name}, DAYS)
    assert (str(view.filter.start), str(view.filter.end)) == (first, last)
    assert view.period(DAYS) == name
    assert view == View.from_query({}, DAYS).changed("period", name, DAYS)


def test_presets_hold_when_the_data_are_one_day_old() -> None:
    only = Days(dt.date(2026, 3, 31), dt.date(2026, 3, 31))
    for name in PERIODS:
        first, last = period_days(name, only)
        assert first <= last


def test_a_saved_view_moves_with_the_data_where_a_preset_has_its_days() -> None:
    view = View.from_query({"channel": "video"}, DAYS)
    moved = View.from_query(dict(parse_qsl(view.moving_query(DAYS))), Days(DAYS.first, dt.date(2026, 12, 24)))
    assert moved.filter.end == dt.date(2026, 12, 24)
    assert moved.filter.channels == ("video",)
    chosen = view.dated(dt.date(2026, 3, 3), dt.date(2026, 4, 4))
    assert chosen.moving_query(DAYS) == chosen.search().removeprefix("?")


@pytest.mark.parametrize(
    "query", [{"metric": "luck"}, {"metric": "claim_ratio"}, {"by": "moon"}, {"period": "soon"}, {"from": "soon"}]
)
def test_what_means_nothing_is_refused_with_its_name(query) -> None:
    with pytest.raises(BadFilter, match=next(iter(query))):
        View.from_query(query, DAYS)


def test_the_way_down_ends_at_the_rows() -> None:
    view = View.from_query({}, DAYS)
    for key in ("paid_search", "Search", "17"):
        view = view.into(key)
    assert view.by == "rows"
    assert view.filter.chosen() == {"channel": ("paid_search",), "campaign_type": ("Search",), "campaign": ("17",)}
    assert view.into("anything") == view
    assert view.without("campaign").by == "campaign"
    assert view.cleared() == View.from_query({}, DAYS)


def test_a_day_narrows_the_period() -> None:
    view = View.from_query({"by": "day"}, DAYS).into("2026-11-03")
    assert view.filter.days == 1
    assert view.by == NEXT["day"]


def test_controls_change_only_what_they_are_named_for() -> None:
    view = View.from_query({}, DAYS)
    assert view.changed("grain", "week", DAYS).filter.grain == "week"
    assert view.changed("compare", "year", DAYS).filter.compare == "year"
    assert view.changed("currency", "EUR", DAYS).changed("currency", "", DAYS) == view
    assert view.changed("account", ["3", "4"], DAYS).filter.accounts == (3, 4)
    assert view.changed("account", None, DAYS) == view
    assert view.changed("period", "", DAYS) == view, "chosen days stay"
    assert view.changed("grain", "moment", DAYS) == view
