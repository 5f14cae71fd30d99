"""Creatives and experiments through the doors: GraphQL, and pictures for those who may see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.actions.tokens import create_token
from api.actions.users import NewGrant, create_user
from api.auth import owner_identity
from api.identity import Role, Scope
from tests.api.serving import Served, serving
from tests.warehouse.test_images import picture
from warehouse.images import ImageStore, described
from warehouse.ingest.load import LoadOptions, load_paths
from warehouse.sessions import Warehouse

DIGEST = described(picture()).digest
CREATIVES = """platform,account_id,creative_id,ad_ids,headline,image,tags,mood
meta_ads,1,c1,7|8,Hello,one.png,a|b,glad
meta_ads,2,c2,9,Goodbye,,,
"""
EXPERIMENTS = """
experiments:
  - {id: button, start: 2026-09-01, stop: 2026-10-01, arms: {control: 0.5, green: 0.5}, metrics: [orders]}
"""
OUTCOMES = "experiment,user_id,arm,date,orders\nbutton,1,control,2026-09-02,3\nbutton,2,green,2026-09-02,4\n"


@pytest.fixture(scope="module")
def loaded(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder: Path = tmp_path_factory.mktemp("files")
    (folder / "one.png").write_bytes(picture())
    (folder / "creatives.csv").write_text(CREATIVES)
    (folder / "experiments.yaml").write_text(EXPERIMENTS)
    (folder / "outcomes.csv").write_text(OUTCOMES)
    results = load_paths(warehouse, [str(folder)], LoadOptions())
    assert [(r.status, r.rejected) for r in results] == [("loaded", 0)] * 3, results
    return warehouse


@pytest.fixture(scope="module")
def client(loaded: Warehouse, local: Served) -> Iterator[httpx.Client]:
    with local.client() as client:
        yield client


def data(client: httpx.Client, query: str, **variables: Any) -> Any:
    found = client.post("/graphql", json={"query": query, "variables": variables}).json()
    assert "errors" not in found, found
    return found["data"]


def test_creatives_are_listed_page_by_page(client: httpx.Client) -> None:
    query = """query ($after: String) { creatives(first: 1, after: $after) {
        nodes { creativeKey creativeId headline adIds tags imagePath details { name value } assets { text } }
        pageInfo { hasNextPage endCursor } } }"""
    first = data(client, query)["creatives"]
    (creative,) = first["nodes"]
    assert {k: creative[k] for k in ("creativeId", "adIds", "tags", "imagePath", "details")} == {
        "creativeId": "c1",
        "adIds": ["7", "8"],
        "tags": ["a", "b"],
        "imagePath": f"/images/{DIGEST}",
        "details": [{"name": "mood", "value": "glad"}],
    }
    second = data(client, query, after=first["pageInfo"]["endCursor"])["creatives"]
    assert ([n["creativeId"] for n in second["nodes"]], second["pageInfo"]["hasNextPage"]) == (["c2"], False)
    one = data(client, "query ($key: Int!) { creative(creativeKey: $key) { headline } }", key=creative["creativeKey"])
    assert one["creative"] == {"headline": "Hello"}


def test_an_experiment_with_arms_and_sums(client: httpx.Client) -> None:
    listed = data(client, "{ experiments { nodes { experimentKey experimentId status unit } } }")["experiments"][
        "nodes"
    ]
    assert [(e["experimentId"], e["status"], e["unit"]) for e in listed] == [("button", "stopped", "user")]
    key = listed[0]["experimentKey"]
    found = data(
        client,
        """query ($key: Int!) {
            experiment(experimentKey: $key) { name }
            experimentArms(experimentKey: $key) { armId share isControl units }
            experimentMetrics(experimentKey: $key) { metric role }
            experimentArmDays(experimentKey: $key) { armId dateDay units exposures }
            experimentOutcomeDays(experimentKey: $key) { armId dateDay units valueSum }
            experimentGeoDays(experimentKey: $key) { geo }
        }""",
        key=key,
    )
    assert found["experimentArms"] == [
        {"armId": "control", "share": "0.5", "isControl": True, "units": 1},
        {"armId": "green", "share": "0.5", "isControl": False, "units": 1},
    ]
    assert found["experimentMetrics"] == [{"metric": "orders", "role": "primary"}]
    assert [(d["armId"], d["dateDay"]) for d in found["experimentArmDays"]] == [("control", None), ("green", None)]
    assert [(d["armId"], d["dateDay"], d["valueSum"]) for d in found["experimentOutcomeDays"]] == [
        ("control", "2026-09-02", "3"),
        ("green", "2026-09-02", "4"),
    ]
    assert found["experimentGeoDays"] == []


def test_cohorts_may_be_asked(client: httpx.Client) -> None:
    assert data(client, "{ cohorts { cohortMonth retained revenue } }") == {"cohorts": []}


def test_a_picture_is_served_as_a_picture_and_nothing_else(client: httpx.Client) -> None:
    answer = client.get(f"/images/{DIGEST}")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, picture(), "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert answer.headers["cache-control"].startswith("private")


@pytest.mark.parametrize("digest", ["0" * 64, "x" * 64, DIGEST.upper(), DIGEST[:-1]])
def test_there_is_no_other_picture(client: httpx.Client, digest: str) -> None:
    assert client.get(f"/images/{digest}").status_code in {400, 404}


def test_a_picture_that_left_the_disk_is_not_found(client: httpx.Client, loaded: Warehouse) -> None:
    place = ImageStore.of(loaded.settings).find(DIGEST)
    place.rename(place.with_suffix(".away"))
    try:
        answer = client.get(f"/images/{DIGEST}")
    finally:
        place.with_suffix(".away").rename(place)
    assert answer.status_code == 404
    assert "NOT_FOUND" in answer.text


def test_pictures_and_creatives_of_other_accounts_are_not_found(loaded: Warehouse) -> None:
    owner = owner_identity(loaded)
    with loaded.reading(owner.reader) as session:
        from warehouse.queries.accounts import find_account

        other = find_account(session, "meta_ads/2")
    person = create_user(loaded, owner, email="b@example.com", name="B", grants=[NewGrant(other, Role.viewer)])
    token = create_token(loaded, owner, name="t", scope=Scope.read, user_key=person.user_key)
    with serving(loaded, bind_host="0.0.0.0") as served, served.client() as client:
        client.headers["authorization"] = f"Bearer {token.secret}"
        assert client.get(f"/images/{DIGEST}").status_code == 404
        listed = data(client, "{ creatives { nodes { creativeId } } experiments { nodes { experimentId } } }")
    assert listed == {"creatives": {"nodes": [{"creativeId": "c2"}]}, "experiments": {"nodes": []}}


def test_who_is_not_signed_in_gets_no_picture(loaded: Warehouse) -> None:
    with serving(loaded, bind_host="0.0.0.0") as served, served.client() as client:
        assert client.get(f"/images/{DIGEST}").status_code in {303, 401}
