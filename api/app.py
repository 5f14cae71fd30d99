"""The server: API and dashboard behind one door, on one port or in two processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Literal, cast
from wsgiref.types import WSGIApplication

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi_typing import WSGIApp
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from api.auth import Authenticator
from api.collect.collector import Collector
from api.collect.door import CollectDoor
from api.collect.keys import Keys
from api.export import export_routes
from api.gate import Gate
from api.graphql import graphql_routes
from api.health import health_routes
from api.images import image_routes
from api.limits import Limits
from api.login import PAGES, login_routes
from api.observe import Observe, content_policy
from api.origins import doors_of
from api.parts import Parts
from api.refusals import Invalid, refusal
from api.telemetry import telemetry_of
from warehouse import statements
from warehouse.errors import CausewayError, NotFound
from warehouse.sessions import Warehouse
from warehouse.stream.settler import Settler

Part = Literal["api", "dashboard"]


def create_app(
    warehouse: Warehouse,
    *,
    parts: AbstractSet[Part],
    bind_host: str,
    port: int,
    dash_server: WSGIApplication | None = None,
    script_hashes: Sequence[str] = (),
    demand_login: bool = False,
    limits: Limits | None = None,
) -> FastAPI:
    """The ASGI application that answers on ``bind_host:port``.

    ``parts`` says what it serves besides signing in and health: the API, the dashboard (``dash_server`` is Dash's
    WSGI application and ``script_hashes`` its ``csp_hashes()``), or both. Who is there is found out once, before
    either of them. ``demand_login`` ends the local default.
    """
    statements.watch(warehouse.engine)
    doors = doors_of(warehouse.settings, bind_host=bind_host, port=port)
    shared = Parts(
        warehouse=warehouse,
        authenticator=Authenticator(warehouse, doors, demand_login),
        limits=limits or Limits(),
        telemetry=telemetry_of(warehouse),
        # As many as there are connections; the dashboard has threads of its own.
        threads=ThreadPoolExecutor(warehouse.settings.pool_size * 2, thread_name_prefix="api"),
    )

    settler = Settler(warehouse)
    collector = Collector(warehouse, warehouse.settings.collect_queue, settler.arrived)
    takes_events = "api" in parts

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if takes_events:
            settler.start()
            collector.start()
        yield
        if takes_events:
            collector.stop()
            settler.stop()
        shared.threads.shutdown(wait=True, cancel_futures=True)

    app = FastAPI(
        title="Causeway",
        version=version("causeway"),
        lifespan=lifespan,
        docs_url=None,  # FastAPI's pages load their scripts from the network
        redoc_url=None,
        openapi_url="/openapi.json" if "api" in parts else None,
    )
    app.state.parts = shared
    _add_handlers(app)
    app.include_router(health_routes(shared))
    app.include_router(login_routes(shared))
    app.mount("/pages", StaticFiles(directory=PAGES), name="pages")
    if "api" in parts:
        app.include_router(graphql_routes(shared))
        app.include_router(export_routes(shared))
        app.include_router(image_routes(shared))
    if "dashboard" in parts and dash_server is not None:
        # Both libraries mean the same by WSGI and ASGI, in types of their own.
        dashboard = WSGIMiddleware(cast("WSGIApp", dash_server), workers=warehouse.settings.pool_size * 2)
        app.mount("/", cast("ASGIApp", dashboard))
    app.add_middleware(Gate, authenticator=shared.authenticator, limits=shared.limits, threads=shared.threads)
    app.add_middleware(GZipMiddleware, minimum_size=2_000, compresslevel=4)
    app.add_middleware(Observe, telemetry=shared.telemetry, policy=content_policy(script_hashes), secure=doors.secure)
    if takes_events:
        app.add_middleware(
            CollectDoor, collector=collector, keys=Keys(warehouse, shared.threads), doors=doors, limits=shared.limits,
            telemetry=shared.telemetry, origins=warehouse.settings.collect_origins,
        )  # fmt: skip
    return app


def _add_handlers(app: FastAPI) -> None:
    """Let every refusal of our own and of the framework leave in one shape."""

    @app.exception_handler(CausewayError)
    async def refused(request: Request, error: CausewayError) -> Response:
        return refusal(error, path=request.url.path, headers=dict(request.headers))

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        words = "; ".join(f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg']}" for e in error.errors())
        return refusal(
            Invalid(f"The request is malformed: {words}."), path=request.url.path, headers=dict(request.headers)
        )

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            ours: CausewayError = NotFound("There is nothing at this address.")
        else:
            ours = Invalid(str(error.detail))
        answer = refusal(ours, path=request.url.path, headers=dict(request.headers))
        answer.status_code = error.status_code
        answer.headers.update(error.headers or {})
        return answer
