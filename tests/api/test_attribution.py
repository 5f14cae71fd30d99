"""Attribution over GraphQL: the published run, and questions asked otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from api.auth import owner_identity
from api.schema.answer import Question, answer
from ml.demo import ask_for_attribution
from ml.jobs import known_jobs
from ml.worker import work_once
from tests.living_world import load_living_world
from warehouse import statements
from warehouse.sessions import Warehouse

CREDITS = """credits(grain: CAMPAIGN, models: [LAST]) { model channel itemKey item isIncremental conversions low high
    value cost cpa roas }"""


@pytest.fixture(scope="module")
def world(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """People who live, and their orders credited."""
    load_living_world(warehouse, tmp_path_factory.mktemp("world") / "people")
    ask_for_attribution(warehouse)
    assert work_once(warehouse, known_jobs())
    statements.watch(warehouse.engine)
    return warehouse


def ask(world: Warehouse, query: str) -> dict[str, Any]:
    return answer(world, owner_identity(world), Question(query, {}, None))


def data(world: Warehouse, query: str) -> Any:
    found = ask(world, query)
    assert "errors" not in found, found
    return found["data"]


def test_published_credits_sum_and_say_what_they_are(world: Warehouse) -> None:
    found = data(
        world,
        f"""{{ attribution {{ runKey conversions untouched models words isPublished {CREDITS}
        days(model: LAST, dated: TOUCH) {{ dateDay channel conversions value }}
        paths(model: LAST, first: 3) {{ channels conversions credit {{ channel conversions }} }}
        agreement(kinds: ["model"]) {{ model other distance }} }} }}""",
    )["attribution"]
    touched = found["conversions"] - found["untouched"]
    assert sum(row["conversions"] for row in found["credits"]) == pytest.approx(touched)
    assert {row["isIncremental"] for row in found["credits"]} == {False}
    assert sum(row["conversions"] for row in found["days"]) == pytest.approx(touched)
    assert all(path["credit"][0]["channel"] == path["channels"][-1] for path in found["paths"])
    assert len(found["agreement"]) <= 100
    runs = data(world, "{ attributionRuns { runKey isPublished } }")["attributionRuns"]
    assert {"runKey": found["runKey"], "isPublished": True} in runs


def test_questions_are_answered_from_the_run(world: Warehouse) -> None:
    found = data(
        world,
        """{ journeysAtHand { runKey
        whatIf(input: {model: POSITION, firstWeight: 0.5, lastWeight: 0.5, lookbackDays: 20, by: [DEVICE]}) {
            conversions untouched credits { channel item conversions } }
        transitions { source probability } flows(steps: 2) { position journeys } positions { channel only }
        touches { atLeast below conversions } days { atLeast conversions } } }""",
    )["journeysAtHand"]
    assert found["runKey"] is not None
    asked = found["whatIf"]
    assert sum(row["conversions"] for row in asked["credits"]) <= asked["conversions"] - asked["untouched"] + 1e-9
    assert sum(row["conversions"] for row in found["touches"]) == asked["conversions"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("order: 9", "order == 9, must be from 1 to 4"),
        ("model: FRACTIONAL", "takes too long"),
        ('model: LAST, lookbacks: [{channel: "email", days: 3}]', "lookbacks need lookbackDays"),
        ("by: [AD, DEVICE, REGION, DATE]", "more than 3"),
        ('without: "radio"', "no path has the channel"),
    ],
)
def test_what_cannot_be_asked_is_said(world: Warehouse, asked: str, words: str) -> None:
    found = ask(world, f"{{ journeysAtHand {{ whatIf(input: {{ {asked} }}) {{ model }} }} }}")
    assert words in found["errors"][0]["message"]


@pytest.mark.parametrize(
    ("query", "most"),
    [
        (f"{{ attribution {{ {CREDITS} }} }}", 6),
        ("{ journeysAtHand { whatIf(input: {by: [CAMPAIGN]}) { credits { item cost } } positions { only } } }", 10),
        ("{ attributionRuns(first: 100) { runKey } }", 4),
    ],
)
def test_statements_of_a_request(world: Warehouse, query: str, most: int) -> None:
    identity = owner_identity(world)
    with statements.counted() as ran:
        assert "errors" not in answer(world, identity, Question(query, {}, None))
    assert ran.count <= most, ran.texts
