"""A web property, a key for it, and a server that takes its events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.actions.accounts import ensure_account
from api.actions.tokens import create_token
from api.auth import owner_identity
from api.identity import Identity, Scope
from tests.api.conftest import small_dashboard
from tests.api.serving import Served, serving
from warehouse.sessions import Warehouse

SHOP = "https://shop.example.com"


@pytest.fixture(scope="module")
def owner(warehouse: Warehouse) -> Identity:
    return owner_identity(warehouse)


@pytest.fixture(scope="module")
def property_key(warehouse: Warehouse, owner: Identity) -> int:
    """A property in euros on Berlin's clock."""
    return ensure_account(warehouse, owner, named_="ga4/shop", currency="EUR", time_zone="Europe/Berlin").account_key


@pytest.fixture(scope="module")
def key(warehouse: Warehouse, owner: Identity, property_key: int) -> str:
    """What a sender of that property has."""
    return create_token(warehouse, owner, name="shop", scope=Scope.collect, account_key=property_key).secret


@pytest.fixture(scope="module")
def site(warehouse: Warehouse) -> Iterator[Served]:
    settings = replace(warehouse.settings, collect_origins=(SHOP,), collect_queue=5_000)
    with serving(Warehouse(settings, warehouse.engine), dash_server=small_dashboard) as served:
        yield served


@pytest.fixture
def client(site: Served) -> Iterator[httpx.Client]:
    with site.client() as client:
        yield client


@pytest.fixture
def rows(warehouse: Warehouse) -> Callable[..., list[Any]]:
    """Ask the warehouse as itself."""

    def ask(sql: str, **parameters: Any) -> list[Any]:
        with warehouse.writing() as session:
            return list(session.execute(text(sql), parameters))

    return ask


def now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()
