"""Uplift without a browser: the answer on top, what is withheld, what costs change, and what GraphQL answers, too."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from api.actions import audiences
from api.auth import acting_as
from api.identity import Identity, Scope
from api.schema.answer import Question, answer
from dashboard.uplift.asked import Asked
from tests.dashboard.experiments.test_page import REPOSITORY, _names, _queries
from tests.warehouse.uplift_rows import write_uplift_rows
from warehouse.access import Reader
from warehouse.errors import BadFilter


def test_before_any_test_the_page_says_how_one_comes_in(view, owner) -> None:
    found = view("/uplift")
    assert found.says("No test over users is known yet, and only such a test tells.")
    assert found.says("causeway load experiments.yaml assignments.csv outcomes.csv")


@pytest.fixture(scope="module")
def readout(warehouse, owner) -> int:
    with warehouse.writing() as session:
        return write_uplift_rows(session)


def change(warehouse, sql: str) -> None:
    with warehouse.writing() as session:
        session.execute(text(sql))


def test_a_test_that_no_run_has_learned_from_is_told_with_the_command(view, warehouse, readout) -> None:
    change(warehouse, "DELETE FROM results.publication WHERE job = 'uplift'")
    found = view("/uplift")
    assert found.says("1 test over users, and no run has learned from it yet.")
    assert found.says("causeway run uplift --account experiments/spring")
    change(
        warehouse,
        """INSERT INTO results.publication (job, account_key, run_key)
           SELECT job, account_key, run_key FROM results.run WHERE job = 'uplift'""",
    )


def test_the_answer_is_whom_and_for_how_much(view, readout) -> None:
    found = view("/uplift")
    assert found.says("Treat the 50 % whose expected effect pays: +$3.00 (+$2.20 to +$3.80) per customer against")
    for words in ("200 of 400 customers", "Does choosing beat chance?", "3 e-mails opened ▲; no order ▼",
                  "Four kinds of customers", "Save whom to treat", "E-mails opened", "It ranks."):  # fmt: skip
        assert found.says(words), words


def test_another_cost_is_another_answer(view, readout) -> None:
    free = view("/uplift", "?cost=0")
    assert free.says("an effect above +0 pays") or free.says("an effect above 0 pays")
    dear = view("/uplift", "?cost=16")
    assert dear.says("At $16.00 a contact nobody is worth treating with")
    assert not dear.says("Save as an audience")
    assert view("/uplift", "?cost=much").says("must be a number 0 or more")


@pytest.mark.parametrize(
    ("state", "says"),
    [("open", "It is not proven that some customers respond more than others."),
     ("withheld", "cannot be believed as it is, so nobody is told apart."),
     ("too_little", "has too little data, so nobody is told apart.")],
)  # fmt: skip
def test_where_it_is_not_proven_nobody_is_chosen(view, warehouse, readout, state: str, says: str) -> None:
    change(warehouse, f"UPDATE results.uplift_readout SET state = '{state}'")
    found = view("/uplift")
    assert found.says(says)
    for words in ("Save as an audience", "Strongest reasons", "Four kinds of customers", "whose expected effect pays"):
        assert not found.says(words), words
    change(warehouse, "UPDATE results.uplift_readout SET state = 'proven'")


def test_audiences_stand_with_what_came_of_them(view, warehouse, owner, readout) -> None:
    terms = audiences.Terms(holdout=Decimal("0.4"))
    saved = audiences.save_audience(warehouse, owner, readout_key=readout, name="May", terms=terms)
    assert view("/uplift").says("Not verified yet: predicted over 1 day from the day after it was saved.")
    audiences.verify_audience(warehouse, owner, audience_key=saved.audience_key)
    found = view("/uplift")
    assert found.says("per customer, found")
    assert found.says("Audiences, and whether they kept their promise")


def test_who_may_not_see_it_does_not_learn_of_it(view, readout) -> None:
    nobody = Identity(Reader("user:999", "N"), 999, "N", "", {}, Scope.admin, local=False)
    found = view("/uplift", "", nobody)
    assert found.says("No test over users is known yet")
    assert not found.says("Spring coupon")


def test_graphql_tells_the_same_profit_and_the_same_people(view, warehouse, owner, readout) -> None:
    asked = """{ upliftReadouts { state profit(cost: "4") { share customers gain { estimate low high } words }
                 checks { check status } curve(first: 1) { share } kinds { kind } drivers { label } } }"""
    scores = f"""{{ upliftScores(readoutKey: {readout}, kind: PERSUADABLE, first: 2) {{
        nodes {{ customerKey effect kind reasons {{ words effect }} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    with acting_as(owner):
        (told,) = answer(warehouse, owner, Question(asked, {}, None))["data"]["upliftReadouts"]
        people = answer(warehouse, owner, Question(scores, {}, None))["data"]["upliftScores"]
        after = people["pageInfo"]["endCursor"]
        more = scores.replace("first: 2", f'first: 2, after: "{after}"')
        rest = answer(warehouse, owner, Question(more, {}, None))["data"]["upliftScores"]
    assert told["profit"]["share"] == pytest.approx(0.5, abs=0.01)
    assert told["profit"]["gain"]["estimate"] == pytest.approx(3.0, abs=0.05)
    assert told["profit"]["customers"] == 199
    assert [one["customerKey"] for one in people["nodes"]] == [1, 2]
    assert [one["customerKey"] for one in rest["nodes"]] == [3, 4]
    assert people["nodes"][0]["reasons"][0]["words"] == "3 e-mails opened"
    one = "{ customerUplift(customerKey: 7) { readoutKey score { customerKey kind } } }"
    with acting_as(owner):
        (mine,) = answer(warehouse, owner, Question(one, {}, None))["data"]["customerUplift"]
    assert mine == {"readoutKey": readout, "score": {"customerKey": 7, "kind": "PERSUADABLE"}}


def test_every_question_of_the_page_is_a_question_of_graphql() -> None:
    """The page and GraphQL call the same functions, so they cannot tell different numbers."""
    asked = _queries(REPOSITORY / "dashboard" / "uplift" / "read.py")
    answered = {name for path in (REPOSITORY / "api" / "schema").glob("*.py") for name in _names(path)}
    assert {"uplift_readouts", "uplift_curve", "uplift_scores", "scored_kinds", "audiences"} <= asked
    assert asked <= answered


def test_settings_have_one_form_in_the_address() -> None:
    asked = Asked.from_query({"test": "coupon:orders:b", "value": "12.5", "cost": "0", "other": "x"})
    assert Asked.from_query(asked.to_query()) == asked
    assert asked.amount("cost", Decimal(4)) == 0
    assert Asked().amount("cost", Decimal(4)) == 4
    for wrong in ({"value": "0"}, {"value": "-1"}, {"cost": "nan"}, {"cost": "4 USD"}):
        with pytest.raises(BadFilter):
            Asked.from_query(wrong)
