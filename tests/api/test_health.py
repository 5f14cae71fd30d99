"""Health, metrics and logs: what a server says about itself, and to whom."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine, text

from api.actions.tokens import create_token
from api.auth import owner_identity
from api.identity import Scope
from api.logs import configure_logs
from tests.api.serving import Served, serving
from warehouse.engine import connect_engine
from warehouse.migrate import head_revision
from warehouse.sessions import Warehouse


def test_a_server_is_live_and_ready(public: Served) -> None:
    with public.client() as client:
        assert client.get("/health/live").json() == {"status": "live"}
        assert client.get("/health/ready").json() == {"status": "ready"}


def test_a_server_without_a_warehouse_says_so(warehouse: Warehouse, tmp_path: Any) -> None:
    settings = replace(warehouse.settings, database_url=f"postgresql://nobody@/gone?host={tmp_path}")
    engine = connect_engine(settings)
    with serving(Warehouse(settings, engine), bind_host="0.0.0.0") as served, served.client() as client:
        assert client.get("/health/live").status_code == 200
        here = client.get("/health/ready")
        elsewhere = client.get("/health/ready", headers={"host": "192.0.2.1"})
        refused = client.get("/", headers={"authorization": "Bearer cway_x"})
        metrics = served.app.state.parts.telemetry.exposition().decode()
    assert "causeway_warehouse_up 0" in metrics
    assert here.status_code == elsewhere.status_code == 503
    assert "does not answer" in here.json()["message"]
    assert str(tmp_path) in here.json()["message"], "this machine is told everything"
    assert str(tmp_path) not in elsewhere.json()["message"], "a network is not"
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "WAREHOUSE_UNAVAILABLE")


def test_a_server_at_another_version_says_so(warehouse: Warehouse, engine: Engine, local: Served) -> None:
    with engine.begin() as connection:
        known = connection.execute(text("UPDATE ops.alembic_version SET version_num = '0000' RETURNING 1")).one()
        assert known
    try:
        with local.client() as client:
            answer = client.get("/health/ready")
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE ops.alembic_version SET version_num = :head"), {"head": head_revision()})
    assert answer.status_code == 503
    assert "causeway migrate" in answer.json()["message"]


def test_metrics_are_for_this_machine_and_for_tokens(warehouse: Warehouse, public: Served) -> None:
    made = create_token(warehouse, owner_identity(warehouse), name="prometheus", scope=Scope.read)
    with public.client() as client:
        client.get("/health/live")
        here = client.get("/metrics")
        elsewhere = client.get("/metrics", headers={"host": "192.0.2.1"})
        proxied = client.get("/metrics", headers={"x-forwarded-for": "192.0.2.1"})
        token = client.get("/metrics", headers={"host": "192.0.2.1", "authorization": f"Bearer {made.secret}"})
    assert (here.status_code, elsewhere.status_code, proxied.status_code, token.status_code) == (200, 401, 401, 200)
    assert 'causeway_requests_total{method="GET",route="/health/live",status="200"}' in token.text
    assert "causeway_warehouse_up 1" in token.text


def test_metrics_tell_of_the_data(demo: Warehouse, local: Served) -> None:
    with local.client() as client:
        client.post("/graphql", json={"query": "{ campaigns { totalCount } }"})
        client.get("/some/page/of/the/dashboard?with=words")
        text_ = client.get("/metrics").text
    assert 'causeway_loads{status="loaded"}' in text_
    assert 'causeway_data_age_days{platform="google_ads"}' in text_
    assert 'causeway_sql_statements_total{route="/graphql"}' in text_
    assert "/some/page" not in text_, "labels have few values"


@pytest.fixture
def log_lines(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure_logs(replace(warehouse.settings, log_format="json", log_level="INFO"))
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_request_leaves_one_line(warehouse: Warehouse, log_lines: Any) -> None:
    with serving(warehouse) as served, served.client() as client:
        client.post("/graphql", json={"query": "{ me { name } }"}, headers={"x-request-id": "trace-0001"})
    lines = [line for line in log_lines() if line.get("request_id") == "trace-0001"]
    assert len(lines) == 1
    (line,) = lines
    assert line["event"] == "request"
    assert line["actor"] == "user:1"
    assert line["status"] == 200
    assert line["sql"] >= 1
    assert {"ms", "path", "method", "level", "timestamp"} <= line.keys()


def test_lines_of_a_run_carry_its_number(warehouse: Warehouse, log_lines: Any) -> None:
    with structlog.contextvars.bound_contextvars(run_id=7):
        logging.getLogger("some.library").warning("about %s", "something")
    (line,) = [line for line in log_lines() if "run_id" in line]
    assert line == {"event": "about something", "run_id": 7, "level": "warning", "timestamp": line["timestamp"]}
