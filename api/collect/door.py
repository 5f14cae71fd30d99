"""``/collect``: the door for events, before all others, since it must be cheap and asks for nothing but a key.

It speaks GA4's Measurement Protocol and Segment's HTTP API, at their own paths and below ``/collect``. Names and
origins are checked as at the other door, except for the pages of ``CAUSEWAY_COLLECT_ORIGINS``.
"""

from __future__ import annotations

import datetime as dt
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from api.collect.collector import Collector
from api.collect.keys import Keys, key_in_body, key_in_request
from api.gate import peer_of
from api.limits import Limits
from api.origins import Doors
from api.refusals import Invalid, TooLarge, refusal, status_of
from api.telemetry import Telemetry
from warehouse.errors import CausewayError, NotSignedIn
from warehouse.outages import outage_of
from warehouse.stream.events import Refusal, StreamEvent, Unusable, refused
from warehouse.stream.inbox import Arrived, Receipt
from warehouse.stream.measurement_protocol import SOURCE as GA4
from warehouse.stream.messages import read_message
from warehouse.stream.segment import SOURCE as SEGMENT

LARGEST_BODY: Final = 1_000_000
MOST_EVENTS: Final = 2_000  # of one request
SHOWN_REFUSALS: Final = 20

# The last part of a path -> what the call is. One letter is what libraries for browsers write.
_CALLS: Final = {
    "track": "track", "t": "track", "page": "page", "p": "page", "screen": "screen", "s": "screen",
    "identify": "identify", "i": "identify", "alias": "alias", "a": "alias", "group": "group", "g": "group",
    "batch": "batch", "b": "batch", "import": "batch",
}  # fmt: skip
_PATHS: Final[Mapping[str, str | None]] = {
    "/collect": None,
    "/mp/collect": GA4,
    "/collect/mp": GA4,
    **{f"{before}/v1/{name}": call for name, call in _CALLS.items() for before in ("", "/collect")},
}

_log = structlog.get_logger("causeway.collect")


@dataclass(frozen=True, slots=True)
class CollectDoor:
    """ASGI middleware, the outermost. ``origins`` are the sites whose pages may send events; ``*`` is every site."""

    app: ASGIApp
    collector: Collector
    keys: Keys
    doors: Doors
    limits: Limits
    telemetry: Telemetry
    origins: tuple[str, ...]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in _PATHS:
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        answered: list[tuple[bytes, bytes]] = [_JSON, _NOT_STORED, _AS_IT_IS]
        try:
            answered += self._welcomed(scope["method"], headers)
            if scope["method"] == "OPTIONS":
                status, body = 204, b""
            else:
                status, body = await self._collect(scope, receive, headers)
        except Exception as error:  # noqa: BLE001  # the last place where it can be answered and logged
            status = await self._refuse(error, scope, answered, receive, send)
        else:
            await send({"type": "http.response.start", "status": status, "headers": answered})
            await send({"type": "http.response.body", "body": body})
        self.telemetry.requests.labels("/collect", scope["method"] if scope["method"] in _METHODS else "other",
                                       str(status)).inc()  # fmt: skip
        self.telemetry.seconds.labels("/collect").observe(time.perf_counter() - begun)

    def _welcomed(self, method: str, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        """The headers by which a browser lets a page of a configured site send. Raises :class:`NotAllowed`."""
        origin = headers.get("origin")
        if origin is None or not ("*" in self.origins or origin.lower() in self.origins):
            self.doors.check(method, headers)
            return []
        self.doors.require_host(headers)
        allowed = [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"origin")]
        return [*allowed, *_PREFLIGHT] if method == "OPTIONS" else allowed

    async def _collect(self, scope: Scope, receive: Receive, headers: Mapping[str, str]) -> tuple[int, bytes]:
        if scope["method"] != "POST":
            raise Invalid("Events are sent by POST.", remedy="See docs/streaming.md.")
        self.collector.require_room()  # before the body is read: turning away must cost nothing
        arrived_at = dt.datetime.now(dt.UTC)
        key = key_in_request(headers, scope["query_string"].decode("latin-1"))
        account = None if key is None else await self._account_of(key, scope)
        raw = await _body(receive, headers)
        said: Any = None
        events: list[StreamEvent] = []
        refusals: list[Refusal] = []
        try:
            said = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            refusals.append(_unreadable(raw, error))
        if account is None:
            key = key_in_body(said) if key is None and isinstance(said, dict) else None
            account = await self._account_of(key, scope)
        shape = _PATHS[scope["path"]]
        if not refusals:
            events, refusals = read_message(said, account, arrived_at, shape)
        if len(events) > MOST_EVENTS:
            raise TooLarge(f"The request has {len(events):,} events.", remedy=f"Send at most {MOST_EVENTS:,}.")
        source = _source_of(shape, said)
        receipt = await self.collector.take(Arrived(account, source, arrived_at, events, refusals))
        self._count(source, receipt)
        return _answer(receipt, refusals)

    async def _account_of(self, key: str | None, scope: Scope) -> int:
        peer = peer_of(scope)
        account = None
        if key is not None:
            self.limits.attempts_by_peer.require(peer)
            account = await self.keys.account_of(key)
        if account is None:
            self.limits.strangers.take(peer)
            if key is not None:
                self.limits.attempts_by_peer.spend(peer)
            raise NotSignedIn(
                "The key is missing, unknown, expired or revoked.",
                remedy="Make one with `causeway token create NAME --scope collect --account PLATFORM/ID`.",
            )
        return account

    def _count(self, source: str, receipt: Receipt) -> None:
        for outcome, number in (
            ("accepted", receipt.accepted), ("repeated", receipt.repeated), ("refused", receipt.refused)
        ):  # fmt: skip
            if number:
                self.telemetry.events.labels(source, outcome).inc(number)

    async def _refuse(
        self,
        error: Exception,
        scope: Scope,
        answered: list[tuple[bytes, bytes]],
        receive: Receive,
        send: Send,
    ) -> int:
        expected = error if isinstance(error, CausewayError) else outage_of(error)
        if expected is None:
            self.telemetry.errors.inc()
            _log.exception("unexpected failure", path=scope["path"], exc_info=error)
            expected = _Failed("Something went wrong inside Causeway.", remedy="Send the events again.")
        answer = refusal(expected, path=scope["path"], headers={"accept": "application/json"})
        for name, value in answered:
            if name.startswith(b"access-control") or name == b"vary":
                answer.headers[name.decode()] = value.decode("latin-1")
        if status_of(expected) == 503:
            answer.headers["retry-after"] = "2"
        await answer(scope, receive, send)
        return answer.status_code


class _Failed(CausewayError):
    """A failure of the program."""

    code = "INTERNAL"


_JSON: Final = (b"content-type", b"application/json")
_NOT_STORED: Final = (b"cache-control", b"no-store")
_AS_IT_IS: Final = (b"x-content-type-options", b"nosniff")
_PREFLIGHT: Final = (
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"authorization, content-type"),
    (b"access-control-max-age", b"600"),
)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


async def _body(receive: Receive, headers: Mapping[str, str]) -> bytes:
    """The body, unpacked. Raises :class:`TooLarge` and :class:`Invalid`."""
    stated = headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > LARGEST_BODY:
        raise TooLarge(f"The request has {int(stated):,} bytes.", remedy=f"Send at most {LARGEST_BODY:,}.")
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Invalid("The request was broken off.")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LARGEST_BODY:
            raise TooLarge(f"The request has more than {LARGEST_BODY:,} bytes.", remedy="Send fewer events at once.")
        chunks.append(chunk)
        more = message.get("more_body", False)
    raw = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    return _unpacked(raw) if headers.get("content-encoding", "").lower() == "gzip" else raw


def _unpacked(raw: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        body = unpacking.decompress(raw, LARGEST_BODY + 1)
    except zlib.error as error:
        raise Invalid("The body is no gzip, though its Content-Encoding says so.") from error
    if len(body) > LARGEST_BODY:
        raise TooLarge(f"The body unpacks to more than {LARGEST_BODY:,} bytes.", remedy="Send fewer events at once.")
    return body


def _unreadable(raw: bytes, error: orjson.JSONDecodeError) -> Refusal:
    return refused(raw, Unusable("not_json", f"The body is no JSON: {error.msg} at character {error.pos}."))


def _source_of(shape: str | None, said: Any) -> str:
    if shape is None:
        return GA4 if isinstance(said, dict) and "events" in said else SEGMENT
    return GA4 if shape == GA4 else SEGMENT


def _answer(receipt: Receipt, refusals: list[Refusal]) -> tuple[int, bytes]:
    """200 when anything was taken or known; 400 when all of it was refused, each with its reason."""
    told = [{"name": r.name, "code": r.code, "reason": r.reason} for r in refusals[:SHOWN_REFUSALS]]
    taken = receipt.accepted + receipt.repeated > 0
    body = {
        "success": taken, "accepted": receipt.accepted, "repeated": receipt.repeated, "refused": receipt.refused,
        "refusals": told,
    }  # fmt: skip
    return (200 if taken else 400), orjson.dumps(body)
