"""Attribution asked otherwise, and what journeys look like: answered at once from path counts, without a job."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Annotated

import strawberry

from api.schema.attribution import AttributionCredit, AttributionModel, OneGoal, credit_of
from api.schema.context import Info
from api.schema.described import choice, resolved
from api.schema.filters import FilterArgument, unsettled
from api.schema.journeys import Goal
from api.schema.paging import First, page_size
from ml.attribution import journey_shape
from ml.attribution.held import Held, held_journeys
from ml.attribution.question import Question, credits_of
from ml.attribution.rules import Lookback
from warehouse.errors import BadFilter
from warehouse.schema.commerce import ConversionKind

MOST_DIMENSIONS, MOST_ORDER, MOST_STEPS = 3, 4, 10


@strawberry.enum(description="What a touch, or its customer, is told apart by.")
class CreditDimension(Enum):
    CAMPAIGN = choice("campaign", "Campaign.")
    AD_GROUP = choice("ad_group", "Ad group.")
    AD = choice("ad", "Ad.")
    CREATIVE = choice("creative", "Creative.")
    DEVICE = choice("device", "Device.")
    REGION = choice("region", "Region.")
    CUSTOMER = choice("customer", "New or returning customer.")
    TOUCHED = choice("touched", "Day (UTC) of the touch.")
    DATE = choice("date", "Day of the conversion.")


@strawberry.enum(description="Whose conversions count.")
class CreditedCustomers(Enum):
    ALL = choice("all", "Everybody's.")
    NEW = choice("new", "First ones of new customers.")
    RETURNING = choice("returning", "Those of customers who had converted before.")


@strawberry.enum(description="What conversions are worth.")
class CreditedWorth(Enum):
    REVENUE = choice("revenue", "Their revenue.")
    MARGIN = choice("margin", "Their margin, where known.")


@strawberry.input(description="How long before a conversion touches of a channel count.")
class ChannelLookback:
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    days: float = strawberry.field(description="Days.")


@strawberry.input(description="What to credit otherwise.")
class WhatIfInput:
    model: AttributionModel = strawberry.field(
        description="The model; CALIBRATED rests on MARKOV.", default=AttributionModel.MARKOV
    )
    order: int | None = strawberry.field(
        description="Touches that MARKOV remembers; as in the run if omitted.", default=None
    )
    first_weight: float | None = strawberry.field(
        description="Weight of the first touch in POSITION; as in the run if omitted.", default=None
    )
    last_weight: float | None = strawberry.field(
        description="Weight of the last touch in POSITION; as in the run if omitted.", default=None
    )
    half_life_days: float | None = strawberry.field(
        description="Days after which TIME_DECAY gives half; as in the run if omitted.", default=None
    )
    lookback_days: float | None = strawberry.field(
        description="How long before a conversion touches count, for rules and SHAPLEY.", default=None
    )
    lookbacks: list[ChannelLookback] = strawberry.field(
        description="The same by channel; needs lookbackDays for the others.", default_factory=list
    )
    view_weight: float | None = strawberry.field(description="What a mere view counts in a rule.", default=None)
    customers: CreditedCustomers = strawberry.field(
        description="Whose conversions count.", default=CreditedCustomers.ALL
    )
    worth: CreditedWorth = strawberry.field(description="What they are worth.", default=CreditedWorth.REVENUE)
    without: str | None = strawberry.field(description="As if nobody had seen this channel.", default=None)
    by: list[CreditDimension] = strawberry.field(description="What channels are split by.", default_factory=list)


@strawberry.type(description="Credits as they were asked for; the published ones where nothing else was asked.")
class LiveCredits:
    model: AttributionModel = strawberry.field(description="The model.")
    first_day: dt.date = strawberry.field(description="First day of the conversions.")
    last_day: dt.date = strawberry.field(description="Last day of the conversions.")
    currency: str = strawberry.field(description="Currency of all amounts.")
    level: float = strawberry.field(description="Level of the intervals.")
    conversions: float = strawberry.field(description="Conversions that count.")
    untouched: float = strawberry.field(description="Those without a known touch, credited to nobody.")
    null_paths: float = strawberry.field(description="Journeys that no conversion followed.")
    baseline: float | None = strawberry.field(description="What would have come anyway, of CALIBRATED.")
    baseline_low: float | None = strawberry.field(description="Lower end of its interval.")
    baseline_high: float | None = strawberry.field(description="Upper end of its interval.")
    words: str = strawberry.field(description="What experiments prove, of CALIBRATED.")
    rows: strawberry.Private[list[AttributionCredit]]

    @resolved("The credits, the largest first.")
    def credits(self, first: First = 100) -> list[AttributionCredit]:
        return self.rows[: page_size(first)]


@strawberry.type(description="How probable one step follows another.")
class AttributionTransition:
    source: str | None = strawberry.field(description="The channel; null for the beginning.")
    target: str = strawberry.field(description="The next channel, (conversion) or (nothing).")
    probability: float = strawberry.field(description="From 0 to 1; those of a source sum to 1.")


@strawberry.type(description="Journeys that went from one touch to the next.")
class AttributionFlow:
    position: int = strawberry.field(description="The place of the source in the journey, from 1.")
    source: str = strawberry.field(description="The channel.")
    target: str = strawberry.field(description="The next channel, (conversion) or (nothing).")
    journeys: float = strawberry.field(description="Journeys.")


@strawberry.type(description="Where touches of a channel stand in journeys that converted.")
class ChannelPosition:
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    only: float = strawberry.field(description="The only touch.")
    early: float = strawberry.field(description="The first of several.")
    mid: float = strawberry.field(description="Between the first and the last.")
    late: float = strawberry.field(description="The last of several.")


@strawberry.type(description="Conversions after so many touches or days.")
class ConversionClass:
    at_least: int = strawberry.field(description="At least so many.")
    below: int | None = strawberry.field(description="Less than so many; null for the last class.")
    conversions: float = strawberry.field(description="Conversions.")


@strawberry.type(description="Journeys at hand, to be asked at once.")
class JourneysAtHand:
    held: strawberry.Private[Held]
    run_key: int | None = strawberry.field(description="The run whose path counts these are; null if read anew.")
    goal: Goal = strawberry.field(description="The kind of conversion.")
    first_day: dt.date = strawberry.field(description="First day of the conversions.")
    last_day: dt.date = strawberry.field(description="Last day of the conversions.")
    currency: str = strawberry.field(description="Currency of all amounts.")

    @resolved("Credits by another model, weight or lookback, of a segment, without a channel.")
    def what_if(
        self,
        info: Info,
        asked: Annotated[WhatIfInput, strawberry.argument(name="input", description="What to credit otherwise.")],
    ) -> LiveCredits:
        if len(asked.by) > MOST_DIMENSIONS:
            raise BadFilter(f"by has more than {MOST_DIMENSIONS} dimensions.", remedy="Leave some out.")
        found = credits_of(info.context.session, self.held, _question(asked))
        base = found.baseline
        return LiveCredits(
            model=AttributionModel(found.model), first_day=found.first, last_day=found.last, currency=found.currency,
            level=found.level, conversions=found.conversions, untouched=found.untouched, null_paths=found.null_paths,
            baseline=None if base is None else base.estimate,
            baseline_low=None if base is None else base.low,
            baseline_high=None if base is None else base.high,
            words=found.words, rows=[credit_of(row) for row in found.rows],
        )  # fmt: skip

    @resolved("How probable one step follows another, the most probable first of every channel.")
    def transitions(
        self,
        order: Annotated[int, strawberry.argument(description=f"Of the chain, up to {MOST_ORDER}.")] = 1,
        first: First = 100,
    ) -> list[AttributionTransition]:
        found = journey_shape.transitions(self.held, order=_within("order", order, MOST_ORDER))
        return [
            AttributionTransition(source=t.source, target=t.target, probability=t.probability)
            for t in found[: page_size(first)]
        ]

    @resolved("Journeys through their first touches, the largest flows first.")
    def flows(
        self,
        steps: Annotated[int, strawberry.argument(description=f"How many touches, up to {MOST_STEPS}.")] = 4,
        first: First = 100,
    ) -> list[AttributionFlow]:
        found = journey_shape.flows(self.held, steps=_within("steps", steps, MOST_STEPS))
        return [
            AttributionFlow(position=f.position, source=f.source, target=f.target, journeys=f.journeys)
            for f in found[: page_size(first)]
        ]

    @resolved("Where the channels stand in journeys that converted.")
    def positions(self) -> list[ChannelPosition]:
        found = journey_shape.positions(self.held)
        return [ChannelPosition(channel=p.channel, only=p.only, early=p.early, mid=p.mid, late=p.late) for p in found]

    @resolved("Conversions by the touches before them.")
    def touches(self) -> list[ConversionClass]:
        return _classes(journey_shape.touches_before(self.held))

    @resolved("Conversions with a touch by the days from the first one.")
    def days(self, info: Info) -> list[ConversionClass]:
        return _classes(journey_shape.days_before(info.context.session, self.held))


@strawberry.type
class WhatIfQuery:
    @resolved("Journeys to be credited otherwise; of the published run's period, or of another one.")
    def journeys_at_hand(
        self,
        info: Info,
        filter_: FilterArgument = None,
        goal: OneGoal = None,
        from_: Annotated[
            dt.date | None, strawberry.argument(name="from", description="First day; the run's if omitted.")
        ] = None,
        to: Annotated[dt.date | None, strawberry.argument(description="Last day; the run's if omitted.")] = None,
    ) -> JourneysAtHand:
        kind = None if goal is None else ConversionKind(goal.value)
        given = unsettled(filter_, info.context)
        held = held_journeys(info.context.session, given, goal=kind, first=from_, last=to)
        return JourneysAtHand(
            held=held, run_key=held.run.run_key if held.run and held.is_kept else None, goal=Goal(held.goal.value),
            first_day=held.first, last_day=held.last, currency=held.currency,
        )  # fmt: skip


def _question(asked: WhatIfInput) -> Question:
    if asked.lookbacks and asked.lookback_days is None:
        raise BadFilter("lookbacks need lookbackDays.", remedy="Say what counts for the other channels.")
    lookback = None
    if asked.lookback_days is not None:
        lookback = Lookback(asked.lookback_days, {one.channel: one.days for one in asked.lookbacks})
    return Question(
        asked.model.value,
        order=None if asked.order is None else _within("order", asked.order, MOST_ORDER),
        first=asked.first_weight,
        last=asked.last_weight,
        half_life_days=asked.half_life_days,
        lookback=lookback,
        view_weight=asked.view_weight,
        customers=asked.customers.value,
        worth=asked.worth.value,
        without=asked.without,
        by=tuple(dimension.value for dimension in asked.by),
    )


def _within(name: str, value: int, most: int) -> int:
    if not 1 <= value <= most:
        raise BadFilter(f"{name} == {value}, must be from 1 to {most}.")
    return value


def _classes(found: list[journey_shape.Bin]) -> list[ConversionClass]:
    return [ConversionClass(at_least=b.at_least, below=b.below, conversions=b.conversions) for b in found]
