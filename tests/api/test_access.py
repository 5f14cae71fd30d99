"""Another account's reader asks everything that can be asked, and gets nothing of what is not theirs."""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import pkgutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass, replace
from decimal import Decimal
from typing import Any

import httpx
import pandas as pd
import polars as pl
import psycopg2
import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_leaf_type
from sqlalchemy import Engine, text

from api.actions.bi_logins import create_bi_login
from api.actions.tokens import create_token
from api.actions.users import NewGrant, create_user
from api.auth import owner_identity
from api.identity import Role, Scope
from api.schema.root import schema
from tests.api.serving import serving
from warehouse import queries, runs
from warehouse.access import POLICIES, Reader
from warehouse.changes.attribution import (
    GoalFindings,
    GoalResult,
    StoredAgreement,
    StoredCredit,
    StoredDay,
    StoredPath,
    write_attribution,
)
from warehouse.engine import ReadSession
from warehouse.errors import CausewayError
from warehouse.filters import Filter
from warehouse.marts.build import views
from warehouse.queries import attribution
from warehouse.queries.accounts import find_account
from warehouse.queries.attribution import AttributionRun
from warehouse.queries.attribution_cost import names_of, spend_by
from warehouse.queries.audiences import Audience
from warehouse.queries.budget_inputs import StoredChannel, StoredFit
from warehouse.queries.campaigns import Order, campaigns
from warehouse.queries.path_counts import PATHS, TOUCHES, Window
from warehouse.queries.uplift_inputs import Before
from warehouse.schema.commerce import ConversionKind
from warehouse.sessions import Warehouse

# What everybody may read: nothing in it tells of any account.
PUBLIC_VIEWS = {"calendar", "holiday", "kpi", "fx_rate"}
PERIOD = Filter(dt.date(2026, 10, 1), dt.date(2026, 11, 20), currency="USD")


@pytest.fixture(scope="module", autouse=True)
def credited(demo: Warehouse) -> None:
    """Two attribution runs, whose credits name a campaign."""
    empty = {kind: pl.DataFrame(schema=dict(columns)) for kind, columns in (("paths", PATHS), ("touches", TOUCHES))}
    with demo.reading(owner_identity(demo).reader) as session:
        campaign = campaigns(session, PERIOD, order=Order()).rows[0]
        account = find_account(session, "5550100001")
    given = (1.0, 0.5, 1.5, 10.0, 5.0, 15.0)
    found = GoalFindings(
        GoalResult(ConversionKind.order, "USD", PERIOD.start, PERIOD.end, 30, RUN.built_at, 0.9, 1, 1, 0, 0, 0, 10.0,
                   None, None, None, "words of a run"),
        [StoredCredit("last", "campaign", "paid_search", campaign.campaign_key, None, *given)],
        [StoredDay("last", "touch", PERIOD.end, "paid_search", 1.0, 10.0)],
        [StoredPath(("paid_search",), 1, 0, 10.0, 0, {"last": {"paid_search": 1.0}})],
        [StoredAgreement("last", "model", "last", distance=0.0)],
        empty["paths"],
        empty["touches"],
    )  # fmt: skip
    for _ in range(2):
        with demo.writing() as session:
            run = runs.open_run(session, job="attribution", account_key=account, parameters={}, code_version="1",
                                is_due=True)  # fmt: skip
            write_attribution(session, [found], run_key=run.run_key, advertiser_key=1)
            runs.publish(session, run)


@pytest.fixture(scope="module")
def stranger(demo: Warehouse, engine: Engine) -> Reader:
    """Somebody whose one account has no rows. Every text of the demo is foreign to them."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE causeway_owner"))
        key = connection.execute(
            text(
                """INSERT INTO core.account
                (platform, account_id, name, currency, currency_is_stated, time_zone, time_zone_is_stated)
                VALUES ('x_ads', 'their-own', 'Their own account', 'CHF', true, 'UTC', true) RETURNING account_key"""
            )
        ).scalar_one()
    person = create_user(
        demo, owner_identity(demo), email="other@example.com", name="Other", grants=[NewGrant(key, Role.manager)]
    )
    return Reader(f"user:{person.user_key}", person.name)


@pytest.fixture(scope="module")
def their_client(demo: Warehouse, stranger: Reader) -> Iterator[httpx.Client]:
    made = create_token(
        demo, owner_identity(demo), name="test", scope=Scope.read, user_key=int(stranger.id.removeprefix("user:"))
    )
    with serving(demo, bind_host="0.0.0.0") as served, served.client() as client:
        client.headers["authorization"] = f"Bearer {made.secret}"
        yield client


@pytest.fixture(scope="module")
def foreign_words(demo: Warehouse, engine: Engine) -> set[str]:
    """Names and ids of all that is not the stranger's."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE causeway_owner"))
        found = connection.execute(
            text(
                """SELECT name FROM core.campaign UNION SELECT campaign_id FROM core.campaign
                UNION SELECT name FROM core.account WHERE account_id <> 'their-own'
                UNION SELECT account_id FROM core.account WHERE account_id <> 'their-own'
                UNION SELECT path FROM landing.load"""
            )
        ).scalars()
        # A platform's name stands for an account whose file named none, and is everybody's word too.
        words = {w for w in found if w not in {"tiktok_ads", "shopify", "ga4"}}
    assert len(words) > 100
    return words


def test_the_owner_sees_it_all(demo: Warehouse, foreign_words: set[str]) -> None:
    """So that the other tests look at something."""
    with demo.reading(owner_identity(demo).reader) as session:
        page = campaigns(session, PERIOD, order=Order())
    assert page.total > 40
    assert {row.name for row in page.rows} <= foreign_words


# --- Queries --------------------------------------------------------------------------------------------------------

# What the readers' functions need beyond a session. A new parameter fails the test until it stands here.
WINDOW = Window(1, ConversionKind.order, PERIOD.start, PERIOD.end, "USD")
RUN = AttributionRun(
    run_key=1, advertiser_key=1, advertiser="", goal=ConversionKind.order, first_day=PERIOD.start, last_day=PERIOD.end,
    currency="USD", lookback_days=30, built_at=dt.datetime(2026, 11, 21, tzinfo=dt.UTC), level=0.9, markov_order=1,
    conversions=0, untouched=0, null_paths=0, capped=0, value=None, total=None, total_low=None, total_high=None,
    words="", models=("last",), parameters={}, finished_at=None, is_published=True, has_paths=True,
)  # fmt: skip
AUDIENCE = Audience(
    1, 1, 1, "google_ads", "1", "Spring", 1, "button", "orders", "higher", "b", Decimal(1), Decimal(0), None, "USD",
    0.0, None, Decimal("0.1"), 1, 1, 0, 1.0, 7, dt.datetime(2026, 6, 1, tzinfo=dt.UTC), *[None] * 11,
)  # fmt: skip
FIT = StoredFit(
    1, 1, 1, 1, "revenue", "order", "USD", PERIOD.start, dt.date(2026, 11, 16), 7, "green", 0.9, 100, "",
    (StoredChannel("paid_search", Decimal(100)),),
)  # fmt: skip
ARGUMENTS: dict[str, Any] = {
    "fit": FIT,
    "days": 28,
    "allocation_key": 1,
    "scenario_key": 1,
    "filter_": PERIOD,
    "by": "campaign",
    "first": PERIOD.start,
    "last": PERIOD.end,
    "metric": "orders",
    "counted": "orders",
    "least": 0.0,
    "readout_key": 1,
    "fit_key": 1,
    "outcome": "revenue",
    "country": "US",
    "customer_key": 1,
    "audience_key": 1,
    "audience": AUDIENCE,
    "load_key": 1,
    "load_keys": [1, 2, 3, 4, 5, 6],
    "limit": 100,
    "order": Order(),
    "since": dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
    "sql": "SELECT campaign_name FROM mart.campaign",
    "search": "",
    "after": None,
    "before": Before(1, PERIOD.start, 30, "USD"),
    "watermark": 0,
    "measure": "spend",
    "account_key": 1,
    "run_key": 1,
    "job_key": 1,
    "job": "estimate",
    "named": "5550100001",
    "creative_key": 1,
    "experiment_key": 1,
    "experiment_keys": [1],
    "digest": "0" * 64,
    "goal": ConversionKind.order,
    "currency": "USD",
    "run": RUN,
    "model": "last",
    "grain": "campaign",
    "keys": set(range(1, 50)),
    "kinds": (),
    "advertiser_key": 1,
    "cut_by": "orders",
    "window": WINDOW,
    "touches": ("impression", "click"),
}


def readers() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of ``warehouse.queries`` that reads for somebody."""
    for info in pkgutil.iter_modules(queries.__path__):
        module = importlib.import_module(f"warehouse.queries.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("_") or function.__module__ != module.__name__:
                continue
            first = next(iter(inspect.signature(function).parameters.values()), None)
            if first is not None and "ReadSession" in str(first.annotation):
                yield f"{info.name}.{name}", function


# The taxonomy is everybody's; the others run what their callers write.
ABOUT_NOBODY = {"taxonomy.channels", "amounts.fetch", "copied.copied"}


@pytest.mark.parametrize(("name", "function"), [pytest.param(n, f, id=n) for n, f in readers()])
def test_every_query_shows_strangers_nothing(
    demo: Warehouse, stranger: Reader, foreign_words: set[str], name: str, function: Callable[..., Any]
) -> None:
    if name in ABOUT_NOBODY:
        return
    required = [
        p.name
        for p in list(inspect.signature(function).parameters.values())[1:]
        if p.default is inspect.Parameter.empty and p.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    unknown = set(required) - ARGUMENTS.keys()
    assert not unknown, f"say in ARGUMENTS what {name} is to be asked with"
    with demo.reading(stranger) as session:
        try:
            found = shown(function(session, **{p: ARGUMENTS[p] for p in required}))
        except CausewayError as error:
            found = [str(error)]
    assert not foreign_in(found, foreign_words)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda session: spend_by(session, WINDOW, "campaign"), id="spend"),
        pytest.param(lambda session: names_of(session, "campaign", set(range(1, 50))), id="names"),
    ],
)
def test_what_attribution_rests_on_is_nothing_to_strangers(demo: Warehouse, stranger: Reader, ask) -> None:
    with demo.reading(owner_identity(demo).reader) as session:
        assert ask(session)
    with demo.reading(stranger) as session:
        assert not ask(session)


def test_there_are_credits_to_hide(demo: Warehouse, stranger: Reader, foreign_words: set[str]) -> None:
    for identity, count in ((owner_identity(demo).reader, 1), (stranger, 0)):
        with demo.reading(identity) as session:
            assert len(attribution.published_attribution(session, PERIOD)) == count
            rows = attribution.credited(session, replace(RUN, run_key=2), grain="campaign", models=["last"])
            assert len(rows) == len({row.item for row in rows} & foreign_words) == count


def test_there_are_queries_to_ask() -> None:
    names = {name for name, _ in readers()}
    assert {"overview.totals", "campaigns.campaigns", "loads.loads", "rows.campaign_days", "tables.ask"} <= names


def shown(value: Any) -> list[str]:
    """Everything that a result says, as texts."""
    if isinstance(value, pd.DataFrame):
        return shown(value.to_dict("records"))
    if is_dataclass(value) and not isinstance(value, type) and not hasattr(value, "batches"):
        return shown(asdict(value))
    if hasattr(value, "batches"):
        return shown([list(batch) for batch in value.batches])
    if isinstance(value, dict):
        return [t for pair in value.items() for t in shown(list(pair))]
    if isinstance(value, list | tuple | set):
        return [t for item in value for t in shown(item)]
    return [str(value)]


def foreign_in(texts: list[str], words: set[str]) -> list[str]:
    return sorted({t for t in texts if t in words})


# --- GraphQL --------------------------------------------------------------------------------------------------------

FIELD_ARGUMENTS = {
    "experimentHeadlines": "(experimentKeys: [1])",
    "experimentSize": "(test: {level: 1, effect: 0.1, unitsADay: 100, sd: 1})",
    "campaigns": '(filter: {from: "2026-10-01", to: "2026-11-20"})',
    "campaignDays": '(filter: {from: "2026-10-01", to: "2026-11-20"})',
    "overview": '(filter: {from: "2026-10-01", to: "2026-11-20", currency: "USD"})',
    "breakdown": "(by: CAMPAIGN)",
    "series": "(kpis: [SPEND, CLICKS])",
    "load": "(loadKey: 1)",
    "rejectedRows": {"Query": "(loadKey: 6)", "Load": ""},
    "changesSince": '(since: "2020-01-01T00:00:00Z")',
    "cohorts": "(cohorts: 3, months: 3)",
    "steps": "(steps: 3)",
    "live": "(last: 5)",
    "credits": {"Attribution": "(grain: CAMPAIGN)", "LiveCredits": ""},
    "attributionRuns": "(first: 1)",
    "attributionChanges": "(before: 1, after: 2, model: LAST, goal: ORDER)",
    "days": {"Attribution": "(model: LAST, dated: TOUCH)"},
    "paths": {"Attribution": "(model: LAST)"},
    "transitions": "(order: 1)",
    "flows": "(steps: 3)",
    "whatIf": "(input: {model: LAST, by: [CAMPAIGN]})",
    **dict.fromkeys(("creative", "creativeDays"), "(creativeKey: 1)"),
    **dict.fromkeys(("upliftReadout", "upliftScores"), "(readoutKey: 1)"),
    **dict.fromkeys(("audience", "audienceMembers"), "(audienceKey: 1)"),
    "scenario": "(scenarioKey: 1)",
    "scenarios": "(archived: true, first: 3)",
    "customerUplift": "(customerKey: 1)",
    "upliftReadouts": "(first: 5)",
    "mixFits": "(first: 1, history: true)",
    "mixFit": "(fitKey: 1)",
    "contributions": {"MixFit": "(first: 5)"},
    "curves": {"MixFit": "(first: 5)"},
    **dict.fromkeys(
        (
            "experiment",
            "experimentArms",
            "experimentMetrics",
            "experimentArmDays",
            "experimentOutcomeDays",
            "experimentGeoDays",
            "experimentReadout",
            "experimentPasts",
            "experimentEffectDays",
            "experimentLiftDays",
        ),
        "(experimentKey: 1)",
    ),
}


def selection(type_: GraphQLObjectType, depth: int = 7) -> str:
    """Every field of a type, with arguments where they must be given."""
    if depth == 0:
        return ""
    parts = []
    for name, field in type_.fields.items():
        arguments = FIELD_ARGUMENTS.get(name, "")
        if isinstance(arguments, dict):
            arguments = arguments.get(type_.name, "")
        needed = [a for a, d in field.args.items() if isinstance(d.type, GraphQLNonNull) and a not in arguments]
        needed = [a for a in needed if "default" not in repr(field.args[a].default_value) and a != "first"]
        assert not needed, f"say in FIELD_ARGUMENTS what {type_.name}.{name} is to be asked with: {needed}"
        within = get_named_type(field.type)
        if is_leaf_type(within):
            parts.append(f"{name}{arguments}")
        else:
            inner = selection(within, depth - 1)
            if inner:
                parts.append(f"{name}{arguments} {inner}")
    return "{ " + " ".join(parts) + " }" if parts else ""


QUERY_FIELDS = sorted(schema._schema.query_type.fields)


@pytest.mark.parametrize("field", QUERY_FIELDS)
def test_every_graphql_field_shows_strangers_nothing(
    their_client: httpx.Client, foreign_words: set[str], field: str
) -> None:
    query_type = schema._schema.query_type
    one = GraphQLObjectType("Query", {field: query_type.fields[field]})
    answer = their_client.post("/graphql", json={"query": selection(one)})
    assert answer.status_code == 200
    body = answer.json()
    assert not foreign_in(shown(body), foreign_words), field
    for error in body.get("errors", []):
        assert error["extensions"]["code"] in {"NOT_FOUND", "NOT_ALLOWED", "NOT_ENOUGH_DATA"}, error


@pytest.mark.parametrize("field", ["campaigns", "campaignDays", "loads", "freshness", "findings", "changesSince"])
def test_lists_of_strangers_are_empty(their_client: httpx.Client, field: str) -> None:
    query = {
        "campaigns": "{ campaigns { nodes { name } totalCount } }",
        "campaignDays": "{ campaignDays { nodes { campaignName } } }",
        "loads": "{ loads { nodes { path } } }",
        "freshness": "{ freshness { accountName } }",
        "findings": "{ findings { message } }",
        "changesSince": '{ changesSince(since: "2020-01-01T00:00:00Z") { nodes { campaignName } } }',
    }[field]
    found = their_client.post("/graphql", json={"query": query}).json()["data"][field]
    assert (found if isinstance(found, list) else found["nodes"]) == []


def test_a_stranger_sees_their_own_account(their_client: httpx.Client) -> None:
    found = their_client.post("/graphql", json={"query": "{ accounts { accountId role } }"}).json()
    assert found["data"]["accounts"] == [{"accountId": "their-own", "role": "manager"}]


def test_keys_of_others_in_a_filter_change_nothing(their_client: httpx.Client) -> None:
    query = "{ campaigns(filter: {accounts: [1, 2, 3], campaigns: [1, 2, 3]}) { totalCount } }"
    assert their_client.post("/graphql", json={"query": query}).json()["data"]["campaigns"]["totalCount"] == 0


# --- SQL ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [v.name for v in views()])
def test_every_export_shows_strangers_nothing(their_client: httpx.Client, view: str) -> None:
    their_client.headers["accept"] = "text/csv"
    answer = their_client.get(f"/export/{view}.csv")
    while answer.status_code == 429:  # there are more views than exports at once
        time.sleep(int(answer.headers["retry-after"]))
        answer = their_client.get(f"/export/{view}.csv")
    assert answer.status_code == 200
    rows = answer.text.splitlines()[1:]
    if view == "account":
        assert [r.split(",")[0] for r in rows] == ["their-own"]
    elif view not in PUBLIC_VIEWS:
        assert rows == []


@pytest.fixture(scope="module")
def bi_connection(demo: Warehouse, stranger: Reader, engine: Engine) -> Iterator[Any]:
    """A BI tool's own connection to the database, with the stranger's account."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE causeway_owner"))
        key = connection.execute(
            text("SELECT account_key FROM core.account WHERE account_id = 'their-own'")
        ).scalar_one()
    name = f"bi_{abs(hash(engine.url.database)) % 10**8}"
    made = create_bi_login(demo, owner_identity(demo), name=name, account_keys=[key])
    url = engine.url
    connection = psycopg2.connect(
        host=url.host or url.query.get("host"),
        port=url.port,
        dbname=url.database,
        user=name,
        password=made.password,
    )
    connection.autocommit = True
    yield connection
    connection.close()
    with engine.begin() as administrator:
        administrator.execute(text(f"DROP ROLE {name}"))


@pytest.mark.parametrize("view", [v.name for v in views()])
def test_every_view_shows_another_log_in_nothing(bi_connection: Any, view: str) -> None:
    with bi_connection.cursor() as cursor:
        # A log-in may set what it likes; it stays who it is.
        cursor.execute("SELECT set_config('causeway.reader', 'user:1', false)")
        cursor.execute(f"SELECT count(*) FROM mart.{view}")
        (count,) = cursor.fetchone()
    if view == "account":
        assert count == 1
    elif view not in PUBLIC_VIEWS:
        assert count == 0


@pytest.mark.parametrize("table", [*POLICIES, 'ops."user"', "ops.token", "ops.account_grant", "ops.audit"])
def test_a_log_in_reads_no_table(bi_connection: Any, table: str) -> None:
    with bi_connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(f"SELECT 1 FROM {table}")


@pytest.mark.parametrize("role", ["causeway_app", "causeway_writer", "causeway_owner", "causeway_views"])
def test_a_log_in_becomes_nobody_else(bi_connection: Any, role: str) -> None:
    with bi_connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(f"SET ROLE {role}")


def test_a_reader_of_the_program_reads_no_books(demo: Warehouse, stranger: Reader) -> None:
    with demo.reading(stranger) as session:
        assert isinstance(session, ReadSession)
        with pytest.raises(Exception, match="permission denied"):
            session.execute(text('SELECT * FROM ops."user"'))
