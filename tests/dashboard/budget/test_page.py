"""Budgets without a browser: the answer on top, what trust withholds, rules in words, scenarios, and GraphQL beside."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from api.actions import budget as actions
from api.actions.budget import Question as Asking
from api.auth import acting_as
from api.identity import Identity, Scope
from api.refusals import Invalid
from api.schema.answer import Question, answer
from dashboard.budget.asked import Asked
from dashboard.budget.rules import KINDS, rule_of_form
from ml.budget.job import BUDGET, settle
from ml.budget.rule_file import rule_of
from ml.worker import work_once
from tests.dashboard.experiments.test_page import REPOSITORY, _names, _queries
from tests.warehouse.budget_rows import FIRST_WEEK, WEEKS, write_mix_fit
from warehouse import job_queue
from warehouse.access import Reader
from warehouse.errors import BadFilter
from warehouse.queries.budget import scenarios


def test_before_any_fit_the_page_says_how_one_comes_in(view, owner) -> None:
    found = view("/budget")
    assert found.says("Not known yet: no mix model says what channels bring.")
    assert found.says("causeway run mix budget --account PLATFORM/ID")


@pytest.fixture(scope="module")
def fit(warehouse, owner, seed) -> int:
    with warehouse.writing() as session:
        key = write_mix_fit(session, account_key=seed.google)
        job = job_queue.submit(
            session,
            job="budget",
            account_key=seed.google,
            parameters=settle({"points": 4}),
            requested_by=owner.reader.id,
        )
    assert work_once(warehouse, {"budget": BUDGET}, job_key=job)
    return key


def change(warehouse, sql: str) -> None:
    with warehouse.writing() as session:
        session.execute(text(sql))


def test_the_answer_is_where_the_next_unit_goes(view, fit) -> None:
    found = view("/budget")
    for words in ("Of $5.00 k a week, give $", "more to paid search", "chance to beat today", "Which rules bind",
                  "Explain this move", "What other budgets would bring", "What knowing more is worth",
                  "Save this plan", "The mix model can be believed."):  # fmt: skip
        assert found.says(words), words


def test_rules_are_words_and_clashes_are_named(view, fit) -> None:
    rules = [{"rule": "locked", "channel": "shopping"}, {"rule": "change", "most": "10%"}]
    found = view("/budget", "?" + urlencode({"rules": json.dumps(rules)}))
    assert found.says("Shopping is locked at what it spends today.")
    assert found.says("shopping stays at 2,000 USD a week: a rule holds it there.")
    clash = [{"rule": "bounds", "channel": "shopping", "low": "3900"},
             {"rule": "bounds", "channel": "paid_social", "low": "3900"}]  # fmt: skip
    refused = view("/budget", "?" + urlencode({"rules": json.dumps(clash)}))
    assert refused.says("No plan keeps these rules together")
    assert refused.says("Any one of these would do")
    assert not refused.says("Save this plan")


def test_a_red_fit_is_shown_and_no_advice(view, warehouse, fit) -> None:
    change(warehouse, "UPDATE results.mix_fit SET status = 'red'")
    change(warehouse, "UPDATE results.mix_finding SET status = 'red'")
    found = view("/budget")
    assert found.says("so what is below is arithmetic and no advice")
    assert found.says("The mix model is not to be trusted, so no plan is proposed. What would make it known:")
    assert found.says("Load more weeks.")
    assert found.says("cw-withheld")
    assert not found.says("chance to beat today")
    change(warehouse, "UPDATE results.mix_fit SET status = 'green'")
    change(warehouse, "UPDATE results.mix_finding SET status = 'green'")


def test_scenarios_stand_side_by_side_and_week_by_week(view, warehouse, owner, fit) -> None:
    first = FIRST_WEEK + dt.timedelta(weeks=WEEKS)
    for name, budget in (("Careful", None), ("Bold", Decimal(7_000))):
        asked = Asking(fit_key=fit, amount=budget, weeks=3)
        actions.save_scenario(warehouse, owner, question=asked, name=name, first_week=first)
    found = view("/budget")
    for words in ("Scenarios side by side", "Careful", "Bold", "Week by week: Bold", "27 Jul 2026", "Approve"):
        assert found.says(words), words
    careful = next(one for one in read_scenarios(warehouse, owner) if one.scenario_name == "Careful")
    assert view("/budget", f"?scenario={careful.scenario_key}").says("Week by week: Careful")
    assert view("/budget", "?scenario=99").says("There is no scenario 99")


def read_scenarios(warehouse, owner):
    with warehouse.reading(owner.reader) as session:
        return scenarios(session)


def test_who_may_not_see_it_does_not_learn_of_it(view, fit) -> None:
    nobody = Identity(Reader("user:999", "N"), 999, "N", "", {}, Scope.admin, local=False)
    found = view("/budget", "", nobody)
    assert found.says("Not known yet: no mix model says what channels bring.")
    assert not found.says("paid search")


def test_graphql_tells_the_same_plan(warehouse, owner, fit) -> None:
    asked = """mutation { allocate(input: {amount: "5000", rules: [{rule: LOCKED, channels: ["shopping"]}]}) {
        ... on BudgetPlan { spent isAdvice beatsToday gain { estimate low high }
            channels { channel proposed shadowPrice { estimate } words } binding { rule shadowPrice } }
        ... on Failure { code message remedy } } }"""
    with acting_as(owner):
        told = answer(warehouse, owner, Question(asked, {}, None))["data"]["allocate"]
        found = actions.allocate(
            warehouse, owner, Asking(amount=Decimal(5_000), rules=({"rule": "locked", "channels": ["shopping"]},))
        ).proposal
    assert told["spent"] == "5000"
    assert told["isAdvice"]
    assert told["gain"]["estimate"] == pytest.approx(found.gain.estimate)
    assert {one["channel"]: Decimal(one["proposed"]) for one in told["channels"]} == {
        line.channel: line.proposed for line in found.lines
    }
    refused = asked.replace('amount: "5000"', 'amount: "-1"')
    with acting_as(owner):
        failure = answer(warehouse, owner, Question(refused, {}, None))["data"]["allocate"]
    assert failure["code"] == "BAD_SETTING"
    published = """{ allocations { state budget gain { estimate } frontier { budget outcome { estimate } }
                     channels { channel knowing } } }"""
    with acting_as(owner):
        (plan,) = answer(warehouse, owner, Question(published, {}, None))["data"]["allocations"]
    assert plan["state"] == "proposed"
    assert [Decimal(one["budget"]) for one in plan["frontier"]] == [2_500, 5_000, 7_500, 10_000]
    outcomes = [one["outcome"]["estimate"] for one in plan["frontier"]]
    assert outcomes == sorted(outcomes)
    assert all(one["knowing"] >= 0 for one in plan["channels"])


def test_scenarios_over_graphql(warehouse, owner, fit) -> None:
    save = """mutation { saveScenario(input: {weeks: 2}, name: "GraphQL") {
        ... on Scenario { scenarioKey state plan(first: 50) { week channel spend } binding { rule } score { words } }
        ... on Failure { message } } }"""
    with acting_as(owner):
        made = answer(warehouse, owner, Question(save, {}, None))["data"]["saveScenario"]
        again = answer(warehouse, owner, Question(save, {}, None))["data"]["saveScenario"]
        approve = (
            f"mutation {{ approveScenario(scenarioKey: {made['scenarioKey']}) {{ ... on Scenario {{ state }} }} }}"
        )
        approved = answer(warehouse, owner, Question(approve, {}, None))["data"]["approveScenario"]
    assert made["state"] == "draft"
    assert len(made["plan"]) == 6
    assert made["score"] is None
    assert "already" in again["message"]
    assert approved == {"state": "approved"}


def test_every_question_of_the_page_is_a_question_of_graphql() -> None:
    """The page and GraphQL call the same functions, so they cannot tell different numbers."""
    asked = _queries(REPOSITORY / "dashboard" / "budget" / "read.py")
    answered = {name for path in (REPOSITORY / "api" / "schema").glob("*.py") for name in _names(path)}
    assert {"allocations", "allocation_lines", "budget_frontier", "scenarios", "scenario_weeks"} <= asked
    assert asked - {"published_fits"} <= answered


def test_settings_have_one_form_in_the_address() -> None:
    asked = Asked.from_query({"budget": "5000", "caution": "0.5", "weeks": "8", "other": "x"})
    assert Asked.from_query(asked.to_query()) == asked
    bounded = asked.bounded("tv", "100.00", None).bounded("radio", None, "50.00").bounded("tv", None, "900.00")
    assert bounded.said == [
        {"rule": "bounds", "channel": "radio", "high": "50.00"}, {"rule": "bounds", "channel": "tv", "high": "900.00"},
    ]  # fmt: skip
    assert bounded.bounded("tv", None, None).bounded("radio", None, None) == asked
    assert Asked.from_query(bounded.to_query()) == bounded
    for wrong in ({"budget": "0"}, {"caution": "2"}, {"weeks": "x"}, {"rules": "{"}, {"rules": '[{"rule": "magic"}]'},
                  {"scenario": "one"}):  # fmt: skip
        with pytest.raises(BadFilter):
            Asked.from_query(wrong)


def test_every_kind_of_the_form_is_a_rule() -> None:
    for kind, (_, field, example) in KINDS.items():
        amount = example.split(" or ")[0] if field else ""
        assert rule_of(rule_of_form(kind, ["tv", "radio"], amount), "rule").words
    with pytest.raises(Invalid, match="say how much"):
        rule_of_form("change", [], " ")
    with pytest.raises(Invalid, match="say which channels"):
        rule_of_form("group_max", [], "5000")
