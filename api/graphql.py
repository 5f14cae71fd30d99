"""The route ``/graphql``: queries by POST, and for a browser a page in which to write them."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.responses import FileResponse

from api.identity import Identity
from api.limits import GRAPHQL_BODY, read_body
from api.login import PAGES
from api.parts import Parts
from api.refusals import Invalid, wants_page
from api.schema.answer import Question, answer
from api.schema.root import exported
from api.threads import in_thread
from warehouse.errors import NotFound

_RESPONSE = "application/graphql-response+json"


def graphql_routes(parts: Parts) -> APIRouter:
    """The routes ``/graphql`` and ``/schema.graphql``."""
    router = APIRouter(tags=["GraphQL"])
    schema_text = exported()

    @router.get("/graphql", include_in_schema=False)
    async def explorer(request: Request) -> Response:
        if not wants_page(dict(request.headers)):
            raise NotFound("Queries are sent by POST.", remedy='Send {"query": …, "variables": …} as JSON.')
        return FileResponse(PAGES / "graphiql.html", headers={"cache-control": "no-cache"})

    @router.post("/graphql", summary="Ask a GraphQL query", openapi_extra=_BODY)
    async def ask(request: Request) -> Response:
        identity: Identity = request.state.identity
        question = _question(request, await read_body(request, GRAPHQL_BODY))

        def charge(cost: int) -> None:
            if not identity.local:  # the owner can only slow down their own machine
                parts.limits.graphql_cost.take(identity.actor, cost)

        body = await in_thread(parts.threads, _answered, parts, identity, question, charge)
        accepts = request.headers.get("accept", "")
        media_type = _RESPONSE if _RESPONSE in accepts else "application/json"
        # The newer type has statuses of its own: a request that could not be run at all is a bad one.
        status = 400 if media_type == _RESPONSE and b'"data"' not in body[:8] else 200
        return Response(body, status_code=status, media_type=media_type, headers={"cache-control": "no-store"})

    @router.get("/schema.graphql", summary="The schema in GraphQL's own language", response_class=Response)
    async def schema_language() -> Response:
        return Response(schema_text, media_type="text/plain; charset=utf-8")

    return router


def _answered(parts: Parts, identity: Identity, question: Question, charge: Any) -> bytes:
    return orjson.dumps(answer(parts.warehouse, identity, question, charge))


def _question(request: Request, body: bytes) -> Question:
    """The question in a body. Raises :class:`Invalid`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":  # what a form of another page could send is not taken
        raise Invalid("A query must be sent as application/json.", remedy="Set the Content-Type header.")
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The body is not JSON: {error}.") from error
    if not isinstance(given, dict) or not isinstance(given.get("query"), str):
        raise Invalid("The body has no query.", remedy='Send {"query": "…", "variables": {…}}.')
    variables, name = given.get("variables"), given.get("operationName")
    variables = {} if variables is None else variables
    if not isinstance(variables, dict) or not isinstance(name, str | None):
        raise Invalid("variables must be an object, and operationName text.")
    return Question(given["query"], variables, name or None)


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["query"],
                    "properties": {
                        "query": {"type": "string"},
                        "variables": {"type": ["object", "null"]},
                        "operationName": {"type": ["string", "null"]},
                    },
                }
            }
        },
    }
}
