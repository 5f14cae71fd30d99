"""Signing in and out of the dashboard and the API with an address and a password."""

from __future__ import annotations

import html
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import orjson
import structlog
from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

from api.gate import peer_of
from api.limits import LOGIN_BODY, read_body
from api.parts import Parts
from api.refusals import Invalid, status_of, wants_page
from api.threads import in_thread
from warehouse.errors import CausewayError, NotSignedIn

_log = structlog.get_logger("causeway.sign_in")

PAGES = Path(__file__).resolve().parent / "pages"
_PRIVATE = {"cache-control": "no-store"}


def login_routes(parts: Parts) -> APIRouter:
    """The routes ``/login`` and ``/logout``."""
    router = APIRouter(tags=["sign in"])
    authenticator, limits = parts.authenticator, parts.limits

    async def attempt(peer: str, email: str, password: str) -> str:
        limits.attempts_by_peer.require(peer)
        limits.attempts_by_email.require(email)
        try:
            cookie = await in_thread(parts.threads, authenticator.sign_in, email, password)
        except NotSignedIn:
            limits.attempts_by_peer.spend(peer)
            limits.attempts_by_email.spend(email)
            _log.warning("sign-in refused", peer=peer)
            raise
        _log.info("signed in", peer=peer, email=email)
        return cookie

    @router.get("/login", include_in_schema=False)
    async def page() -> HTMLResponse:
        return HTMLResponse(_page(""), headers=_PRIVATE)

    @router.post(
        "/login",
        summary="Begin a session",
        openapi_extra=_BODY,
        responses={401: {"description": "The address or the password is wrong"}},
    )
    async def sign_in(request: Request, next: str = "/") -> Response:  # noqa: A002  # the name in the URL
        headers = request.headers
        try:
            fields = _fields(headers.get("content-type", ""), await read_body(request, LOGIN_BODY))
            cookie = await attempt(peer_of(request.scope), fields["email"].strip().lower(), fields["password"])
        except CausewayError as error:
            if not wants_page(dict(headers)):
                raise
            return HTMLResponse(_page(str(error)), status_code=status_of(error), headers=_PRIVATE)
        answer: Response = (
            RedirectResponse(_own_path(next), status_code=303)
            if wants_page(dict(headers))
            else JSONResponse({"status": "signed in"})
        )
        answer.headers["set-cookie"] = authenticator.cookie(cookie)
        return answer

    @router.post("/logout", summary="End the session of this browser")
    async def sign_out(request: Request) -> Response:
        answer: Response = (
            RedirectResponse("/login", status_code=303)
            if wants_page(dict(request.headers))
            else JSONResponse({"status": "signed out"})
        )
        answer.headers["set-cookie"] = authenticator.cookie("")
        return answer

    return router


def _page(message: str) -> str:
    notice = f'<p class="wrong" role="alert">{html.escape(message)}</p>' if message else ""
    return (PAGES / "login.html").read_text(encoding="utf-8").replace("<!-- message -->", notice)


def _fields(content_type: str, body: bytes) -> dict[str, str]:
    """``email`` and ``password`` from a form or from JSON. Raises :class:`Invalid`."""
    try:
        if content_type.startswith("application/json"):
            given = orjson.loads(body)
        else:
            given = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=10))
        fields = {name: given[name] for name in ("email", "password")}
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("The request has no email and password.", remedy="Send both, as a form or as JSON.") from error
    if not all(isinstance(value, str) for value in fields.values()):
        raise NotSignedIn("The address or the password is wrong.", remedy="Try again.")
    return fields


def _own_path(target: str) -> str:
    """A path of this server to go on to; anything else leads to the start page."""
    parts = urlsplit(target)
    own = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if own and target.isprintable() else "/"


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["email", "password"],
                    "properties": {"email": {"type": "string"}, "password": {"type": "string"}},
                }
            }
        },
    }
}
