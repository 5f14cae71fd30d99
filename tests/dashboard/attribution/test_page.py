"""Attribution without a browser: what stands there before it is computed, and what the address asks for."""

from __future__ import annotations

import pytest

from api.auth import acting_as
from ml.attribution.job import ATTRIBUTION, settle
from ml.worker import work_once
from tests.warehouse.events.history import History
from warehouse import job_queue
from warehouse.local_owner import local_owner

MODELS = ["last", "linear", "position", "markov"]


@pytest.fixture(scope="module")
def history(warehouse, owner) -> History:
    """Twelve orders that begin with a video and end with a search, and a few that do not."""
    history = History(warehouse).begin()
    for customer in range(1, 13):
        for day, channel in enumerate(("video", "display", "paid_search")):
            history.touch(customer, day, channel)
        history.convert(customer, 3, value=50)
    history.touch(20, 1, "display")
    history.convert(20, 2, value=50)
    history.touch(21, 1, "video")
    return history


def test_before_anything_is_loaded_the_page_says_what_to_load(view, owner) -> None:
    found = view("/attribution")
    assert found.says("Load what people met and what they bought")
    assert found.says("causeway load PATH")


def test_before_journeys_are_built_the_page_says_how_to_build_them(view, history) -> None:
    assert view("/attribution").says("causeway run journeys --account shopify/")


def test_before_it_ran_the_page_says_what_to_run(view, history) -> None:
    history.build()
    assert view("/attribution").says("causeway run attribution --account shopify/")


@pytest.fixture(scope="module")
def credited(history) -> None:
    for days in (40, 30):
        _run(history, days)


@pytest.mark.usefixtures("credited")
class TestCredited:
    def test_a_bare_address_shows_the_published_run(self, view) -> None:
        found = view("/attribution")
        assert found.says("earns the most credit")
        assert found.says("13 orders over")
        assert found.says("Credit is not proof")
        assert not found.says("ncremental")
        assert not found.says("Computed now")

    def test_what_is_not_told_apart_is_not_said_to_mislead(self, view) -> None:
        assert view("/attribution", "?model=last").says("is compared with last touch")

    def test_a_setting_is_computed_now_and_stays_in_every_link(self, view) -> None:
        found = view("/attribution", "?model=position&weights=60-20-20")
        assert found.says("Computed now, with your settings.")
        assert found.says("weights=60-20-20")
        assert "weights=60-20-20" in str(found.frame)

    def test_credits_stand_on_the_day_of_the_conversion_or_of_the_touch(self, view) -> None:
        for search in ("?model=last", "?model=last&window=30"):
            assert view("/attribution", search).says("on the day of the conversion")
            assert view("/attribution", f"{search}&dated=touch").says("on the day of the touch")
        assert not view("/attribution", "?model=last&without=video").says("Each credit stands on the day")

    def test_without_a_channel_it_gets_nothing(self, view) -> None:
        found = view("/attribution", "?model=linear&without=display")
        assert found.says("as if nobody had met Display")
        assert not found.says("/attribution?channel=display")

    def test_another_period_is_asked_of_the_journeys(self, view) -> None:
        found = view("/attribution", "?from=2026-03-01&to=2026-03-03&model=last")
        assert found.says("Computed now, of 1–3 Mar 2026.")
        assert found.says("Display earns the most credit: 1 ")

    def test_two_runs_are_compared(self, view, history) -> None:
        (earlier,) = {key for (key,) in history.rows("SELECT min(run_key) FROM results.attribution_result")}
        assert view("/attribution", f"?run={earlier}").says("moved most:")

    def test_a_run_that_is_not_there_is_said(self, view) -> None:
        assert view("/attribution", "?run=999").says("There is no attribution of orders in run 999")

    def test_a_split_that_touches_do_not_tell_is_no_failure(self, view) -> None:
        assert view("/attribution", "?split=creative").says("By creative")
        assert view("/attribution", "?channel=email").says("Nothing in this filter")

    @pytest.mark.parametrize(
        ("search", "words"),
        [
            ("?model=moon", "must be one of"),
            ("?split=moon", "must be one of"),
            ("?weights=1-2", "such as 40-20-40"),
            ("?window=soon", "14,email=7"),
            ("?run=x", "is not a run"),
        ],
    )
    def test_what_means_nothing_is_refused(self, view, search, words) -> None:
        assert view("/attribution", search).says(words)

    def test_the_report_shows_the_same_to_the_same_address(self, client, owner) -> None:
        with acting_as(owner):
            found = client.get("/attribution/report?model=position&weights=100-0-0&split=customer")
        assert (found.status_code, found.mimetype) == (200, "text/html")
        for words in ("100% first and 0% last", "Video", "12.0", "now, from path counts"):
            assert words in found.text, words
        with acting_as(owner):
            refused = client.get("/attribution/report?model=moon")
        assert (refused.status_code, refused.json["error"]["code"]) == (400, "BAD_FILTER")

    def test_the_page_links_the_report_of_its_view(self, view) -> None:
        assert view("/attribution", "?model=last").says("/attribution/report?from=")

    def test_any_weight_and_a_lookback_of_one_channel_can_be_asked(self, view) -> None:
        assert view("/attribution", "?model=position&weights=100-0-0").says("Video earns the most credit: 12 ")
        found = view("/attribution", "?model=last&window=30,paid_search=0.5")
        assert found.says("Display earns the most credit: 13 ")


def _run(history: History, days: int) -> None:
    owner = local_owner(history.warehouse)
    parameters = settle({"models": MODELS, "order": 1, "draws": 20, "days": days})
    with history.warehouse.writing() as session:
        job_queue.submit(
            session, job="attribution", account_key=history.account, parameters=parameters, requested_by=owner.id
        )
    assert work_once(history.warehouse, {"attribution": ATTRIBUTION})
