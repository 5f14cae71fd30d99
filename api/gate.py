"""The one door: every request, whichever part answers it, passes here and comes out with an identity or a refusal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import Authenticator, acting_as
from api.identity import Identity
from api.limits import LARGEST_BODY, Limits
from api.origins import LOOPBACK_NAMES, is_loopback, parse_address, passed_on
from api.refusals import TooLarge, refusal
from api.threads import in_thread
from warehouse.errors import CausewayError, NotSignedIn

# Answered to whoever asks, as long as they do not ask too often.
_PUBLIC = ("/login", "/logout", "/health/live", "/health/ready")
# Style sheets, fonts and scripts of the API's pages and of the dashboard, which tell nothing.
_STATIC = ("/pages/", "/assets/", "/_dash-component-suites/")
# Answered to nobody in particular when this machine itself asks.
_OPTIONAL = ("/metrics",)


@dataclass(frozen=True, slots=True)
class Gate:
    """ASGI middleware that checks names and origins, slows down strangers, and finds out who is there."""

    app: ASGIApp
    authenticator: Authenticator
    limits: Limits
    threads: ThreadPoolExecutor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            identity = await self._admit(scope, headers)
        except CausewayError as error:
            await refusal(error, path=scope["path"], headers=headers)(scope, receive, send)
            return
        scope.setdefault("state", {})["identity"] = identity
        with acting_as(identity):
            await self._pass_on(scope, receive, send, headers)

    async def _admit(self, scope: Scope, headers: dict[str, str]) -> Identity | None:
        self.authenticator.doors.check(scope["method"], headers)
        path, peer = scope["path"], peer_of(scope)
        if path.startswith(_STATIC):
            return None
        if path in _PUBLIC:
            self.limits.strangers.take(peer)
            return None
        if "authorization" in headers:
            self.limits.attempts_by_peer.require(peer)
        try:
            return await in_thread(self.threads, self.authenticator.identify, scope["method"], headers)
        except NotSignedIn:
            if path in _OPTIONAL and asked_by_this_machine(scope, headers) and "authorization" not in headers:
                return None
            self.limits.strangers.take(peer)
            if "authorization" in headers:
                self.limits.attempts_by_peer.spend(peer)
            raise

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]) -> None:
        """Run the app, but read no more than ``LARGEST_BODY`` for it."""
        read, begun = 0, False

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:
                raise TooLarge("The request is too large.", remedy=f"Send at most {LARGEST_BODY:,} bytes.")
            return message

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, limited, watched)
        except CausewayError as error:
            if begun:
                raise
            await refusal(error, path=scope["path"], headers=headers)(scope, receive, send)


def peer_of(scope: Scope) -> str:
    """The address from which the request comes."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def asked_by_this_machine(scope: Scope, headers: dict[str, str]) -> bool:
    """Whether the peer is this machine and asks for it by its own name, not through a proxy for somebody else."""
    host = parse_address(headers.get("host", ""))
    named_here = host is not None and host.host in LOOPBACK_NAMES
    return is_loopback(peer_of(scope)) and named_here and not passed_on(headers)
