"""Plans over joint draws: as good as any other way of solving them, judged and worth knowing more about."""

from __future__ import annotations

from decimal import Decimal

import cvxpy as cp
import numpy as np
import pytest

from ml.budget.channels import Channel
from ml.budget.curves import Parametric
from ml.budget.draws import Drawn
from ml.budget.judged import clairvoyant, judge
from ml.budget.plan import allocate
from ml.budget.robust import Caution, Robust
from ml.budget.rules import Bounds, Group, MinimumBuy
from ml.budget.value_of_information import value_of_information
from warehouse.errors import BadSetting, Infeasible, NotEnoughData

COUNT = 120
BUDGET = Decimal(200)


def made(seed: int = 1, spread: tuple[float, ...] = (0.6, 0.3, 0.05), *, shaped: bool = False) -> dict[str, Drawn]:
    """Three channels, the first the best on average and the least sure."""
    chance = np.random.default_rng(seed)
    draws = {}
    for place, wide in enumerate(spread):
        beta = (130 - 15 * place) * np.exp(wide * chance.standard_normal(COUNT) - wide**2 / 2)
        theta = 60 * np.exp(0.2 * chance.standard_normal(COUNT))
        slope = 1.2 * np.exp(0.3 * chance.standard_normal(COUNT))
        curve = ("hill", beta, theta, slope) if shaped else ("exponential", beta, theta)
        draws[f"c{place}"] = Drawn.of(*curve, top=200.0)
    return draws


DRAWS = made()
CHANNELS = tuple(Channel(name, drawn.expected(), Decimal(70)) for name, drawn in DRAWS.items())


def spends_of(plan) -> np.ndarray:  # type: ignore[no-untyped-def]
    return np.array([float(line.proposed) for line in plan.lines])


def by_cones(caution: Caution) -> float:
    """The same program in exponential cones, which know of no piece and no step."""
    spend, tail, short = cp.Variable(3), cp.Variable(), cp.Variable(COUNT, nonneg=True)
    outcomes = 0
    for place, drawn in enumerate(DRAWS.values()):
        part = drawn.parts[0]
        outcomes += cp.multiply(part.beta, 1 - cp.exp(-cp.multiply(1 / part.shape[0], spend[place])))
    worst = tail - cp.sum(short) / (caution.tail * COUNT)
    value = (1 - caution.weight) * cp.sum(outcomes) / COUNT + caution.weight * worst
    return float(cp.Problem(cp.Maximize(value), [short >= tail - outcomes, spend >= 0, cp.sum(spend) == 200]).solve())


@pytest.mark.parametrize("caution", [Caution(), Caution(1.0, 0.25), Caution(0.0)])
def test_as_good_as_the_cone_program(caution: Caution) -> None:
    plan = Robust(CHANNELS, DRAWS, caution).allocate(BUDGET)
    known = by_cones(caution)
    assert plan.objective == pytest.approx(known, rel=1e-5)
    assert plan.bound >= known * (1 - 1e-6)
    assert plan.gap < 1e-4
    assert plan.spent == BUDGET


def test_caution_buys_the_bad_draws_with_the_mean() -> None:
    bold, careful = (Robust(CHANNELS, DRAWS, Caution(weight)) for weight in (0.0, 1.0))
    one, other = spends_of(bold.allocate(BUDGET)), spends_of(careful.allocate(BUDGET))
    assert other[0] < one[0]
    assert careful.value(other) > careful.value(one)
    assert bold.value(other) < bold.value(one)
    assert bold.value(one) == pytest.approx(allocate(CHANNELS, BUDGET).objective, rel=1e-6)


def test_what_is_compiled_serves_other_budgets() -> None:
    robust = Robust(CHANNELS, DRAWS, Caution())
    robust.allocate(BUDGET)
    form = robust._form
    again = robust.allocate(Decimal(150))
    assert robust._form is form
    assert again.objective == pytest.approx(
        Robust(CHANNELS, DRAWS, Caution()).allocate(Decimal(150)).objective, rel=1e-6
    )


def test_s_shaped_draws_are_bounded_too() -> None:
    draws = made(2, shaped=True)
    channels = [Channel(name, drawn.expected(), Decimal(50)) for name, drawn in draws.items()]
    robust = Robust(channels, draws, Caution())
    plan = robust.allocate(Decimal(150))
    grid = [np.array([a, b, 150 - a - b], dtype=float) for a in range(0, 151, 5) for b in range(0, 151 - a, 5)]
    assert plan.objective >= max(robust.value(each) for each in grid) - 1e-6
    assert plan.objective <= plan.bound
    assert plan.gap < 0.02


def test_rules_are_kept() -> None:
    rules = (Bounds(("c0",), None, Decimal(40)), Group("two", ("c0", "c1"), high=Decimal(90)))
    robust = Robust(CHANNELS, DRAWS, Caution())
    spends = spends_of(robust.allocate(BUDGET, rules))
    assert spends[0] <= 40
    assert spends[0] + spends[1] <= 90.01
    prices = robust.prices(BUDGET, (rules[0],))
    assert prices.budget.low < prices.budget.estimate < prices.budget.high
    assert prices.bounds["c0"].estimate > 0
    with pytest.raises(Infeasible):
        robust.allocate(BUDGET, (Bounds((), Decimal(90)),))
    with pytest.raises(BadSetting, match="not kept by a cautious plan"):
        robust.allocate(BUDGET, (MinimumBuy((), Decimal(90)),))
    with pytest.raises(BadSetting, match="'radio' has no draws"):
        Robust((*CHANNELS, Channel("radio", Parametric.of("logistic", 1, 1))), DRAWS, Caution())
    with pytest.raises(BadSetting, match="tail 0 is none"):
        Robust(CHANNELS, DRAWS, Caution(0.5, 0.0))


def test_a_judgement_is_by_draw() -> None:
    proposed, today = {"c0": 90.0, "c1": 60.0, "c2": 50.0}, {"c0": 0.0, "c1": 100.0, "c2": 100.0}
    bounds = dict.fromkeys(DRAWS, (0.0, 200.0))
    found = judge(DRAWS, proposed, today, bounds)
    gains = sum(
        drawn.by_draw(np.array([proposed[name]]))[:, 0] - drawn.by_draw(np.array([today[name]]))[:, 0]
        for name, drawn in DRAWS.items()
    )
    assert found.beats_today == np.mean(gains > 0)
    assert found.gain.estimate == pytest.approx(np.mean(gains))
    assert sum(each.estimate for each in found.gain_by_channel.values()) == pytest.approx(found.gain.estimate)
    assert found.regret > 0
    with pytest.raises(BadSetting, match="said of the channel 'c2'"):
        judge(DRAWS, {"c0": 1.0, "c1": 1.0}, today, bounds)


def test_the_clairvoyant_plans_each_draw_as_if_alone() -> None:
    best, plans = clairvoyant(list(DRAWS.values()), [(0.0, 200.0)] * 3, 200.0)
    assert plans.sum(axis=1) == pytest.approx(np.full(COUNT, 200.0))
    for draw in (0, 7):
        channels = [
            Channel(name, Parametric.of("exponential", drawn.parts[0].beta[draw], drawn.parts[0].shape[0][draw]))
            for name, drawn in DRAWS.items()
        ]
        assert best[draw] == pytest.approx(allocate(channels, BUDGET).objective, rel=2e-4)


def test_what_is_least_sure_is_most_worth_knowing() -> None:
    bounds = dict.fromkeys(DRAWS, (0.0, 200.0))
    proposed = dict(zip(DRAWS, spends_of(allocate(CHANNELS, BUDGET)), strict=True))
    found = value_of_information(DRAWS, proposed, bounds)
    assert found[0].channel == "c0"
    assert found[-1].channel == "c2"
    assert found[0].worth > 3 * found[-1].worth
    best, _ = clairvoyant(list(DRAWS.values()), [(0.0, 200.0)] * 3, 200.0)
    everything = best.mean() - allocate(CHANNELS, BUDGET).objective
    assert 0.3 * everything < sum(each.worth for each in found) < 1.3 * everything
    few = {name: Drawn.of("exponential", np.ones(20), np.ones(20), top=1.0) for name in DRAWS}
    with pytest.raises(NotEnoughData, match="20 draws say too little"):
        value_of_information(few, proposed, bounds)
