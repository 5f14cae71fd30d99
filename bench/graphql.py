"""A hundred campaigns with their KPIs over GraphQL, against a bare FastAPI route.

**What.** ``POST /graphql`` with a query for 100 campaigns, 9 attributes and 13 KPIs each, by the API as
``causeway serve`` runs it: sign-in, origin checks, request log and metrics, the price of the query, the read,
Strawberry, JSON.

**Against what.** A FastAPI application with one route and nothing around it, which makes the same read on behalf of
the same person and returns the same rows and fields through pydantic models declared as the response. It is what
somebody would write who needs exactly this list and nothing else. For information, the same route with the rows kept
in memory is shown as well: it reads nothing at all, so it says what a read of 100 campaigns and all the rest cost.

Both run in processes of their own under uvicorn, with gzip off by the client's wish, and are asked by the same four
connections in turns; the median round counts. The answers are compared before anything is measured.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.types import ASGIApp

from api.app import create_app
from bench.loading import load
from bench.measure import Result, Server
from bench.serving import served
from ml.simulation.exports.campaign_days import write_campaign_days
from warehouse.filters import Filter
from warehouse.local_owner import local_owner
from warehouse.queries import campaigns as queries
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

CAMPAIGNS = 100
ROUNDS, REQUESTS, CONNECTIONS = 3, 60, 4
LEAST = 0.15
LAST_DAY = dt.date(2026, 9, 30)
PERIOD = (LAST_DAY - dt.timedelta(days=27), LAST_DAY)

KPIS = "spend revenue conversions impressions clicks roas roi cpa ctr cpc cpm cvr aov"
QUERY = f"""
query ($from: Date!, $to: Date!) {{
  campaigns(first: 100, filter: {{from: $from, to: $to, compare: NONE}}) {{
    nodes {{
      campaignId name campaignType platform channel accountId accountName currency isFinal
      kpis {{ {KPIS} }}
    }}
  }}
}}
"""

Ask = Callable[[httpx.Client], httpx.Response]


def measure(server: Server, rows: int) -> Iterator[Result]:
    """Requests per second, the one beside the other. ``rows`` campaign-days are loaded."""
    warehouse = server.fresh()
    with tempfile.TemporaryDirectory(prefix="causeway-bench-") as folder:
        path, days = Path(folder) / "campaigns.csv", rows // CAMPAIGNS
        start = LAST_DAY - dt.timedelta(days=days - 1)
        write_campaign_days(path, rows=days * CAMPAIGNS, campaigns=CAMPAIGNS, seed=1, start=start)
        load(warehouse.settings, str(path), days * CAMPAIGNS)
    with served(api, warehouse.settings) as ours, served(bare_api, warehouse.settings) as bare:
        _refuse_different(ours.url, bare.url)
        rounds = [
            (_speed(ours.url, ask_graphql), _speed(bare.url, ask_bare), _speed(bare.url, ask_kept))
            for _ in range(ROUNDS)
        ]
    graphql, rival, kept = (median(speeds) for speeds in zip(*rounds, strict=True))
    what = f"GraphQL, {CAMPAIGNS} campaigns with KPIs"
    yield Result(
        what, f"{graphql:.1f} / s", f"bare FastAPI {rival:.1f} / s",
        f"{graphql / rival:.2f}", f">= {LEAST:g}", graphql / rival >= LEAST,
    )  # fmt: skip
    yield Result(what, f"{graphql:.1f} / s", f"the same from memory {kept:.1f} / s", f"{graphql / kept:.2f}", "", None)


def api(settings: Settings, port: int) -> ASGIApp:
    """The API alone, as ``causeway serve --only api`` would serve it."""
    warehouse = Warehouse.connect(settings, application_name="bench api")
    return create_app(warehouse, parts={"api"}, bind_host="127.0.0.1", port=port)


class KpisOut(BaseModel):
    spend: Decimal | None
    revenue: Decimal | None
    conversions: Decimal | None
    impressions: int | None
    clicks: int | None
    roas: Decimal | None
    roi: Decimal | None
    cpa: Decimal | None
    ctr: Decimal | None
    cpc: Decimal | None
    cpm: Decimal | None
    cvr: Decimal | None
    aov: Decimal | None


class CampaignOut(BaseModel):
    campaign_id: str
    name: str
    campaign_type: str | None
    platform: str
    channel: str
    account_id: str
    account_name: str
    currency: str
    is_final: bool
    kpis: KpisOut


def bare_api(settings: Settings, port: int) -> ASGIApp:
    """The rival."""
    warehouse = Warehouse.connect(settings, application_name=f"bench rival {port}")
    reader = local_owner(warehouse)
    app = FastAPI(openapi_url=None)

    @app.get("/campaigns")
    def read(start: dt.date, end: dt.date) -> list[CampaignOut]:
        with warehouse.reading(reader) as session:
            filter_ = Filter(start=start, end=end, compare="none", currency="USD")
            page = queries.campaigns(session, filter_, order=queries.Order(), limit=CAMPAIGNS)
        return [_out(row) for row in page.rows]

    rows = read(*PERIOD)

    @app.get("/kept")
    def from_memory() -> list[CampaignOut]:
        return [CampaignOut.model_validate(row.model_dump()) for row in rows]

    return app


def _out(row: queries.CampaignKpis) -> CampaignOut:
    return CampaignOut(
        campaign_id=row.campaign_id, name=row.name, campaign_type=row.campaign_type, platform=row.platform,
        channel=row.channel, account_id=row.account_id, account_name=row.account_name, currency="USD",
        is_final=row.is_final, kpis=KpisOut.model_validate(row.kpis()),
    )  # fmt: skip


def ask_graphql(client: httpx.Client) -> httpx.Response:
    variables = {"from": str(PERIOD[0]), "to": str(PERIOD[1])}
    return client.post("/graphql", json={"query": QUERY, "variables": variables})


def ask_bare(client: httpx.Client) -> httpx.Response:
    return client.get("/campaigns", params={"start": str(PERIOD[0]), "end": str(PERIOD[1])})


def ask_kept(client: httpx.Client) -> httpx.Response:
    return client.get("/kept")


def _speed(url: str, ask: Ask) -> float:
    """Requests per second over a fixed number of them."""

    def some(count: int) -> None:
        with _client(url) as client:
            for _ in range(count):
                ask(client).raise_for_status()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(some, [2] * CONNECTIONS))  # warms up
        began = time.perf_counter()
        list(pool.map(some, [REQUESTS // CONNECTIONS] * CONNECTIONS))
        return REQUESTS / (time.perf_counter() - began)


def _client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60, headers={"accept-encoding": "identity"})


def _refuse_different(ours: str, bare: str) -> None:
    with _client(ours) as one, _client(bare) as other:
        answer: dict[str, Any] = ask_graphql(one).raise_for_status().json()
        rows = ask_bare(other).raise_for_status().json()
    nodes = answer["data"]["campaigns"]["nodes"]
    mine = [(n["campaignId"], n["name"], Decimal(n["kpis"]["spend"])) for n in nodes]
    theirs = [(r["campaign_id"], r["name"], Decimal(r["kpis"]["spend"])) for r in rows]
    if len(mine) != CAMPAIGNS or mine != theirs:
        raise RuntimeError("The two do not give the same rows.")
