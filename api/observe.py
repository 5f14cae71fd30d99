"""Around every request: an id, a log line, metrics, headers that browsers heed, and an answer when all else fails."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.refusals import refusal
from api.telemetry import Telemetry
from warehouse import statements
from warehouse.errors import CausewayError
from warehouse.outages import outage_of

_log = structlog.get_logger("causeway.requests")

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = ("/health/", "/assets/", "/_dash-component-suites/", "/pages/", "/metrics")


@dataclass(frozen=True, slots=True)
class Observe:
    """ASGI middleware, the outermost. ``policy`` is the Content-Security-Policy; ``secure`` whether https is spoken."""

    app: ASGIApp
    telemetry: Telemetry
    policy: str
    secure: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = _Request(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)

        async def adorned(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
                self._adorn(MutableHeaders(scope=message), request)
            await send(message)

        with statements.counted() as request.statements:
            try:
                await self.app(scope, receive, adorned)
            except Exception as error:  # the last place where it can be answered and logged
                if request.status:
                    _log.exception("answer broken off", **request.words)
                    self.telemetry.errors.inc()
                    raise
                expected = outage_of(error) or Unexpected(request.id)
                if isinstance(expected, Unexpected):
                    self.telemetry.errors.inc()
                    _log.exception("unexpected failure", **request.words)
                await refusal(expected, path=scope["path"], headers=request.headers)(scope, receive, adorned)
        self._note(request)

    def _adorn(self, headers: MutableHeaders, request: _Request) -> None:
        headers["X-Request-ID"] = request.id
        headers["Server-Timing"] = f'total;dur={request.milliseconds:.1f}, sql;desc="{request.statements.count}"'
        headers.setdefault("Content-Security-Policy", self.policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if self.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"

    def _note(self, request: _Request) -> None:
        route = request.route
        self.telemetry.requests.labels(route, request.method, str(request.status)).inc()
        self.telemetry.seconds.labels(route).observe(request.milliseconds / 1000)
        self.telemetry.statements.labels(route).inc(request.statements.count)
        level = _log.debug if request.scope["path"].startswith(_QUIET) else _log.info
        level("request", status=request.status, sql=request.statements.count, **request.words)


class Unexpected(CausewayError):
    """A failure of the program. The message holds nothing but the id under which it is logged."""

    code = "INTERNAL"

    def __init__(self, error_id: str) -> None:
        super().__init__(
            f"Something went wrong inside Causeway (id {error_id}).", remedy="The log has more under this id."
        )


class _Request:
    """What is noted about one request while it runs."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        given = self.headers.get("x-request-id", "")
        self.id = given if _SANE_ID.fullmatch(given) else secrets.token_hex(8)
        self.method = scope["method"] if scope["method"] in _METHODS else "other"
        self.status = 0
        self.statements = statements.Statements()
        self._begun = time.perf_counter()

    @property
    def milliseconds(self) -> float:
        return (time.perf_counter() - self._begun) * 1000

    @property
    def route(self) -> str:
        """A label with few values: the route's template, never the path as sent."""
        template = getattr(self.scope.get("route"), "path", None)
        if template:
            return str(template)
        path = self.scope["path"]
        return next((known for known in _DASHBOARD if path.startswith(known)), "other")

    @property
    def words(self) -> dict[str, object]:
        identity = self.scope.get("state", {}).get("identity")
        return {
            "method": self.method,
            "path": self.scope["path"],
            "ms": round(self.milliseconds, 1),
            "actor": identity.actor if identity else None,
        }


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_DASHBOARD = ("/_dash-update-component", "/_dash-layout", "/_dash-dependencies", "/_dash-component-suites", "/assets")


def content_policy(script_hashes: Sequence[str]) -> str:
    """The Content-Security-Policy: everything from here; inline scripts only those with the given hashes."""
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *script_hashes)),
            "style-src 'self' 'unsafe-inline'",  # figures and tables set styles on their elements
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
