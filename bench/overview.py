"""The Overview on two years of 2,000 campaigns, against its budget and against twice the history.

**What.** The request with which a browser gets the whole page: signing in locally, the reads, every figure and table,
the JSON, by the server as ``causeway serve`` runs it. Each request asks for another period, so nothing comes out of
the cache. CPU is that of the server's process and of PostgreSQL's processes together, averaged over the requests;
statements are all that the request ran, the ones that open the transaction included. Autovacuum is off meanwhile: it
would be counted for the page that happens to be asked for.

**Against what.** A page may take 300 ms and 10 statements. Then as many days again are loaded before the first, and
the same periods are asked for: pages read the touched days and the rollups, so the length of the history may not
matter. A third more is allowed, which is what the clock of CPU time and the rest of the machine blur.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from api.app import create_app
from bench.loading import load
from bench.measure import Result, Server
from bench.serving import Served, served
from dashboard.app import create_dash
from ml.simulation.exports.campaign_days import write_campaign_days
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

CAMPAIGNS = 2_000
VIEWS = 8  # of each period, each of other days
MOST_CPU, MOST_STATEMENTS, MOST_GROWTH = 300.0, 10, 1.33
PERIODS = {"28 days": 28, "one year": 365}
LAST_DAY = dt.date(2026, 9, 30)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one view: CPU in ms and statements."""

    python: float
    postgres: float
    statements: int

    @property
    def cpu(self) -> float:
        return self.python + self.postgres


def measure(server: Server, rows: int) -> Iterator[Result]:
    """Results for ``rows`` campaign-days, and for twice as many."""
    days = max(1, rows // CAMPAIGNS)
    warehouse = server.fresh()
    with tempfile.TemporaryDirectory(prefix="causeway-bench-") as folder, served(dashboard, warehouse.settings) as site:
        costs: list[dict[str, Cost]] = []
        for history in (1, 2):
            path = Path(folder) / f"history_{history}.csv"
            start = LAST_DAY - dt.timedelta(days=history * days - 1)
            write_campaign_days(path, rows=days * CAMPAIGNS, campaigns=CAMPAIGNS, seed=1, start=start)
            load(warehouse.settings, str(path), days * CAMPAIGNS)
            costs.append({name: _cost(server, site, length) for name, length in PERIODS.items()})
            for name, cost in costs[-1].items():
                yield from _budget(f"Overview, {name} of {history * days:,} days", cost)
        for name, cost in costs[0].items():
            after = costs[1][name]
            yield Result(
                f"Overview, {name}, twice the history", f"{after.cpu:.0f} ms CPU", f"{cost.cpu:.0f} ms CPU",
                f"{after.cpu / cost.cpu:.2f}", f"<= {MOST_GROWTH:g}", after.cpu <= MOST_GROWTH * cost.cpu,
            )  # fmt: skip


def dashboard(settings: Settings, port: int) -> ASGIApp:
    """The dashboard alone, as ``causeway serve`` would serve it."""
    warehouse = Warehouse.connect(settings, application_name="bench dashboard")
    pages = create_dash(warehouse)
    return create_app(
        warehouse, parts={"dashboard"}, bind_host="127.0.0.1", port=port, dash_server=pages.server,
        script_hashes=pages.csp_hashes(),
    )  # fmt: skip


def _budget(what: str, cost: Cost) -> Iterator[Result]:
    yield Result(
        what, f"{cost.python:.0f} + {cost.postgres:.0f} ms", f"{MOST_CPU:.0f} ms CPU (Python + PostgreSQL)",
        f"{cost.cpu / MOST_CPU:.2f}", "<= 1", cost.cpu <= MOST_CPU,
    )  # fmt: skip
    yield Result(
        what, f"{cost.statements} statements", f"{MOST_STATEMENTS} statements",
        f"{cost.statements / MOST_STATEMENTS:.2f}", "<= 1", cost.statements <= MOST_STATEMENTS,
    )  # fmt: skip


def _cost(server: Server, site: Served, length: int) -> Cost:
    with httpx.Client(base_url=site.url, timeout=120) as client:
        ask = _page_request(client)
        statements = max(_view(client, ask, length, ago) for ago in range(VIEWS, VIEWS + 2))  # warms up
        python, postgres = site.cpu_seconds(), server.cpu_seconds()
        for ago in range(VIEWS):
            _view(client, ask, length, ago)
        spent = site.cpu_seconds() - python, server.cpu_seconds() - postgres
    return Cost(spent[0] * 1000 / VIEWS, spent[1] * 1000 / VIEWS, statements)


def _view(client: httpx.Client, ask: dict[str, Any], length: int, ago: int) -> int:
    """Ask for the page of a period that ended so many days ago; the number of SQL statements that it took."""
    end = LAST_DAY - dt.timedelta(days=ago)
    start = end - dt.timedelta(days=length - 1)
    values = {"pathname": "/", "search": f"?from={start}&to={end}"}
    inputs = [{**given, "value": values.get(given["property"])} for given in ask["inputs"]]
    response = client.post("/_dash-update-component", json={**ask, "inputs": inputs})
    response.raise_for_status()
    if "Campaign 1" not in response.text:
        raise RuntimeError(f"The page does not list campaigns: {response.text[:500]}")
    found = re.search(r'sql;desc="(\d+)"', response.headers["server-timing"])
    if found is None:
        raise RuntimeError("The server does not say how many statements it ran.")
    return int(found[1])


def _page_request(client: httpx.Client) -> dict[str, Any]:
    """The body of the request that fetches a page's content, as Dash describes it, without the inputs' values."""
    client.get("/").raise_for_status()
    callbacks = client.get("/_dash-dependencies").raise_for_status().json()
    found = next(c for c in callbacks if "_pages_content" in c["output"])
    outputs = [
        dict(zip(("id", "property"), output.rsplit(".", 1), strict=True))
        for output in found["output"].strip(".").split("...")
    ]
    return {
        "output": found["output"],
        "outputs": outputs,
        "inputs": found["inputs"],
        "changedPropIds": [f"{i['id']}.{i['property']}" for i in found["inputs"]],
        "parsedChangedPropsIds": [f"{i['id']}.{i['property']}" for i in found["inputs"]],
        "state": [],
    }
