"""The job from journeys to published credits, on a small advertiser whose people live."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, text

from ml.attribution.changes import changes_between
from ml.attribution.held import Held, held_journeys
from ml.attribution.inputs import Customers, Dimension
from ml.attribution.job import ATTRIBUTION, settle
from ml.attribution.journey_shape import days_before, flows, positions, touches_before, transitions
from ml.attribution.models import Model
from ml.attribution.rules import Lookback
from ml.attribution.what_if import WhatIf, what_if
from ml.worker import work_once
from tests.living_world import load_living_world
from warehouse import job_queue, runs
from warehouse.engine import ReadSession
from warehouse.errors import BadFilter, BadSetting, NotEnoughData, NotFound
from warehouse.filters import Filter
from warehouse.job_queue import JobState
from warehouse.local_owner import local_owner
from warehouse.queries import attribution as queries
from warehouse.queries.attribution import AttributionRun
from warehouse.schema.commerce import ConversionKind
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

MODELS = ["first", "last", "linear", "position", "time_decay", "markov", "shapley", "shapley_ordered"]
EVERYTHING = Filter(dt.date(2000, 1, 1), dt.date(2000, 1, 2))
ASKED = {"models": MODELS, "order": 1, "draws": 60, "lifts": []}


@pytest.fixture(scope="module")
def warehouse(settings: Settings, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(settings, engine)
    load_living_world(warehouse, tmp_path_factory.mktemp("world") / "people")
    return warehouse


@pytest.fixture(scope="module")
def first_run(warehouse: Warehouse) -> int:
    state = run(warehouse, **ASKED)
    assert state.state == "done", state.error
    assert state.run_key is not None
    return state.run_key


@pytest.fixture
def session(warehouse: Warehouse, first_run: int) -> Iterator[ReadSession]:
    with warehouse.reading(local_owner(warehouse)) as session:
        yield session


@pytest.fixture
def published(session: ReadSession) -> AttributionRun:
    (found,) = [run for run in queries.published_attribution(session, EVERYTHING) if run.goal == ConversionKind.order]
    return found


@pytest.fixture
def held(session: ReadSession) -> Held:
    return held_journeys(session, EVERYTHING)


_GRAINS: tuple[tuple[tuple[Dimension, ...], queries.Grain], ...] = (((), "channel"), (("campaign",), "campaign"))
_CUSTOMERS: tuple[Customers, ...] = ("new", "returning")


def run(warehouse: Warehouse, **parameters: Any) -> JobState:
    owner = local_owner(warehouse)
    with warehouse.writing() as session:
        account = session.execute(text("SELECT min(account_key) FROM core.account")).scalar_one()
        key = job_queue.submit(
            session, job="attribution", account_key=account, parameters=settle(parameters), requested_by=owner.id
        )
    assert work_once(warehouse, {"attribution": ATTRIBUTION})
    with warehouse.writing() as session:
        return job_queue.state(session, key)


def ask(session: ReadSession, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(text(sql))]


def test_credits_sum_to_the_conversions_at_every_grain(session: ReadSession, published: AttributionRun) -> None:
    touched = published.conversions - published.untouched
    assert touched > 20
    sums = ask(session, "SELECT model, grain, sum(conversions), sum(value) FROM mart.attribution GROUP BY 1, 2")
    assert {model for model, *_ in sums} >= set(MODELS)
    assert {grain for _, grain, *_ in sums} == set(queries.GRAINS)
    worth = {value for model, _, _, value in sums if model == "last"}
    assert max(worth) - min(worth) < Decimal("0.01")
    for model, _, conversions, value in sums:
        if model != "calibrated":
            assert conversions == pytest.approx(touched)
            assert float(value) == pytest.approx(float(max(worth)))
    by_day = ask(session, "SELECT model, dated, sum(conversions) FROM mart.attribution_daily GROUP BY 1, 2")
    assert len(by_day) == 2 * len(published.models)
    chained = {"markov", "calibrated"}  # credit also channels that no converting journey met, and these have no day
    assert {round(conversions, 6) for model, _, conversions in by_day if model not in chained} == {touched}


def test_journeys_and_credits_tell_the_same(session: ReadSession, published: AttributionRun) -> None:
    days = f"date_day BETWEEN '{published.first_day}' AND '{published.last_day}' AND goal = 'order'"
    found = ask(session, "SELECT sum(conversions), sum(conversions) - sum(touched_conversions), sum(null_paths) "
                         f"FROM mart.journey_daily WHERE {days}")  # fmt: skip
    assert found == [(published.conversions, published.untouched, published.null_paths)]
    last = ask(
        session,
        f"""
        SELECT channel, count(*) FROM (
            SELECT (regexp_split_to_array(path, ' > '))[cardinality(regexp_split_to_array(path, ' > '))] AS channel
            FROM mart.journey WHERE is_converted AND path IS NOT NULL AND {days}) x GROUP BY 1""",
    )
    credit = {row.channel: row.conversions for row in queries.credited(session, published, models=["last"])}
    assert {channel: n for channel, n in credit.items() if n} == pytest.approx(dict(last))


def test_intervals_hold_their_estimates(session: ReadSession, published: AttributionRun) -> None:
    for _, grain in _GRAINS:
        rows = queries.credited(session, published, grain=grain)
        assert all(row.low - 1e-9 <= row.conversions <= row.high + 1e-9 for row in rows if row.conversions > 5)  # type: ignore[operator]  # of a run they are there


def test_costs_stand_beside_credits(session: ReadSession, published: AttributionRun) -> None:
    days = f"date_day BETWEEN '{published.first_day}' AND '{published.last_day}'"
    spent = dict(ask(session, f"SELECT channel, sum(spend) FROM mart.campaign_daily WHERE {days} GROUP BY 1"))
    rows = queries.credited(session, published, models=["last"])
    with_cost = [row for row in rows if row.cost is not None]
    assert len(with_cost) > 2
    for row in with_cost:
        assert row.cost == spent[row.channel]
        if row.conversions:
            assert row.cpa is not None
            assert float(row.cpa) == pytest.approx(float(row.cost) / row.conversions)
        assert row.roas is not None
        assert float(row.roas) == pytest.approx(float(row.value / row.cost))
    assert {row.cost for row in rows if row.channel in {"direct", "organic_search"}} == {None}
    campaigns = queries.credited(session, published, models=["last"], grain="campaign")
    told = sum(row.cost for row in campaigns if row.cost is not None)
    assert 0 < told <= sum(spent.values())
    with pytest.raises(BadFilter, match="grain == 'planet'"):
        queries.credited(session, published, grain="planet")  # type: ignore[arg-type]  # what a page may be given


def test_only_calibrated_credit_is_incremental(session: ReadSession, published: AttributionRun) -> None:
    for view in ("attribution", "attribution_daily", "attribution_path"):
        said = ask(session, f"SELECT DISTINCT model, is_incremental FROM mart.{view}")
        assert {model for model, is_incremental in said if is_incremental} <= {"calibrated"}
        assert not any(is_incremental for model, is_incremental in said if model != "calibrated")
    assert published.words


def test_agreement_has_every_pair_of_models(session: ReadSession, published: AttributionRun) -> None:
    pairs = queries.agreement(session, published, kinds=["model"])
    assert len(pairs) == len(published.models) ** 2
    assert {row.distance for row in pairs if row.model == row.other} == {0.0}
    shaken = {(row.kind, row.model) for row in queries.agreement(session, published, kinds=["sampling", "lookback"])}
    assert {("sampling", "markov"), ("lookback", "linear")} <= shaken


def test_paths_say_what_models_give_on_them(session: ReadSession, published: AttributionRun) -> None:
    paths = queries.credited_paths(session, published, "markov", limit=20)
    assert len(paths) == 20
    assert paths[0].conversions >= paths[1].conversions
    for path in paths:
        assert set(path.credit) == set(path.channels)
        assert sum(path.credit.values()) == pytest.approx(path.conversions, abs=1e-4)
    told = ask(session, "SELECT path, path_conversions, sum(conversions) FROM mart.attribution_path "
                        "WHERE rank = 1 AND model = 'markov' GROUP BY 1, 2")  # fmt: skip
    assert told == [(" > ".join(paths[0].channels), paths[0].conversions, pytest.approx(paths[0].conversions))]


def test_a_what_if_of_the_same_question_is_the_published_answer(
    session: ReadSession, held: Held, published: AttributionRun
) -> None:
    assert held.is_kept
    assert held.run is not None
    assert (held.run.run_key, held.first, held.last) == (published.run_key, published.first_day, published.last_day)
    for name in ("last", "markov", "shapley", "time_decay"):
        for by, grain in _GRAINS:
            live = what_if(session, held, WhatIf(Model(name), by=by))
            stored = queries.credited(session, published, models=[name], grain=grain)
            told = {(row.channel, row.item_key): (row.conversions, row.cost, row.item) for row in stored}
            for row in live.rows:
                conversions, cost, item = told[row.channel, row.item_key]
                assert row.conversions == pytest.approx(conversions)
                assert (row.cost, row.item) == (cost, item)
            assert len(live.rows) == len(told)


def test_another_period_is_read_from_the_journeys_and_adds_up(session: ReadSession, held: Held) -> None:
    middle = held.first + (held.last - held.first) // 2
    days = [(held.first, middle), (middle + dt.timedelta(days=1), held.last)]
    parts = [
        what_if(session, held_journeys(session, EVERYTHING, first=a, last=b), WhatIf(Model("linear"))) for a, b in days
    ]
    whole = what_if(session, held, WhatIf(Model("linear")))
    assert sum(part.conversions for part in parts) == whole.conversions
    for row in whole.rows:
        found = sum(r.conversions for part in parts for r in part.rows if r.channel == row.channel)
        assert found == pytest.approx(row.conversions)
    anew = held_journeys(session, EVERYTHING, first=held.first - dt.timedelta(days=3), last=held.last)
    assert not anew.is_kept
    assert what_if(session, anew, WhatIf(Model("linear"))).conversions >= whole.conversions
    stored = what_if(session, held, WhatIf(Model("time_decay"), by=("device",)))
    again = what_if(session, replace(anew, first=held.first), WhatIf(Model("time_decay"), by=("device",)))
    assert [(r.channel, r.item, round(r.conversions, 6)) for r in stored.rows] == [
        (r.channel, r.item, round(r.conversions, 6)) for r in again.rows
    ]
    with pytest.raises(BadSetting, match="ends"):
        held_journeys(session, EVERYTHING, first=held.last, last=held.first)


def test_segments_sum_to_everybody(session: ReadSession, held: Held) -> None:
    whole = what_if(session, held, WhatIf(Model("shapley")))
    parts = [what_if(session, held, WhatIf(Model("shapley"), customers=who)) for who in _CUSTOMERS]
    assert sum(part.conversions for part in parts) == whole.conversions
    by = {row.channel: row.conversions for row in whole.rows}
    split = {channel: sum(r.conversions for p in parts for r in p.rows if r.channel == channel) for channel in by}
    assert split == pytest.approx(by)
    named = what_if(session, held, WhatIf(Model("shapley"), by=("customer",)))
    new = sum(row.conversions for row in named.rows if row.item == "new")
    assert new == pytest.approx(sum(row.conversions for row in parts[0].rows))


def test_without_a_channel_its_conversions_go_to_the_others(session: ReadSession, held: Held) -> None:
    whole = what_if(session, held, WhatIf(Model("last")))
    largest = whole.rows[0].channel
    left = what_if(session, held, WhatIf(Model("last"), without=largest))
    assert largest not in {row.channel for row in left.rows}
    rest = sum(row.conversions for row in whole.rows if row.channel != largest)
    assert rest <= sum(row.conversions for row in left.rows) < whole.conversions


def test_a_lookback_lets_old_touches_go(session: ReadSession, held: Held) -> None:
    day = what_if(session, held, WhatIf(Model("first", lookback=Lookback(1.0, {}))))
    month = what_if(session, held, WhatIf(Model("first", lookback=Lookback(31.0, {}))))
    whole = what_if(session, held, WhatIf(Model("first")))
    assert [(r.channel, r.conversions) for r in month.rows] == [(r.channel, r.conversions) for r in whole.rows]
    assert {r.channel: r.conversions for r in day.rows} != {r.channel: r.conversions for r in whole.rows}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (WhatIf(Model("markov", lookback=Lookback(7.0, {}))), "markov has no lookback"),
        (WhatIf(Model("fractional")), "takes too long"),
        (WhatIf(Model("last"), without="email", by=("campaign",)), "cannot be split"),
        (WhatIf(Model("last"), without="email", calibrated=True), "without one of them"),
        (WhatIf(Model("last"), by=("moon",)), "cannot be split by 'moon'"),  # type: ignore[arg-type]  # from a page
        (WhatIf(Model("last"), without="radio"), "no path has the channel 'radio'"),
        (WhatIf(Model("last"), worth="glory"), "worth == 'glory'"),  # type: ignore[arg-type]  # from a page
    ],
)
def test_what_cannot_be_asked_is_said(session: ReadSession, held: Held, asked: WhatIf, words: str) -> None:
    with pytest.raises(BadSetting, match=words):
        what_if(session, held, asked)


def test_journeys_have_a_shape(session: ReadSession, held: Held, published: AttributionRun) -> None:
    following = transitions(held)
    for source in {one.source for one in following}:
        assert sum(one.probability for one in following if one.source == source) == pytest.approx(1)
    first = sum(one.journeys for one in flows(held) if one.position == 1)
    assert first == published.conversions - published.untouched + published.null_paths
    by_touches = touches_before(held)
    assert sum(one.conversions for one in by_touches) == published.conversions
    assert by_touches[0].conversions == published.untouched
    assert sum(one.conversions for one in days_before(session, held)) == published.conversions - published.untouched
    single = sum(one.only for one in positions(held))
    assert single == by_touches[1].conversions


def test_a_second_run_is_skipped_published_at_once_and_rolled_back(warehouse: Warehouse, first_run: int) -> None:
    assert run(warehouse, **ASKED).stage == f"Nothing new since run {first_run}, which stays."
    other = run(warehouse, **{**ASKED, "models": ["last", "markov"], "days": 20})
    assert other.state == "done", other.error
    assert other.run_key is not None
    owner = local_owner(warehouse)
    with warehouse.reading(owner) as session:
        (now,) = queries.published_attribution(session, EVERYTHING)
        assert (now.run_key, now.models[:2]) == (other.run_key, ("last", "markov"))
        assert {row[0] for row in ask(session, "SELECT DISTINCT run_key FROM mart.attribution")} == {other.run_key}
        known = {run.run_key: run for run in queries.attribution_runs(session)}
        assert {first_run, other.run_key} <= set(known)
        changes = changes_between(session, known[first_run], known[other.run_key], "markov")
        for change in changes:
            parts = change.volume + change.mix + change.rates + change.model
            assert parts == pytest.approx(change.change, abs=1e-6)
        assert np.sum([change.volume for change in changes]) < 0
        with pytest.raises(NotFound, match="no attribution"):
            queries.attribution_run(session, 10_000, ConversionKind.order)
    with warehouse.writing() as session:
        account = session.execute(text("SELECT min(account_key) FROM core.account")).scalar_one()
        runs.rollback(session, job="attribution", account_key=account, to_run=first_run, actor=owner.id)
    with warehouse.reading(owner) as session:
        assert [run.run_key for run in queries.published_attribution(session, EVERYTHING)] == [first_run]


def test_what_arrives_later_is_in_the_next_run(warehouse: Warehouse, first_run: int) -> None:
    with warehouse.writing() as session:
        session.execute(
            text(
                """INSERT INTO core.conversion (account_key, kind, source_id, at, identifier_key, customer_key, value,
                                                currency, counts, load_key)
                   SELECT account_key, kind, 'later', at + interval '1 second', identifier_key, customer_key, 10,
                          currency, true, load_key
                   FROM core.conversion WHERE counts AND customer_key IS NOT NULL AND kind = 'order'
                   ORDER BY at DESC LIMIT 1"""
            )
        )
        session.execute(
            text(
                """INSERT INTO core.touched_customer (customer_key, advertiser_key, since)
                   SELECT c.customer_key, a.advertiser_key, c.at FROM core.conversion c
                   JOIN core.account a ON a.account_key = c.account_key WHERE c.source_id = 'later'"""
            )
        )
    with warehouse.reading(local_owner(warehouse)) as session:
        before = queries.attribution_run(session, first_run, ConversionKind.order)
    state = run(warehouse, **ASKED)
    assert state.state == "done", state.error
    assert state.run_key is not None
    with warehouse.reading(local_owner(warehouse)) as session:
        after = queries.attribution_run(session, state.run_key, ConversionKind.order)
    assert after.conversions == before.conversions + 1
    assert run(warehouse, **ASKED).stage == f"Nothing new since run {state.run_key}, which stays."


def test_tests_that_are_given_make_credits_incremental(warehouse: Warehouse, first_run: int) -> None:
    with warehouse.reading(local_owner(warehouse)) as session:
        found = queries.attribution_run(session, first_run, ConversionKind.order)
        largest = what_if(session, held_journeys(session, EVERYTHING), WhatIf(Model("markov"))).rows[0]
    days = {"first": found.first_day.isoformat(), "last": found.last_day.isoformat()}
    lift = {"experiment": "mine", "channel": largest.channel, **days, "lift": 0.5 * largest.conversions, "se": 2.0}
    state = run(warehouse, **{**ASKED, "lifts": [lift]})
    assert state.state == "done", state.error
    with warehouse.reading(local_owner(warehouse)) as session:
        (now,) = queries.published_attribution(session, EVERYTHING)
        assert "calibrated" in now.models
        assert now.total is not None
        assert now.baseline == pytest.approx(now.conversions - now.total)
        rows = queries.credited(session, now, models=["calibrated"])
        assert all(row.is_incremental for row in rows)
        assert sum(row.conversions for row in rows) == pytest.approx(now.total)
        verdicts = queries.agreement(session, now, kinds=["experiment"])
        mine = {row.model: row for row in verdicts if row.other == "mine"}
        assert mine["calibrated"].agrees
        live = what_if(session, held_journeys(session, EVERYTHING), WhatIf(Model("markov"), calibrated=True))
        assert live.baseline is not None
        assert live.baseline.estimate == pytest.approx(now.baseline)


def test_a_period_without_touches_is_refused(warehouse: Warehouse, first_run: int) -> None:
    state = run(warehouse, **{**ASKED, "from": "2001-01-01", "to": "2001-01-31"})
    assert state.state == "failed"
    assert "No journey of this period has a touch" in str(state.error)
    with warehouse.reading(local_owner(warehouse)) as session:
        assert queries.published_attribution(session, EVERYTHING) != []
        nobody = Filter(EVERYTHING.start, EVERYTHING.end, accounts=(10_000,))
        with pytest.raises(NotEnoughData, match="There are no journeys"):
            held_journeys(session, nobody)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"model": "last"}, "attribution has no parameter 'model'"),
        ({"models": []}, "models == []"),
        ({"models": ["magic"]}, "must be a list of first"),
        ({"goals": ["fame"]}, "must be a list of order"),
        ({"days": 0}, "days == 0, must be a whole number"),
        ({"order": 9}, "order == 9"),
        ({"level": 1}, "level == 1, must be between 0 and 1"),
        ({"first": 0.7, "last": 0.7}, "at most 1"),
        ({"currency": "dollars"}, "ISO 4217"),
        ({"from": "yesterday"}, "is not a date"),
        ({"lifts": "many"}, "must be a list of tests"),
        ({"lifts": [{"channel": "a"}]}, "is no test"),
        ({"lifts": [{"experiment": "a", "channel": "a", "first": None, "last": None, "lift": 1, "se": 1}]}, "lacks"),
    ],
)
def test_bad_parameters_are_named(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(BadSetting) as refused:
        settle(parameters)
    assert words in str(refused.value)


def test_equal_requests_become_equal_parameters() -> None:
    assert settle({"models": ["last", "first"]}) == settle({"models": ["first", "last"]})
