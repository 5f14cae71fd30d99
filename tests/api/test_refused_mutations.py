"""An expected refusal of a change is a result with a code, not an error."""

from __future__ import annotations

import pytest

from tests.api.serving import Served

REFUSALS = [
    ('createUser(email: "no address", name: "X")', "INVALID"),
    ('createUser(email: "owner@localhost", name: "X")', "CONFLICT"),
    ('saveView(page: "overview", name: "", query: "")', "INVALID"),
    ("deleteView(savedViewKey: 424242)", "NOT_FOUND"),
    ("revokeToken(tokenKey: 424242)", "NOT_FOUND"),
    ('createToken(name: "x", days: 0)', "INVALID"),
    ('dropBiLogin(name: "postgres")', "NOT_FOUND"),
    ('createBiLogin(name: "pg_x")', "INVALID"),
    ("disableUser(userKey: 1)", "CONFLICT"),
    ('editAccount(accountKey: 424242, name: "x")', "NOT_FOUND"),
    ('renameChannel(channel: "nothing", name: "x")', "NOT_FOUND"),
    ('forgetCustomer(one: {kind: EMAIL, value: "nobody@example.com"})', "NOT_FOUND"),
    ('forgetCustomer(one: {kind: EMAIL, value: "no address"})', "INVALID"),
    ('createAdvertiser(name: "default")', "CONFLICT"),
    ('assignAccount(accountKey: 424242, advertiser: "nobody")', "NOT_FOUND"),
    ('createExperiment(experiment: {experimentId: "x", arms: [], metrics: []})', "INVALID"),
    ("startExperiment(experimentKey: 424242)", "NOT_FOUND"),
    ("stopExperiment(experimentKey: 424242)", "NOT_FOUND"),
    ('decideExperiment(experimentKey: 424242, decision: "Yes.")', "NOT_FOUND"),
    ('decideExperiment(experimentKey: 424242, decision: " ")', "INVALID"),
    ('saveAudience(readoutKey: 424242, name: "x")', "NOT_FOUND"),
    ('saveAudience(readoutKey: 424242, name: " ")', "INVALID"),
    ('saveAudience(readoutKey: 424242, name: "x", holdout: "1")', "INVALID"),
    ('saveAudience(readoutKey: 424242, name: "x", cost: "-1")', "INVALID"),
    ("verifyAudience(audienceKey: 424242)", "NOT_FOUND"),
    ("allocate(input: {fitKey: 424242})", "NOT_FOUND"),
    ('allocate(input: {outcome: "luck"})', "NOT_FOUND"),
    ('saveScenario(input: {}, name: " ")', "INVALID"),
    ('saveScenario(input: {fitKey: 424242}, name: "x")', "NOT_FOUND"),
    ("approveScenario(scenarioKey: 424242)", "NOT_FOUND"),
    ("archiveScenario(scenarioKey: 424242)", "NOT_FOUND"),
    ("scoreScenario(scenarioKey: 424242)", "NOT_FOUND"),
    ("exportScenario(scenarioKey: 424242)", "NOT_FOUND"),
]


@pytest.mark.parametrize(("change", "code"), REFUSALS)
def test_a_refusal_is_a_result(local: Served, change: str, code: str) -> None:
    with local.client() as client:
        client.post("/graphql", json={"query": "{ me { name } }"})
        query = f"mutation {{ {change} {{ ... on Failure {{ code message remedy }} }} }}"
        (result,) = client.post("/graphql", json={"query": query}).json()["data"].values()
    assert result["code"] == code
    assert result["message"]


def test_the_same_key_gives_the_same_answer(local: Served) -> None:
    def save(name: str) -> dict[str, str]:
        query = f"""mutation {{ saveView(page: "overview", name: "{name}", query: "", idempotencyKey: "once") {{
            ... on SavedView {{ savedViewKey }} ... on Failure {{ code }} }} }}"""
        with local.client() as client:
            return client.post("/graphql", json={"query": query}).json()["data"]["saveView"]

    first = save("A")
    assert save("A") == first
    assert save("B") == {"code": "CONFLICT"}
