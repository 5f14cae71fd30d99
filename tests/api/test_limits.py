"""Token buckets by a clock that the test turns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import limits
from api.actions.tokens import create_token
from api.auth import owner_identity
from api.identity import Scope
from api.limits import Buckets
from api.refusals import TooMany
from tests.api.serving import Served, serving
from warehouse.sessions import Warehouse


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_refills() -> None:
    clock = Clock()
    buckets = Buckets(3, 0.5, "things", clock)
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(TooMany) as refused:
        buckets.take("a")
    assert refused.value.retry_after == 2
    buckets.take("b")  # another key has a bucket of its own
    clock.now = 1.9
    with pytest.raises(TooMany):
        buckets.take("a")
    clock.now = 2.0
    buckets.take("a")
    clock.now = 1_000.0
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(TooMany):
        buckets.take("a")


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.1, 5)), max_size=40))
def test_no_more_passes_than_was_filled_in(steps: list[tuple[float, float]]) -> None:
    clock = Clock()
    buckets = Buckets(5, 1, "things", clock)
    passed = 0.0
    for wait, cost in steps:
        clock.now += wait
        try:
            buckets.take("a", cost)
        except TooMany:
            continue
        passed += cost
        assert passed <= 5 + clock.now + 1e-6


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 10)
    buckets = Buckets(1, 1, "things", Clock())
    for i in range(100):
        buckets.take(str(i))
    assert len(buckets._levels) == 10


def test_strangers_are_slowed_down(warehouse: Warehouse) -> None:
    few = limits.Limits(strangers=Buckets(3, 0.001, "requests"))
    with serving(warehouse, bind_host="0.0.0.0", limits=few) as served, served.client() as client:
        statuses = [client.get("/").status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]


def test_expensive_queries_are_slowed_down(warehouse: Warehouse, public: Served) -> None:
    made = create_token(warehouse, owner_identity(warehouse), name="greedy", scope=Scope.read)
    few = limits.Limits(graphql_cost=Buckets(3_000, 0.001, "expensive queries"))
    query = {"query": "{ campaigns(first: 100) { nodes { " + "name platform channel currency " * 3 + "} } }"}
    with serving(warehouse, bind_host="0.0.0.0", limits=few) as served, served.client() as client:
        client.headers["authorization"] = f"Bearer {made.secret}"
        answers = [client.post("/graphql", json=query) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 429, 429]
    assert answers[-1].json()["errors"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"
