"""One filter in all its forms."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import BadFilter
from warehouse.filters import LONGEST_PERIOD_DAYS, Filter

LAST = dt.date(2026, 11, 20)
words = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("~,\\"), max_size=8)
keys = st.integers(-1, 10**6)


@st.composite
def filters(draw):
    start = draw(st.dates(dt.date(2020, 1, 1), dt.date(2026, 1, 1)))
    return Filter(
        start=start,
        end=start + dt.timedelta(days=draw(st.integers(0, 800))),
        compare=draw(st.sampled_from(["none", "previous", "year"])),
        grain=draw(st.sampled_from(["day", "week", "month"])),
        currency=draw(st.sampled_from([None, "USD", "SEK"])),
        platforms=tuple(draw(st.lists(words, max_size=3))),
        channels=tuple(draw(st.lists(words, max_size=2))),
        campaign_types=tuple(draw(st.lists(words | st.just("a,b") | st.just("c\\d"), max_size=3))),
        accounts=tuple(draw(st.lists(keys, max_size=3))),
        campaigns=tuple(draw(st.lists(keys, max_size=3))),
    )


@given(filters())
def test_the_url_form_leads_back_to_an_equal_filter(filter_):
    assert Filter.from_query(filter_.to_query(), last_day=LAST) == filter_


@given(filters(), filters())
def test_cache_keys_are_equal_exactly_for_equal_filters(one, other):
    assert (one.cache_key() == other.cache_key()) == (one == other)


@given(filters())
def test_compared_days_are_as_many_before_and_on_the_same_weekdays(filter_):
    if filter_.compared is None:
        assert filter_.compare == "none"
        return
    first, last = filter_.compared
    assert (last - first).days + 1 == filter_.days
    assert last < filter_.start
    assert first.weekday() == filter_.start.weekday()


def test_without_any_words_it_is_the_last_four_weeks_beside_those_before():
    filter_ = Filter.from_query({}, last_day=LAST)
    assert (filter_.start, filter_.end, filter_.compare, filter_.grain) == (
        dt.date(2026, 10, 24), LAST, "previous", "day",
    )  # fmt: skip
    assert filter_.to_query() == {"from": "2026-10-24", "to": "2026-11-20"}


@pytest.mark.parametrize(
    ("query", "words_"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-13-01"}, "to"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "ends"),
        ({"from": "2000-01-01", "to": "2026-01-01"}, "ten years"),
        ({"compare": "last"}, "compare"),
        ({"grain": "hour"}, "grain"),
        ({"currency": "usd"}, "currency"),
        ({"currency": "ÅÄÖ"}, "currency"),
        ({"account": "x"}, "account"),
        ({"campaign": "1,two"}, "campaign"),
    ],
)
def test_what_means_nothing_is_refused_by_its_name(query, words_):
    with pytest.raises(BadFilter, match=words_):
        Filter.from_query(query, last_day=LAST)


def test_the_longest_period_is_ten_years():
    Filter(LAST - dt.timedelta(days=LONGEST_PERIOD_DAYS - 1), LAST)
    with pytest.raises(BadFilter):
        Filter(LAST - dt.timedelta(days=LONGEST_PERIOD_DAYS), LAST)


def test_a_click_narrows_and_a_chip_removed_widens():
    filter_ = Filter(LAST, LAST, platforms=("a", "b"))
    narrowed = filter_.narrowed("platform", "b").narrowed("campaign", "17")
    assert (narrowed.platforms, narrowed.campaigns) == (("b",), (17,))
    assert narrowed.chosen() == {"platform": ("b",), "campaign": ("17",)}
    assert narrowed.without("platform").without("campaign") == Filter(LAST, LAST)
    day = filter_.narrowed("day", "2026-01-02")
    assert (day.start, day.end, day.without("day")) == (dt.date(2026, 1, 2), dt.date(2026, 1, 2), day)
    with pytest.raises(BadFilter):
        filter_.narrowed("campaign", "Brand")


def test_no_campaign_type_can_be_chosen_too():
    filter_ = Filter(LAST, LAST).narrowed("campaign_type", "")
    assert filter_.campaign_types == ("",)
    assert filter_.chosen() == {"campaign_type": ("",)}


def test_no_campaign_type_survives_the_url():
    filter_ = Filter(LAST, LAST).narrowed("campaign_type", "")
    assert Filter.from_query(filter_.to_query(), last_day=LAST) == filter_


@pytest.mark.parametrize("value", ["\\", ",", "a\\", "~~", ",~,"])
def test_a_mangled_address_breaks_nothing(value):
    Filter.from_query({"platform": value}, last_day=LAST)
