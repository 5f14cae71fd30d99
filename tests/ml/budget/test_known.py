"""What a stored fit knows: curves by draw, weeks with carry-over by hand, and a plan that was carried out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from ml.budget.bulk_sheets import sheets_of
from ml.budget.known import Known, known_of
from ml.budget.planning import Planner
from ml.budget.proposal import Asked
from ml.budget.rules import Bounds, Flight, Locked, OfToday, Pacing
from ml.budget.scoring import Planned, score
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.queries.budget_inputs import CampaignSpend, StoredChannel, StoredDraws, StoredFit, StoredSpend

MONDAY = dt.date(2026, 1, 5)
WEEKS, DRAWS = 20, 120
TOPS = {"tv": 8_000.0, "search": 5_000.0}


def fit_of(weeks: int = WEEKS, status: str = "green", outcome: str = "revenue") -> StoredFit:
    channels = tuple(StoredChannel(name, Decimal(4_000)) for name in TOPS)
    last = MONDAY + dt.timedelta(weeks=weeks - 1)
    return StoredFit(1, 1, 1, 1, outcome, "order", "EUR", MONDAY, last, 7, status, 0.9, DRAWS, "", channels)


def draws() -> list[StoredDraws]:
    chance = np.random.default_rng(3)
    found = []
    for name, top in TOPS.items():
        beta = (top * np.exp(0.1 * chance.standard_normal(DRAWS))).tolist()
        half = [1_000.0] * 60
        found.append(StoredDraws(name, 0, "geometric", "michaelis_menten", 0, beta[:60], half, None, (0.5, 0.3, 0.2)))
        found.append(StoredDraws(name, 1, "geometric", "hill", 60, beta[60:], half, [1.0] * 60, (0.5, 0.3, 0.2)))
    return found


def spends(weeks: int = WEEKS, later: dict[str, list[int]] | None = None) -> list[StoredSpend]:
    told = []
    for name in TOPS:
        amounts = [1_000] * WEEKS + (later or {}).get(name, [1_000] * (weeks - WEEKS))
        told += [
            StoredSpend(name, MONDAY + dt.timedelta(weeks=week), Decimal(amount))
            for week, amount in enumerate(amounts[:weeks])
        ]
    return told


@pytest.fixture(scope="module")
def known() -> Known:
    return known_of(fit_of(), draws(), spends())


def test_today_is_the_mean_of_the_newest_weeks() -> None:
    told = [*spends()[:-2], StoredSpend("search", MONDAY + dt.timedelta(weeks=18), Decimal(3_000)),
            StoredSpend("search", MONDAY + dt.timedelta(weeks=19), Decimal("2000.04"))]  # fmt: skip
    found = {channel.name: channel for channel in known_of(fit_of(), draws(), told).channels}
    assert found["search"].current == Decimal("1750.01")
    assert found["tv"].current == 1_000


def test_weeks_by_hand(known: Known) -> None:
    tv = known.channels[0]
    came = tv.over_weeks([2_000.0, 0.0])
    beta = np.concatenate([draws()[0].beta, draws()[1].beta])
    first, second = (0.5 * 2_000 + 0.3 * 1_000 + 0.2 * 1_000, 0.3 * 2_000 + 0.2 * 1_000)
    assert came[:, 0] == pytest.approx(beta * first / (first + 1_000))
    assert came[:, 1] == pytest.approx(beta * second / (second + 1_000))
    assert tv.over_weeks([1_000.0], gap=3) == pytest.approx(tv.over_weeks([1_000.0]))
    assert sum(tv.carry.weights) == pytest.approx(1)


def test_steady_weeks_bring_what_the_curve_says(known: Known) -> None:
    proposal = Planner(known).propose(Asked(rules=(Locked(("tv", "search")),)))
    by_week = sum(channel.over_weeks([1_000.0])[:, 0].mean() for channel in known.channels)
    assert proposal.outcome.estimate == pytest.approx(by_week)
    assert proposal.gain.estimate == 0
    assert "stays" in proposal.words[0]


def test_the_price_is_a_finite_difference_and_the_efficiency_by_hand(known: Known) -> None:
    planner = Planner(known)
    some, more = (planner.propose(Asked(Decimal(amount))) for amount in ("2000", "2010"))
    slope = (more.outcome.estimate - some.outcome.estimate) / 10
    assert some.price.estimate == pytest.approx(slope, rel=0.01)
    assert some.efficiency == pytest.approx((some.outcome.estimate - 2_000) / 2_000)
    assert some.price.low < some.price.estimate < some.price.high


def test_the_same_question_has_the_same_answer_whatever_came_before(known: Known) -> None:
    planner = Planner(known)
    for asked in (Asked(Decimal(3_100)), Asked(Decimal(3_100), caution=0.5)):
        first = planner.propose(asked)
        for budget in (2_000, 3_000, 7_000):
            planner.propose(replace(asked, amount=Decimal(budget)))
        for again in (planner.propose(asked), Planner(known).propose(asked)):
            assert (again.lines, again.words, again.gain) == (first.lines, first.words, first.gain)


def test_counts_have_no_efficiency_and_say_their_name() -> None:
    told = known_of(fit_of(outcome="conversions"), draws(), spends())
    proposal = Planner(told).propose(Asked())
    assert proposal.efficiency is None
    assert "conversions a week" in proposal.words[0]


def test_rules_over_weeks_are_kept_and_refused_where_nothing_can_be_said(known: Known) -> None:
    planner = Planner(known)
    flown = planner.propose(Asked(rules=(Flight(("tv",), (2,)),), weeks=3))
    tv = next(line for line in flown.lines if line.channel == "tv")
    assert [week > 0 for week in tv.weekly] == [False, True, False]
    assert sum(sum(line.weekly) for line in flown.lines) == 6_000
    paced = planner.propose(Asked(Decimal(2_200), rules=(Pacing(Decimal("0.1")),), weeks=4))
    for line in paced.lines:
        mean = sum(line.weekly) / 4
        steps = [abs(after - before) for before, after in zip(line.weekly, line.weekly[1:], strict=False)]
        assert max(steps) <= mean / 10 + Decimal("0.02")
    for asked in (
        Asked(Decimal(9), "value", (Pacing(Decimal("0.1")),)),
        Asked(rules=(Flight(("tv",), (1,)),), caution=1),
    ):
        with pytest.raises(BadSetting, match="over weeks"):
            planner.propose(asked)


def test_relative_bounds_beyond_what_was_tried_open_the_curve(known: Known) -> None:
    planner = Planner(known)
    wide = Asked(Decimal(8_500), rules=(Bounds(("tv",), None, OfToday(Decimal("3.8"))),))
    assert planner.propose(wide).lines[0].proposed == 4_800
    assert planner.propose(replace(wide, rules=())).lines[0].proposed == 4_000


def test_nothing_spent_is_no_budget() -> None:
    nothing = [
        replace(one, spend=Decimal(0)) if one.week >= MONDAY + dt.timedelta(weeks=16) else one for one in spends()
    ]
    planner = Planner(known_of(fit_of(), draws(), nothing))
    with pytest.raises(NotEnoughData, match="no budget of today"):
        planner.propose(Asked())
    assert planner.propose(Asked(Decimal(500))).spent == 500


def test_a_plan_that_was_followed_is_kept_and_one_that_was_not_is_told(known: Known) -> None:
    plan = {"tv": [Decimal(2_000)] * 4, "search": [Decimal(500)] * 4}
    planned = Planned(known.next_week, 4, plan, {name: Decimal(1_000) for name in TOPS})
    for spent, kept in (({"tv": [2_000] * 4, "search": [500] * 4}, True), ({"tv": [0] * 4, "search": [0] * 4}, False)):
        now = spends(WEEKS + 4, spent)
        found = score(planned, known, known_of(fit_of(WEEKS + 4), draws(), now), now)
        assert found.realised.kept == kept
        assert found.planned == 10_000
        assert found.spent == sum(sum(weeks) for weeks in spent.values())
        if kept:
            assert found.found.estimate == pytest.approx(found.predicted.estimate)
            assert found.found_gain.estimate == pytest.approx(found.predicted_gain.estimate)
        else:
            assert found.efficiency is None
            assert "less than predicted" in found.words
    with pytest.raises(NotEnoughData, match="knows weeks up to"):
        score(planned, known, known, spends())


def test_sheets_spend_no_more_than_planned_and_say_what_is_left() -> None:
    campaigns = [
        CampaignSpend("tiktok_ads", "7", "USD", "tv", "1", "=TV, one", Decimal(300), Decimal(330)),
        CampaignSpend("tiktok_ads", "7", "USD", "tv", "2", "Two", Decimal(100), Decimal(110)),
    ]
    found = sheets_of({"tv": Decimal(700), "radio": Decimal(10)}, campaigns, 7)
    assert found.words.startswith("No campaign of radio")
    (sheet,) = found.sheets
    assert sheet.text.splitlines()[1:] == [
        "7,tv,1,\"'=TV, one\",82.50,577.50,USD", "7,tv,2,Two,27.50,192.50,USD",
    ]  # fmt: skip


def test_a_fit_whose_draws_were_let_go_is_said() -> None:
    with pytest.raises(NotEnoughData, match="were let go"):
        known_of(fit_of(), [], spends())
