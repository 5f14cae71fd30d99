"""What every sender's shape is read into."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.warehouse.stream.conftest import NOON
from warehouse.stream.events import address_fields, shape_of
from warehouse.stream.messages import read_message


def read(message: Any, **more: Any) -> Any:
    """The only event of a message."""
    events, refusals = read_message(message, 1, NOON, **more)
    assert refusals == []
    (event,) = events
    return event


def track(event: str = "Product Viewed", **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "messageId": "m", "anonymousId": "a", **more}


@pytest.mark.parametrize(
    ("sent", "name"),
    [("Order Completed", "purchase"), ("ORDER COMPLETED", "purchase"), ("Product Added", "add_to_cart"),
     ("Checkout Started", "begin_checkout"), ("Signed Up", "sign_up"), ("Video Watched", "Video Watched")],
)  # fmt: skip
def test_names_of_the_ecommerce_spec_become_ga4s(sent: str, name: str) -> None:
    assert read(track(sent, properties={"order_id": "1"})).name == name


def test_the_address_says_the_call_where_the_message_does_not() -> None:
    assert read({"userId": "1", "messageId": "m"}, shape="page").name == "page_view"
    assert read({"userId": "1", "messageId": "m"}, shape="screen").name == "screen_view"
    assert read({"userId": "1", "messageId": "m", "traits": {"email": "a@b.c"}}, shape="identify").people == {
        "user": "1",
        "email": "a@b.c",
    }


def test_a_segment_call_says_who_where_from_and_how_much() -> None:
    context = {
        "campaign": {"name": "Autumn", "source": "google", "medium": "cpc"},
        "userAgent": "Mozilla/5.0 (iPhone) Mobile/15E148",
        "device": {"advertisingId": "ad-1"},
        "location": {"country": "DE"},
        "page": {"path": "/shoes?size=42"},
    }
    properties = {"revenue": 19.9, "currency": "eur", "order_id": 17}
    event = read(
        track(
            "Order Completed", userId="u", context=context, properties=properties, timestamp="2026-11-22T10:00:00+02:00"
        )
    )
    assert event.at == dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
    assert event.people == {"client": "a", "user": "u", "device": "ad-1"}
    assert event.fields == {
        "source": "google", "medium": "cpc", "campaign": "Autumn", "device": "mobile", "region": "DE", "page": "/shoes",
        "value": "19.9", "currency": "EUR", "transaction_id": "17",
    }  # fmt: skip


def test_an_event_of_the_measurement_protocol_says_the_same() -> None:
    body = {
        "client_id": "1.2",
        "user_id": "u",
        "timestamp_micros": "1795000000000000",
        "user_data": {"sha256_email_address": ["0" * 63 + "1"]},
        "device": {"category": "tablet"},
        "user_location": {"country_id": "DE"},
        "events": [
            {
                "name": "purchase",
                "params": {
                    "session_id": 9,
                    "transaction_id": "T1",
                    "value": 12,
                    "currency": "EUR",
                    "page_location": "https://shop.example.com/done?gclid=abc",
                },
            }
        ],
    }
    event = read(body)
    assert event.at == dt.datetime.fromtimestamp(1_795_000_000, dt.UTC)
    assert event.people == {"client": "1.2", "user": "u", "email": "0" * 63 + "1", "click": "abc"}
    assert event.fields == {
        "device": "tablet", "region": "DE", "page": "/done", "source": "google", "medium": "cpc", "session": "9",
        "transaction_id": "T1", "value": "12", "currency": "EUR",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("location", "referrer", "found", "click"),
    [
        ("https://a.example/", None, {"page": "/"}, None),
        ("https://a.example/x?utm_source=n&gclid=1", None, {"page": "/x", "source": "n"}, "1"),
        ("https://a.example/x?fbclid=2", None, {"page": "/x", "source": "facebook", "medium": "social"}, "2"),
        (
            "https://a.example/x",
            "https://b.example/y?q=secret",
            {"page": "/x", "source": "b.example", "medium": "referral"},
            None,
        ),
        ("https://a.example/x", "https://a.example/", {"page": "/x"}, None),
        ("http://[", None, {}, None),
        (None, None, {}, None),
    ],
)
def test_addresses(location: str | None, referrer: str | None, found: dict[str, str], click: str | None) -> None:
    assert address_fields(location, referrer) == (found, click)


@pytest.mark.parametrize(
    ("more", "consents"),
    [({}, True), ({"consent": {"categoryPreferences": {"Functional": False}}}, True),
     ({"consent": {"categoryPreferences": {"Analytics": False}}}, False)],
)  # fmt: skip
def test_consent(more: dict[str, Any], consents: bool) -> None:
    assert read(track(context=more)).consent is consents


def test_ids_are_of_the_account_and_of_what_the_sender_says() -> None:
    one = read(track())
    assert one.event_id == read(track(properties={"value": 1})).event_id
    assert one.event_id != read(track(messageId="n")).event_id
    (other,), _ = read_message(track(), 2, NOON)
    assert one.event_id != other.event_id
    without = {"type": "page", "anonymousId": "a"}
    assert read(without).event_id == read({**without, "sentAt": "2026-11-22T00:00:00Z"}).event_id


def test_a_shape_holds_no_value() -> None:
    shape = shape_of(
        {
            "email": "ada@example.com",
            "n": 17,
            "list": [{"phone": "+49"}] * 9,
            "deep": {"a": {"b": {"c": {"d": {"e": 1}}}}},
        }
    )
    assert "ada" not in shape
    assert "+49" not in shape
    assert '"n":"number"' in shape
    assert shape_of(b"\xff") == '"text of 1"'
