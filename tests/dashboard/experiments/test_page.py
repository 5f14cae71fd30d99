"""Experiments without a browser: the list, a read-out with its guards above all, and what GraphQL answers as well."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from api.actions.experiments import create_experiment
from api.auth import acting_as
from api.identity import Identity, Scope
from api.schema.answer import Question, answer
from tests.dashboard.experiments.made import button_trial, lift_trial, ranked_tests, read_all
from tests.warehouse.experiments.trial import Trial
from warehouse.access import Reader

REPOSITORY = Path(__file__).resolve().parents[3]
DEFINITION = {
    "id": "banner", "name": "Free returns", "arms": {"control": 0.5, "banner": 0.5}, "metrics": ["orders"],
}  # fmt: skip


def test_before_anything_is_loaded_the_page_says_how_experiments_come_in(view, owner) -> None:
    found = view("/experiments")
    assert found.says("No experiment is known yet.")
    assert found.says("causeway load experiments.yaml")
    assert found.says("/experiments?show=plan")


@pytest.fixture(scope="module")
def trial(warehouse, owner) -> Trial:
    return button_trial(warehouse)


def test_before_it_is_read_the_page_says_what_reads_it(view, trial) -> None:
    listed = view("/experiments")
    assert listed.says("1 experiment, 1 running, and none prove an effect.")
    assert listed.says("Not read yet")
    found = view("/experiments", f"?experiment={trial.experiment}")
    assert found.says("Button has not been read yet")
    assert found.says("causeway run experiments --account experiments/")


@pytest.fixture(scope="module")
def read(trial) -> Trial:
    read_all(trial)
    return trial


@pytest.fixture(scope="module")
def dark(read) -> int:
    return lift_trial(read)


class TestRead:
    def test_the_list_names_health_verdict_and_effect(self, view, read) -> None:
        found = view("/experiments")
        assert found.says("1 experiment, 1 running, and 1 proves an effect.")
        for words in ("● Sound", "Proven gain", '"state": "Running"', f"/experiments?experiment={read.experiment}"):
            assert found.says(words), words

    def test_a_read_out_says_what_was_caused_and_whether_to_stop(self, view, read) -> None:
        found = view("/experiments", f"?experiment={read.experiment}")
        assert found.says("green raises orders against control: +")
        assert found.says("You may stop: the effect is proven.")
        for words in ("The effect, day by day", "All metrics", "Who it works for", "Active before", "Chance better"):
            assert found.says(words), words
        assert found.page.index("You may stop") < found.page.index("green raises orders")

    def test_another_metric_is_another_address(self, view, read) -> None:
        usual = view("/experiments", f"?experiment={read.experiment}")
        other = view("/experiments", f"?experiment={read.experiment}&metric=revenue")
        assert usual.says("Orders of green less the control's")
        assert other.says("Revenue of green less the control's")
        assert other.says("€")

    def test_what_is_not_sound_shows_no_effect_anywhere(self, view, read) -> None:
        before = view("/experiments", f"?experiment={read.experiment}")
        guard = "SET status = 'failed', words = 'Check the redirects.'"
        read.do(f"UPDATE results.experiment_guard {guard} WHERE experiment_key = :key AND place = 0")
        read.do("UPDATE results.experiment_readout SET withheld = true, health = 'red' WHERE experiment_key = :key")
        found = view("/experiments", f"?experiment={read.experiment}")
        assert found.says("Sizes of the arms: this failed, so no effect is shown.")
        assert found.says("Check the redirects.")
        assert found.page.index("Check the redirects.") < found.page.index("cannot be believed")
        for words in ("cw-mark-incremental", "raises", "Chance better", "day by day", "Proven"):
            assert before.says(words), words
            assert not found.says(words), words
        listed = view("/experiments")
        assert listed.says("■ Not sound")
        assert '"relative": null' in listed.page
        read.do("UPDATE results.experiment_readout SET withheld = false, health = 'green' WHERE experiment_key = :key")

    def test_who_may_not_see_it_does_not_learn_of_it(self, view, read) -> None:
        nobody = Identity(Reader("user:999", "N"), 999, "N", "", {}, Scope.admin, local=False)
        assert view("/experiments", "", nobody).says("No experiment is known yet.")
        assert view("/experiments", f"?experiment={read.experiment}", nobody).says("There is no experiment")

    def test_graphql_tells_the_same_headline(self, view, read, owner) -> None:
        asked = f"""{{ experimentHeadlines(experimentKeys: [{read.experiment}]) {{
            experimentKey metric armId effect low high relative }} }}"""
        with acting_as(owner):
            found = answer(read.warehouse, owner, Question(asked, {}, None))
        (headline,) = found["data"]["experimentHeadlines"]
        assert (headline["experimentKey"], headline["metric"], headline["armId"]) == (
            read.experiment,
            "orders",
            "green",
        )
        assert f'"relative": {headline["relative"]}' in view("/experiments").page


class TestLift:
    def test_what_was_brought_for_how_much(self, view, dark) -> None:
        found = view("/experiments", f"?experiment={dark}")
        assert found.says("The ads brought +40 orders (+20 to +60), +10.0 %.")
        for words in ("Cost of one more", "€20.00", "€13.33 to €40.00", "North", "What was, and what would have been"):
            assert found.says(words), words
        revenue = view("/experiments", f"?experiment={dark}&metric=revenue")
        assert revenue.says("iROAS")
        assert revenue.says("2.50×")
        assert revenue.says("+1.25× to +3.75×")

    def test_graphql_tells_of_what_the_counterfactual_is_made(self, read, owner, dark) -> None:
        wanted = "lifts { metric incremental weights { market weight } }"
        asked = f"{{ experimentReadout(experimentKey: {dark}) {{ {wanted} }} }}"
        with acting_as(owner):
            found = answer(read.warehouse, owner, Question(asked, {}, None))
        lift = found["data"]["experimentReadout"]["lifts"][0]
        assert (lift["metric"], lift["incremental"]) == ("orders", 40)
        assert lift["weights"] == [{"market": "North", "weight": 0.75}, {"market": "West", "weight": 0.25}]

    def test_where_nothing_is_proven_cost_is_a_bound(self, view, read, dark) -> None:
        read.do("UPDATE results.lift SET low = -10 WHERE experiment_key = :dark AND metric = 'orders'", dark=dark)
        found = view("/experiments", f"?experiment={dark}")
        assert found.says("It is not proven that the ads brought any orders")
        assert found.says("≥ €13.33")
        assert not found.says("€20.00")

    def test_what_is_not_sound_shows_only_the_days_before(self, view, read, dark) -> None:
        said = "SET withheld = true, health = 'red', verdict = 'withheld'"
        read.do(f"UPDATE results.experiment_readout {said} WHERE experiment_key = :dark", dark=dark)
        read.do("DELETE FROM results.lift WHERE experiment_key = :dark", dark=dark)
        read.do("DELETE FROM results.lift_day WHERE experiment_key = :dark AND is_test", dark=dark)
        read.do("UPDATE results.experiment_guard SET status = 'failed' WHERE experiment_key = :dark", dark=dark)
        found = view("/experiments", f"?experiment={dark}")
        assert found.says("Fit before the test: this failed")
        assert found.says("Before the test")
        assert not found.says("2026-03-25")
        for words in ("Cost of one more", "+40", "cw-mark-incremental", "brought"):
            assert not found.says(words), words


class TestNext:
    def test_before_attribution_there_is_no_list(self, view, read) -> None:
        assert not view("/experiments").says("Which test next")

    def test_the_list_says_what_to_test_and_what_is_known_well_enough(self, view, read) -> None:
        ranked_tests(read)
        found = view("/experiments")
        for words in ("Which test next", "4 weeks without its ads in regions with 20", "45", "€1.20 k", "never tested"):
            assert found.says(words), words
        assert found.says("None is worth its cost")
        assert found.page.index("Video") < found.page.index("Display")

    def test_graphql_has_the_same_list(self, read, owner) -> None:
        asked = "{ nextTests { rank channel net chanceWrong experimentId } }"
        with acting_as(owner):
            found = answer(read.warehouse, owner, Question(asked, {}, None))
        assert found["data"]["nextTests"][0] == {
            "rank": 1, "channel": "video", "net": "1200", "chanceWrong": 0.45, "experimentId": None,
        }  # fmt: skip


class TestPlan:
    def test_what_is_typed_is_planned(self, view, owner) -> None:
        found = view("/experiments", "?show=plan&baseline=10+%25&effect=10&daily=1000&method=fixed")
        assert found.says("To find an effect of 10 %, from 10 % to 11 %, you need 28,256 units: 5 weeks.")
        assert found.says("Smallest effect by duration")
        assert found.says('"units": 28256')

    def test_what_is_no_number_is_a_sentence_and_the_form_stays(self, view, owner) -> None:
        found = view("/experiments", "?show=plan&baseline=moon")
        assert found.says("The metric now is 'moon', which is no number.")
        assert found.says("New units a day")
        assert view("/experiments", "?show=plan&baseline=12").says("Write how far single units are from it")

    def test_earlier_experiments_fill_it(self, view, read) -> None:
        found = view("/experiments", "?show=plan")
        assert found.says("What your experiments know already")
        assert found.says("spread=")

    def test_graphql_plans_the_same(self, view, read, owner) -> None:
        asked = f"""{{ experimentSize(test: {{level: 0.1, effect: 0.1, unitsADay: 1000, readBy: FIXED}}) {{
            units days words chances {{ effect chance }} smallest {{ weeks effect }} }}
          experimentPasts(experimentKey: {read.experiment}) {{ metric level sd explained unitsADay }} }}"""
        with acting_as(owner):
            found = answer(read.warehouse, owner, Question(asked, {}, None))
        assert "errors" not in found, found
        assert (found["data"]["experimentSize"]["units"], found["data"]["experimentSize"]["days"]) == (28256, 35)
        pasts = {past["metric"]: past for past in found["data"]["experimentPasts"]}
        assert pasts["orders"]["unitsADay"] == 20
        assert 0.05 < pasts["orders"]["explained"] < 0.9

    def test_who_manages_nothing_is_offered_no_form(self, view, read) -> None:
        nobody = Identity(Reader("user:999", "N"), 999, "N", "", {}, Scope.admin, local=False)
        assert view("/experiments", "?show=plan").says("Register as a draft")
        assert not view("/experiments", "?show=plan", nobody).says("Register as a draft")


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("?experiment=moon", "is not the key of an experiment"),
        ("?experiment=4711", "There is no experiment 4711"),
        ("?show=moon", "must be plan"),
        ("?method=moon", "must be one of"),
    ],
)
def test_what_means_nothing_is_refused(view, owner, search, words) -> None:
    assert view("/experiments", search).says(words)


def test_a_draft_is_listed_and_says_what_it_waits_for(view, warehouse, owner, trial) -> None:
    made = create_experiment(warehouse, owner, DEFINITION)
    assert view("/experiments").says("Free returns")
    assert view("/experiments", f"?experiment={made.experiment_key}").says("This is a draft.")


def test_every_question_of_the_page_is_a_question_of_graphql() -> None:
    """The page and GraphQL call the same functions, so they cannot tell different numbers."""
    asked = _queries(REPOSITORY / "dashboard" / "experiments" / "read.py")
    answered = {name for path in (REPOSITORY / "api" / "schema").glob("*.py") for name in _names(path)}
    assert {"readouts", "headlines", "effects", "effect_days", "lift_days", "lift_evidence", "agreement"} <= asked
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
