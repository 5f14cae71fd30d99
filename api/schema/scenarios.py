"""Scenarios: plans that are saved, approved, put away, and held against what came of them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import orjson
import strawberry

from api.actions import budget as actions
from api.schema.budget import (
    AllocateInput,
    BindingRule,
    BudgetGoal,
    PlannedChannel,
    planned_channel,
    price_of,
    question_of,
)
from api.schema.context import Info
from api.schema.described import changing, resolved
from api.schema.outcomes import Failure, IdempotencyKey, outcome
from api.schema.paging import First, page_size
from api.schema.scalars import Money
from api.schema.uplift import Interval
from warehouse.queries import budget as queries


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
        return [planned_channel(row, None) for row in rows[: page_size(first)]]

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
ScenarioResult = Annotated[
    Scenario | Failure, strawberry.union("ScenarioResult", description="The scenario, or why nothing was changed.")
]


@strawberry.type(description="The file of one platform.")
class BulkSheet:
    platform: str = strawberry.field(description="The platform.")
    text: str = strawberry.field(description="The file, as CSV.")
    campaigns: int = strawberry.field(description="Campaigns in it.")


@strawberry.type(description="A week of a scenario as the sheets that ad platforms take in bulk.")
class ExportedScenario:
    sheets: list[BulkSheet] = strawberry.field(description="One for each platform.")
    words: str = strawberry.field(description="What is in none of them; empty where all is.")


ExportResult = Annotated[
    ExportedScenario | Failure,
    strawberry.union("ExportScenarioResult", description="The sheets, or why there are none."),
]


@strawberry.type
class ScenarioQuery:
    @resolved("Scenarios, the newest first; for who may read every account of the advertiser.")
    def scenarios(
        self,
        info: Info,
        archived: Annotated[bool, strawberry.argument(description="Also those that were put away.")] = False,
        first: First = 20,
    ) -> list[Scenario]:
        rows = queries.scenarios(info.context.session, archived=archived, limit=page_size(first))
        return [scenario_of(row) for row in rows]

    @resolved("One scenario.")
    def scenario(self, info: Info, scenario_key: ScenarioKey) -> Scenario:
        return scenario_of(queries.scenario(info.context.session, scenario_key))


@strawberry.type
class ScenarioMutation:
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
                    c.warehouse, c.identity, question=question_of(asked), name=name, first_week=first_week,
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

    @changing("Give out a week of a scenario as the platforms' bulk sheets; written down. For managers of the account.")
    def export_scenario(
        self,
        info: Info,
        scenario_key: ScenarioKey,
        week: Annotated[
            dt.date | None, strawberry.argument(description="First day of the week; the first one if omitted.")
        ] = None,
    ) -> ExportResult:
        c = info.context

        def change() -> ExportedScenario:
            found = actions.export_scenario(c.warehouse, c.identity, scenario_key=scenario_key, week=week)
            sheets = [BulkSheet(platform=s.platform, text=s.text, campaigns=s.campaigns) for s in found.sheets]
            return ExportedScenario(sheets=sheets, words=found.words)

        return outcome(change)

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
    return Scenario(
        row=row, scenario_key=row.scenario_key, account_key=row.account_key, name=row.scenario_name, state=row.state,
        outcome_kind=row.outcome_kind, trust=row.trust, goal=BudgetGoal(row.goal), amount=Money(row.amount),
        rules=[orjson.dumps(rule).decode() for rule in row.rules], caution=row.caution, first_week=row.first_week,
        weeks=row.weeks, budget=Money(row.budget), spent=Money(row.spent), currency=row.currency,
        outcome=Interval(estimate=row.outcome, low=row.outcome_low, high=row.outcome_high),
        gain=Interval(estimate=row.gain, low=row.gain_low, high=row.gain_high), beats_today=row.beats_today,
        regret=row.regret, shadow_price=price_of(row), efficiency_today=row.efficiency_today,
        efficiency=row.efficiency, level=row.level, words=row.words, created_at=row.created_at,
        approved_at=row.approved_at, fit_key=row.fit_key, score=_score(row),
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
