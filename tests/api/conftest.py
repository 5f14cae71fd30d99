"""What the tests of the API share: a warehouse on the module's database, and a server with a stand-in dashboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from api.auth import current_identity
from tests.api.serving import Served, serving
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine) -> Warehouse:
    return Warehouse(settings, engine)


def small_dashboard(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """A WSGI application as Dash's is one: it says who is signed in."""
    start_response("200 OK", [("content-type", "application/json")])
    identity = current_identity()
    return [json.dumps({"path": environ["PATH_INFO"], "actor": identity.actor, "local": identity.local}).encode()]


@pytest.fixture(scope="module")
def local(warehouse: Warehouse) -> Iterator[Served]:
    """Served to this machine only."""
    with serving(warehouse, dash_server=small_dashboard) as served:
        yield served


@pytest.fixture(scope="module")
def public(warehouse: Warehouse) -> Iterator[Served]:
    """Served to a network, so that log-in is demanded."""
    with serving(warehouse, bind_host="0.0.0.0", dash_server=small_dashboard) as served:
        yield served


@pytest.fixture
def browser_less(local: Served) -> Iterator[httpx.Client]:
    """A program that talks to the local server."""
    with local.client() as client:
        yield client
