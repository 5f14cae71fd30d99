"""What is proposed: where money goes, what that brings by draw with its interval, and why, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from ml.budget.channels import CENT
from ml.budget.judged import Interval
from ml.budget.rules import Rule
from ml.budget.shadow import Binding
from ml.plain import plain
from warehouse.queries.budget_inputs import StoredFit

Goal = Literal["budget", "extra", "target", "value"]
GOALS: Final[tuple[Goal, ...]] = ("budget", "extra", "target", "value")
UNITS: Final = {
    "revenue": "revenue", "margin": "margin", "conversions": "conversions", "new_customers": "new customers",
}  # fmt: skip


_APART: Final = 0.04  # of the budget's price: what a channel brings so far from it is held by a rule


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is asked for.

    ``amount`` is the budget of a week, money of a week on top of today's, an outcome of a week, or what a unit of the
    outcome is worth, as the goal has it; None is today's money. ``caution`` is the weight of the worst draws against
    the mean of all. Rules over periods count in ``weeks``.
    """

    amount: Decimal | None = None
    goal: Goal = "budget"
    rules: tuple[Rule, ...] = ()
    caution: float = 0.0
    weeks: int = 13


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """One channel, by a week. ``most`` is None where only the budget bounds it; ``weekly`` is by week of the plan."""

    channel: str
    current: Decimal
    proposed: Decimal
    least: Decimal
    most: Decimal | None
    outcome: Interval
    gain: Interval
    marginal: Interval
    weekly: tuple[Decimal, ...]
    words: str

    @property
    def change(self) -> Decimal:
        return self.proposed - self.current


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan by a week, held against today's. ``price`` is what one more unit of money would bring.

    ``efficiency`` is (outcome - spend) / spend, None where the outcome is not money. ``words`` begin with the answer.
    """

    asked: Asked
    status: str
    budget: Decimal
    spent: Decimal
    today: Decimal
    gap: float
    before: Interval
    outcome: Interval
    gain: Interval
    beats_today: float
    price: Interval
    efficiency_today: float | None
    efficiency: float | None
    lines: tuple[ProposedLine, ...]
    binding: tuple[Binding, ...]
    words: tuple[str, ...]

    @property
    def moved(self) -> Decimal:
        """How much money goes elsewhere than today, money on top included."""
        return sum((line.change for line in self.lines if line.change > 0), Decimal(0))


def money(fit: StoredFit, amount: float | Decimal) -> str:
    """An amount in whole units, of which a week has many."""
    return f"{amount:,.0f} {fit.currency}"


def brought(fit: StoredFit, amount: float) -> str:
    """An outcome with its unit."""
    if fit.is_money:
        return f"{money(fit, amount)} of {UNITS[fit.outcome]}"
    return f"{_few(amount)} {UNITS[fit.outcome]}"


def between(fit: StoredFit, interval: Interval) -> str:
    """The ends of an interval of an outcome."""
    show = (lambda end: f"{end:,.0f}") if fit.is_money else _few
    return f"{show(interval.low)} to {show(interval.high)}"


def answer(fit: StoredFit, lines: Sequence[ProposedLine], spent: Decimal, gain: Interval, beats_today: float) -> str:
    """What the plan does, in a sentence."""
    up = [line for line in lines if line.change >= 1]
    down = [line for line in lines if line.change <= -1]
    if not up and not down:
        return f"Today's plan for {money(fit, spent)} a week stays: no move under these rules is expected to add to it."
    more = [f"{money(fit, line.change)} more for {_name(line.channel)}" for line in _largest(up)]
    less = [f"{money(fit, -line.change)} less for {_name(line.channel)}" for line in _largest(down)]
    moves = ", ".join([*more[:3], *less[:2]])
    way = "adds" if gain.estimate >= 0 else "gives up"
    return (
        f"{money(fit, spent)} a week, with {moves}, {way} {brought(fit, abs(gain.estimate))} a week "
        f"({between(fit, gain)}) and beats today's plan with a probability of {beats_today:.0%}."
    )


def explained(fit: StoredFit, line: ProposedLine, price: Interval, trusted: Decimal) -> str:
    """Why a channel spends so much."""
    name, each = _name(line.channel), f"1 {fit.currency}"
    if abs(line.change) < 1:
        moved = f"{name} stays at {money(fit, line.proposed)} a week"
    else:
        way = "up" if line.change > 0 else "down"
        gains = "adds" if line.gain.estimate >= 0 else "costs"
        size = brought(fit, abs(line.gain.estimate))
        moved = (
            f"{name} goes {way} by {money(fit, abs(line.change))} to {money(fit, line.proposed)} a week, which {gains} "
            f"{size} ({between(fit, line.gain)})"
        )
    next_one, last_one = rate(fit, line.marginal.estimate), rate(fit, price.estimate)
    if line.most is not None and line.least == line.most:
        return f"{moved}: a rule holds it there."
    if line.most is not None and line.proposed >= line.most - CENT and line.marginal.estimate > price.estimate:
        why = "more was never tried" if abs(line.most - trusted) <= CENT else "it is at its upper bound"
        return f"{moved}: {why}, though the next {each} would still bring {next_one}, the budget's last {last_one}."
    if line.proposed <= line.least + CENT and line.marginal.estimate < price.estimate:
        bound = "its lower bound" if line.least > 0 else "nothing"
        return f"{moved}: it is at {bound}, as {each} here brings {next_one}, the budget's last {last_one}."
    if abs(line.marginal.estimate - price.estimate) > _APART * abs(price.estimate):
        return (
            f"{moved}: a rule over several channels holds it, as its next {each} brings {next_one}, the budget's last "
            f"{last_one}."
        )
    return f"{moved}: its next {each} brings {next_one}, as the budget's last does elsewhere ({last_one})."


def rate(fit: StoredFit, value: float) -> str:
    """What a unit of money brings."""
    return f"{value:.2f} {fit.currency}" if fit.is_money else f"{plain(value, 3)} {UNITS[fit.outcome]}"


def _largest(lines: Sequence[ProposedLine]) -> list[ProposedLine]:
    return sorted(lines, key=lambda line: -abs(line.change))


def _name(channel: str) -> str:
    return channel.replace("_", " ")


def _few(count: float) -> str:
    return f"{count:,.1f}" if abs(count) < 9.95 else f"{count:,.0f}"
