"""How a refusal looks over HTTP: one JSON shape for programs, a page for people, the GraphQL shape at /graphql."""

from __future__ import annotations

import html
from collections.abc import Mapping
from urllib.parse import quote

import orjson
from starlette.responses import HTMLResponse, RedirectResponse, Response

from warehouse.errors import CausewayError


class Invalid(CausewayError):
    """An argument that means nothing or breaks a rule; the message names it."""

    code = "INVALID"


class TooMany(CausewayError):
    """More requests, or more expensive ones, than this door lets through. ``retry_after`` is in seconds."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, remedy=f"Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class TooLarge(CausewayError):
    """A request body beyond what this door reads."""

    code = "TOO_LARGE"


_STATUS = {
    "NOT_SIGNED_IN": 401,
    "NOT_ALLOWED": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "TOO_LARGE": 413,
    "MISSING_RATE": 422,
    "TOO_MANY_REQUESTS": 429,
    "INTERNAL": 500,
    "WAREHOUSE_UNAVAILABLE": 503,
}


def status_of(error: CausewayError) -> int:
    """The HTTP status that says the same; 400 for what the request got wrong."""
    return _STATUS.get(error.code, 400)


def refusal(error: CausewayError, *, path: str, headers: Mapping[str, str]) -> Response:
    """The answer to a request that was refused, in the shape that its sender reads. Header names in small letters."""
    status = status_of(error)
    more = {"cache-control": "no-store"}
    if isinstance(error, TooMany):
        more["retry-after"] = str(error.retry_after)
    if wants_page(headers):
        if status == 401:
            return RedirectResponse(f"/login?next={quote(path, safe='/')}", status_code=303, headers=more)
        return HTMLResponse(_page(error), status_code=status, headers=more)
    if status == 401:
        more["www-authenticate"] = "Bearer"
    body = {"errors": [graphql_error(error)]} if path == "/graphql" else {"error": plain_error(error)}
    return Response(orjson.dumps(body), status_code=status, media_type="application/json", headers=more)


def wants_page(headers: Mapping[str, str]) -> bool:
    """Whether a browser asks for something to show."""
    return "text/html" in headers.get("accept", "")


def plain_error(error: CausewayError) -> dict[str, str]:
    """``code`` for programs, ``message`` and ``remedy`` for people."""
    return {"code": error.code, "message": error.message, "remedy": error.remedy}


def graphql_error(error: CausewayError) -> dict[str, object]:
    """The same as GraphQL writes errors."""
    return {"message": str(error), "extensions": {"code": error.code, "remedy": error.remedy}}


def _page(error: CausewayError) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Causeway</title>'
        '<link rel="icon" href="/pages/icon.svg"><link rel="stylesheet" href="/pages/pages.css">'
        f'<main class="notice"><h1>This cannot be shown</h1><p>{html.escape(error.message)}</p>'
        f"<p>{html.escape(error.remedy)}</p></main></html>"
    )
