"""Is it alive, is it ready, and how is it doing: for people, containers and Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from api.gate import asked_by_this_machine
from api.identity import Identity, Role, Scope
from api.parts import Parts
from api.threads import in_thread
from warehouse.engine import require_server
from warehouse.errors import NotSignedIn, WarehouseUnavailable
from warehouse.migrate import require_head
from warehouse.sessions import Warehouse

_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


def health_routes(parts: Parts) -> APIRouter:
    """The routes ``/health/live``, ``/health/ready`` and ``/metrics``."""
    router = APIRouter(tags=["health"])

    @router.get("/health/live", summary="The process answers")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready", summary="The warehouse answers and has the schema that this program needs")
    async def ready(request: Request) -> JSONResponse:
        wrong = await in_thread(parts.threads, what_is_wrong, parts.warehouse)
        if wrong is None:
            return JSONResponse({"status": "ready"})
        # A server's message may name hosts and databases: only this machine is told.
        trusted = asked_by_this_machine(request.scope, dict(request.headers))
        message = str(wrong) if trusted else "The warehouse does not answer, or is at another schema version."
        return JSONResponse({"status": "not ready", "code": wrong.code, "message": message}, status_code=503)

    @router.get("/metrics", summary="Metrics for Prometheus; asks for a token unless this machine asks")
    async def metrics(request: Request) -> Response:
        identity: Identity | None = request.state.identity
        if identity is not None:
            identity.require(Role.viewer, scope=Scope.read)
        elif not asked_by_this_machine(request.scope, dict(request.headers)):
            raise NotSignedIn("Metrics are not public.", remedy="Send a token.")
        body = await in_thread(parts.threads, parts.telemetry.exposition)
        return Response(body, media_type=_EXPOSITION)

    return router


def what_is_wrong(warehouse: Warehouse) -> WarehouseUnavailable | None:
    """Why the program cannot work with its warehouse, or None when it can."""
    try:
        require_server(warehouse.engine)
        require_head(warehouse.engine)
    except WarehouseUnavailable as error:
        return error
    return None
