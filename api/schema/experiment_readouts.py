"""What experiments found: read-outs, guards, effects, counterfactuals, and the evidence for other models."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

import strawberry

from api.schema.context import Info
from api.schema.described import resolved
from api.schema.experiments import ExperimentKey
from api.schema.paging import First, page_size
from api.schema.scalars import BigInt
from warehouse.queries import experiment_readouts as queries
from warehouse.queries import experiments as registry


@strawberry.type(description="The surest effect of an experiment on a primary metric.")
class ExperimentHeadline:
    experiment_key: int = strawberry.field(description="The experiment.")
    metric: str = strawberry.field(description="The metric.")
    arm_id: str | None = strawberry.field(description="The arm; null of a test over regions or days.")
    effect: float = strawberry.field(description="Per unit, or what the whole test brought.")
    low: float | None = strawberry.field(description="Lower end of its interval.")
    high: float | None = strawberry.field(description="Upper end.")
    relative: float | None = strawberry.field(description="The effect as a part of what was without it.")
    relative_low: float | None = strawberry.field(description="Lower end of its interval.")
    relative_high: float | None = strawberry.field(description="Upper end.")


@strawberry.type(description="What was checked before an experiment is believed.")
class ExperimentGuard:
    guard: str = strawberry.field(description="The check.")
    status: str = strawberry.field(description="passed, warned or failed.")
    p_value: float | None = strawberry.field(description="Probability of such a sight if nothing is wrong.")
    words: str = strawberry.field(description="What was found, and what to look at.")


@strawberry.type(description="An arm against the control by one metric.")
class ExperimentEffect:
    metric: str = strawberry.field(description="The metric.")
    role: str = strawberry.field(description="primary, secondary or guardrail.")
    arm_id: str = strawberry.field(description="The arm.")
    control_id: str = strawberry.field(description="The arm that it is compared with.")
    cut: str = strawberry.field(description="Empty: all units; else a part of them.")
    units: BigInt = strawberry.field(description="Units of the arm.")
    control_units: BigInt = strawberry.field(description="Units of the control.")
    mean: float = strawberry.field(description="The metric per unit in the arm.")
    control_mean: float = strawberry.field(description="The same in the control.")
    difference: float = strawberry.field(description="The effect: by how much the arm is higher.")
    low: float = strawberry.field(description="Lower end of its interval.")
    high: float = strawberry.field(description="Upper end.")
    relative: float | None = strawberry.field(description="The effect as a part of the control's mean.")
    relative_low: float | None = strawberry.field(description="Lower end of its interval.")
    relative_high: float | None = strawberry.field(description="Upper end.")
    p_value: float | None = strawberry.field(description="p-value of no effect.")
    adjusted_p: float | None = strawberry.field(description="The same for as many metrics as were asked.")
    chance_to_beat: float | None = strawberry.field(description="Probability that the arm is better.")
    expected_loss: float | None = strawberry.field(description="What taking the arm loses on average, per unit.")
    method: str = strawberry.field(description="How it was estimated.")
    verdict: str = strawberry.field(description="won, lost, harmless or open.")


@strawberry.type(description="The effect as it was known on a day.")
class ExperimentEffectDay:
    metric: str = strawberry.field(description="The metric.")
    arm_id: str = strawberry.field(description="The arm.")
    date_day: dt.date = strawberry.field(description="Day up to which everything counts.")
    units: BigInt = strawberry.field(description="Units of both arms by then.")
    difference: float = strawberry.field(description="The effect.")
    low: float = strawberry.field(description="Lower end of its interval.")
    high: float = strawberry.field(description="Upper end.")


@strawberry.type(description="How an effect changed over the time of each unit in the test.")
class ExperimentNovelty:
    metric: str = strawberry.field(description="The metric.")
    arm_id: str = strawberry.field(description="The arm.")
    as_of: dt.date = strawberry.field(description="Day up to which this was read: once a week, and at the end.")
    units: BigInt = strawberry.field(description="Units of both arms.")
    early: float = strawberry.field(description="The effect in the first half of each unit's time.")
    early_low: float = strawberry.field(description="Lower end of its interval.")
    early_high: float = strawberry.field(description="Upper end.")
    late: float = strawberry.field(description="The effect in the second half.")
    late_low: float = strawberry.field(description="Lower end of its interval.")
    late_high: float = strawberry.field(description="Upper end.")
    change: float = strawberry.field(description="The second less the first.")
    change_low: float = strawberry.field(description="Lower end of its interval.")
    change_high: float = strawberry.field(description="Upper end.")
    p_value: float = strawberry.field(description="p-value of no change.")
    words: str = strawberry.field(description="What follows from it.")


@strawberry.type(description="A market of which the counterfactual is made.")
class MarketWeight:
    market: str = strawberry.field(description="The market.")
    weight: float = strawberry.field(description="How much of the counterfactual it is.")


@strawberry.type(description="What a test over regions or days found of a metric.")
class ExperimentLift:
    metric: str = strawberry.field(description="The metric.")
    role: str = strawberry.field(description="primary, secondary or guardrail.")
    method: str = strawberry.field(description="How the counterfactual was made.")
    first_day: dt.date = strawberry.field(description="First day that is counted.")
    last_day: dt.date = strawberry.field(description="Last day that is counted.")
    att: float = strawberry.field(description="The same per treated region and day.")
    incremental: float = strawberry.field(
        description="What the ads brought over the whole test; of a test without ads, what was missed."
    )
    low: float | None = strawberry.field(description="Lower end of its interval.")
    high: float | None = strawberry.field(description="Upper end.")
    level: float = strawberry.field(description="Level of the interval.")
    relative: float | None = strawberry.field(description="Effect as a part of what would have been.")
    se: float | None = strawberry.field(description="Standard error of the effect over the whole test.")
    p_value: float | None = strawberry.field(description="p-value of no effect.")
    spend: Decimal | None = strawberry.field(description="What the treatment cost; below zero: saved.")
    currency: str | None = strawberry.field(description="Currency of the spend.")
    cost_per_incremental: Decimal | None = strawberry.field(description="Spend for one more.")
    weights: list[MarketWeight] = strawberry.field(description="What the counterfactual is made of; largest first.")
    identifies: str = strawberry.field(description="What it is the effect of.")


@strawberry.type(description="What was, and what would have been, on a day.")
class ExperimentLiftDay:
    metric: str = strawberry.field(description="The metric.")
    date_day: dt.date = strawberry.field(description="Day.")
    actual: float = strawberry.field(description="What was.")
    counterfactual: float = strawberry.field(description="What would have been without the treatment.")
    low: float | None = strawberry.field(description="Lower end of its interval.")
    high: float | None = strawberry.field(description="Upper end.")
    is_test: bool = strawberry.field(description="Whether the day is counted as one of the test.")


@strawberry.type(description="What a finished test says of a channel or campaign.")
class LiftEvidence:
    experiment_key: int = strawberry.field(description="The experiment.")
    experiment_id: str = strawberry.field(description="Its id.")
    channel: str = strawberry.field(description="The channel; * is all of them together.")
    campaign_id: str | None = strawberry.field(description="The campaign; null: the whole channel.")
    metric: str = strawberry.field(description="The metric.")
    first_day: dt.date = strawberry.field(description="First day of the test.")
    last_day: dt.date = strawberry.field(description="Last day.")
    share: float = strawberry.field(description="Part of the metric that is of the people of the test.")
    is_dark: bool = strawberry.field(description="Whether they saw no ads meanwhile.")
    against: str = strawberry.field(description="What the ads were compared with: no_ads or usual_ads.")
    lift: float = strawberry.field(description="How much of the metric the ads caused in that time, or would have.")
    se: float = strawberry.field(description="Its standard error.")
    low: float = strawberry.field(description="Lower end of its interval.")
    high: float = strawberry.field(description="Upper end.")
    level: float = strawberry.field(description="Level of the interval.")
    method: str = strawberry.field(description="How it was estimated.")
    identifies: str = strawberry.field(description="What it is the effect of.")


@strawberry.type(description="What the published run says of an experiment.")
class ExperimentReadout:
    experiment_key: int = strawberry.field(description="The experiment.")
    first_day: dt.date | None = strawberry.field(description="First day with units.")
    last_day: dt.date | None = strawberry.field(description="Last day that was added up.")
    units: BigInt = strawberry.field(description="Units, or regions.")
    looks: BigInt = strawberry.field(description="Days on which there was something to look at.")
    level: float = strawberry.field(description="Level of the intervals.")
    inference: str = strawberry.field(description="What the intervals promise.")
    withheld: bool = strawberry.field(description="Whether a guard fired, so that no effect is shown.")
    health: str = strawberry.field(description="green, amber or red.")
    verdict: str = strawberry.field(description="won, lost, open or withheld.")
    words: str = strawberry.field(description="What it means.")
    run_key: int = strawberry.field(description="The run that computed it.")
    guards: list[ExperimentGuard] = strawberry.field(description="What was checked.")
    effects: list[ExperimentEffect] = strawberry.field(description="Effects by metric and arm, of users or sessions.")
    novelty: list[ExperimentNovelty] = strawberry.field(description="Whether effects wear off, by metric and arm.")
    lifts: list[ExperimentLift] = strawberry.field(description="Effects by metric, of regions or days.")


Metric = Annotated[str | None, strawberry.argument(description="Only of this metric.")]


@strawberry.type
class ReadoutQuery:
    @resolved("The surest primary effect of each experiment; those that have none to show are left out.")
    def experiment_headlines(
        self,
        info: Info,
        experiment_keys: Annotated[list[int], strawberry.argument(description="The experiments.")],
    ) -> list[ExperimentHeadline]:
        rows = queries.headlines(info.context.session, experiment_keys)
        return [
            ExperimentHeadline(
                experiment_key=row.experiment_key,
                metric=row.metric,
                arm_id=row.arm_id,
                effect=row.effect,
                low=row.low,
                high=row.high,
                relative=row.relative,
                relative_low=row.relative_low,
                relative_high=row.relative_high,
            )
            for row in rows.values()
        ]

    @resolved("What the published run says of an experiment; null when no run has read it yet.")
    def experiment_readout(self, info: Info, experiment_key: ExperimentKey) -> ExperimentReadout | None:
        session = info.context.session
        registry.experiment(session, experiment_key)
        found = queries.readouts(session, [experiment_key]).get(experiment_key)
        if found is None:
            return None
        return ExperimentReadout(
            experiment_key=found.experiment_key,
            first_day=found.first_day,
            last_day=found.last_day,
            units=BigInt(found.units),
            looks=BigInt(found.looks),
            level=found.level,
            inference=found.inference,
            withheld=found.withheld,
            health=found.health,
            verdict=found.verdict,
            words=found.words,
            run_key=found.run_key,
            guards=[
                ExperimentGuard(guard=row.guard, status=row.status, p_value=row.p_value, words=row.words)
                for row in queries.guards(session, experiment_key)
            ],
            effects=[_effect(row) for row in queries.effects(session, experiment_key)],
            novelty=[_novelty(row) for row in queries.novelty(session, experiment_key)],
            lifts=[_lift(row) for row in queries.lifts(session, experiment_key)],
        )

    @resolved("How the effects of an experiment were known day by day, oldest first.")
    def experiment_effect_days(
        self, info: Info, experiment_key: ExperimentKey, metric: Metric = None, first: First = 100
    ) -> list[ExperimentEffectDay]:
        rows = queries.effect_days(info.context.session, experiment_key, metric=metric, limit=page_size(first))
        return [
            ExperimentEffectDay(
                metric=row.metric,
                arm_id=row.arm_id,
                date_day=row.date_day,
                units=BigInt(row.units),
                difference=row.difference,
                low=row.low,
                high=row.high,
            )
            for row in rows
        ]

    @resolved("What was and what would have been in a test over regions or days, oldest first.")
    def experiment_lift_days(
        self, info: Info, experiment_key: ExperimentKey, metric: Metric = None, first: First = 100
    ) -> list[ExperimentLiftDay]:
        rows = queries.lift_days(info.context.session, experiment_key, metric=metric, limit=page_size(first))
        return [
            ExperimentLiftDay(
                metric=row.metric,
                date_day=row.date_day,
                actual=row.actual,
                counterfactual=row.counterfactual,
                low=row.low,
                high=row.high,
                is_test=row.is_test,
            )
            for row in rows
        ]

    @resolved("What finished tests say of channels and campaigns, oldest test first.")
    def lift_evidence(
        self,
        info: Info,
        experiment_key: Annotated[int | None, strawberry.argument(description="Only of this experiment.")] = None,
        first: First = 100,
    ) -> list[LiftEvidence]:
        rows = queries.lift_evidence(info.context.session, experiment_key=experiment_key, limit=page_size(first))
        return [
            LiftEvidence(
                experiment_key=row.experiment_key,
                experiment_id=row.experiment_id,
                channel=row.channel,
                campaign_id=row.campaign_id,
                metric=row.metric,
                first_day=row.first_day,
                last_day=row.last_day,
                share=row.share,
                is_dark=row.is_dark,
                against=row.against,
                lift=row.lift,
                se=row.se,
                low=row.low,
                high=row.high,
                level=row.level,
                method=row.method,
                identifies=row.identifies,
            )
            for row in rows
        ]


def _effect(row: queries.Effect) -> ExperimentEffect:
    return ExperimentEffect(
        metric=row.metric,
        role=row.role,
        arm_id=row.arm_id,
        control_id=row.control_id,
        cut=row.cut,
        units=BigInt(row.units),
        control_units=BigInt(row.control_units),
        mean=row.mean,
        control_mean=row.control_mean,
        difference=row.difference,
        low=row.low,
        high=row.high,
        relative=row.relative,
        relative_low=row.relative_low,
        relative_high=row.relative_high,
        p_value=row.p_value,
        adjusted_p=row.adjusted_p,
        chance_to_beat=row.chance_to_beat,
        expected_loss=row.expected_loss,
        method=row.method,
        verdict=row.metric_verdict,
    )


def _novelty(row: queries.Novelty) -> ExperimentNovelty:
    return ExperimentNovelty(
        metric=row.metric,
        arm_id=row.arm_id,
        as_of=row.as_of,
        units=BigInt(row.units),
        early=row.early,
        early_low=row.early_low,
        early_high=row.early_high,
        late=row.late,
        late_low=row.late_low,
        late_high=row.late_high,
        change=row.change,
        change_low=row.change_low,
        change_high=row.change_high,
        p_value=row.p_value,
        words=row.words,
    )


def _lift(row: queries.Lift) -> ExperimentLift:
    return ExperimentLift(
        metric=row.metric,
        role=row.role,
        method=row.method,
        first_day=row.first_day,
        last_day=row.last_day,
        att=row.att,
        incremental=row.incremental,
        low=row.low,
        high=row.high,
        level=row.level,
        relative=row.relative,
        se=row.se,
        p_value=row.p_value,
        spend=row.spend,
        currency=row.currency,
        cost_per_incremental=row.cost_per_incremental,
        weights=[
            MarketWeight(market=market, weight=weight)
            for market, weight in sorted(row.weights.items(), key=lambda one: -abs(one[1]))
        ],
        identifies=row.identifies,
    )
