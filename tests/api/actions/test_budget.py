"""Plans asked for, saved, approved, exported and scored: what the plan is, by whom, once each, and held to its word."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from api.actions import budget as actions
from api.actions.budget import Question
from api.auth import owner_identity
from api.identity import Identity, Role
from api.refusals import Invalid
from tests.warehouse.budget_rows import CURVES, FIRST_WEEK, WEEKS, write_mix_fit
from tests.warehouse.seed import Seed, seed_two_accounts
from warehouse.changes.mix_results import KEPT_DRAWS, write_mix
from warehouse.errors import (
    BadSetting,
    CausewayError,
    Conflict,
    Infeasible,
    LoadRefused,
    MissingRate,
    NotAllowed,
    NotEnoughData,
)
from warehouse.queries import budget as queries
from warehouse.queries.budget_inputs import stored_draws
from warehouse.sessions import Warehouse

_RATES = """
INSERT INTO core.fx_rate (date, from_currency, to_currency, rate, load_key)
SELECT d::date, 'EUR', 'USD', 1.25, 1 FROM generate_series(date '2026-05-20', date '2026-08-10', interval '1 day') d
"""
TODAY = sum(curve.spend for curve in CURVES.values())
NEXT = FIRST_WEEK + dt.timedelta(weeks=WEEKS)


@pytest.fixture(scope="module")
def seed(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Seed:
    return seed_two_accounts(warehouse, tmp_path_factory.mktemp("seed"))


@pytest.fixture(scope="module")
def fit(warehouse: Warehouse, seed: Seed) -> int:
    with warehouse.writing() as session:
        return write_mix_fit(session, account_key=seed.google)


@pytest.fixture(scope="module")
def owner(warehouse: Warehouse) -> Identity:
    return owner_identity(warehouse)


def best_by_hand() -> dict[str, float]:
    """Spends of today's money with equal slopes, within what the data stand behind, by a search over the slope."""
    low, high = 1e-6, 100.0
    for _ in range(200):
        price = (low + high) / 2
        spends = {
            name: min(max((one.top * one.half / price) ** 0.5 - one.half, 0.0), 2.0 * one.spend)
            for name, one in CURVES.items()
        }
        low, high = (price, high) if sum(spends.values()) > TODAY else (low, price)
    return spends


def test_the_plan_is_the_best_of_the_known_curves(warehouse: Warehouse, owner: Identity, fit: int) -> None:
    found = actions.allocate(warehouse, owner, Question(fit_key=fit))
    proposal, by_hand = found.proposal, best_by_hand()
    assert found.is_advice
    assert proposal.spent == proposal.budget == proposal.today == TODAY
    for line in proposal.lines:
        assert float(line.proposed) == pytest.approx(by_hand[line.channel], rel=0.02)
        assert line.current == CURVES[line.channel].spend
        assert line.gain.low <= line.gain.estimate <= line.gain.high
    gain = sum(CURVES[name].at(spend) - CURVES[name].at(CURVES[name].spend) for name, spend in by_hand.items())
    assert proposal.gain.estimate == pytest.approx(gain, rel=0.05)
    assert proposal.beats_today > 0.95
    assert proposal.gap < 1e-3
    up = next(line for line in proposal.lines if line.channel == "paid_search")
    assert "paid search goes up by" in up.words


def test_beyond_what_data_stand_behind_only_where_a_rule_names_it(
    warehouse: Warehouse, owner: Identity, fit: int
) -> None:
    much = Question(fit_key=fit, amount=Decimal(20_000))
    found = actions.allocate(warehouse, owner, much).proposal
    assert {line.channel: line.proposed for line in found.lines} == {
        name: 2 * curve.spend for name, curve in CURVES.items()
    }
    assert found.spent == 2 * TODAY
    assert any("not spent" in said for said in found.words)
    assert found.price.estimate == 0
    beyond = Question(
        fit_key=fit, amount=Decimal(20_000), rules=({"rule": "bounds", "channel": "shopping", "high": "4500"},)
    )
    further = actions.allocate(warehouse, owner, beyond).proposal
    assert next(line.proposed for line in further.lines if line.channel == "shopping") == 4_500
    assert any("more than the data stand behind" in said for said in further.words)


@pytest.mark.parametrize(
    ("question", "refusal", "words"),
    [
        ({"goal": "much"}, Invalid, "There is no goal 'much'"),
        ({"goal": "target"}, BadSetting, "needs an amount"),
        ({"amount": Decimal(-5)}, BadSetting, "must be above 0"),
        ({"amount": Decimal("nan")}, BadSetting, "must be above 0"),
        ({"caution": 2.0}, BadSetting, "caution == 2"),
        ({"weeks": 0}, BadSetting, "weeks == 0"),
        ({"rules": ({"rule": "magic"},)}, LoadRefused, "rule 1: there is no rule 'magic'"),
        ({"rules": ({"rule": "locked", "channel": "radio"},)}, BadSetting, "'radio', which has no curve"),
        ({"rules": ({"rule": "bounds", "low": "9000"},)}, BadSetting, "cross"),
        (
            {"rules": ({"rule": "bounds", "channel": "shopping", "low": "3900"},
                       {"rule": "bounds", "channel": "paid_social", "low": "3900"})},
            Infeasible, "No plan keeps these rules together",
        ),
        ({"goal": "target", "amount": Decimal(10**9)}, Infeasible, "No money brings"),
        ({"goal": "value", "amount": Decimal(1), "caution": 0.5}, BadSetting, "cautious"),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_a_sentence(
    warehouse: Warehouse, owner: Identity, fit: int, question: dict[str, object], refusal: type[CausewayError],
    words: str,
) -> None:  # fmt: skip
    with pytest.raises(refusal, match=words):
        actions.allocate(warehouse, owner, Question(fit_key=fit, **question))  # type: ignore[arg-type]  # wrong ones


def test_other_goals_and_caution(warehouse: Warehouse, owner: Identity, fit: int) -> None:
    extra = actions.allocate(warehouse, owner, Question(fit_key=fit, goal="extra", amount=Decimal(500))).proposal
    assert extra.spent == TODAY + 500
    assert all(line.change >= 0 for line in extra.lines)
    before = actions.allocate(warehouse, owner, Question(fit_key=fit)).proposal
    target = Question(fit_key=fit, goal="target", amount=Decimal(round(before.outcome.estimate)))
    assert float(actions.allocate(warehouse, owner, target).proposal.spent) == pytest.approx(TODAY, rel=1e-3)
    value = actions.allocate(warehouse, owner, Question(fit_key=fit, goal="value", amount=Decimal(1))).proposal
    assert value.price.estimate == pytest.approx(1, abs=0.05) or value.spent == 2 * TODAY
    careful = actions.allocate(warehouse, owner, Question(fit_key=fit, caution=1.0)).proposal
    assert careful.spent == TODAY
    assert careful.outcome.low >= before.outcome.low * 0.999


def test_a_scenario_is_saved_once_with_its_weeks(
    warehouse: Warehouse, engine: Engine, owner: Identity, fit: int
) -> None:
    question = Question(fit_key=fit, rules=({"rule": "locked", "channel": "shopping"},), weeks=4)

    def save(asked: Question) -> queries.Scenario:
        return actions.save_scenario(warehouse, owner, question=asked, name="July", first_week=NEXT, key="july")

    made = save(question)
    assert save(question) == made
    with pytest.raises(Conflict):
        save(Question(fit_key=fit))
    assert (made.state, made.weeks, made.first_week, made.spent) == ("draft", 4, NEXT, TODAY)
    assert made.rules == [{"rule": "locked", "channel": "shopping"}]
    assert made.regret >= 0
    with warehouse.reading(owner.reader) as session:
        lines = queries.scenario_lines(session, made.scenario_key)
        weeks = queries.scenario_weeks(session, made.scenario_key)
        rules = queries.scenario_rules(session, made.scenario_key)
    assert {line.channel: line.change for line in lines}["shopping"] == 0
    assert sum(line.proposed for line in lines) == TODAY
    assert {one.week for one in weeks} == {NEXT + dt.timedelta(weeks=week) for week in range(4)}
    assert sum(one.spend for one in weeks) == 4 * TODAY
    assert rules
    assert rules[0].shadow_price > 0
    with engine.connect() as connection:
        noted = connection.execute(text("SELECT count(*) FROM ops.audit WHERE action = 'scenario.save'")).scalar_one()
    assert noted == 1


def test_weeks_begin_after_the_data_on_their_first_day(warehouse: Warehouse, owner: Identity, fit: int) -> None:
    for wrong in (NEXT - dt.timedelta(weeks=1), NEXT + dt.timedelta(days=1)):
        with pytest.raises(Invalid, match="does not begin with a week"):
            actions.save_scenario(
                warehouse, owner, question=Question(fit_key=fit), name=f"wrong {wrong}", first_week=wrong
            )
    usual = actions.save_scenario(warehouse, owner, question=Question(fit_key=fit), name="usual")
    assert usual.first_week >= dt.datetime.now(dt.UTC).date()
    assert usual.first_week.weekday() == 0


def test_paced_plans_differ_from_week_to_week(warehouse: Warehouse, owner: Identity, fit: int) -> None:
    question = Question(fit_key=fit, weeks=3, rules=({"rule": "flight", "channel": "paid_social", "periods": [1, 3]},))
    made = actions.save_scenario(warehouse, owner, question=question, name="flight", first_week=NEXT)
    with warehouse.reading(owner.reader) as session:
        weeks = queries.scenario_weeks(session, made.scenario_key)
    social = [one.spend for one in weeks if one.channel == "paid_social"]
    assert social[1] == 0
    assert sum(one.spend for one in weeks) == 3 * TODAY


def test_only_managers_change_and_a_red_fit_is_no_advice(
    warehouse: Warehouse, owner: Identity, seed: Seed, fit: int
) -> None:
    made = actions.save_scenario(warehouse, owner, question=Question(fit_key=fit), name="by managers", first_week=NEXT)
    reader = replace(owner, roles={None: Role.analyst})
    assert actions.allocate(warehouse, reader, Question(fit_key=fit)).proposal.spent == TODAY
    for act in (actions.approve_scenario, actions.archive_scenario, actions.score_scenario, actions.export_scenario):
        with pytest.raises(NotAllowed):
            act(warehouse, reader, scenario_key=made.scenario_key)
    with pytest.raises(NotAllowed):
        actions.save_scenario(warehouse, reader, question=Question(fit_key=fit), name="mine")
    approved = actions.approve_scenario(warehouse, owner, scenario_key=made.scenario_key)
    assert (approved.state, approved.approved_by) == ("approved", owner.actor)
    with pytest.raises(Conflict, match="only drafts"):
        actions.approve_scenario(warehouse, owner, scenario_key=made.scenario_key)
    assert actions.archive_scenario(warehouse, owner, scenario_key=made.scenario_key).state == "archived"
    with pytest.raises(Conflict):
        actions.archive_scenario(warehouse, owner, scenario_key=made.scenario_key)
    with warehouse.writing() as session:
        red = write_mix_fit(session, account_key=seed.meta, status="red")
    shown = actions.allocate(warehouse, owner, Question(fit_key=red))
    assert not shown.is_advice
    doubtful = actions.save_scenario(warehouse, owner, question=Question(fit_key=red), name="red", first_week=NEXT)
    with pytest.raises(Conflict, match="not to be trusted"):
        actions.approve_scenario(warehouse, owner, scenario_key=doubtful.scenario_key)


def test_sheets_split_a_channel_over_its_campaigns(
    warehouse: Warehouse, owner: Identity, seed: Seed, tmp_path: Path
) -> None:
    with warehouse.writing() as session:
        fit = write_mix_fit(session, account_key=seed.google)
    made = actions.save_scenario(warehouse, owner, question=Question(fit_key=fit), name="sheets", first_week=NEXT)
    with pytest.raises(MissingRate, match="EUR"):
        actions.export_scenario(warehouse, owner, scenario_key=made.scenario_key)
    with warehouse.writing() as session:
        session.execute(text(_RATES))
    found = actions.export_scenario(warehouse, owner, scenario_key=made.scenario_key)
    with warehouse.reading(owner.reader) as session:
        weeks = {
            one.channel: one.spend
            for one in queries.scenario_weeks(session, made.scenario_key)
            if one.week == made.first_week
        }
    sheet = next(one for one in found.sheets if one.platform == "google_ads")
    head, *rows = [line.split(",") for line in sheet.text.splitlines()]
    assert head == ["Action", "Customer ID", "Campaign ID", "Campaign", "Budget"]
    by_campaign = {row[2]: Decimal(row[4]) for row in rows}
    assert by_campaign["701"] == (weeks["paid_search"] / 7).quantize(Decimal("0.01"), "ROUND_DOWN")
    meta = next(one for one in found.sheets if one.platform == "meta_ads").text.splitlines()
    in_euro = sum((Decimal(line.split(",")[2]) for line in meta[1:]), Decimal(0))
    assert float(in_euro) == pytest.approx(float(weeks["paid_social"]) / 7 / 1.25, abs=0.02)
    with pytest.raises(Invalid, match="no week"):
        actions.export_scenario(warehouse, owner, scenario_key=made.scenario_key, week=dt.date(2020, 1, 6))


def test_a_plan_that_was_carried_out_is_scored_by_a_newer_fit(
    warehouse: Warehouse, owner: Identity, seed: Seed
) -> None:
    with warehouse.writing() as session:
        before = write_mix_fit(session, account_key=seed.google)
    question = Question(fit_key=before, weeks=4, rules=({"rule": "locked", "channel": "shopping"},))
    made = actions.save_scenario(warehouse, owner, question=question, name="carried out", first_week=NEXT)
    with pytest.raises(Conflict, match="never approved"):
        actions.score_scenario(warehouse, owner, scenario_key=made.scenario_key)
    actions.approve_scenario(warehouse, owner, scenario_key=made.scenario_key)
    with pytest.raises(NotEnoughData, match="knows weeks up to"):
        actions.score_scenario(warehouse, owner, scenario_key=made.scenario_key)
    with warehouse.reading(owner.reader) as session:
        plan = {line.channel: round(line.proposed) for line in queries.scenario_lines(session, made.scenario_key)}
    with warehouse.writing() as session:
        write_mix_fit(session, account_key=seed.google, weeks=WEEKS + 4, later=plan, later_weeks=4)
    scored = actions.score_scenario(warehouse, owner, scenario_key=made.scenario_key)
    assert scored.scored_is_kept
    assert float(scored.scored_spent or 0) == pytest.approx(float(scored.scored_planned or 0), abs=10)
    assert scored.scored_found == pytest.approx(scored.scored_predicted, rel=0.02)
    assert scored.scored_found_gain == pytest.approx(scored.scored_predicted_gain, rel=0.1)
    assert scored.scored_total == pytest.approx(4 * sum(CURVES[name].at(spend) for name, spend in plan.items()))
    assert "as predicted" in (scored.scored_words or "")


def test_draws_that_scenarios_stand_on_are_not_let_go(warehouse: Warehouse, owner: Identity, seed: Seed) -> None:
    with warehouse.writing() as session:
        kept, gone = (write_mix_fit(session, account_key=seed.google) for _ in range(2))
    actions.save_scenario(warehouse, owner, question=Question(fit_key=kept), name="kept", first_week=NEXT)
    with warehouse.writing() as session:
        for _ in range(KEPT_DRAWS):
            write_mix_fit(session, account_key=seed.google, weeks=2)
        write_mix(session, [], run_key=1, account_key=seed.google, advertiser_key=1)
    with warehouse.reading(owner.reader) as session:
        assert stored_draws(session, kept)
        assert not stored_draws(session, gone)
