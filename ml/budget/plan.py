"""The best plan for a budget under the team's rules: how much each channel spends, how good that is, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import numpy as np

from ml.budget.cents import to_cents
from ml.budget.channels import CENT, Channel, Interval, intervals_of
from ml.budget.curves import BEYOND, Floats
from ml.budget.infeasible import Conflicting, conflict_of
from ml.budget.problem import Problem, Rows
from ml.budget.rules import Rule
from ml.budget.search import Found, Search
from ml.budget.shadow import Binding, binding_of
from ml.budget.static import problem_of
from ml.plain import plain
from warehouse.errors import BadSetting, Infeasible

_NOTHING: Final = 1e-6  # of the mean return: a last unit that brings less brings nothing
PROVEN: Final = 1e-3  # of the bound: a plan so close to it is called the best


@dataclass(frozen=True, slots=True)
class Line:
    """One channel of a plan.

    ``low`` and ``high`` are the bounds that hold, or were given; None where only the budget does. ``marginal`` is what
    the next unit of money would bring here; ``outcome`` what the proposed spend brings, ``today`` what the current one
    does.
    """

    channel: str
    current: Decimal | None
    proposed: Decimal
    low: Decimal
    high: Decimal | None
    marginal: float
    outcome: float
    today: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to spend. ``objective`` is the outcome, which no plan under these rules exceeds ``bound``.

    ``status`` is optimal where the gap between them is at most a thousandth, and best_found otherwise.
    ``shadow_price`` is what one more unit of budget would bring. ``today`` is what today's spends bring, None where
    they are not all known; ``words`` tell what a reader should know.
    """

    status: str
    budget: Decimal
    objective: float
    bound: float
    shadow_price: float
    today: float | None
    lines: tuple[Line, ...]
    binding: tuple[Binding, ...]
    words: tuple[str, ...]

    @property
    def gap(self) -> float:
        return max(self.bound - self.objective, 0.0) / abs(self.bound) if self.bound else 0.0

    @property
    def spent(self) -> Decimal:
        return sum((line.proposed for line in self.lines), Decimal(0))


def allocate(
    channels: Sequence[Channel],
    budget: Decimal,
    rules: Sequence[Rule] = (),
    *,
    weights: Mapping[str, float] | None = None,
    search: Search | None = None,
) -> Plan:
    """Spend the whole budget so that it brings most, and never less than today's plan where that keeps the rules.

    ``weights`` says what a unit of a channel's response is worth. A ``search`` that is kept between calls spares
    compiling. Where rules leave no room for the whole budget, as much is spent as they allow, and that is said. Raises
    :class:`Infeasible`, naming the rules, where nothing keeps them, and :class:`BadSetting`.
    """
    check_budget(budget)
    search = search or Search()
    intervals = intervals_of(channels, rules, budget)
    problem = problem_of(channels, intervals, rules, budget, weights=weights)
    today = today_of(channels)
    known = [] if today is None else [today]
    found = search.maximise(problem, known)
    if found is None:  # the rules leave no room for the whole budget
        problem = replace(problem, equal=Rows.of(problem.spends), at_most=problem.at_most.with_rows(problem.equal))
        found = Search().maximise(problem, known)
    if found is None:
        raise refusal(problem, intervals)
    return plan_of(channels, intervals, problem, found, budget)


def plan_of(
    channels: Sequence[Channel],
    intervals: Sequence[Interval],
    problem: Problem,
    found: Found,
    budget: Decimal,
    value: Callable[[Floats], float] | None = None,
) -> Plan:
    """The plan of what was found, to the cent; ``value`` of spends (n,) is their outcome where none is given."""
    value = value or problem.outcome
    spent = budget if problem.equal.names else min(Decimal(repr(float(found.spend.sum()))).quantize(CENT), budget)
    amounts = to_cents(found.spend, [each.low for each in intervals], [each.high for each in intervals], spent)
    today = today_of(channels)
    before = None if today is None else value(today)
    objective = value(np.array([float(each) for each in amounts]))
    if today is not None and before is not None and before >= objective and problem.allows(today):
        amounts, objective = tuple((channel.current or Decimal(0)) for channel in channels), before
    binding = binding_of(problem, found, intervals)
    shadow_price = float(found.local.of_equal[0]) if found.local.of_equal.size else 0.0
    lines = tuple(
        _line(channel, interval, amount, weight, shadow_price)
        for channel, interval, amount, weight in zip(channels, intervals, amounts, problem.worth, strict=True)
    )
    bound = max(found.bound, objective)
    plan = Plan(
        "optimal" if bound - objective <= PROVEN * abs(bound) else "best_found",
        budget,
        objective,
        bound,
        shadow_price,
        before,
        lines,
        binding,
        (),
    )
    return replace(plan, words=tuple(_words(plan)))


def today_of(channels: Sequence[Channel]) -> Floats | None:
    """(n,) what is spent today, None where it is not known of each channel."""
    known = [channel.current for channel in channels if channel.current is not None]
    return np.array([float(each) for each in known]) if len(known) == len(channels) else None


def check_budget(budget: Decimal) -> None:
    """Refuse what is no amount to spend. Raises :class:`BadSetting`."""
    if not budget.is_finite() or budget <= 0 or budget != budget.quantize(CENT):
        raise BadSetting(f"The budget {budget} is no amount to spend.", remedy="Give money above 0, to the cent.")


def refusal(problem: Problem, intervals: Sequence[Interval]) -> Infeasible:
    """The refusal of rules that no plan keeps together, in words."""
    return refused(conflict_of(problem, intervals))


def refused(conflict: Sequence[Conflicting]) -> Infeasible:
    """The rules of a conflict, and what would do."""
    ways = [each.words for each in conflict if each.words]
    named = dict.fromkeys(each.rule for each in conflict)
    return Infeasible(
        f"No plan keeps these rules together: {'; '.join(named)}.",
        remedy=f"Any one of these would do: {'; '.join(ways)}." if ways else "Take one of them back.",
    )


def _line(channel: Channel, interval: Interval, amount: Decimal, weight: float, shadow_price: float) -> Line:
    at = np.array(float(amount))
    outcome, marginal = float(weight * channel.curve.value(at)), float(weight * channel.curve.slope(at))
    known = channel.current is not None
    today = float(weight * channel.curve.value(np.array(float(channel.current or 0)))) if known else None
    words = _move(channel, amount, outcome, today, marginal, shadow_price, interval)
    high = interval.high if interval.high_words else channel.high
    return Line(channel.name, channel.current, amount, interval.low, high, marginal, outcome, today, words)


def _move(
    channel: Channel, amount: Decimal, outcome: float, today: float | None, marginal: float, price: float,
    interval: Interval,
) -> str:  # fmt: skip
    """Why this channel spends so much."""
    if today is None or channel.current is None:
        moved = f"{channel.name} spends {amount:,} and brings {plain(outcome, 6)}"
    elif amount == channel.current:
        moved = f"{channel.name} stays at {amount:,} and brings {plain(outcome, 6)}"
    else:
        way, change = (
            ("up", amount - channel.current) if amount > channel.current else ("down", channel.current - amount)
        )
        moved = (
            f"{channel.name} goes {way} by {change:,} to {amount:,}, which {'adds' if outcome >= today else 'costs'} "
            f"{plain(abs(outcome - today), 6)}"
        )
    if interval.low == interval.high:
        return f"{moved}: it is held there."
    if interval.high_words and amount >= interval.high - CENT and marginal > price:
        return (
            f"{moved}: it is at its upper bound, where a unit would still bring {plain(marginal)}, {_against(price)}."
        )
    if amount <= interval.low + CENT and marginal < price:
        bound = "its lower bound" if interval.low > 0 else "nothing"
        return f"{moved}: it is at {bound}, as a unit here brings {plain(marginal)}, {_against(price)}."
    return f"{moved}: its next unit brings {plain(marginal)}, {_against(price)}."


def _against(price: float) -> str:
    return f"the budget's last {plain(price)}"


def _words(plan: Plan) -> list[str]:
    said = []
    unspent = plan.budget - plan.spent
    if unspent > 0:
        held = [each.rule for each in plan.binding][:3]
        why = f" ({'; '.join(held)})" if held else ""
        said.append(f"{unspent:,} of the budget is not spent: the rules leave no room for it{why}.")
    elif plan.shadow_price * float(plan.spent) <= _NOTHING * abs(plan.objective):
        said.append("The last of the budget brings nothing: some of it can be spared.")
    far = [line.channel for line in plan.lines if line.high is None and _is_far(line)]
    if far:
        said.append(
            f"{', '.join(far)} would spend more than {BEYOND:g} times what is spent today: bound what was never tried."
        )
    if plan.status != "optimal":
        said.append(f"A plan that brings up to {plan.gap:.2%} more may exist: the search ended before it was excluded.")
    if plan.today is not None:
        current = sum((line.current or Decimal(0) for line in plan.lines), Decimal(0))
        more = plan.objective - plan.today
        said.append(
            f"It brings {plain(plan.objective, 6)} for {plan.spent:,}, {plain(abs(more), 6)} "
            f"{'more' if more >= 0 else 'less'} than today's plan for {current:,}."
        )
    return said


def _is_far(line: Line) -> bool:
    return line.current is not None and float(line.proposed) > BEYOND * float(line.current)
