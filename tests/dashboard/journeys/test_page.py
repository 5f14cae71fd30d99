"""Customers and journeys without a browser: what it says, to whom, and that GraphQL answers the same questions."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlalchemy import text

from api.auth import acting_as
from api.identity import Identity, Role, Scope
from api.schema.answer import Question, answer
from tests.warehouse.events.history import History
from warehouse.access import Reader

REPOSITORY = Path(__file__).resolve().parents[3]
MARCH = "?from=2026-03-01&to=2026-03-31"


@pytest.fixture(scope="module")
def history(warehouse, owner) -> History:
    """Three orders by two customers and by nobody known, and visits."""
    history = History(warehouse).begin()
    for customer in (1, 2):
        for day, channel in enumerate(("video", "video", "paid_search")):
            history.touch(customer, day, channel)
        history.convert(customer, 3, value=50)
    history.touch(3, 4, "paid_search")
    history.do(
        """INSERT INTO core.conversion (account_key, kind, source_id, at, currency, counts, load_key)
           VALUES (:account, 'order', 'nobody', '2026-03-09', 'EUR', true, 1)""",
        account=history.account,
    )
    return history


def test_before_anything_is_loaded_the_page_says_what_to_load(view, owner) -> None:
    found = view("/journeys")
    assert found.says("Load what people met and what they bought")
    assert found.says("causeway load PATH")


def test_before_they_are_built_the_page_says_how_to_build_them(view, history) -> None:
    found = view("/journeys", MARCH)
    assert found.says("Journeys are not built yet")
    assert found.says("causeway run journeys --account shopify/")


class TestBuilt:
    @pytest.fixture(autouse=True)
    def _built(self, history) -> None:
        history.build()

    def test_the_answer_and_the_paths(self, view) -> None:
        found = view("/journeys", MARCH)
        assert found.says("2 orders over 1")
        assert found.says("100 % followed a known touch, on average 3 touches over 3 days")
        assert found.says("1 further order is of people who are not known")
        assert found.says(" ×2")
        assert found.says("€100")
        assert found.says("Video > Video > Paid search came before 100 %")
        assert not found.says("incremental")

    def test_channels_narrow_and_can_be_taken_back(self, view) -> None:
        found = view("/journeys", f"{MARCH}&channel=email,video")
        assert found.says("2 orders after Email or Video") or found.says("2 orders after email or Video")
        assert "Remove the filter Channel" in str(found.frame)
        assert "/journeys?" in str(found.frame)
        none = view("/journeys", f"{MARCH}&channel=email")
        assert none.says("No order of a known customer is there")

    def test_what_narrows_nothing_is_said(self, view) -> None:
        assert view("/journeys", f"{MARCH}&platform=google_ads").says("The choice of platform narrows nothing here")

    def test_changes_that_wait_are_said(self, view, history) -> None:
        history.touch(9, 9)
        assert view("/journeys", MARCH).says("1 customer has changes that are not built in yet")

    def test_amounts_without_a_rate_are_withheld(self, view) -> None:
        found = view("/journeys", f"{MARCH}&currency=USD")
        assert found.says("No amount can be shown in USD")
        assert not found.says("×2")

    def test_a_goal_that_means_nothing_is_refused(self, view) -> None:
        assert view("/journeys", "?goal=moon").says("goal == 'moon'")

    def test_several_goals_can_be_chosen(self, view, history) -> None:
        history.touch(7, 1, "email")
        history.convert(7, 2, kind="lead", value=None)
        history.build()
        found = view("/journeys", f"{MARCH}&goal=lead")
        assert found.says("1 lead over 1")
        assert found.says("Leads")

    def test_who_sees_one_of_several_accounts_is_told_why_there_is_nothing(self, view, history) -> None:
        History(history.warehouse).begin()
        with history.warehouse.writing() as session:
            session.execute(
                text("INSERT INTO ops.account_grant (reader, account_key, role) VALUES ('user:90', :key, 'viewer')"),
                {"key": history.account},
            )
        partly = Identity(
            Reader("user:90", "P"), 90, "P", "p@example.com", {history.account: Role.viewer}, Scope.admin, local=False
        )
        found = view("/journeys", MARCH, partly)
        assert found.says("Journeys need every account")
        assert not found.says("Video")

    def test_graphql_tells_the_same(self, view, history, owner) -> None:
        asked = """{ journeys(filter: {from: "2026-03-01", to: "2026-03-31"}, goal: ORDER) {
            currency lookbackDays totals { conversions touched several value nobodys }
            previous { conversions } paths { channels conversions value conversionShare }
            lengths { touches conversions nullPaths } times { fromHours toHours conversions }
            steps { position source target conversions } }
          channelFunnel(filter: {from: "2026-03-01", to: "2026-03-31"}) { channel sessions purchase } }"""
        with acting_as(owner):
            found = answer(history.warehouse, owner, Question(asked, {}, None))
        assert "errors" not in found, found
        journeys = found["data"]["journeys"]
        assert (journeys["currency"], journeys["lookbackDays"]) == ("EUR", 10)
        assert journeys["totals"]["conversions"] == 2
        assert journeys["totals"]["nobodys"] == 1
        assert journeys["paths"][0]["channels"] == ["video", "video", "paid_search"]
        assert journeys["steps"][0] == {"position": 1, "source": "video", "target": "paid_search", "conversions": 2}
        assert {t["fromHours"]: t["conversions"] for t in journeys["times"]}[72] == 2
        assert found["data"]["channelFunnel"] == []


def test_every_question_of_the_page_is_a_question_of_graphql() -> None:
    """The page and GraphQL call the same functions, so they cannot tell different numbers."""
    asked = _queries(REPOSITORY / "dashboard" / "journeys" / "read.py")
    answered = {name for path in (REPOSITORY / "api" / "schema").glob("*.py") for name in _names(path)}
    assert {"journey_totals", "top_paths", "channel_funnel", "cohort_retention"} <= asked
    assert asked <= answered


def _queries(path: Path) -> set[str]:
    """The functions of warehouse/queries that a module imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [
        n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("warehouse.queries")
    ]
    return {a.name for n in imports for a in n.names if a.name[0].islower()}


def _names(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    attributes = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    return attributes | {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
