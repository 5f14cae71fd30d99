"""Questions other than a fixed budget: extra money, the least money for an outcome, and where money stops to pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

import numpy as np

from ml.budget.channels import CENT, Channel, intervals_of
from ml.budget.plan import Plan, allocate, check_budget, refusal
from ml.budget.problem import Problem, Rows
from ml.budget.rules import Bounds, OfToday, Rule, Target
from ml.budget.search import Search
from ml.budget.static import problem_of
from ml.plain import plain
from warehouse.errors import BadSetting, Infeasible

_FAR: Final = 1e15  # money: beyond it no curve grows
_GROWTH: Final = 1e-6  # of the outcome: what four times the money must add, or more of it is no use
_TRIES: Final = 20  # of a cent or more, until rounding to cents reaches the target too


def extra_money(channels: Sequence[Channel], extra: Decimal, rules: Sequence[Rule] = ()) -> Plan:
    """Where money on top of today's goes: no channel gets less than today. What moving today's too would add is said.

    Raises :class:`BadSetting` where today's spends are not known, and as :func:`allocate`.
    """
    check_budget(extra)
    unknown = [channel.name for channel in channels if channel.current is None]
    if unknown:
        raise BadSetting(
            f"What {unknown[0]} spends today is not known, so nothing can be added to it.",
            remedy="Give the curves a column current.",
        )
    budget = sum((channel.current or Decimal(0) for channel in channels), Decimal(0)) + extra
    plan = allocate(channels, budget, (*rules, Bounds(low=OfToday(Decimal(0)))))
    free = allocate(channels, budget, rules)
    more = free.objective - plan.objective
    said = f"If today's spends may move too, the same money brings {plain(max(more, 0.0), 6)} more."
    return replace(plan, words=(*plan.words, said))


def least_money(channels: Sequence[Channel], outcome: float, rules: Sequence[Rule] = ()) -> Plan:
    """The cheapest plan that brings an outcome. Raises :class:`Infeasible` where no money does."""
    if not (np.isfinite(outcome) and outcome > 0):
        raise BadSetting(f"The target {outcome:g} is no outcome to reach.", remedy="Give a number above 0.")
    goal = Target(outcome)
    most = _enough(channels, outcome, rules)
    problem = _unbudgeted(channels, (*rules, goal), most)
    found = Search().maximise(replace(problem, worth=np.zeros(problem.spends), price=np.ones(problem.spends)))
    if found is None:
        raise refusal(problem, intervals_of(channels, (*rules, goal), most))
    money = max(_cents(-found.value, ROUND_CEILING), CENT)
    plan = allocate(channels, money, rules)
    for _ in range(_TRIES):
        if plan.objective >= outcome:
            break
        money += max(_cents((outcome - plan.objective) / max(plan.shadow_price, 1e-12), ROUND_CEILING), CENT)
        plan = allocate(channels, money, rules)
    least = f"{-found.bound:,.2f}"
    said = f"{plan.spent:,} is the least that brings {plain(outcome, 6)}: no plan does it for less than {least}."
    return replace(plan, words=(said, *plan.words))


def break_even(channels: Sequence[Channel], value: float, rules: Sequence[Rule] = ()) -> Plan:
    """Spend as long as the next unit of outcome, worth ``value`` of money, pays for itself: the most profit."""
    if not (np.isfinite(value) and value > 0):
        raise BadSetting(f"value == {value:g}, must be above 0.", remedy="Say what a unit of the outcome is worth.")
    top = sum(float(channel.curve.value(np.array(min(channel.curve.top, _FAR)))) for channel in channels)
    floor = sum((channel.low or Decimal(0) for channel in channels), Decimal(0))
    most = _cents(value * top, ROUND_CEILING) + floor + CENT
    problem = _unbudgeted(channels, rules, most)
    earned = replace(problem, worth=np.full(problem.spends, value), price=np.ones(problem.spends))
    found = Search().maximise(earned)
    if found is None:
        raise refusal(problem, intervals_of(channels, rules, most))
    money = _cents(float(found.spend.sum()), ROUND_FLOOR)
    if money <= 0:
        raise Infeasible(
            f"No spend pays for itself where a unit of the outcome is worth {value:g}.",
            remedy="Spend nothing, or give a higher value.",
        )
    plan = allocate(channels, money, rules)
    profit = value * plan.objective - float(plan.spent)
    said = (
        f"{plan.spent:,} earns most: {profit:,.2f} after its cost. Beyond it a unit of money brings less than it costs."
    )
    return replace(plan, words=(said, *plan.words))


def _unbudgeted(channels: Sequence[Channel], rules: Sequence[Rule], most: Decimal) -> Problem:
    problem = problem_of(channels, intervals_of(channels, rules, most), rules, most)
    return replace(problem, equal=Rows.of(problem.spends))


def _enough(channels: Sequence[Channel], outcome: float, rules: Sequence[Rule]) -> Decimal:
    """Money with which the outcome is reached. Raises :class:`Infeasible` where none is enough."""
    money = max(sum((channel.current or Decimal(0) for channel in channels), Decimal(0)), Decimal(1))
    search, reached = Search(), 0.0
    grows = True
    while grows and float(money) < _FAR:
        problem = _unbudgeted(channels, rules, money)
        all_money = Rows.of(problem.spends, [("all money", np.ones(problem.spends), float(money))])
        capped = replace(problem, at_most=problem.at_most.with_rows(all_money))
        found = search.maximise(capped)
        if found is not None and found.value >= outcome:
            return money
        brings = 0.0 if found is None else found.value
        grows, reached = brings > reached * (1 + _GROWTH) or brings == 0, max(reached, brings)
        money *= 4
    raise Infeasible(
        f"No money brings {plain(outcome, 6)}: at most {plain(reached, 6)} can be reached.", remedy="Ask for less."
    )


def _cents(amount: float, rounding: str) -> Decimal:
    return Decimal(repr(amount)).quantize(CENT, rounding)
