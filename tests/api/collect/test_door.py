"""The door for events, over HTTP: who may send, what is answered, and what is durable by then."""

from __future__ import annotations

import base64
import gzip
import json
import uuid
from typing import Any

import httpx
import pytest

from api.actions.tokens import create_token, revoke_token
from api.collect import keys
from api.identity import Scope
from tests.api.collect.conftest import SHOP, now

DURABLE = "SELECT count(*) AS n FROM landing.streamed_event WHERE name = :name"


def track(name: str, message_id: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "type": "track", "event": name, "messageId": message_id or uuid.uuid4().hex, "anonymousId": "visitor-1",
        "timestamp": now(), **more,
    }  # fmt: skip


def measured(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"client_id": "12.34", "timestamp_micros": 1_795_000_000_000_000, "events": list(events), **more}


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


# --- Ways in --------------------------------------------------------------------------------------------------------


def test_the_measurement_protocol_at_its_own_path(client: httpx.Client, key: str, rows: Any) -> None:
    events = [{"name": "mp_one", "params": {"session_id": "1"}}, {"name": "mp_two"}]
    answer = client.post(f"/mp/collect?measurement_id=G-1&api_secret={key}", json=measured(*events))
    assert (answer.status_code, answer.json()["accepted"]) == (200, 2), answer.text
    assert [rows(DURABLE, name=name)[0].n for name in ("mp_one", "mp_two")] == [1, 1]


@pytest.mark.parametrize("path", ["/collect", "/v1/track", "/v1/t", "/collect/v1/track", "/v1/batch"])
def test_a_segment_call_with_the_key_as_basic_user(client: httpx.Client, key: str, rows: Any, path: str) -> None:
    name = f"call at {path}"
    call = track(name)
    body = {"batch": [call]} if path.endswith("batch") else call
    basic = base64.b64encode(f"{key}:".encode()).decode()
    answer = client.post(path, json=body, headers={"authorization": f"Basic {basic}"})
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1), answer.text
    assert rows(DURABLE, name=name)[0].n == 1


def test_a_browsers_library_writes_its_key_into_the_body(client: httpx.Client, key: str) -> None:
    body = json.dumps({**track("beacon"), "writeKey": key})
    answer = client.post("/v1/t", content=body, headers={"content-type": "text/plain"})
    assert answer.json()["accepted"] == 1


def test_a_packed_body(client: httpx.Client, key: str) -> None:
    packed = gzip.compress(json.dumps({"batch": [track("packed"), track("packed")]}).encode())
    answer = client.post("/v1/batch", content=packed, headers={**bearer(key), "content-encoding": "gzip"})
    assert answer.json()["accepted"] == 2


# --- Once -----------------------------------------------------------------------------------------------------------


def test_a_message_that_comes_again_is_a_repetition(client: httpx.Client, key: str, rows: Any) -> None:
    call = track("again", "message-1")
    first = client.post("/v1/track", json=call, headers=bearer(key)).json()
    second = client.post("/v1/track", json={**call, "timestamp": now()}, headers=bearer(key)).json()
    assert (first["accepted"], first["repeated"]) == (1, 0)
    assert (second["accepted"], second["repeated"], second["success"]) == (0, 1, True)
    assert rows(DURABLE, name="again")[0].n == 1


def test_a_body_of_the_measurement_protocol_that_comes_again(client: httpx.Client, key: str, rows: Any) -> None:
    twice = {"name": "same", "params": {"session_id": "9"}}
    answers = [client.post(f"/mp/collect?api_secret={key}", json=measured(twice, twice)).json() for _ in range(3)]
    assert [(a["accepted"], a["repeated"]) for a in answers] == [(2, 0), (0, 2), (0, 2)]
    assert rows(DURABLE, name="same")[0].n == 2


def test_a_purchase_is_known_by_its_transaction(client: httpx.Client, key: str) -> None:
    def buy(at: int) -> Any:
        bought = {"name": "purchase", "params": {"transaction_id": "T-1", "value": 10, "currency": "EUR"}}
        body = {"client_id": "1.2", "timestamp_micros": at, "events": [bought]}
        return client.post(f"/mp/collect?api_secret={key}", json=body).json()

    assert buy(1_790_000_000_000_000)["accepted"] == 1
    assert buy(1_790_000_009_000_000)["repeated"] == 1


def test_one_message_twice_in_one_batch(client: httpx.Client, key: str) -> None:
    call = track("twice", "message-2")
    answer = client.post("/v1/batch", json={"batch": [call, call]}, headers=bearer(key)).json()
    assert (answer["accepted"], answer["repeated"]) == (1, 1)


# --- Refused --------------------------------------------------------------------------------------------------------


def test_what_cannot_be_taken_is_said_and_kept_without_what_is_personal(
    client: httpx.Client, key: str, rows: Any
) -> None:
    bad = {**track("Order Completed"), "userId": "ada@example.com", "properties": {"revenue": "12,50 Euro"}}
    answer = client.post("/v1/batch", json={"batch": [track("good"), bad]}, headers=bearer(key))
    assert answer.status_code == 200
    said = answer.json()
    assert (said["accepted"], said["refused"]) == (1, 1)
    assert said["refusals"][0]["code"] == "bad_revenue"
    kept = rows("SELECT * FROM landing.refused_event WHERE code = 'bad_revenue'")[0]
    assert kept.name == "Order Completed"
    assert "12,50 Euro" in kept.reason
    assert "ada@example.com" not in str(kept)
    assert json.loads(kept.shape)["userId"] == "text of 15"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{broken", "not_json"),
        (b"[1]", "not_an_object"),
        (b"{}", "unknown_shape"),
        (b'{"client_id": "1.2", "events": []}', "no_events"),
        (b'{"events": [{"name": "x"}]}', "nobody"),
        (b'{"type": "track", "event": "x", "userId": "1", "timestamp": "yesterday"}', "bad_time"),
        (b'{"type": "track", "event": "x", "userId": "1", "timestamp": "2099-01-01T00:00:00Z"}', "in_the_future"),
        (b'{"type": "track", "event": "x", "userId": "1", "timestamp": "1990-01-01T00:00:00Z"}', "too_old"),
        (b'{"type": "track", "userId": "1"}', "no_name"),
        (b'{"type": "group", "userId": "1"}', "not_used"),
        (b'{"type": "track", "event": "Order Completed", "userId": "1"}', "no_order_id"),
        (b'{"type": "track", "event": "Order Refunded", "userId": "1", "properties": {"total": 5}}', "no_order_id"),
        (b'{"client_id": "1.2", "events": [{"name": "refund", "params": {"value": 5}}]}', "no_transaction_id"),
        (
            b'{"client_id": "1", "events": [{"name": "refund", "params": {"transaction_id": "1", "items": [{}]}}]}',
            "no_value",
        ),
    ],
)
def test_a_body_of_which_nothing_can_be_taken(client: httpx.Client, key: str, body: bytes, code: str) -> None:
    answer = client.post("/collect", content=body, headers=bearer(key))
    assert answer.status_code == 400
    assert answer.json()["refusals"][0]["code"] == code


def test_text_that_postgresql_does_not_take_costs_its_sender_alone(client: httpx.Client, key: str) -> None:
    odd = track("odd", properties={"url": "https://shop.example.com/a\u0000b?utm_source=\\x\ty"})
    answer = client.post("/v1/track", json=odd, headers=bearer(key))
    assert answer.json()["accepted"] == 1, answer.text


# --- Who may --------------------------------------------------------------------------------------------------------


def test_nobody_sends_without_a_key(client: httpx.Client) -> None:
    for headers in ({}, bearer("cway_unknown"), bearer("something"), {"authorization": "Basic %%%"}):
        answer = client.post("/v1/track", json=track("x"), headers=headers)
        assert answer.status_code == 401
        assert "scope collect" in answer.json()["error"]["remedy"]


def test_a_key_for_events_opens_nothing_else(client: httpx.Client, key: str) -> None:
    for path in ("/graphql", "/export/campaign_daily.csv", "/"):
        assert client.get(path, headers=bearer(key)).status_code == 403
    assert client.post("/graphql", json={"query": "{ me { name } }"}, headers=bearer(key)).status_code == 403


def test_a_token_of_another_scope_sends_no_events(client: httpx.Client, warehouse: Any, owner: Any) -> None:
    made = create_token(warehouse, owner, name="admin", scope=Scope.admin)
    assert client.post("/v1/track", json=track("x"), headers=bearer(made.secret)).status_code == 401


def test_a_revoked_key_ends(
    client: httpx.Client, warehouse: Any, owner: Any, property_key: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "REMEMBERED_SECONDS", 0.0)
    made = create_token(warehouse, owner, name="short", scope=Scope.collect, account_key=property_key)
    assert client.post("/v1/track", json=track("x"), headers=bearer(made.secret)).status_code == 200
    revoke_token(warehouse, owner, token_key=made.token.token_key)
    assert client.post("/v1/track", json=track("x"), headers=bearer(made.secret)).status_code == 401


def test_pages_of_configured_sites_may_send(client: httpx.Client, key: str) -> None:
    asked = client.options("/v1/track", headers={"origin": SHOP, "access-control-request-method": "POST"})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, SHOP)
    sent = client.post(
        "/v1/track", json=track("x"), headers={**bearer(key), "origin": SHOP, "sec-fetch-site": "cross-site"}
    )
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (200, SHOP)


def test_pages_of_other_sites_may_not(client: httpx.Client, key: str) -> None:
    for method in ("POST", "OPTIONS"):
        answer = client.request(
            method, "/v1/track", json=track("x"), headers={**bearer(key), "origin": "https://evil.example"}
        )
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
    assert client.post("/v1/track", json=track("x"), headers={**bearer(key), "host": "evil.example"}).status_code == 403


# --- How much -------------------------------------------------------------------------------------------------------


def test_what_is_too_large(client: httpx.Client, key: str) -> None:
    large = b" " * 1_000_001
    assert client.post("/collect", content=large, headers=bearer(key)).status_code == 413
    bomb = gzip.compress(large)
    assert client.post("/collect", content=bomb, headers={**bearer(key), "content-encoding": "gzip"}).status_code == 413
    many = {"batch": [{"type": "page", "userId": "1"}] * 2_001}
    assert client.post("/v1/batch", json=many, headers=bearer(key)).status_code == 413


def test_only_posts(client: httpx.Client, key: str) -> None:
    assert client.get("/collect", headers=bearer(key)).status_code == 400


def test_metrics_count_events(client: httpx.Client, key: str) -> None:
    client.post("/v1/track", json=track("counted"), headers=bearer(key))
    told = client.get("/metrics").text
    assert 'causeway_stream_events_total{outcome="accepted",source="segment"}' in told
    assert 'causeway_requests_total{method="POST",route="/collect",status="200"}' in told
