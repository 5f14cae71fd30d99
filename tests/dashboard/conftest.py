"""What the dashboard's tests without a browser share: a small warehouse with known numbers, and views of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from api.auth import acting_as, owner_identity
from api.identity import Identity
from dashboard.app import create_dash
from tests.warehouse.seed import Seed, seed_two_accounts
from warehouse import statements
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine) -> Warehouse:
    statements.watch(engine)
    return Warehouse(settings, engine)


@pytest.fixture(scope="module")
def seed(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Seed:
    """Google in USD and Meta in EUR, 60 days each from 1 June 2026, without exchange rates."""
    return seed_two_accounts(warehouse, tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def owner(warehouse: Warehouse) -> Identity:
    return owner_identity(warehouse)


@pytest.fixture(scope="module")
def client(warehouse: Warehouse) -> FlaskClient:
    return create_dash(warehouse).server.test_client()


@dataclass(frozen=True)
class Answer:
    """What Dash's router answered: the page as JSON text, what of the frame was set, and what it cost."""

    page: str
    frame: dict[str, Any]
    statements: list[str] = field(repr=False)

    def says(self, words: str) -> bool:
        return words in self.page.replace("\u202f", " ")


@pytest.fixture
def view(client: FlaskClient, owner: Identity) -> Callable[..., Answer]:
    """Ask for a page by its address, as the browser does, on somebody's behalf."""

    def ask(path: str = "/", search: str = "", identity: Identity | None = None) -> Answer:
        outputs = [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}]
        body = {
            "output": ".._pages_content.children..._pages_store.data..",
            "outputs": outputs,
            "inputs": [
                {"id": "_pages_location", "property": "pathname", "value": path},
                {"id": "_pages_location", "property": "search", "value": search},
            ],
            "changedPropIds": ["_pages_location.pathname"],
        }
        with acting_as(identity or owner), statements.counted() as counted:
            answer = client.post("/_dash-update-component", json=body)
        assert answer.status_code == 200, answer.text
        found = json.loads(answer.text)
        page = json.dumps(found["response"]["_pages_content"]["children"], ensure_ascii=False)
        return Answer(page, found.get("sideUpdate", {}), counted.texts)

    return ask
