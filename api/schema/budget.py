"""Where money goes: the plan for today's money, what other budgets would bring, and plans on request."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import strawberry

from api.actions import budget as actions
from api.actions.budget import USUAL_WEEKS, Question
from api.schema.context import Info
from api.schema.described import changing, choice, resolved
from api.schema.outcomes import Failure, outcome
from api.schema.paging import First, page_size
from api.schema.scalars import Money
from api.schema.uplift import Interval
from ml.budget import judged
from warehouse.queries import budget as queries


@strawberry.enum(description="What a plan is asked for.")
class BudgetGoal(Enum):
    BUDGET = choice("budget", "To spend so much money a week.")
    EXTRA = choice("extra", "To spend so much a week on top of today's, without taking from any channel.")
    TARGET = choice("target", "To cause so much outcome a week with the least money.")
    VALUE = choice("value", "To spend as long as the next unit of the outcome, worth so much, pays for itself.")


@strawberry.enum(description="The kinds of rules.")
class BudgetRuleKind(Enum):
    BOUNDS = choice("bounds", "Each channel spends from low to high.")
    CHANGE = choice("change", "Each channel changes by at most so much against today.")
    LOCKED = choice("locked", "Each channel spends what it does today, or at.")
    GROUP = choice("group", "These channels together spend from min to max, or such shares of all money.")
    MINIMUM_BUY = choice("minimum_buy", "Each channel spends nothing, or at least min.")
    ROAS = choice("roas", "At least so much outcome for each unit of money.")
    CPA = choice("cpa", "At most so much money for each unit of outcome.")
    TARGET = choice("target", "At least so much outcome.")
    PACING = choice("pacing", "From week to week each channel changes by at most so much of its mean.")
    FLIGHT = choice("flight", "Each channel spends in these weeks alone.")
    PERIOD = choice("period", "All channels together spend from min to max in each of these weeks.")


@strawberry.input(description="A rule that a plan keeps. Which fields it needs stands in the documentation of budgets.")
class BudgetRuleInput:
    rule: BudgetRuleKind = strawberry.field(description="Its kind.")
    channels: list[str] = strawberry.field(description="About these channels; empty: each.", default_factory=list)
    name: str | None = strawberry.field(description="What a group is called.", default=None)
    low: str | None = strawberry.field(description='Money a week, or against today, such as "-20%".', default=None)
    high: str | None = strawberry.field(description='Money a week, or against today, such as "+30%".', default=None)
    at: Money | None = strawberry.field(description="Money a week at which a channel is locked.", default=None)
    most: Decimal | None = strawberry.field(description="The largest change, as a part.", default=None)
    min: Money | None = strawberry.field(description="Money a week at least.", default=None)
    max: Money | None = strawberry.field(description="Money a week at most.", default=None)
    min_share: Decimal | None = strawberry.field(description="At least this part of all money.", default=None)
    max_share: Decimal | None = strawberry.field(description="At most this part of all money.", default=None)
    at_least: Decimal | None = strawberry.field(description="Of roas and target.", default=None)
    at_most: Money | None = strawberry.field(description="Of cpa.", default=None)
    periods: list[int] = strawberry.field(description="Weeks, counted from 1.", default_factory=list)


@strawberry.input(description="What a plan is asked for, and by which fit of the mix.")
class AllocateInput:
    fit_key: int | None = strawberry.field(description="The fit; the published one if omitted.", default=None)
    account_key: int | None = strawberry.field(description="Of this account's advertiser.", default=None)
    outcome: str | None = strawberry.field(
        description="revenue, margin, conversions or new_customers; the first that is fitted if omitted.", default=None
    )
    goal: BudgetGoal = strawberry.field(description="What is asked.", default=BudgetGoal.BUDGET)
    amount: Money | None = strawberry.field(
        description="How much of it, a week; today's money if omitted.", default=None
    )
    rules: list[BudgetRuleInput] = strawberry.field(description="Rules to keep.", default_factory=list)
    caution: float = strawberry.field(description="Weight of the worst draws against the mean, 0 to 1.", default=0.0)
    weeks: int = strawberry.field(description="How many weeks the plan is for.", default=USUAL_WEEKS)


@strawberry.type(description="A rule that keeps a plan from bringing more.")
class BindingRule:
    rule: str = strawberry.field(description="The rule, in words.")
    shadow_price: float = strawberry.field(description="What easing it by one unit would bring, a week.")


@strawberry.type(description="One channel of a plan, a week.")
class PlannedChannel:
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    current: Money = strawberry.field(description="What is spent today: the mean of the newest four weeks.")
    proposed: Money = strawberry.field(description="What the plan spends.")
    change: Money = strawberry.field(description="The difference.")
    least: Money = strawberry.field(description="The least that it may spend.")
    most: Money | None = strawberry.field(description="The most; null: only the budget bounds it.")
    outcome: Interval = strawberry.field(description="What the channel causes under the plan.")
    gain: Interval = strawberry.field(description="By how much that is more than today.")
    shadow_price: Interval = strawberry.field(description="What its next unit of money brings.")
    knowing: float | None = strawberry.field(
        description="What knowing its curve for certain would add to the plan; null where it was not asked."
    )
    words: str = strawberry.field(description="Why it spends so much.")


@strawberry.type(description="A plan for the money of a week, held against today's plan. Nothing is stored.")
class BudgetPlan:
    fit_key: int = strawberry.field(description="The fit that it stands on.")
    outcome_kind: str = strawberry.field(description="revenue, margin, conversions or new_customers.")
    trust: str = strawberry.field(description="green, amber or red: how far the fit can be believed.")
    is_advice: bool = strawberry.field(description="Whether it is advice: not where the fit is red.")
    currency: str = strawberry.field(description="Currency of all money, and of the outcome where it is money.")
    budget: Money = strawberry.field(description="The money of a week.")
    spent: Money = strawberry.field(description="What of it is spent; less where rules leave no room.")
    today: Money = strawberry.field(description="What is spent today.")
    gap: float = strawberry.field(description="By how much, as a part, a better plan may exist.")
    outcome: Interval = strawberry.field(description="What advertising causes.")
    gain: Interval = strawberry.field(description="By how much that is more than today's plan causes.")
    beats_today: float = strawberry.field(description="Probability that it beats today's plan.")
    shadow_price: Interval = strawberry.field(description="What one more unit of money would bring.")
    efficiency_today: float | None = strawberry.field(description="(outcome - spend) / spend of today's plan.")
    efficiency: float | None = strawberry.field(description="The same of this plan; null where it is no money.")
    channels: list[PlannedChannel] = strawberry.field(description="The channels.")
    binding: list[BindingRule] = strawberry.field(description="Rules that bind, the dearest first.")
    words: list[str] = strawberry.field(description="What it does, and what is to be known of it.")


@strawberry.type(description="The best plan for another budget, a week.")
class BudgetPoint:
    budget: Money = strawberry.field(description="The money.")
    outcome: Interval = strawberry.field(description="What advertising causes.")
    shadow_price: float = strawberry.field(description="What one more unit of money would bring.")


@strawberry.type(description="The published plan for today's money by one fit of the mix, a week.")
class Allocation:
    allocation_key: int = strawberry.field(description="Causeway's own key.")
    advertiser: str = strawberry.field(description="Whose money it is.")
    state: str = strawberry.field(description="proposed, or withheld as the fit is not to be trusted.")
    outcome_kind: str = strawberry.field(description="revenue, margin, conversions or new_customers.")
    trust: str = strawberry.field(description="green, amber or red.")
    currency: str = strawberry.field(description="Currency of all money, and of the outcome where it is money.")
    budget: Money = strawberry.field(description="The money.")
    spent: Money = strawberry.field(description="What of it is spent.")
    outcome: Interval = strawberry.field(description="What advertising causes.")
    gain: Interval = strawberry.field(description="By how much that is more than today's plan causes.")
    beats_today: float = strawberry.field(description="Probability that it beats today's plan.")
    regret: float = strawberry.field(description="By how much a plan that knew the truth would be better.")
    shadow_price: Interval = strawberry.field(description="What one more unit of money would bring.")
    efficiency_today: float | None = strawberry.field(description="(outcome - spend) / spend of today's plan.")
    efficiency: float | None = strawberry.field(description="The same of this plan; null where it is no money.")
    level: float = strawberry.field(description="Level of all intervals.")
    words: str = strawberry.field(description="What to do.")
    fit_key: int = strawberry.field(description="The fit that it stands on.")
    run_key: int = strawberry.field(description="The run.")

    @resolved("The channels, those whose money moves most first.")
    def channels(self, info: Info, first: First = 30) -> list[PlannedChannel]:
        rows = queries.allocation_lines(info.context.session, self.allocation_key)
        return [planned_channel(row, row.knowing) for row in rows[: page_size(first)]]

    @resolved("What other budgets would bring, the smallest first.")
    def frontier(self, info: Info, first: First = 30) -> list[BudgetPoint]:
        rows = queries.budget_frontier(info.context.session, self.allocation_key)
        return [
            BudgetPoint(
                budget=Money(row.budget),
                outcome=Interval(estimate=row.outcome, low=row.outcome_low, high=row.outcome_high),
                shadow_price=row.shadow_price,
            )
            for row in rows[: page_size(first)]
        ]


AllocateResult = Annotated[
    BudgetPlan | Failure, strawberry.union("AllocateResult", description="The plan, or why there is none.")
]


@strawberry.type
class BudgetQuery:
    @resolved("The published plans for today's money; for who may read every account of the advertiser.")
    def allocations(self, info: Info, first: First = 5) -> list[Allocation]:
        return [_allocation(row) for row in queries.allocations(info.context.session)[: page_size(first)]]


@strawberry.type
class BudgetMutation:
    @changing("Plan the money of a week under rules, by what a fit of the mix knows. Nothing is stored.")
    def allocate(
        self,
        info: Info,
        asked: Annotated[AllocateInput, strawberry.argument(name="input", description="What is asked.")],
    ) -> AllocateResult:
        c = info.context
        return outcome(lambda: _plan(actions.allocate(c.warehouse, c.identity, question_of(asked))))


def question_of(asked: AllocateInput) -> Question:
    """What is asked, as the actions take it."""
    return Question(
        asked.fit_key, asked.account_key, asked.outcome, asked.goal.value, asked.amount,
        [_rule(rule) for rule in asked.rules], asked.caution, asked.weeks,
    )  # fmt: skip


def _rule(given: BudgetRuleInput) -> dict[str, Any]:
    """As a file of rules would say it."""
    said: dict[str, Any] = {
        "rule": given.rule.value, "channels": given.channels or None, "name": given.name, "low": given.low,
        "high": given.high, "at": given.at, "most": given.most, "min": given.min, "max": given.max,
        "min_share": given.min_share, "max_share": given.max_share, "at_least": given.at_least,
        "at_most": given.at_most, "periods": given.periods or None,
    }  # fmt: skip
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in said.items()
            if value is not None}  # fmt: skip


def _plan(found: actions.Answered) -> BudgetPlan:
    fit, proposal = found.fit, found.proposal
    return BudgetPlan(
        fit_key=fit.fit_key, outcome_kind=fit.outcome, trust=fit.status, is_advice=found.is_advice,
        currency=fit.currency, budget=Money(proposal.budget), spent=Money(proposal.spent),
        today=Money(proposal.today), gap=proposal.gap, outcome=_interval(proposal.outcome),
        gain=_interval(proposal.gain), beats_today=proposal.beats_today, shadow_price=_interval(proposal.price),
        efficiency_today=proposal.efficiency_today, efficiency=proposal.efficiency,
        channels=[
            PlannedChannel(
                channel=line.channel, current=Money(line.current), proposed=Money(line.proposed),
                change=Money(line.change), least=Money(line.least),
                most=None if line.most is None else Money(line.most), outcome=_interval(line.outcome),
                gain=_interval(line.gain), shadow_price=_interval(line.marginal), knowing=None, words=line.words,
            )
            for line in proposal.lines
        ],
        binding=[BindingRule(rule=each.rule, shadow_price=each.price) for each in proposal.binding],
        words=list(proposal.words),
    )  # fmt: skip


def _allocation(row: queries.Allocation) -> Allocation:
    return Allocation(
        allocation_key=row.allocation_key, advertiser=row.advertiser, state=row.state, outcome_kind=row.outcome_kind,
        trust=row.trust, currency=row.currency, budget=Money(row.budget), spent=Money(row.spent),
        outcome=Interval(estimate=row.outcome, low=row.outcome_low, high=row.outcome_high),
        gain=Interval(estimate=row.gain, low=row.gain_low, high=row.gain_high), beats_today=row.beats_today,
        regret=row.regret, shadow_price=price_of(row), efficiency_today=row.efficiency_today,
        efficiency=row.efficiency, level=row.level, words=row.words, fit_key=row.fit_key, run_key=row.run_key,
    )  # fmt: skip


def planned_channel(row: queries.AllocationLine | queries.ScenarioLine, knowing: float | None) -> PlannedChannel:
    """One channel of a stored plan as the schema has it."""
    return PlannedChannel(
        channel=row.channel, current=Money(row.current), proposed=Money(row.proposed), change=Money(row.change),
        least=Money(row.least), most=None if row.most is None else Money(row.most),
        outcome=Interval(estimate=row.outcome, low=row.outcome_low, high=row.outcome_high),
        gain=Interval(estimate=row.gain, low=row.gain_low, high=row.gain_high), shadow_price=price_of(row),
        knowing=knowing, words=row.words,
    )  # fmt: skip


def price_of(row: queries.Allocation | queries.AllocationLine | queries.Scenario | queries.ScenarioLine) -> Interval:
    """What the next unit of money brings."""
    return Interval(estimate=row.shadow_price, low=row.shadow_price_low, high=row.shadow_price_high)


def _interval(found: judged.Interval) -> Interval:
    return Interval(estimate=found.estimate, low=found.low, high=found.high)
