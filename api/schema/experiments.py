"""Experiments: the registry, and what arrived of each by arm and day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

import strawberry

from api.schema.context import Info
from api.schema.described import resolved
from api.schema.paging import After, First, PageInfo, cursor, page_size, position_of
from api.schema.scalars import BigInt
from warehouse.queries import experiments as queries


@strawberry.type(description="An arm of an experiment.")
class ExperimentArm:
    arm_id: str = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="Its name.")
    share: Decimal | None = strawberry.field(description="The part of the units that it is meant to get.")
    is_control: bool = strawberry.field(description="Whether the others are compared with it.")
    units: BigInt = strawberry.field(description="Units in this arm alone.")
    shared_units: BigInt = strawberry.field(description="Units that are in another arm too; they belong to none.")
    exposed_units: BigInt = strawberry.field(description="Units that met its treatment.")


@strawberry.type(description="What an experiment is judged by.")
class ExperimentMetric:
    metric: str = strawberry.field(description="The metric, as it is called.")
    role: str = strawberry.field(description="primary, secondary or guardrail.")
    better: str = strawberry.field(description="higher or lower.")
    margin: Decimal | None = strawberry.field(description="What a guardrail may lose, as a part of the control's mean.")
    denominator: str | None = strawberry.field(description="The outcome that it is divided by; null: by the units.")
    outcome: str = strawberry.field(description="The outcome that it is told of.")
    statistic: str = strawberry.field(description="mean (also of ratios), share (of 0 and 1) or quantile.")
    quantile: Decimal | None = strawberry.field(description="Which quantile.")
    cap: Decimal | None = strawberry.field(description="Values of a unit above it count as it.")
    winsorise: Decimal | None = strawberry.field(description="The same by a quantile of what units did before.")
    covariates: list[str] | None = strawberry.field(
        description="Outcomes before the start that it is adjusted for; null: all that are known."
    )


@strawberry.type(description="Units of an arm on a day.")
class ExperimentArmDay:
    arm_id: str = strawberry.field(description="The arm.")
    date_day: dt.date | None = strawberry.field(description="Day (UTC); null where no export says when.")
    units: BigInt = strawberry.field(description="Units put into this arm alone.")
    shared_units: BigInt = strawberry.field(description="Units put into it that are in another arm too.")
    exposures: BigInt = strawberry.field(description="Exposures.")
    new_units: BigInt = strawberry.field(description="Units exposed for the first time.")


@strawberry.type(description="Sums of outcomes over the units of an arm, which can be added up over days.")
class ExperimentOutcomeDay:
    arm_id: str = strawberry.field(description="The arm.")
    metric: str = strawberry.field(description="The metric.")
    date_day: dt.date | None = strawberry.field(description="Day; null for outcomes of the whole experiment.")
    units: BigInt = strawberry.field(description="Units with a value.")
    value_sum: Decimal | None = strawberry.field(description="Sum of the values.")
    value_squares: Decimal | None = strawberry.field(description="Sum of their squares.")
    pre_units: BigInt = strawberry.field(description="Units with a value before the experiment.")
    pre_sum: Decimal | None = strawberry.field(description="Sum of the values before the experiment.")
    pre_squares: Decimal | None = strawberry.field(description="Sum of their squares.")
    products: Decimal | None = strawberry.field(description="Sum of the products of both.")


@strawberry.type(description="The outcome of a geo or a time slot on a day.")
class ExperimentGeoDay:
    geo: str = strawberry.field(description="The geo or time slot.")
    arm_id: str | None = strawberry.field(description="The arm that it is in.")
    date_day: dt.date = strawberry.field(description="The day.")
    metric: str = strawberry.field(description="The metric.")
    value: Decimal | None = strawberry.field(description="Its value.")
    is_treated: bool | None = strawberry.field(description="Whether the treatment was on.")


ExperimentKey = Annotated[int, strawberry.argument(description="Causeway's key of the experiment.")]


@strawberry.type(description="An experiment as it is registered.")
class Experiment:
    experiment_key: int = strawberry.field(description="Causeway's own key, stable within one warehouse.")
    platform: str = strawberry.field(description="Where it is kept; experiments of their own account: experiments.")
    account_id: str = strawberry.field(description="The account.")
    experiment_id: str = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="Its name.")
    hypothesis: str | None = strawberry.field(description="What it asks.")
    owner: str | None = strawberry.field(description="Who owns it.")
    kind: str = strawberry.field(description="ab, geo, holdout, go_dark or switchback.")
    unit: str = strawberry.field(description="What is put into an arm: user, session, geo or time_slot.")
    status: str = strawberry.field(description="draft, running, stopped or decided.")
    starts_at: dt.datetime | None = strawberry.field(description="Start.")
    stops_at: dt.datetime | None = strawberry.field(description="Stop.")
    exposure_rule: str | None = strawberry.field(description="When a unit has met its treatment, in words.")
    planned_units: BigInt | None = strawberry.field(description="Units that were planned.")
    decision: str | None = strawberry.field(description="What was decided.")
    channels: list[str] = strawberry.field(description="Channels concerned.")
    campaign_ids: list[str] = strawberry.field(description="Campaigns concerned, by the platforms' ids.")
    inference: str = strawberry.field(
        description="How it is read: sequential (at any look), fixed (once, at the end) or group_sequential."
    )
    layer: str | None = strawberry.field(description="A unit is in at most one experiment of a layer.")
    counts: str = strawberry.field(
        description="Which units count: assigned, or exposed: those that met the treatment, from that day on."
    )
    strata: str | None = strawberry.field(description="What units are weighed within; null: nothing.")
    cluster: str | None = strawberry.field(
        description="What was put into arms where units are in it; null: units themselves."
    )
    is_registered: bool = strawberry.field(description="False when rows speak of it and no definition was loaded.")


@strawberry.type(description="A page of experiments.")
class ExperimentConnection:
    nodes: list[Experiment] = strawberry.field(description="The experiments of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and how the list goes on.")


@strawberry.type
class ExperimentQuery:
    @resolved("Experiments, in the order in which they were first seen.")
    def experiments(
        self,
        info: Info,
        status: Annotated[str | None, strawberry.argument(description="Only those of this status.")] = None,
        first: First = 50,
        after: After = None,
    ) -> ExperimentConnection:
        context, size, question = info.context, page_size(first), f"experiments {status}"
        position = position_of(context, question, after)
        rows = queries.experiments(context.session, status=status, limit=size + 1, after=position[0] if position else 0)
        shown = rows[:size]
        return ExperimentConnection(
            nodes=[experiment_of(row) for row in shown],
            page_info=PageInfo(
                has_next_page=len(rows) > size,
                end_cursor=cursor(context, question, [shown[-1].experiment_key]) if shown else None,
            ),
        )

    @resolved("One experiment.")
    def experiment(self, info: Info, experiment_key: ExperimentKey) -> Experiment:
        return experiment_of(queries.experiment(info.context.session, experiment_key))

    @resolved("The arms of an experiment, the control first.")
    def experiment_arms(self, info: Info, experiment_key: ExperimentKey) -> list[ExperimentArm]:
        return [
            ExperimentArm(
                arm_id=row.arm_id,
                name=row.arm_name,
                share=row.share,
                is_control=row.is_control,
                units=BigInt(row.units),
                shared_units=BigInt(row.shared_units),
                exposed_units=BigInt(row.exposed_units),
            )
            for row in queries.arms(info.context.session, experiment_key)
        ]

    @resolved("What an experiment is judged by, primary metrics first.")
    def experiment_metrics(self, info: Info, experiment_key: ExperimentKey) -> list[ExperimentMetric]:
        return [
            ExperimentMetric(
                metric=row.metric,
                role=row.role,
                better=row.better,
                margin=row.margin,
                denominator=row.denominator,
                outcome=row.outcome,
                statistic=row.statistic,
                quantile=row.quantile,
                cap=row.cap,
                winsorise=row.winsorise,
                covariates=row.covariates,
            )
            for row in queries.metrics(info.context.session, experiment_key)
        ]

    @resolved("Assignments and exposures of an experiment by day and arm, oldest first.")
    def experiment_arm_days(
        self, info: Info, experiment_key: ExperimentKey, first: First = 100
    ) -> list[ExperimentArmDay]:
        return [
            ExperimentArmDay(
                arm_id=row.arm_id,
                date_day=row.date_day,
                units=BigInt(row.units),
                shared_units=BigInt(row.shared_units),
                exposures=BigInt(row.exposures),
                new_units=BigInt(row.new_units),
            )
            for row in queries.arm_days(info.context.session, experiment_key, limit=page_size(first))
        ]

    @resolved("Sums of outcomes of an experiment by metric, day and arm; those of no day first.")
    def experiment_outcome_days(
        self, info: Info, experiment_key: ExperimentKey, first: First = 100
    ) -> list[ExperimentOutcomeDay]:
        return [
            ExperimentOutcomeDay(
                arm_id=row.arm_id,
                metric=row.metric,
                date_day=row.date_day,
                units=BigInt(row.units),
                value_sum=row.value_sum,
                value_squares=row.value_squares,
                pre_units=BigInt(row.pre_units),
                pre_sum=row.pre_sum,
                pre_squares=row.pre_squares,
                products=row.products,
            )
            for row in queries.outcome_days(info.context.session, experiment_key, limit=page_size(first))
        ]

    @resolved("Outcomes of geos or time slots by day, oldest first; /export/geo_daily.csv has them all.")
    def experiment_geo_days(
        self,
        info: Info,
        experiment_key: ExperimentKey,
        metric: Annotated[str | None, strawberry.argument(description="Only of this metric.")] = None,
        first: First = 100,
    ) -> list[ExperimentGeoDay]:
        rows = queries.geo_days(info.context.session, experiment_key, metric=metric, limit=page_size(first))
        return [
            ExperimentGeoDay(
                geo=row.geo,
                arm_id=row.arm_id,
                date_day=row.date_day,
                metric=row.metric,
                value=row.value,
                is_treated=row.is_treated,
            )
            for row in rows
        ]


def experiment_of(row: queries.Experiment) -> Experiment:
    """The experiment as the schema shows it."""
    return Experiment(
        experiment_key=row.experiment_key,
        platform=row.platform,
        account_id=row.account_id,
        experiment_id=row.experiment_id,
        name=row.experiment_name,
        hypothesis=row.hypothesis,
        owner=row.owner,
        kind=row.kind,
        unit=row.unit,
        status=row.status,
        starts_at=row.starts_at,
        stops_at=row.stops_at,
        exposure_rule=row.exposure_rule,
        planned_units=None if row.planned_units is None else BigInt(row.planned_units),
        decision=row.decision,
        channels=row.channels,
        campaign_ids=row.campaigns,
        inference=row.inference,
        layer=row.layer,
        counts=row.counts,
        strata=row.strata,
        cluster=row.cluster,
        is_registered=row.is_registered,
    )
