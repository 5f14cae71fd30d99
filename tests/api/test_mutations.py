"""Every mutation over HTTP: what it makes is a result, and so is an expected refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import polars as pl
import pytest
from graphql import GraphQLUnionType, get_named_type
from sqlalchemy import Engine, text

from api.schema.root import schema
from tests.api.serving import Served
from tests.warehouse.budget_rows import WEEKS, write_mix_fit
from tests.warehouse.uplift_rows import write_uplift_rows
from warehouse.ingest.digests import identifier_digest
from warehouse.ingest.store.people import PeopleBook
from warehouse.schema.people import IdentifierKind
from warehouse.sessions import Warehouse

# Each mutation in an order in which all of them succeed; {names} are answers of earlier ones.
STEPS: list[tuple[str, str, str]] = [
    ("createUser", '(email: "m@x.org", name: "M", grants: [{role: VIEWER}], idempotencyKey: "k1")', "userKey email"),
    ("grantRole", '(reader: "user:{userKey}", role: MANAGER, accountKey: {accountKey})', "reader grants { role }"),
    ("revokeRole", '(reader: "user:{userKey}", accountKey: {accountKey})', "reader grants { role }"),
    ("createToken", '(name: "t", scope: READ, days: 3, userKey: {userKey})', "secret token { tokenKey scopes }"),
    ("revokeToken", "(tokenKey: {tokenKey})", "revokedAt"),
    ("createBiLogin", '(name: "{login}", accountKeys: [{accountKey}])', "password login { name accountKeys }"),
    ("dropBiLogin", '(name: "{login}")', "name"),
    ("saveView", '(page: "overview", name: "V", query: "from=2026-01-01")', "savedViewKey name"),
    ("renameView", '(savedViewKey: {savedViewKey}, name: "W")', "name"),
    ("deleteView", "(savedViewKey: {savedViewKey})", "name"),
    ("createChannel", '(channel: "radio", name: "Radio")', "channel name"),
    ("renameChannel", '(channel: "radio", name: "Audio")', "name"),
    ("setChannelRule", '(platform: "google_ads", campaignType: "Audio", channel: "radio")', "rules { typeKey }"),
    ("deleteChannelRule", '(platform: "google_ads", campaignType: "audio")', "rules { typeKey }"),
    ("mapColumn", '(accountId: "A-1", header: "Umsatz", field: "conversion_value")', "header field"),
    ("forgetColumn", '(accountId: "A-1", header: "Umsatz")', "header"),
    ("allocate", '(input: {fitKey: {fitKey}, goal: EXTRA, amount: "500"})', "spent binding { rule }"),
    ("saveScenario", '(input: {fitKey: {fitKey}, weeks: 1}, name: "July", firstWeek: "2026-07-27")', "scenarioKey"),
    ("approveScenario", "(scenarioKey: {scenarioKey})", "state approvedAt"),
    ("exportScenario", "(scenarioKey: {scenarioKey})", "words sheets { platform text campaigns }"),
    ("scoreScenario", "(scenarioKey: {scenarioKey})", "score { words isKept } scored { channel isKept }"),
    ("archiveScenario", "(scenarioKey: {scenarioKey})", "state"),
    ("editAccount", '(accountKey: {accountKey}, timeZone: "Europe/Berlin")', "timeZone"),
    ("createAdvertiser", '(name: "Shop")', "advertiserKey accounts"),
    ("assignAccount", '(accountKey: {accountKey}, advertiser: "Shop")', "name accounts"),
    ("mergeCustomers", "(one: {email}, other: {user})", "customerKey"),
    ("splitCustomer", "(one: {email}, other: {user})", "customerKey otherKey"),
    ("forgetCustomer", "(one: {email})", "customerKey deleted { table rows }"),
    (
        "createExperiment",
        '(accountKey: {accountKey}, experiment: {experimentId: "button", arms: [{arm: "a"}, {arm: "b"}], metrics: []})',
        "experimentKey status",
    ),
    ("startExperiment", '(experimentKey: {experimentKey}, at: "2026-09-01T00:00:00Z")', "status startsAt"),
    ("stopExperiment", "(experimentKey: {experimentKey})", "status stopsAt"),
    ("decideExperiment", '(experimentKey: {experimentKey}, decision: "Green, for it sold more.")', "decision"),
    ("saveAudience", '(readoutKey: {readoutKey}, name: "Spring", holdout: "0.4")', "audienceKey treat heldOut"),
    ("verifyAudience", "(audienceKey: {audienceKey})", "verification { words isKept }"),
    ("disableUser", "(userKey: {userKey})", "disabledAt"),
    # The last one, for it ends the local default.
    ("setPassword", '(userKey: 1, password: "correct horse battery")', "hasPassword"),
]


@pytest.fixture(scope="module")
def client(warehouse: Warehouse, local: Served) -> Iterator[httpx.Client]:
    with local.client() as client:
        client.get("/health/live")
        yield client


@pytest.fixture(scope="module")
def known(engine: Engine, warehouse: Warehouse) -> Iterator[dict[str, Any]]:
    """What later steps need from earlier ones."""
    with engine.begin() as connection:
        key = connection.execute(
            text(
                """INSERT INTO core.account
                (platform, account_id, name, currency, currency_is_stated, time_zone, time_zone_is_stated)
                VALUES ('google_ads', 'A-1', 'A', 'EUR', false, 'UTC', false) RETURNING account_key"""
            )
        ).scalar_one()
    login = f"bi_m_{str(engine.url.database)[-12:]}"
    with warehouse.writing() as session:
        book = PeopleBook(session, 1, 1)
        book.identify(pl.DataFrame({"email": [identifier_digest("a@example.com", IdentifierKind.email)]}))
        book.identify(pl.DataFrame({"user": [identifier_digest("17", IdentifierKind.user)]}))
        book.settle()
        readout = write_uplift_rows(session)
        fit = write_mix_fit(session, account_key=key)
        write_mix_fit(session, account_key=key, weeks=WEEKS + 1)  # which knows the week of the scenario
    email, user = '{kind: EMAIL, value: "a@example.com"}', '{kind: USER, value: "17"}'
    yield {"accountKey": key, "login": login, "email": email, "user": user, "readoutKey": readout, "fitKey": fit}
    with engine.begin() as connection:
        connection.execute(text(f"DROP ROLE IF EXISTS {login}"))


def mutate(client: httpx.Client, name: str, arguments: str, fields: str) -> dict[str, Any]:
    within = get_named_type(schema._schema.mutation_type.fields[name].type)
    assert isinstance(within, GraphQLUnionType)
    made = next(t.name for t in within.types if t.name != "Failure")
    query = f"mutation {{ {name}{arguments} {{ __typename ... on {made} {{ {fields} }} "
    answer = client.post("/graphql", json={"query": query + "... on Failure { code message remedy } } }"})
    body = answer.json()
    assert "errors" not in body, body
    return body["data"][name]


def test_every_mutation_succeeds(client: httpx.Client, known: dict[str, Any]) -> None:
    for name, arguments, fields in STEPS:
        filled = arguments
        for key, value in known.items():
            filled = filled.replace(f"{{{key}}}", str(value))
        result = mutate(client, name, filled, fields)
        assert result["__typename"] != "Failure", (name, result)
        for found in (result, result.get("token") or {}):
            known.update({k: v for k, v in found.items() if k.endswith("Key")})
    assert {name for name, _, _ in STEPS} == set(schema._schema.mutation_type.fields), "every mutation is tried"


def test_now_everybody_signs_in(client: httpx.Client, known: dict[str, Any]) -> None:
    """After the password of the last step."""
    assert client.post("/graphql", json={"query": "{ me { name } }"}).status_code == 401
