"""Planning a test: what it needs, and what earlier experiments know of metrics."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry

from api.schema.context import Info
from api.schema.described import choice, resolved
from api.schema.experiments import ExperimentKey
from api.schema.scalars import BigInt
from ml.experiments.past import pasts_of
from ml.experiments.power import Rule
from ml.experiments.registered import control_of
from ml.experiments.sizing import Wanted, size_of
from warehouse.queries import experiments as registry
from warehouse.queries.experiment_moments import kept_moments


@strawberry.enum(description="How a test is read.")
class ReadBy(Enum):
    SEQUENTIAL = choice("sequential", "At any look.")
    GROUP = choice("group", "At planned looks.")
    FIXED = choice("fixed", "Once, at the end.")


@strawberry.input(description="A test that is to be planned: one arm against a control.")
class TestInput:
    level: float = strawberry.field(description="The metric's mean over units.")
    effect: float = strawberry.field(description="The smallest effect worth knowing, as a part of the level.")
    units_a_day: float = strawberry.field(description="Units that come each day for the first time.")
    sd: float | None = strawberry.field(
        description="Standard deviation of a unit; omitted where the metric is 0 or 1.", default=None
    )
    treated: float = strawberry.field(description="Part of the units that gets the arm.", default=0.5)
    explained: float = strawberry.field(
        description="Part of the variance that is known before the start (CUPED).", default=0.0
    )
    confidence: float = strawberry.field(description="Level of the intervals.", default=0.95)
    power: float = strawberry.field(description="How often the effect is to be found.", default=0.8)
    read_by: ReadBy = strawberry.field(description="How it is read.", default=ReadBy.SEQUENTIAL)


@strawberry.type(description="An effect, and how often it is found.")
class ChanceToFind:
    effect: float = strawberry.field(description="The effect, as a part of the level.")
    chance: float = strawberry.field(description="How often it is found.")


@strawberry.type(description="The smallest effect that is found as often as planned.")
class SmallestEffect:
    weeks: int = strawberry.field(description="After how many weeks.")
    effect: float = strawberry.field(description="The effect, as a part of the level.")


@strawberry.type(description="What a test needs.")
class ExperimentSize:
    units: BigInt = strawberry.field(description="Units of all arms together.")
    days: int = strawberry.field(description="Days until they are there, in whole weeks.")
    expected_days: float = strawberry.field(description="When it ends on average, if stopped when the effect is found.")
    precision: float = strawberry.field(description="How far the interval goes to each side at the end.")
    chances: list[ChanceToFind] = strawberry.field(description="The power curve.")
    smallest: list[SmallestEffect] = strawberry.field(description="What is found after how many weeks.")
    words: str = strawberry.field(description="The same in a sentence.")


@strawberry.type(description="What the control arm of an experiment tells of a metric.")
class MetricPast:
    metric: str = strawberry.field(description="The metric.")
    units: BigInt = strawberry.field(description="Units of the control.")
    level: float = strawberry.field(description="Its mean over them.")
    sd: float = strawberry.field(description="Their standard deviation.")
    explained: float = strawberry.field(description="Part of the variance that was known before the start.")
    units_a_day: float | None = strawberry.field(description="Units that came each day, into all arms.")


@strawberry.type
class PlanQuery:
    @resolved("How many units and days a test needs, and its power curve.")
    def experiment_size(
        self, test: Annotated[TestInput, strawberry.argument(description="The test.")]
    ) -> ExperimentSize:
        found = size_of(
            Wanted(
                level=test.level,
                effect=test.effect,
                units_a_day=test.units_a_day,
                sd=test.sd,
                treated=test.treated,
                explained=test.explained,
                rule=Rule(method=test.read_by.value, level=test.confidence, power=test.power),
            )
        )
        return ExperimentSize(
            units=BigInt(found.units),
            days=found.days,
            expected_days=found.expected_days,
            precision=found.precision,
            chances=[ChanceToFind(effect=effect, chance=chance) for effect, chance in found.chances],
            smallest=[SmallestEffect(weeks=weeks, effect=effect) for weeks, effect in found.smallest],
            words=found.words,
        )

    @resolved("What the control arm of an experiment tells of its metrics, to plan the next one by.")
    def experiment_pasts(self, info: Info, experiment_key: ExperimentKey) -> list[MetricPast]:
        session = info.context.session
        registry.experiment(session, experiment_key)
        kept = kept_moments(session, experiment_key)
        control = control_of(registry.planned_arms(session, experiment_key))
        return [
            MetricPast(
                metric=past.metric,
                units=BigInt(past.units),
                level=past.level,
                sd=past.sd,
                explained=past.explained,
                units_a_day=past.units_a_day,
            )
            for past in (pasts_of(kept, control) if kept is not None and control is not None else ())
        ]
