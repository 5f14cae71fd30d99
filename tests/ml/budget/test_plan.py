"""The plan is the best there is, keeps the rules, and is never worse than today's."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.budget import relaxation
from ml.budget.channels import Channel
from ml.budget.curves import Parametric, Sampled
from ml.budget.plan import Plan, allocate
from ml.budget.rules import Bounds, Cpa, Group, Locked, MinimumBuy, OfToday, Pacing, Roas, Rule, Target
from ml.budget.search import Search
from tests.ml.budget.made import CHANNELS, SEARCH, TV, proposed
from validation.allocations import MIXES, best_on_grid, random_channels
from validation.budget import published_channels
from warehouse.errors import BadSetting, Infeasible

BUDGET = Decimal(100_000)


def moved(channels: tuple[Channel, ...], budget: Decimal, rules: tuple[Rule, ...] = ()) -> float:
    return allocate(channels, budget, rules).objective


@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize("seed", [900, 901, 902])
def test_no_plan_of_dynamic_programming_is_better(mix: str, seed: int) -> None:
    channels, budget = random_channels(seed, mix)
    plan = allocate(channels, budget)
    known = best_on_grid(channels, budget, steps=1_000)
    assert 0.9999 * known <= plan.objective
    assert known <= plan.bound * (1 + 1e-9)
    assert plan.status == "optimal"
    assert plan.spent == budget
    assert plan.today is not None
    assert plan.objective >= plan.today


def test_the_reference_optimum(reference_data: Path) -> None:
    """Meridian's response curves, with its budget and bounds: it found 265.203 million."""
    channels = published_channels(reference_data / "mix")
    plan = allocate(channels, sum((each.current or Decimal(0) for each in channels), Decimal(0)))
    assert plan.objective == pytest.approx(265.209e6, rel=1e-4)
    assert plan.shadow_price == pytest.approx(0.532, abs=0.001)
    assert float(plan.spent) == pytest.approx(219.5e6, rel=1e-3)


def test_marginal_returns_are_equal_where_nothing_binds() -> None:
    plan = allocate(CHANNELS, BUDGET)
    free = [line for line in plan.lines if line.channel != "radio"]
    assert [line.marginal for line in free] == pytest.approx([plan.shadow_price] * 3, rel=1e-3)
    assert "at nothing" in plan.lines[3].words
    assert plan.gap < 1e-6


def test_amounts_sum_to_the_cent() -> None:
    plan = allocate(CHANNELS, Decimal("99999.99"))
    assert plan.spent == Decimal("99999.99")
    assert all(line.proposed == line.proposed.quantize(Decimal("0.01")) for line in plan.lines)


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ((Locked(("tv",)),), lambda of: of["tv"] == 40_000),
        ((Locked(("tv",), Decimal("12345.67")),), lambda of: of["tv"] == Decimal("12345.67")),
        ((Bounds(("search",), Decimal(28_000)),), lambda of: of["search"] >= 28_000),
        ((Bounds((), OfToday(Decimal("-0.1")), OfToday(Decimal("0.1"))),), lambda of: 9_000 <= of["radio"] <= 11_000),
        ((Group("air", ("tv", "radio"), high=Decimal(30_000)),), lambda of: of["tv"] + of["radio"] <= 30_000),
        ((Group("air", ("tv", "radio"), low_share=Decimal("0.6")),), lambda of: of["tv"] + of["radio"] >= 59_999),
        ((Group("air", ("tv",), high_share=Decimal("0.2")),), lambda of: of["tv"] <= Decimal("20000.01")),
        ((Group("air", ("radio",), low=Decimal(5_000)),), lambda of: of["radio"] >= 5_000),
        ((MinimumBuy(("search",), Decimal(50_000)),), lambda of: of["search"] == 0 or of["search"] >= 50_000),
    ],
)
def test_rules_are_kept_and_cost_what_they_say(rules: tuple[Rule, ...], kept) -> None:  # type: ignore[no-untyped-def]
    plan, free = allocate(CHANNELS, BUDGET, rules), allocate(CHANNELS, BUDGET)
    assert kept(proposed(plan.lines))
    assert plan.spent == BUDGET
    assert plan.objective <= free.objective + 1e-9
    if not isinstance(rules[0], MinimumBuy):
        assert any(each.price > 0 for each in plan.binding if "budget is" not in each.rule)


def test_a_minimum_buy_is_decided_rightly() -> None:
    """Against every choice of who is bought, one by one."""
    rules = (MinimumBuy(("search", "social", "radio"), Decimal(33_000)),)
    found = allocate(CHANNELS, BUDGET, rules).objective
    best = 0.0
    for choice in range(8):
        bought = [name for place, name in enumerate(("search", "social", "radio")) if choice >> place & 1]
        fixed: list[Rule] = [Bounds((name,), Decimal(33_000)) for name in bought]
        fixed += [Locked((name,), Decimal(0)) for name in ("search", "social", "radio") if name not in bought]
        try:
            plan = allocate(CHANNELS, BUDGET, fixed)
        except Infeasible:
            continue
        if plan.spent == BUDGET:
            best = max(best, plan.objective)
    assert found == pytest.approx(best, rel=1e-6)


def test_floors_of_outcomes() -> None:
    free = allocate(CHANNELS, BUDGET)
    assert free.objective / 100_000 < 0.0145
    for rule in (Roas(0.0145), Cpa(Decimal(1) / Decimal("0.0145"))):
        plan = allocate(CHANNELS, BUDGET, (rule,))
        assert plan.objective / float(plan.spent) == pytest.approx(0.0145, rel=1e-4)
        assert plan.spent < BUDGET
        assert "is not spent" in plan.words[0]
    with pytest.raises(Infeasible, match=r"all channels together bring at least 1,500.*at most 1,34"):
        allocate(CHANNELS, BUDGET, (Target(1_500),))
    kept = allocate(CHANNELS, BUDGET, (Target(400, ("radio", "social")),))
    assert sum(line.outcome for line in kept.lines[2:]) >= 400 * (1 - 1e-6)


def test_prices_are_what_more_would_bring() -> None:
    """Against differences, of the budget and of each rule that binds."""
    step = Decimal(50)

    def rules(tv: Decimal, air: Decimal, least: Decimal) -> tuple[Rule, ...]:
        return (
            Bounds(("search",), None, tv), Group("air", ("tv", "radio"), high=air), Group("low", ("radio",), low=least),
        )  # fmt: skip

    limits = (Decimal(15_000), Decimal(42_000), Decimal(8_000))
    plan = allocate(CHANNELS, BUDGET, rules(*limits))
    more = moved(CHANNELS, BUDGET + step, rules(*limits)) - moved(CHANNELS, BUDGET - step, rules(*limits))
    assert plan.shadow_price == pytest.approx(more / 100, rel=2e-3)
    prices = {each.rule.split()[0] + each.rule.split()[1]: each.price for each in plan.binding}
    assert len(plan.binding) == 4
    for place, (name, sign) in enumerate([("searchspends", 1), ("groupair", 1), ("grouplow", -1)]):
        ends = []
        for by in (step, -step):
            eased = list(limits)
            eased[place] += by * sign
            ends.append(moved(CHANNELS, BUDGET, rules(*eased)))
        assert prices[name] == pytest.approx((ends[0] - ends[1]) / 100, rel=5e-3), name


def test_more_money_than_there_is_room_for() -> None:
    rules = (Bounds((), None, Decimal(10_000)), Bounds(("tv",), Decimal(10_000)))
    plan = allocate(CHANNELS, BUDGET, rules)
    assert plan.spent == 40_000
    assert plan.words[0].startswith("60,000.00 of the budget is not spent")


def test_what_a_reader_should_know_is_said() -> None:
    far = allocate((Channel("small", Parametric.of("exponential", 1e5, 9_000), Decimal(100)), SEARCH), BUDGET)
    assert "small would spend more than 1.3 times what is spent today: bound what was never tried." in far.words
    sure = Channel("sure", Parametric.of("exponential", 5, 10), Decimal(100_000), None, Decimal(200_000))
    assert allocate((sure,), BUDGET).words[0] == "The last of the budget brings nothing: some of it can be spared."


def test_never_below_today_even_where_a_search_is_cut_short() -> None:
    channels, budget = random_channels(7, "slopes 1.5 to 3, free")
    plan = allocate(channels, budget, search=Search())
    assert plan.today is not None
    assert plan.objective >= plan.today


def test_a_solver_lost_in_rounding_is_asked_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is solved from the inside is the same."""
    plain = allocate(CHANNELS, BUDGET)
    monkeypatch.setattr(relaxation, "_WAYS", (("NOT_A_SOLVER", {}), relaxation._WAYS[-1]))
    other = allocate(CHANNELS, BUDGET)
    assert other.objective == pytest.approx(plain.objective, rel=1e-6)
    assert other.shadow_price == pytest.approx(plain.shadow_price, rel=1e-3)


def test_weights_say_what_a_response_is_worth() -> None:
    plain, dear = allocate(CHANNELS, BUDGET), allocate(CHANNELS, BUDGET, weights={"radio": 3.0})
    assert proposed(dear.lines)["radio"] > proposed(plain.lines)["radio"]
    assert dear.objective == pytest.approx(sum(line.outcome for line in dear.lines))


def test_the_same_form_is_solved_again_without_compiling() -> None:
    search = Search()
    first = allocate(CHANNELS, BUDGET, search=search)
    compiled = search._relaxation
    again = allocate(CHANNELS, BUDGET * 2, search=search)
    assert search._relaxation is compiled
    assert allocate(CHANNELS, BUDGET, search=search).objective == pytest.approx(first.objective, rel=1e-7)
    assert again.objective == pytest.approx(allocate(CHANNELS, BUDGET * 2).objective, rel=1e-7)


def random_plan(seed: int, scale: float, order: list[int]) -> Plan:
    channels, budget = random_channels(seed, "slopes .6 to 3, free", count=4)
    return allocate([channels[place] for place in order], (budget * Decimal(str(scale))).quantize(Decimal("0.01")))


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10_000), st.floats(0.2, 2.0), st.permutations(range(4)))
def test_more_budget_brings_no_less_and_order_does_not_matter(seed: int, scale: float, order: list[int]) -> None:
    plan = random_plan(seed, scale, order)
    more = random_plan(seed, scale * 1.1, [0, 1, 2, 3])
    assert more.bound >= plan.objective
    assert more.objective >= plan.objective * (1 - 2e-5)
    same = random_plan(seed, scale, [0, 1, 2, 3])
    assert same.objective == pytest.approx(plan.objective, rel=2e-5)


@pytest.mark.parametrize("budget", ["0", "-1", "1.001", "NaN", "Infinity"])
def test_budgets_that_are_none(budget: str) -> None:
    with pytest.raises(BadSetting, match="is no amount to spend"):
        allocate(CHANNELS, Decimal(budget))


def test_what_makes_no_sense_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadSetting, match="bounds of tv cross: tv spends at least 95,000"):
        allocate(CHANNELS, BUDGET, (Bounds(("tv",), Decimal(95_000)),))
    with pytest.raises(BadSetting, match="channel 'tvv', which has no curve"):
        allocate(CHANNELS, BUDGET, (Locked(("tvv",)),))
    with pytest.raises(BadSetting, match="is there twice"):
        allocate((TV, TV), BUDGET)
    with pytest.raises(BadSetting, match="needs what search spends today"):
        allocate((TV, Channel("search", SEARCH.curve)), BUDGET, (Locked(("search",)),))
    with pytest.raises(BadSetting, match="about periods, and there are none"):
        allocate(CHANNELS, BUDGET, (Pacing(Decimal("0.2")),))


def test_nothing_beyond_what_is_known_of_a_curve() -> None:
    known = Channel("short", Parametric.of("exponential", 1e6, 5_000, top=7_000.0))
    assert proposed(allocate((known, SEARCH), Decimal(50_000)).lines)["short"] == 7_000
    sampled = Channel("sampled", Sampled.of([100, 200, 400], [1, 50, 90]))
    lines = allocate((sampled, SEARCH), Decimal(50_000)).lines
    assert 100 <= proposed(lines)["sampled"] <= 400
    assert np.isfinite(lines[0].marginal)
