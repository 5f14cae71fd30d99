"""Mix without a browser: trust first, what red withholds, what tests changed, and what GraphQL answers, too."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.auth import acting_as
from api.identity import Identity, Scope
from api.schema.answer import Question, answer
from dashboard.mix.asked import Asked
from tests.dashboard.experiments.test_page import REPOSITORY, _names, _queries
from tests.warehouse.mix_rows import write_mix_rows
from warehouse.access import Reader
from warehouse.errors import BadFilter


def test_before_any_fit_the_page_says_how_one_comes_in(view, seed) -> None:
    found = view("/mix")
    assert found.says("No mix model was fitted yet.")
    assert found.says("causeway run mix --account google_ads/")


@pytest.fixture(scope="module")
def fit(warehouse, seed) -> int:
    with warehouse.writing() as session:
        return write_mix_rows(session, seed.google)


def trust(warehouse, status: str) -> None:
    with warehouse.writing() as session:
        session.execute(text("UPDATE results.mix_fit SET status = :status"), {"status": status})
        session.execute(
            text("UPDATE results.mix_finding SET status = :status WHERE name = 'precision'"), {"status": status}
        )


def test_the_answer_is_how_much_and_where_next(view, fit) -> None:
    found = view("/mix")
    assert found.says("Advertising brought 50.0 % (45.0 % to 55.0 %) of the revenue.")
    assert found.says("The next USD brings most in Paid search: $2.50 ($2.00 to $3.00).")
    for words in ("Believe this with care.", "What the weeks are made of", "What a unit of money brought",
                  "Channel by channel", "Tests, before and after", "Video moved by +11%", "Fits so far",
                  "Brand search is left out", "Everybody went without the ads."):  # fmt: skip
        assert found.says(words), words


def test_red_withholds_what_channels_brought_until_somebody_insists(view, warehouse, fit) -> None:
    trust(warehouse, "red")
    found = view("/mix")
    assert found.says("What channels brought is withheld: it would mislead.")
    assert found.says("What helps: a test of Video.")
    for words in ("What the weeks are made of", "What a unit of money brought", "Channel by channel", "brings most in"):
        assert not found.says(words), words
    shown = view("/mix", "?show=withheld")
    assert shown.says("These numbers cannot be believed.")
    assert shown.says("cw-mix-doubted")
    trust(warehouse, "amber")


def test_another_channel_is_another_curve(view, fit) -> None:
    assert view("/mix").says("Video at its usual $250 a week")
    assert view("/mix", "?channel=paid_search").says("Paid search at its usual $150 a week")
    assert view("/mix", "?channel=nowhere").says("Video at its usual $250 a week")
    assert view("/mix", "?show=all").says("must be withheld or left out")


def test_a_channel_that_costs_nothing_has_no_return_and_is_drawn(view, warehouse, fit) -> None:
    change = "UPDATE results.mix_channel SET organic = {}, roi = {}, marginal_roi = {} WHERE channel = 'video'"
    with warehouse.writing() as session:
        session.execute(text(change.format("true", "NULL", "NULL")))
    assert view("/mix", "?channel=video").says("Mails a week")
    with warehouse.writing() as session:
        session.execute(text(change.format("false", "2", "1")))


def test_who_may_not_see_it_does_not_learn_of_it(view, fit) -> None:
    nobody = Identity(Reader("user:999", "N"), 999, "N", "", {}, Scope.admin, local=False)
    found = view("/mix", "", nobody)
    assert found.says("No mix model was fitted yet")
    assert not found.says("geo-1")


def test_graphql_tells_the_same(warehouse, owner, fit) -> None:
    asked = f"""{{ mixFits(first: 1) {{ fitKey status isCurrent baselineShare {{ estimate }}
                    channels {{ channel roi {{ estimate low high }} tests }} }}
                  mixFit(fitKey: {fit}) {{
                    contributions(parts: ["video"]) {{ part kind periods estimate spend }}
                    curves(channels: ["video"]) {{ channel spend estimate trusted }}
                    findings {{ finding status help }} lifts {{ experimentId isUsed reason before {{ low }} }}
                    moves {{ channel moved words }} }} }}"""
    with acting_as(owner):
        told = answer(warehouse, owner, Question(asked, {}, None))["data"]
    (one,) = told["mixFits"]
    assert (one["fitKey"], one["status"], one["isCurrent"]) == (fit, "amber", True)
    assert [(c["channel"], c["roi"]["estimate"], c["tests"]) for c in one["channels"]] == [
        ("video", 2.0, 1), ("paid_search", 5.0, 0),
    ]  # fmt: skip
    (part,) = told["mixFit"]["contributions"]
    assert (len(part["periods"]), part["estimate"][0], part["spend"][0]) == (40, 500.0, "250")
    (curve,) = told["mixFit"]["curves"]
    assert curve["trusted"] == [True] * 8 + [False] * 2
    assert [(lift["experimentId"], lift["isUsed"]) for lift in told["mixFit"]["lifts"]] == [
        ("geo-1", True), ("dark-1", False),
    ]  # fmt: skip
    assert told["mixFit"]["moves"][0]["moved"] == pytest.approx(0.11)


def test_history_has_the_fit_before(warehouse, owner, fit) -> None:
    with acting_as(owner):
        told = answer(warehouse, owner, Question("{ mixFits(history: true) { fitKey isCurrent } }", {}, None))["data"]
    assert [one["isCurrent"] for one in told["mixFits"]] == [True, False]


def test_every_read_of_the_page_is_asked_for_by_graphql_too() -> None:
    asked = _names(REPOSITORY / "api" / "schema" / "mix.py")
    shown = _names(REPOSITORY / "dashboard" / "mix" / "read.py")
    reads = {name for name in shown if name.startswith(("mix_", "response_"))}
    assert len(reads) > 5
    assert reads - {"mix_fits"} <= asked
    assert _queries(REPOSITORY / "dashboard" / "mix" / "read.py") == {"mix", "channels"}


def test_addresses_are_read_back() -> None:
    said = Asked("revenue:order:1", "video", "withheld")
    assert Asked.from_query(said.to_query()) == said
    assert Asked().href == "/mix"
    with pytest.raises(BadFilter):
        Asked(show="x")
