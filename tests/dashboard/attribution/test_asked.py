"""Settings of attribution in the address: read back as written, usual ones left out, meaningless ones refused."""

from __future__ import annotations

import datetime as dt

import pytest

from dashboard.attribution.asked import SETTINGS, Asked
from dashboard.attribution.read import what_is_asked
from dashboard.state import Days, View
from tests.dashboard.attribution.made import RUN
from warehouse.errors import BadFilter

DAYS = Days(dt.date(2026, 1, 1), dt.date(2026, 3, 31))


def test_the_address_says_what_is_unusual_and_is_read_back() -> None:
    asked = Asked(model="position", weights="60-20-20", without="video", customers="new")
    query = asked.to_query()
    assert query == {"model": "position", "weights": "60-20-20", "without": "video", "customers": "new"}
    assert Asked.from_query(query) == asked
    assert Asked().to_query() == {}
    assert asked.changed("weights", "").changed("model", None) == Asked(without="video", customers="new")


def test_other_steps_keep_the_settings() -> None:
    view = View.from_query({"model": "last", "split": "device"}, DAYS).narrowed("channel", "video")
    assert view.asked == Asked(model="last", split="device")
    assert view.cleared().asked == view.asked
    assert view.changed("split", "campaign", DAYS).asked.split == "campaign"
    assert View.from_query(view.to_query(), DAYS) == view


@pytest.mark.parametrize("name", sorted(set(SETTINGS) - {"without"}))
def test_what_means_nothing_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(BadFilter, match=f"{name} == 'moon'"):
        Asked.from_query({name: "moon"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("weights", "50-60-10"), ("weights", "0-100-0"), ("weights", "nan-50-50"), ("half_life", "0"),
     ("half_life", "inf"), ("window", "-3"), ("window", "14,=3"), ("window", "email=")],
)  # fmt: skip
def test_what_is_written_freely_must_mean_something(name: str, value: str) -> None:
    with pytest.raises(BadFilter, match="means nothing. Write"):
        Asked().changed(name, value)


def test_what_is_written_freely_is_asked() -> None:
    assert Asked().changed("weights", "33.3 - 33.4 - 33.3").ends == pytest.approx((0.333, 0.333))
    window = Asked().changed("window", "14, email=7")
    assert window.to_query() == {"window": "14,email=7"}
    lookback = what_is_asked(window, "linear", RUN).model.lookback
    assert lookback is not None
    assert (lookback.days, dict(lookback.channels)) == (14.0, {"email": 7.0})
    assert what_is_asked(Asked(half_life="2.5"), "time_decay", RUN).model.half_life_days == 2.5


def test_only_settings_that_matter_to_the_model_are_asked() -> None:
    usual = what_is_asked(Asked(), "last", RUN)
    assert what_is_asked(Asked(order="3", half_life="1", weights="50-0-50"), "last", RUN) == usual
    assert what_is_asked(Asked(window="7"), "last", RUN) != usual
    assert what_is_asked(Asked(window="7", views="0"), "markov", RUN) == what_is_asked(Asked(), "markov", RUN)
    assert what_is_asked(Asked(order="3"), "markov", RUN).model.order == 3
    assert what_is_asked(Asked(weights="60-20-20"), "position", RUN).model.first == 0.6
    assert what_is_asked(Asked(without="video"), "calibrated", RUN).without is None
