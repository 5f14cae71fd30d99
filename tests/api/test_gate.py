"""The door: whatever part answers, the same checks."""

from __future__ import annotations

import httpx
import pytest

from tests.api.serving import Served

EVERY_DOOR = [
    "/",
    "/_dash-layout",
    "/login",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/graphql",
    "/pages/pages.css",
]


def test_the_owner_is_signed_in_without_ceremony(local: Served) -> None:
    with local.client() as client:
        answer = client.get("/anything")
    assert answer.json() == {"path": "/anything", "actor": "user:1", "local": True}


@pytest.mark.parametrize("path", EVERY_DOOR)
@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", "x@127.0.0.1:{port}", ""],
)
def test_another_name_for_this_machine_is_refused(local: Served, path: str, host: str) -> None:
    """DNS rebinding: a page of evil.example whose name now means 127.0.0.1."""
    with local.client() as client:
        answer = client.get(path, headers={"host": host.format(port=local.port)})
    assert answer.status_code == 403 or (host == "" and answer.status_code == 400)


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "LOCALHOST:{port}"])
def test_the_names_of_this_machine_are_answered(local: Served, host: str) -> None:
    with local.client() as client:
        assert client.get("/", headers={"host": host.format(port=local.port)}).status_code == 200


@pytest.mark.parametrize("path", EVERY_DOOR)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "http://localhost:{port}"},  # another site than 127.0.0.1
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
    ],
)
def test_requests_of_other_pages_are_refused(local: Served, path: str, method: str, headers: dict[str, str]) -> None:
    sent = {name: value.format(port=local.port) for name, value in headers.items()}
    with local.client() as client:
        answer = client.request(method, path, headers=sent)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_link_from_another_page_may_be_followed(local: Served) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    with local.client() as client:
        assert client.get("/", headers=headers).status_code == 200
        assert client.post("/", headers=headers).status_code == 403


def test_an_own_page_may_change_things(local: Served) -> None:
    with local.client() as client:
        assert client.post("/", headers={"origin": local.url, "sec-fetch-site": "same-origin"}).status_code == 200


def test_a_stranger_is_asked_to_sign_in(public: Served) -> None:
    with public.client() as client:
        program = client.get("/", headers={"accept": "application/json"})
        page = client.get("/deep/page", headers={"accept": "text/html"})
        query = client.post("/graphql", json={"query": "{ me { name } }"})
    assert (program.status_code, program.json()["error"]["code"]) == (401, "NOT_SIGNED_IN")
    assert program.headers["www-authenticate"] == "Bearer"
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/deep/page")
    assert query.json()["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"


def test_every_answer_carries_what_browsers_heed(local: Served) -> None:
    with local.client() as client:
        answers = [client.get("/"), client.get("/login"), client.get("/", headers={"host": "evil.example"})]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe-eval" not in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "same-origin"


def test_a_sane_request_id_is_honoured(local: Served) -> None:
    with local.client() as client:
        assert client.get("/", headers={"x-request-id": "trace-0042"}).headers["x-request-id"] == "trace-0042"
        made = client.get("/", headers={"x-request-id": "a b\tc" * 40}).headers["x-request-id"]
    assert made.isalnum()


def test_websockets_are_not_served(local: Served) -> None:
    upgrade = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13", "sec-websocket-key": "x"}
    with local.client() as client:
        answer: httpx.Response = client.get("/", headers=upgrade)
    assert answer.status_code != 101
