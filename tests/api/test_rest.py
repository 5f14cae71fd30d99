"""Whatever is sent to the REST routes, the answer is one that their description promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.limits import Buckets, Limits
from tests.api.serving import Served, serving
from warehouse.sessions import Warehouse

MANY = 100_000


@pytest.fixture(scope="module")
def served(warehouse: Warehouse) -> Iterator[Served]:
    endless = {
        name: Buckets(MANY, MANY, name)
        for name in ("strangers", "attempts_by_peer", "attempts_by_email", "graphql_cost", "exports")
    }
    with serving(warehouse, limits=Limits(**endless)) as served:
        yield served


def test_answers_keep_what_the_description_promises(served: Served) -> None:
    """Every operation with whatever its description allows, and with what it does not."""
    described = schemathesis.openapi.from_url(f"{served.url}/openapi.json")
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) > 8
    for operation in operations:
        check(operation.as_strategy(), served)
        if operation.body or list(operation.iter_parameters()):
            check(operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE), served)


def check(cases: st.SearchStrategy[Any], served: Served) -> None:
    @given(case=cases)
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def one(case: Any) -> None:
        response = case.call(base_url=served.url)
        assert response.status_code < 500
        if response.status_code >= 400:
            body = json.loads(response.content)
            assert (body.get("errors") or [body.get("error")])[0]["message"]

    one()


@given(
    body=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda t: json.dumps({"query": t}).encode())),
    path=st.sampled_from(["/graphql", "/login"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_body_breaks_the_server(served: Served, body: bytes, path: str) -> None:
    answer = httpx.post(served.url + path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code < 500


@given(name=st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_path_breaks_the_server(served: Served, name: str) -> None:
    answer = httpx.get(httpx.URL(served.url).copy_with(raw_path=f"/export/{quote(name, safe='')}.csv".encode()))
    assert answer.status_code < 500


def test_the_description_lists_every_route(served: Served) -> None:
    described = set(httpx.get(f"{served.url}/openapi.json").json()["paths"])
    assert described == {
        "/health/live",
        "/health/ready",
        "/metrics",
        "/login",
        "/logout",
        "/graphql",
        "/schema.graphql",
        "/export/{view}.csv",
        "/export/{view}.parquet",
        "/images/{digest}",
    }
