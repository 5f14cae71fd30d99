"""Where money goes: the plan for today's money, plans on request, and scenarios."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import strawberry

from api.actions import budget as actions
from api.actions.budget import USUAL_WEEKS, Question
from api.schema.context import Info
from api.schema.described import changing, choice, resolved
from api.schema.outcomes import Failure, IdempotencyKey, outcome
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
    def channels(self, info: Info, first: First = 50) -> list[PlannedChannel]:
        rows = queries.allocation_lines(info.context.session, self.allocation_key)
        return [_line(row, row.knowing) for row in rows[: page_size(first)]]

    @resolved("What other budgets would bring, the smallest first.")
    def frontier(self, info: Info, first: First = 50) -> list[BudgetPoint]:
        rows = queries.budget_frontier(info.context.session, self.allocation_key)
        return [
            BudgetPoint(
                budget=Money(row.budget),
                outcome=Interval(estimate=row.outcome, low=row.outcome_low, high=row.outcome_high),
                shadow_price=row.shadow_price,
            )
            for row in rows[: page_size(first)]
        ]


@strawberry.type(description="What a channel spends and causes in a week of a scenario.")
class ScenarioWeek:
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    week: dt.date = strawberry.field(description="First day of the week.")
    spend: Money = strawberry.field(description="What it spends.")
    outcome: Interval = strawberry.field(description="What it causes in the week, from earlier spend too.")


@strawberry.type(description="What came of a channel of a scenario, over all weeks.")
class ScoredChannel:
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    planned: Money = strawberry.field(description="What was to be spent.")
    spent: Money = strawberry.field(description="What was.")
    predicted: Interval = strawberry.field(description="What it was predicted to cause.")
    found: Interval = strawberry.field(description="What it caused, by a newer fit.")
    is_kept: bool = strawberry.field(description="Whether that lies in the predicted interval.")


@strawberry.type(description="What came of a scenario, over all its weeks.")
class ScenarioScore:
    scored_at: dt.datetime = strawberry.field(description="When it was scored.")
    planned: Money = strawberry.field(description="What was to be spent.")
    spent: Money = strawberry.field(description="What was.")
    total: float = strawberry.field(description="The whole outcome, with what came without advertising.")
    predicted: Interval = strawberry.field(description="What advertising was predicted to cause.")
    found: Interval = strawberry.field(description="What it caused, by a newer fit.")
    predicted_gain: Interval = strawberry.field(description="By how much it was to be more than going on as before.")
    found_gain: Interval = strawberry.field(description="By how much it was.")
    efficiency: float | None = strawberry.field(description="(found - spent) / spent.")
    is_kept: bool = strawberry.field(description="Whether what was found lies in the predicted interval.")
    words: str = strawberry.field(description="What came of it.")
    fit_key: int = strawberry.field(description="The fit that scored it.")


@strawberry.type(description="A plan that somebody saved. Money and outcomes are those of a week.")
class Scenario:
    row: strawberry.Private[queries.Scenario]
    scenario_key: int = strawberry.field(description="Causeway's own key.")
    account_key: int = strawberry.field(description="The account that it was saved for.")
    name: str = strawberry.field(description="Its name.")
    state: str = strawberry.field(description="draft, approved or archived.")
    outcome_kind: str = strawberry.field(description="revenue, margin, conversions or new_customers.")
    trust: str = strawberry.field(description="green, amber or red: how far its fit can be believed.")
    goal: BudgetGoal = strawberry.field(description="What was asked.")
    amount: Money = strawberry.field(description="How much of it.")
    rules: list[str] = strawberry.field(description="The rules that it keeps, as a file has them, each as JSON.")
    caution: float = strawberry.field(description="Weight of the worst draws.")
    first_week: dt.date = strawberry.field(description="First day of its first week.")
    weeks: int = strawberry.field(description="How many weeks it is for.")
    budget: Money = strawberry.field(description="The money.")
    spent: Money = strawberry.field(description="What of it is spent.")
    currency: str = strawberry.field(description="Currency of all money, and of the outcome where it is money.")
    outcome: Interval = strawberry.field(description="What advertising causes.")
    gain: Interval = strawberry.field(description="By how much that is more than the plan of the day it was saved.")
    beats_today: float = strawberry.field(description="Probability that it beats that plan.")
    regret: float = strawberry.field(description="By how much a plan that knew the truth would be better.")
    shadow_price: Interval = strawberry.field(description="What one more unit of money would bring.")
    efficiency_today: float | None = strawberry.field(description="(outcome - spend) / spend of that plan.")
    efficiency: float | None = strawberry.field(description="The same of the scenario.")
    level: float = strawberry.field(description="Level of all intervals.")
    words: str = strawberry.field(description="What it does.")
    created_at: dt.datetime = strawberry.field(description="When it was saved.")
    approved_at: dt.datetime | None = strawberry.field(description="When it was approved; null: not yet.")
    fit_key: int = strawberry.field(description="The fit that it stands on.")
    score: ScenarioScore | None = strawberry.field(description="What came of it; null until it is scored.")

    @resolved("The channels, those whose money moves most first.")
    def channels(self, info: Info, first: First = 50) -> list[PlannedChannel]:
        rows = queries.scenario_lines(info.context.session, self.scenario_key)
        return [_line(row, None) for row in rows[: page_size(first)]]

    @resolved("The plan by week, then channel.")
    def plan(self, info: Info, first: First = 100) -> list[ScenarioWeek]:
        rows = queries.scenario_weeks(info.context.session, self.scenario_key)
        return [
            ScenarioWeek(
                channel=row.channel, week=row.week, spend=Money(row.spend),
                outcome=Interval(estimate=row.outcome, low=row.outcome_low, high=row.outcome_high),
            )
            for row in rows[: page_size(first)]
        ]  # fmt: skip

    @resolved("Rules that bind, the dearest first.")
    def binding(self, info: Info, first: First = 50) -> list[BindingRule]:
        rows = queries.scenario_rules(info.context.session, self.scenario_key)
        return [BindingRule(rule=row.rule, shadow_price=row.shadow_price) for row in rows[: page_size(first)]]

    @resolved("What came of each channel; empty until it is scored.")
    def scored(self, info: Info, first: First = 50) -> list[ScoredChannel]:
        rows = queries.scenario_lines(info.context.session, self.scenario_key)
        found = [_scored(row) for row in rows[: page_size(first)]]
        return [one for one in found if one is not None]


ScenarioKey = Annotated[int, strawberry.argument(description="Key of the scenario.")]
AllocateResult = Annotated[
    BudgetPlan | Failure, strawberry.union("AllocateResult", description="The plan, or why there is none.")
]
ScenarioResult = Annotated[
    Scenario | Failure, strawberry.union("ScenarioResult", description="The scenario, or why nothing was changed.")
]


@strawberry.type
class BudgetQuery:
    @resolved("The published plans for today's money; for who may read every account of the advertiser.")
    def allocations(self, info: Info, first: First = 20) -> list[Allocation]:
        return [_allocation(row) for row in queries.allocations(info.context.session)[: page_size(first)]]

    @resolved("Scenarios, the newest first; for who may read every account of the advertiser.")
    def scenarios(
        self,
        info: Info,
        archived: Annotated[bool, strawberry.argument(description="Also those that were put away.")] = False,
        first: First = 50,
    ) -> list[Scenario]:
        rows = queries.scenarios(info.context.session, archived=archived, limit=page_size(first))
        return [scenario_of(row) for row in rows]

    @resolved("One scenario.")
    def scenario(self, info: Info, scenario_key: ScenarioKey) -> Scenario:
        return scenario_of(queries.scenario(info.context.session, scenario_key))


@strawberry.type
class BudgetMutation:
    @changing("Plan the money of a week under rules, by what a fit of the mix knows. Nothing is stored.")
    def allocate(
        self,
        info: Info,
        asked: Annotated[AllocateInput, strawberry.argument(name="input", description="What is asked.")],
    ) -> AllocateResult:
        c = info.context
        return outcome(lambda: _plan(actions.allocate(c.warehouse, c.identity, _question(asked))))

    @changing("Save a plan as a scenario. For managers of the account.")
    def save_scenario(
        self,
        info: Info,
        asked: Annotated[AllocateInput, strawberry.argument(name="input", description="What is asked.")],
        name: Annotated[str, strawberry.argument(description="Its name.")],
        first_week: Annotated[
            dt.date | None, strawberry.argument(description="First day of its first week; the next one if omitted.")
        ] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> ScenarioResult:
        c = info.context
        return outcome(
            lambda: scenario_of(
                actions.save_scenario(
                    c.warehouse, c.identity, question=_question(asked), name=name, first_week=first_week,
                    key=idempotency_key,
                )
            )
        )  # fmt: skip

    @changing("Approve a draft: from then on it is acted on. For managers of the account.")
    def approve_scenario(self, info: Info, scenario_key: ScenarioKey) -> ScenarioResult:
        c = info.context
        return outcome(
            lambda: scenario_of(actions.approve_scenario(c.warehouse, c.identity, scenario_key=scenario_key))
        )

    @changing("Put a scenario away; it stays readable. For managers of the account.")
    def archive_scenario(self, info: Info, scenario_key: ScenarioKey) -> ScenarioResult:
        c = info.context
        return outcome(
            lambda: scenario_of(actions.archive_scenario(c.warehouse, c.identity, scenario_key=scenario_key))
        )

    @changing("Hold an approved scenario against what came of it. For managers of the account.")
    def score_scenario(self, info: Info, scenario_key: ScenarioKey) -> ScenarioResult:
        c = info.context
        return outcome(lambda: scenario_of(actions.score_scenario(c.warehouse, c.identity, scenario_key=scenario_key)))


def scenario_of(row: queries.Scenario) -> Scenario:
    """A scenario as the schema has it."""
    import orjson

    return Scenario(
        row=row, scenario_key=row.scenario_key, account_key=row.account_key, name=row.scenario_name, state=row.state,
        outcome_kind=row.outcome_kind, trust=row.trust, goal=BudgetGoal(row.goal), amount=Money(row.amount),
        rules=[orjson.dumps(rule).decode() for rule in row.rules], caution=row.caution, first_week=row.first_week,
        weeks=row.weeks, budget=Money(row.budget), spent=Money(row.spent), currency=row.currency,
        outcome=Interval(estimate=row.outcome, low=row.outcome_low, high=row.outcome_high),
        gain=Interval(estimate=row.gain, low=row.gain_low, high=row.gain_high), beats_today=row.beats_today,
        regret=row.regret, shadow_price=_price(row), efficiency_today=row.efficiency_today,
        efficiency=row.efficiency, level=row.level, words=row.words, created_at=row.created_at,
        approved_at=row.approved_at, fit_key=row.fit_key, score=_score(row),
    )  # fmt: skip


def _question(asked: AllocateInput) -> Question:
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
        regret=row.regret, shadow_price=_price(row), efficiency_today=row.efficiency_today,
        efficiency=row.efficiency, level=row.level, words=row.words, fit_key=row.fit_key, run_key=row.run_key,
    )  # fmt: skip


def _line(row: queries.AllocationLine | queries.ScenarioLine, knowing: float | None) -> PlannedChannel:
    return PlannedChannel(
        channel=row.channel, current=Money(row.current), proposed=Money(row.proposed), change=Money(row.change),
        least=Money(row.least), most=None if row.most is None else Money(row.most),
        outcome=Interval(estimate=row.outcome, low=row.outcome_low, high=row.outcome_high),
        gain=Interval(estimate=row.gain, low=row.gain_low, high=row.gain_high), shadow_price=_price(row),
        knowing=knowing, words=row.words,
    )  # fmt: skip


def _score(row: queries.Scenario) -> ScenarioScore | None:
    if row.scored_at is None or row.scored_planned is None or row.scored_spent is None or row.scored_fit_key is None:
        return None
    return ScenarioScore(
        scored_at=row.scored_at, planned=Money(row.scored_planned), spent=Money(row.scored_spent),
        total=row.scored_total or 0.0,
        predicted=_known(row.scored_predicted, row.scored_predicted_low, row.scored_predicted_high),
        found=_known(row.scored_found, row.scored_found_low, row.scored_found_high),
        predicted_gain=_known(
            row.scored_predicted_gain, row.scored_predicted_gain_low, row.scored_predicted_gain_high
        ),
        found_gain=_known(row.scored_found_gain, row.scored_found_gain_low, row.scored_found_gain_high),
        efficiency=row.scored_efficiency, is_kept=bool(row.scored_is_kept), words=row.scored_words or "",
        fit_key=row.scored_fit_key,
    )  # fmt: skip


def _scored(row: queries.ScenarioLine) -> ScoredChannel | None:
    if row.scored_planned is None or row.scored_spent is None:
        return None
    return ScoredChannel(
        channel=row.channel, planned=Money(row.scored_planned), spent=Money(row.scored_spent),
        predicted=_known(row.scored_predicted, row.scored_predicted_low, row.scored_predicted_high),
        found=_known(row.scored_found, row.scored_found_low, row.scored_found_high),
        is_kept=bool(row.scored_is_kept),
    )  # fmt: skip


def _known(estimate: float | None, low: float | None, high: float | None) -> Interval:
    """Of a row that is scored, where all are known."""
    return Interval(estimate=estimate or 0.0, low=low or 0.0, high=high or 0.0)


def _price(row: queries.Allocation | queries.AllocationLine | queries.Scenario | queries.ScenarioLine) -> Interval:
    return Interval(estimate=row.shadow_price, low=row.shadow_price_low, high=row.shadow_price_high)


def _interval(found: judged.Interval) -> Interval:
    return Interval(estimate=found.estimate, low=found.low, high=found.high)
