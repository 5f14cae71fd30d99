"""Attribution: what published runs credit to channels and campaigns, how far that can be believed, why it changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from api.schema.context import Info
from api.schema.described import choice, resolved
from api.schema.filters import FilterArgument, unsettled
from api.schema.journeys import Goal
from api.schema.paging import First, page_size
from api.schema.scalars import BigInt, Money
from ml.attribution.changes import changes_between
from warehouse.queries import attribution as queries
from warehouse.schema.commerce import ConversionKind


@strawberry.enum(description="How conversions are credited. Only CALIBRATED says what was caused.")
class AttributionModel(Enum):
    FIRST = choice("first", "All to the first touch.")
    LAST = choice("last", "All to the last touch.")
    LAST_NON_DIRECT = choice("last_non_direct", "All to the last touch that is no direct visit.")
    LINEAR = choice("linear", "The same to every touch.")
    POSITION = choice("position", "Most to the first and the last touch.")
    TIME_DECAY = choice("time_decay", "Less to touches that were longer ago.")
    MARKOV = choice("markov", "By what a chain of visits would lose without the channel.")
    SHAPLEY = choice("shapley", "The same to every channel of the path.")
    SHAPLEY_ORDERED = choice("shapley_ordered", "The same to every channel of the path, shared by position.")
    SHAPLEY_RATE = choice("shapley_rate", "The Shapley value for the conversion rate.")
    FRACTIONAL = choice("fractional", "By how much the channel raises the hazard to convert.")
    CALIBRATED = choice("calibrated", "Incremental conversions, by what experiments found.")


@strawberry.enum(description="What credits are told apart by.")
class AttributionGrain(Enum):
    CHANNEL = choice("channel", "Channels of the taxonomy.")
    CAMPAIGN = choice("campaign", "Campaigns.")
    AD_GROUP = choice("ad_group", "Ad groups.")
    AD = choice("ad", "Ads.")
    CREATIVE = choice("creative", "Creatives.")
    DEVICE = choice("device", "Devices.")
    REGION = choice("region", "Regions.")
    CUSTOMER = choice("customer", "New and returning customers.")


@strawberry.enum(description="The day that a credit is put on.")
class CreditDating(Enum):
    CONVERSION = choice("conversion", "The day of the conversion.")
    TOUCH = choice("touch", "The day (UTC) of the touch that is credited.")


@strawberry.type(description="What a model credits to a channel, or to a part of it.")
class AttributionCredit:
    model: AttributionModel = strawberry.field(description="The model.")
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    item_key: int | None = strawberry.field(description="Key of the campaign, ad group, ad or creative, if of one.")
    item: str | None = strawberry.field(description="Name of the part; null where the touches tell nothing.")
    is_incremental: bool = strawberry.field(description="Whether the channel caused these, by experiments.")
    conversions: float = strawberry.field(description="Credited conversions.")
    low: float | None = strawberry.field(description="Lower end of their interval.")
    high: float | None = strawberry.field(description="Upper end of their interval.")
    value: Money = strawberry.field(description="Credited value.")
    value_low: Money | None = strawberry.field(description="Lower end of its interval.")
    value_high: Money | None = strawberry.field(description="Upper end of its interval.")
    removal_effect: float | None = strawberry.field(description="Share of conversions that markov loses without it.")
    cost: Money | None = strawberry.field(description="Spend of the same days; null where none is known.")
    cpa: Decimal | None = strawberry.field(description="Cost per credited conversion.")
    roas: Decimal | None = strawberry.field(description="Credited value per cost.")


@strawberry.type(description="A model's credit to a channel on a day.")
class AttributionDay:
    date_day: dt.date = strawberry.field(description="The day.")
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    conversions: float = strawberry.field(description="Credited conversions.")
    value: Money = strawberry.field(description="Credited value.")


@strawberry.type(description="What a model gives to a channel of a path.")
class PathShare:
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    conversions: float = strawberry.field(description="Of the path's conversions.")


@strawberry.type(description="A path of channels with its journeys, and what a model gives on it.")
class AttributionPath:
    channels: list[str] = strawberry.field(description="The channels in order, one per touch.")
    conversions: BigInt = strawberry.field(description="Journeys along this path that ended in a conversion.")
    new_customers: BigInt = strawberry.field(description="Those that were the customer's first, where known.")
    value: Money = strawberry.field(description="Value of the conversions.")
    null_paths: BigInt = strawberry.field(description="Journeys along this path that no conversion followed.")
    credit: list[PathShare] = strawberry.field(description="What the model gives to the channels on it.")


@strawberry.type(description="How far a model is from another, from an experiment, or from itself on other data.")
class AttributionAgreement:
    model: AttributionModel = strawberry.field(description="The model.")
    kind: str = strawberry.field(description="model, experiment, sampling, consent or lookback.")
    other: str = strawberry.field(description="The other model, the experiment, or what was done to the data.")
    channel: str | None = strawberry.field(description="The channel that was tested; * for all together.")
    distance: float | None = strawberry.field(description="Of shares: 0 for the same, 2 where nothing is shared.")
    rank_correlation: float | None = strawberry.field(description="Rank correlation of the credits.")
    credited: float | None = strawberry.field(description="What is credited in what the experiment covered.")
    lift: float | None = strawberry.field(description="What the experiment found.")
    se: float | None = strawberry.field(description="Standard error of the lift.")
    errors: float | None = strawberry.field(description="Standard errors between credit and lift.")
    agrees: bool | None = strawberry.field(description="Whether the difference may be luck of the test.")


@strawberry.type(description="Why a channel's credit changed: the four causes sum to the change.")
class AttributionChange:
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    before: float = strawberry.field(description="Conversions credited by the earlier run.")
    after: float = strawberry.field(description="Conversions credited by the later run.")
    volume: float = strawberry.field(description="Because there were more or fewer journeys.")
    mix: float = strawberry.field(description="Because they took other paths.")
    rates: float = strawberry.field(description="Because paths converted otherwise.")
    model: float = strawberry.field(description="Because the model or its settings changed.")


Models = Annotated[list[AttributionModel] | None, strawberry.argument(description="Only these; every one if omitted.")]
OneModel = Annotated[AttributionModel, strawberry.argument(description="The model.")]
OneGoal = Annotated[Goal | None, strawberry.argument(description="The kind of conversion; orders, or what there is.")]


@strawberry.type(
    description="What a run credits for one kind of conversion. Credit says who was there, not who caused it."
)
class Attribution:
    run: strawberry.Private[queries.AttributionRun]
    run_key: int = strawberry.field(description="Number of the run.")
    advertiser: str = strawberry.field(description="Whose conversions they are.")
    goal: Goal = strawberry.field(description="The kind of conversion.")
    first_day: dt.date = strawberry.field(description="First day of the conversions.")
    last_day: dt.date = strawberry.field(description="Last day of the conversions.")
    currency: str = strawberry.field(description="Currency of all amounts.")
    level: float = strawberry.field(description="Level of all intervals.")
    conversions: BigInt = strawberry.field(description="Conversions of known customers.")
    untouched: BigInt = strawberry.field(description="Those without a known touch, credited to nobody.")
    null_paths: BigInt = strawberry.field(description="Journeys that no conversion followed.")
    capped: BigInt = strawberry.field(description="Journeys as long as a path can be, or longer.")
    total: float | None = strawberry.field(description="Incremental conversions of all channels, by experiments.")
    total_low: float | None = strawberry.field(description="Lower end of its interval.")
    total_high: float | None = strawberry.field(description="Upper end of its interval.")
    baseline: float | None = strawberry.field(description="Conversions that would have come anyway, by experiments.")
    words: str = strawberry.field(description="What experiments prove, and why models are missing.")
    models: list[AttributionModel] = strawberry.field(description="The models that it has.")
    markov_order: int = strawberry.field(description="Touches that MARKOV remembers.")
    is_published: bool = strawberry.field(description="Whether readers see this run.")
    finished_at: dt.datetime | None = strawberry.field(description="When it was computed.")

    @resolved("Credits, model by model and the largest first; of the published run alone.")
    def credits(
        self,
        info: Info,
        grain: Annotated[AttributionGrain, strawberry.argument(description="What to tell apart.")] = (
            AttributionGrain.CHANNEL
        ),
        models: Models = None,
        first: First = 100,
    ) -> list[AttributionCredit]:
        chosen = [model.value for model in models or ()]
        found = queries.credited(info.context.session, self.run, grain=grain.value, models=chosen)
        return [credit_of(row) for row in found[: page_size(first)]]

    @resolved("Credits by day and channel, in order; of the published run alone.")
    def days(
        self,
        info: Info,
        model: OneModel,
        dated: Annotated[CreditDating, strawberry.argument(description="The day that counts.")] = (
            CreditDating.CONVERSION
        ),
        first: First = 100,
    ) -> list[AttributionDay]:
        found = queries.credit_days(info.context.session, self.run, model.value, dated=dated.value)
        return [
            AttributionDay(date_day=d.date, channel=d.channel, conversions=d.conversions, value=Money(d.value))
            for d in found[: page_size(first)]
        ]

    @resolved("The paths with the most conversions.")
    def paths(self, info: Info, model: OneModel, first: First = 50) -> list[AttributionPath]:
        found = queries.credited_paths(info.context.session, self.run, model.value, limit=page_size(first))
        return [
            AttributionPath(
                channels=list(path.channels), conversions=BigInt(path.conversions),
                new_customers=BigInt(path.new_customers), value=Money(path.value), null_paths=BigInt(path.null_paths),
                credit=[PathShare(channel=name, conversions=part) for name, part in path.credit.items()],
            )
            for path in found
        ]  # fmt: skip

    @resolved("How far the models can be believed; of the published run alone.")
    def agreement(
        self,
        info: Info,
        kinds: Annotated[
            list[str] | None, strawberry.argument(description="Only these kinds; every one if omitted.")
        ] = None,
        first: First = 100,
    ) -> list[AttributionAgreement]:
        found = queries.agreement(info.context.session, self.run, kinds=kinds or ())
        return [
            AttributionAgreement(
                model=AttributionModel(row.model), kind=row.kind, other=row.other, channel=row.channel,
                distance=row.distance, rank_correlation=row.rank_correlation, credited=row.credited, lift=row.lift,
                se=row.se, errors=row.errors, agrees=row.agrees,
            )
            for row in found[: page_size(first)]
        ]  # fmt: skip


@strawberry.type
class AttributionQuery:
    @resolved("The published credits of the filter's accounts; null before the job attribution ran.")
    def attribution(self, info: Info, filter_: FilterArgument = None, goal: OneGoal = None) -> Attribution | None:
        runs = queries.published_attribution(info.context.session, unsettled(filter_, info.context))
        run = next((run for run in runs if goal is None or run.goal.value == goal.value), None)
        return None if run is None else attribution_of(run)

    @resolved("Finished runs of the job attribution, newest first, one entry per kind of conversion.")
    def attribution_runs(self, info: Info, goal: OneGoal = None, first: First = 20) -> list[Attribution]:
        kind = None if goal is None else ConversionKind(goal.value)
        found = queries.attribution_runs(info.context.session, goal=kind, limit=page_size(first))
        return [attribution_of(run) for run in found]

    @resolved("Why credits changed from one run to another, the largest changes first.")
    def attribution_changes(
        self,
        info: Info,
        before: Annotated[int, strawberry.argument(description="Number of the earlier run.")],
        after: Annotated[int, strawberry.argument(description="Number of the later run.")],
        model: OneModel,
        goal: Annotated[Goal, strawberry.argument(description="The kind of conversion.")] = Goal.ORDER,
        first: First = 50,
    ) -> list[AttributionChange]:
        session, kind = info.context.session, ConversionKind(goal.value)
        one, other = (queries.attribution_run(session, key, kind) for key in (before, after))
        found = changes_between(session, one, other, model.value)
        return [
            AttributionChange(
                channel=row.channel, before=row.before, after=row.after, volume=row.volume, mix=row.mix,
                rates=row.rates, model=row.model,
            )
            for row in found[: page_size(first)]
        ]  # fmt: skip


def credit_of(row: queries.CreditRow) -> AttributionCredit:
    """A credit as the schema has it."""
    return AttributionCredit(
        model=AttributionModel(row.model), channel=row.channel, item_key=row.item_key, item=row.item,
        is_incremental=row.is_incremental, conversions=row.conversions, low=row.low, high=row.high,
        value=Money(row.value), value_low=None if row.value_low is None else Money(row.value_low),
        value_high=None if row.value_high is None else Money(row.value_high), removal_effect=row.removal_effect,
        cost=None if row.cost is None else Money(row.cost), cpa=row.cpa, roas=row.roas,
    )  # fmt: skip


def attribution_of(run: queries.AttributionRun) -> Attribution:
    """A run as the schema has it."""
    return Attribution(
        run=run, run_key=run.run_key, advertiser=run.advertiser, goal=Goal(run.goal.value), first_day=run.first_day,
        last_day=run.last_day, currency=run.currency, level=run.level, conversions=BigInt(run.conversions),
        untouched=BigInt(run.untouched), null_paths=BigInt(run.null_paths), capped=BigInt(run.capped),
        total=run.total, total_low=run.total_low, total_high=run.total_high, baseline=run.baseline, words=run.words,
        models=[AttributionModel(model) for model in run.models], markov_order=run.markov_order,
        is_published=run.is_published, finished_at=run.finished_at,
    )  # fmt: skip
