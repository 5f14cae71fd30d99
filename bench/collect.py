"""Events per second over ``/collect``, against a bare insert loop behind an empty FastAPI route.

**What.** ``POST /v1/batch`` with calls in Segment's shape, by the API as ``causeway serve`` runs it: the key, the
limits, every call read and checked, what people are known by hashed, each id once, the counts by the minute, and a
commit before the answer. Settling (sessions, visits, conversions, the sums of today) runs meanwhile in the same
process, as it does in earnest.

**Against what.** A FastAPI application with one route that parses nothing but the JSON, and appends each call's id,
name, time and text to a list; one loop writes the list with psycopg2's ``execute_values`` into a table with the id as
its key, commits, and lets the requests answer. It checks nothing, knows nobody and derives nothing.

Both run in processes of their own under uvicorn and are sent the same bodies by the same connections, in turns; the
median round counts. One call a request is what browsers send, twenty a request what servers send. Every answered
event is counted in the warehouse afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from statistics import median
from typing import Any

import httpx
import orjson
import psycopg2
from fastapi import FastAPI, Request
from psycopg2.extras import execute_values
from sqlalchemy import text
from starlette.types import ASGIApp

from api.actions.accounts import ensure_account
from api.actions.tokens import create_token
from api.app import create_app
from api.auth import owner_identity
from api.identity import Scope
from bench.measure import Result, Server
from bench.serving import served
from warehouse.sessions import Warehouse
from warehouse.settings import Settings
from warehouse.stream.settle import settle

ROUNDS, CONNECTIONS = 3, 32
LEAST = 0.3
_TABLE = "CREATE TABLE public.bare_event (id text PRIMARY KEY, name text, at timestamptz, body text)"


def measure(server: Server, rows: int) -> Iterator[Result]:
    """Events per second, the one beside the other. ``rows`` events are sent in a round of twenty a request."""
    warehouse = server.fresh()
    owner = owner_identity(warehouse)
    account = ensure_account(warehouse, owner, named_="ga4/bench", currency="EUR", time_zone="Europe/Berlin")
    key = create_token(warehouse, owner, name="bench", scope=Scope.collect, account_key=account.account_key).secret
    with warehouse.engine.begin() as connection:
        connection.execute(text(_TABLE))
    sent = 0
    with served(api, warehouse.settings) as ours, served(bare, warehouse.settings) as rival:
        for each, requests in ((1, rows // 10), (20, rows // 20)):
            speeds, waits = [], []
            for _ in range(ROUNDS):
                mine = _bodies(requests, each)
                sent += requests * each
                speed, seconds = asyncio.run(_send(ours.url, mine, each, key))
                other, _ = asyncio.run(_send(rival.url, _bodies(requests, each), each, key))
                speeds.append((speed, other))
                waits += seconds
            collect, loop = (median(s) for s in zip(*speeds, strict=True))
            p99 = sorted(waits)[int(len(waits) * 0.99)] * 1000
            yield Result(
                f"/collect, {each} event{'s' * (each > 1)} a request, p99 {p99:.0f} ms", f"{collect:,.0f} / s",
                f"bare insert loop {loop:,.0f} / s", f"{collect / loop:.2f}", f">= {LEAST:g}", collect / loop >= LEAST,
            )  # fmt: skip
    began = time.perf_counter()
    while settle(warehouse):
        pass
    left = time.perf_counter() - began
    _refuse_losses(warehouse, sent)
    yield Result("settled after the last answer", f"{left:.1f} s", f"{sent:,} events sent", "", "", None)
    warehouse.engine.dispose()


def api(settings: Settings, port: int) -> ASGIApp:
    """The API alone, as ``causeway serve --only api`` would serve it."""
    warehouse = Warehouse.connect(settings, application_name="bench api")
    return create_app(warehouse, parts={"api"}, bind_host="127.0.0.1", port=port)


def bare(settings: Settings, port: int) -> ASGIApp:
    """The rival."""
    waiting: list[tuple[list[tuple[Any, ...]], asyncio.Future[None]]] = []
    wake = asyncio.Event()
    url = (settings.database_url or "").replace("postgresql+psycopg2", "postgresql")

    async def write() -> None:
        connection = psycopg2.connect(url, application_name=f"bench rival {port}")
        while True:
            await wake.wait()
            batch = waiting[:]
            waiting.clear()
            wake.clear()
            await asyncio.to_thread(_insert, connection, [row for rows, _ in batch for row in rows])
            for _, answer in batch:
                answer.set_result(None)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(write())
        yield
        task.cancel()

    app = FastAPI(openapi_url=None, lifespan=lifespan)

    @app.post("/v1/batch")
    async def collect(request: Request) -> dict[str, bool]:
        calls = orjson.loads(await request.body())["batch"]
        rows = [(c["messageId"], c["event"], c["timestamp"], orjson.dumps(c).decode()) for c in calls]
        answer = asyncio.get_running_loop().create_future()
        waiting.append((rows, answer))
        wake.set()
        await answer
        return {"success": True}

    return app


def _insert(connection: Any, rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        execute_values(cursor, "INSERT INTO public.bare_event VALUES %s", rows, page_size=1_000)
    connection.commit()


def _bodies(requests: int, each: int) -> list[bytes]:
    """Calls as a shop's server sends them, of visitors who come back."""
    now = dt.datetime.now(dt.UTC).isoformat()
    return [
        orjson.dumps(
            {
                "batch": [
                    {
                        "type": "track", "event": "Product Viewed", "messageId": uuid.uuid4().hex,
                        "anonymousId": f"visitor-{(request * each + part) // 8}", "timestamp": now,
                        "properties": {"url": "https://shop.example.com/shoes/17?utm_source=google&utm_medium=cpc",
                                       "product_id": "17", "price": 79.9, "currency": "EUR"},
                        "context": {"userAgent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140"},
                    }
                    for part in range(each)
                ]
            }
        )
        for request in range(requests)
    ]  # fmt: skip


async def _send(url: str, bodies: list[bytes], each: int, key: str) -> tuple[float, list[float]]:
    """Events per second, and the seconds that each request waited for its answer."""
    seconds: list[float] = []
    left = iter(bodies)
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    async with httpx.AsyncClient(base_url=url, limits=limits, headers=headers, timeout=60) as client:

        async def sender() -> None:
            for body in left:
                began = time.perf_counter()
                (await client.post("/v1/batch", content=body)).raise_for_status()
                seconds.append(time.perf_counter() - began)

        await client.get("/health/live")
        began = time.perf_counter()
        await asyncio.gather(*(sender() for _ in range(CONNECTIONS)))
        return len(bodies) * each / (time.perf_counter() - began), seconds


def _refuse_losses(warehouse: Warehouse, sent: int) -> None:
    with warehouse.writing() as session:
        there = session.execute(text("SELECT count(*) FROM core.web_event")).scalar_one()
    if there != sent:
        raise RuntimeError(f"{sent:,} events were answered for and {there:,} are there.")
