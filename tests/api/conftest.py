"""What the tests of the API share: a warehouse on the module's database, and a server with a stand-in dashboard."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

from api import passwords
from api.auth import current_identity
from tests.api.serving import Served, serving
from tests.made_exports.folder import write_exports
from warehouse.ingest.load import load_paths
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Argon2 with less work, so that the tests spend their time elsewhere."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", quick)
        patch.setattr(passwords, "_NOBODY", quick.hash("nobody"))
        yield


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


@pytest.fixture(scope="module")
def demo(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The module's warehouse with sixty days of an invented advertiser, loaded as any files are."""
    folder = tmp_path_factory.mktemp("exports")
    write_exports(folder, seed=1, end=dt.date(2026, 11, 20), days=60)
    results = load_paths(warehouse, [str(folder)])
    assert sum(r.accepted for r in results) > 3_000
    return warehouse
