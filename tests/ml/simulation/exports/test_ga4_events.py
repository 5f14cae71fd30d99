import json
from datetime import UTC, datetime

import pytest

from ml.simulation.exports.ga4_events import events_json
from ml.simulation.people.records import SESSIONS
from ml.simulation.people.web import page_events
from tests.ml.simulation.exports.made_up import SHOP, frame

SESSION = {
    "at": datetime(2026, 3, 1, 23, 59, tzinfo=UTC), "session_id": 2**63 + 1, "client": 5 * 2**32 + 7, "user": 3,
    "source": "google", "medium": "cpc", "campaign_id": "210", "click_id": 99, "landing_page": "/sale", "page_views": 1,
    "device": "mobile", "region": "Ohio", "duration_seconds": 600, "engaged": True, "funnel_step": 4, "order_id": 77,
    "revenue_cents": 4_999,
}  # fmt: skip


def events(**more):
    sessions = frame(SESSIONS, [SESSION | more])
    return [json.loads(line) for line in events_json(page_events(sessions), sessions, SHOP).splitlines()]


def parameters(event):
    return {entry["key"]: entry["value"] for entry in event["event_params"]}


def test_the_first_event_says_where_the_session_came_from():
    first, second = events()[:2]
    address = "https://www.simulated-test.example/sale?utm_source=google&utm_medium=cpc&utm_campaign=210&utm_id=210"
    assert parameters(first)["page_location"] == {"string_value": f"{address}&gclid=Sim-99"}
    assert first["collected_traffic_source"]["gclid"] == "Sim-99"
    assert "collected_traffic_source" not in second
    assert parameters(second)["page_location"] == {"string_value": "https://www.simulated-test.example/sale"}


def test_whole_numbers_are_text_and_days_are_those_of_the_event():
    first, *_, last = events()
    assert (first["event_date"], last["event_date"]) == ("20260301", "20260302")
    assert first["event_timestamp"] == "1772409540000000"
    assert parameters(first)["ga_session_id"] == {"int_value": "1772409540"}
    assert (first["user_pseudo_id"], first["user_id"]) == ("5.7", "10000000003")


@pytest.mark.parametrize(("cents", "value"), [(4_999, {"double_value": 49.99}), (5_000, {"int_value": "50"})])
def test_the_purchase_has_its_order_and_its_value(cents, value):
    bought = next(event for event in events(revenue_cents=cents) if event["event_name"] == "purchase")
    assert parameters(bought)["value"] == value
    assert parameters(bought)["transaction_id"] == {"string_value": "77"}
    assert bought["ecommerce"] == {"transaction_id": "77", "purchase_revenue": cents / 100}


def test_who_refused_consent_has_no_cookie():
    first = events(client=None, user=None, source=None, click_id=None)[0]
    assert first["privacy_info"] == {"analytics_storage": "No"}
    assert {"user_pseudo_id", "user_id", "collected_traffic_source"} & first.keys() == set()
    assert "ga_session_id" not in parameters(first)
