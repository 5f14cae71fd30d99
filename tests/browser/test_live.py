"""The Live page: a first event, what arrives while one looks, what was refused, today on the Overview."""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from api.actions.accounts import ensure_account
from api.actions.tokens import create_token
from api.auth import owner_identity
from api.identity import Scope
from tests.browser.conftest import answer, readable, served, violations
from tests.conftest import watched_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(empty_warehouse: Any) -> Iterator[Any]:
    with served(empty_warehouse) as running:
        yield running


@pytest.fixture(scope="module")
def key(empty_warehouse: Any) -> str:
    """The key of a property."""
    owner = owner_identity(empty_warehouse)
    account = ensure_account(empty_warehouse, owner, named_="ga4/shop", currency="EUR", time_zone="Europe/Berlin")
    made = create_token(empty_warehouse, owner, name="shop", scope=Scope.collect, account_key=account.account_key)
    return made.secret


@pytest.fixture(scope="module")
def send(key: str, site: Any) -> Callable[..., httpx.Response]:
    """Send Segment calls for a property, as a shop's server does."""

    def send(*calls: dict[str, Any]) -> httpx.Response:
        batch = [{"messageId": uuid.uuid4().hex, **call} for call in calls]
        headers = {"authorization": f"Bearer {key}"}
        return httpx.post(f"{site.url}/v1/batch", json={"batch": batch}, headers=headers, timeout=30)

    return send


def page_call(visitor: str = "a") -> dict[str, Any]:
    url = "https://shop.example.com/shoes?utm_source=google&utm_medium=cpc"
    return {"type": "page", "anonymousId": visitor, "properties": {"url": url}}


def test_an_empty_page_says_how_to_send_a_first_event_which_then_appears_by_itself(
    page: Any, visit: Any, site: Any, key: str
) -> None:
    visit("/live")
    assert answer(page) == "Nothing has arrived yet."
    command = page.locator(".cw-command code", has_text="curl").inner_text()
    _, url, _, header, _, body = shlex.split(command)
    assert url.startswith(site.url)
    name, _, value = header.replace("KEY", key).partition(": ")
    assert violations(page) == []
    assert httpx.post(url, content=body, headers={name: value}).json()["accepted"] == 1
    expect(page.locator(".cw-answer")).to_contain_text("1 event in the last hour", timeout=20_000)


def test_what_arrives_and_what_is_refused_shows_while_one_looks(page: Any, visit: Any, send: Any) -> None:
    send(page_call())
    visit("/live")
    order = {"order_id": uuid.uuid4().hex, "revenue": 19.9, "currency": "EUR"}
    said = send(
        page_call("b"),
        {"type": "track", "event": "Order Completed", "anonymousId": "b", "properties": order},
        {"type": "track", "event": "Order Completed", "userId": "ada@example.com", "properties": {"revenue": "a lot"}},
    ).json()
    assert (said["accepted"], said["refused"]) == (2, 1)
    expect(page.locator(".cw-main")).to_contain_text("revenue == 'a lot' is not a number", timeout=20_000)
    expect(page.locator(".cw-main")).to_contain_text("purchase", timeout=20_000)
    expect(page.locator(".cw-tile", has_text="Orders today")).to_contain_text("1", timeout=20_000)
    assert "ada@example.com" not in page.content()


def test_today_moves_on_the_overview_while_one_looks(page: Any, visit: Any, send: Any) -> None:
    visit("/")
    expect(page.locator("#today")).to_contain_text("Today so far", timeout=20_000)
    before = page.locator("#today").inner_text()
    send({"type": "track", "event": "Order Completed", "anonymousId": "c",
          "properties": {"order_id": uuid.uuid4().hex, "revenue": 5, "currency": "EUR"}})  # fmt: skip
    expect(page.locator("#today")).not_to_have_text(before, timeout=20_000)


def test_everybody_can_read_it_at_any_width(browser: Any, site: Any, send: Any) -> None:
    send(*[page_call(str(number)) for number in range(30)], {"type": "track", "userId": "x", "event": ""})
    with watched_page(browser) as page:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(site.url + "/live")
        readable(page, "live")
