"""Which names lead here, as a pure question."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.origins import doors_of, is_loopback, parse_address
from warehouse.errors import NotAllowed
from warehouse.settings import Settings


def accepts(
    host: str, origin: str | None = None, *, bind: str = "127.0.0.1", port: int = 8050, **settings: Any
) -> bool:
    headers = {"host": host} | ({} if origin is None else {"origin": origin})
    try:
        doors_of(Settings(**settings), bind_host=bind, port=port).check("GET", headers)
    except NotAllowed:
        return False
    return True


@pytest.mark.parametrize(
    ("host", "more", "expected"),
    [
        ("127.0.0.1:8050", {}, True),
        ("localhost:8050", {}, True),
        ("localhost.:8050", {}, True),
        ("[::1]:8050", {}, True),
        ("127.0.0.1", {}, False),
        ("127.0.0.1", {"port": 80}, True),
        ("127.0.0.2:8050", {}, False),
        ("0.0.0.0:8050", {}, False),
        ("localhost.evil.example:8050", {}, False),
        ("localhost:9999", {"public_url": "http://localhost:9999"}, True),
        ("ads.example", {"public_url": "https://ads.example"}, True),
        ("ads.example:444", {"public_url": "https://ads.example"}, True),
        ("other.example", {"public_url": "https://ads.example"}, False),
        ("web", {"allowed_hosts": ("web",), "bind": "0.0.0.0"}, True),
        ("192.0.2.7:8050", {"bind": "0.0.0.0"}, True),
        ("[2001:db8::1]:8050", {"bind": "::"}, True),
        ("name.example", {"bind": "0.0.0.0"}, False),
        ("192.0.2.7:8050", {"bind": "127.0.0.1"}, False),
        ("2130706433:8050", {}, False),
        ("127.0.0.1:8050/x", {}, False),
        ("user@127.0.0.1:8050", {}, False),
        ("127.0.0.1:8050:1", {}, False),
        ("", {}, False),
    ],
)
def test_names(host: str, more: dict[str, Any], expected: bool) -> None:
    assert accepts(host, **more) is expected


@pytest.mark.parametrize(
    ("host", "origin", "more", "expected"),
    [
        ("127.0.0.1:8050", "http://127.0.0.1:8050", {}, True),
        ("127.0.0.1:8050", "https://127.0.0.1:8050", {}, True),
        ("127.0.0.1:8050", "http://localhost:8050", {}, False),
        ("127.0.0.1:8050", "http://127.0.0.1", {}, False),
        ("127.0.0.1:8050", "null", {}, False),
        ("127.0.0.1:8050", "", {}, False),
        ("127.0.0.1:8050", "file://127.0.0.1:8050", {}, False),
        ("ads.example", "https://ads.example", {"public_url": "https://ads.example"}, True),
        ("ads.example:443", "https://ads.example", {"public_url": "https://ads.example"}, True),
    ],
)
def test_pages(host: str, origin: str, more: dict[str, Any], expected: bool) -> None:
    assert accepts(host, origin, **more) is expected


@given(st.text(max_size=40))
def test_any_host_header_is_answered_or_refused(text: str) -> None:
    parse_address(text)
    accepts(text, text)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("example.org", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
