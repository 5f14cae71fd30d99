"""Whom a treatment changes: read-outs of tests, what choosing is worth at any cost, kinds, and scores with reasons."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from api.schema.context import Info
from api.schema.described import choice, resolved
from api.schema.paging import After, First, PageInfo, cursor, page_size, position_of
from api.schema.scalars import BigInt, Money
from ml.uplift.estimate import Estimate
from ml.uplift.features import label_of, said_of
from ml.uplift.kinds import Kind
from ml.uplift.stored import profit_of
from warehouse.queries import uplift as queries


@strawberry.enum(description="What treatment does to a customer, and what the customer does without it.")
class CustomerKind(Enum):
    PERSUADABLE = choice(Kind.PERSUADABLE.value, "Gains more than the margin.")
    SURE_THING = choice(Kind.SURE_THING.value, "Does enough anyway.")
    LOST_CAUSE = choice(Kind.LOST_CAUSE.value, "Does little, with or without it.")
    SLEEPING_DOG = choice(Kind.SLEEPING_DOG.value, "Loses more than the margin.")


@strawberry.type(description="An estimate with its interval.")
class Interval:
    estimate: float = strawberry.field(description="The estimate.")
    low: float = strawberry.field(description="Lower end.")
    high: float = strawberry.field(description="Upper end.")


@strawberry.type(description="What treating the best part of the customers brings, in units of the outcome.")
class UpliftPoint:
    share: float = strawberry.field(description="The best part of the customers by score.")
    least: float = strawberry.field(description="The lowest score among them.")
    gain: Interval = strawberry.field(description="What treating them adds, per customer of all.")
    rest: Interval = strawberry.field(description="What treating the others would add besides.")


@strawberry.type(description="Customers of a kind among those that judged.")
class UpliftKind:
    kind: CustomerKind = strawberry.field(description="The kind.")
    customers: BigInt = strawberry.field(description="Customers of that kind.")
    share: float = strawberry.field(description="Their part.")
    predicted: float = strawberry.field(description="Their mean score.")
    untreated: float = strawberry.field(description="What they do without treatment.")
    found: Interval | None = strawberry.field(description="Their mean effect by what they did; null below 30.")


@strawberry.type(description="Scored customers of a kind.")
class ScoredKind:
    kind: CustomerKind = strawberry.field(description="The kind.")
    customers: BigInt = strawberry.field(description="Customers of that kind.")
    effect: float = strawberry.field(description="Their mean score.")
    untreated: float = strawberry.field(description="What they are expected to do without treatment.")


@strawberry.type(description="A feature of customers that moves uplift.")
class UpliftDriver:
    feature: str = strawberry.field(description="The feature.")
    label: str = strawberry.field(description="What it is called.")
    contribution: float = strawberry.field(description="The mean size of what it adds to scores.")
    direction: float | None = strawberry.field(description="Whether more of it goes with more (1) or less (-1).")


@strawberry.type(description="What was checked before scores are believed.")
class UpliftCheck:
    check: str = strawberry.field(description="The check.")
    status: str = strawberry.field(description="passed, warned or failed.")
    words: str = strawberry.field(description="What was found, and what to look at.")


@strawberry.type(description="Why a score is what it is.")
class UpliftReason:
    feature: str = strawberry.field(description="The feature.")
    words: str = strawberry.field(description="What it is of this customer, in words.")
    value: float | None = strawberry.field(description="The same as a number; null where it is missing.")
    effect: float = strawberry.field(description="What it adds to the score.")


@strawberry.type(description="What treatment is expected to change in a customer, and why.")
class UpliftScore:
    customer_key: BigInt = strawberry.field(description="The customer.")
    effect: float = strawberry.field(description="The change, in units of the outcome.")
    untreated: float = strawberry.field(description="What the customer is expected to do without treatment.")
    kind: CustomerKind = strawberry.field(description="The kind of customer.")
    reasons: list[UpliftReason] = strawberry.field(description="The strongest reasons, at most three.")


@strawberry.type(description="A page of scores.")
class UpliftScoreConnection:
    nodes: list[UpliftScore] = strawberry.field(description="The scores of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and how the list goes on.")


@strawberry.type(
    description="What treating everybody is worth whose effect pays for it, per customer of all, in money."
)
class UpliftProfit:
    value: Money = strawberry.field(description="What one unit of the outcome is worth.")
    cost: Money = strawberry.field(description="What treating one customer costs.")
    currency: str | None = strawberry.field(description="Currency of all amounts; null: units of the outcome.")
    least: float = strawberry.field(description="The effect that pays for a treatment.")
    share: float = strawberry.field(description="The part of the customers that is treated.")
    customers: BigInt = strawberry.field(description="Scored customers whose effect pays.")
    gain: Interval = strawberry.field(description="Against treating nobody.")
    over_everybody: Interval = strawberry.field(description="Against treating everybody.")
    everybody: Interval = strawberry.field(description="Treating everybody against treating nobody.")
    words: str = strawberry.field(description="Whether choosing pays.")


@strawberry.type(description="What a test over users tells of whom to treat, by one metric and arm.")
class UpliftReadout:
    row: strawberry.Private[queries.Readout]
    readout_key: int = strawberry.field(description="Causeway's own key.")
    experiment_key: int = strawberry.field(description="The experiment.")
    experiment_id: str = strawberry.field(description="Its id.")
    experiment_name: str = strawberry.field(description="Its name.")
    metric: str = strawberry.field(description="The outcome.")
    better: str = strawberry.field(description="higher or lower; effects are for the better.")
    arm_id: str = strawberry.field(description="The treatment.")
    control_id: str = strawberry.field(description="The arm that it is compared with.")
    state: str = strawberry.field(description="proven, open, withheld or too_little.")
    words: str = strawberry.field(description="What it means.")
    learner: str = strawberry.field(description="How uplift was learned.")
    first_day: dt.date | None = strawberry.field(description="First day of the test; features are of the days before.")
    days: int | None = strawberry.field(description="Days over which outcomes were counted.")
    lookback_days: int | None = strawberry.field(description="Days of which features are.")
    scored_on: dt.date | None = strawberry.field(description="The newest day that scores know.")
    treated: BigInt = strawberry.field(description="Treated customers of the test.")
    untreated: BigInt = strawberry.field(description="Untreated ones.")
    judged: BigInt = strawberry.field(description="Those of both that judged.")
    scored: BigInt = strawberry.field(description="Customers with a score; 0 unless the ranking is proven.")
    level: float = strawberry.field(description="Level of the intervals.")
    effect: Interval | None = strawberry.field(description="Effect of treating everybody, per customer.")
    qini: Interval | None = strawberry.field(description="Area between the curve of gains and random choice.")
    autoc: Interval | None = strawberry.field(description="How much more the best respond than all do (RATE).")
    auuc: Interval | None = strawberry.field(description="Area under the curve of gains.")
    usual: float | None = strawberry.field(description="What a customer does without treatment, on average.")
    margin: float | None = strawberry.field(description="The effect that makes a persuadable.")
    value: Money = strawberry.field(description="What one unit of the outcome is worth.")
    cost: Money = strawberry.field(description="What treating one customer costs.")
    currency: str | None = strawberry.field(description="Currency of both; null: units of the outcome.")
    run_key: int = strawberry.field(description="The run that computed it.")

    @resolved("What was checked.")
    def checks(self, info: Info) -> list[UpliftCheck]:
        rows = queries.uplift_checks(info.context.session, self.readout_key)
        return [UpliftCheck(check=row.check, status=row.status, words=row.words) for row in rows]

    @resolved("The curve of gains, from the best few to all.")
    def curve(self, info: Info, first: First = 50) -> list[UpliftPoint]:
        rows = queries.uplift_curve(info.context.session, self.readout_key)
        return [
            UpliftPoint(
                share=row.share,
                least=row.least,
                gain=Interval(estimate=row.gain, low=row.gain_low, high=row.gain_high),
                rest=Interval(estimate=row.rest, low=row.rest_low, high=row.rest_high),
            )
            for row in rows[: page_size(first)]
        ]

    @resolved("The four kinds of customers among those that judged.")
    def kinds(self, info: Info) -> list[UpliftKind]:
        rows = queries.uplift_kinds(info.context.session, self.readout_key)
        return [
            UpliftKind(
                kind=CustomerKind(row.kind),
                customers=BigInt(row.customers),
                share=row.share,
                predicted=row.predicted,
                untreated=row.untreated,
                found=_interval(row.found, row.found_low, row.found_high),
            )
            for row in rows
        ]

    @resolved("All scored customers by kind; for who may read every account of the advertiser.")
    def scored_kinds(self, info: Info) -> list[ScoredKind]:
        rows = queries.scored_kinds(info.context.session, self.readout_key)
        return [
            ScoredKind(
                kind=CustomerKind(row.kind), customers=BigInt(row.customers), effect=row.effect, untreated=row.untreated
            )
            for row in rows
        ]

    @resolved("Features that move uplift, the strongest first.")
    def drivers(self, info: Info) -> list[UpliftDriver]:
        rows = queries.uplift_drivers(info.context.session, self.readout_key)
        return [
            UpliftDriver(
                feature=row.feature,
                label=label_of(row.feature),
                contribution=row.contribution,
                direction=row.direction,
            )
            for row in rows
        ]

    @resolved("What choosing customers is worth; null where nothing could be judged.")
    def profit(
        self,
        info: Info,
        value: Annotated[
            Money | None,
            strawberry.argument(description="What one unit of the outcome is worth; as in the run if omitted."),
        ] = None,
        cost: Annotated[
            Money | None, strawberry.argument(description="What treating one customer costs; as in the run if omitted.")
        ] = None,
    ) -> UpliftProfit | None:
        curve = queries.uplift_curve(info.context.session, self.readout_key)
        if not curve:
            return None
        worth = Money(self.row.value) if value is None else value
        price = Money(self.row.cost) if cost is None else cost
        found = profit_of(curve, value=Decimal(worth), cost=Decimal(price))
        return UpliftProfit(
            value=worth,
            cost=price,
            currency=self.row.currency,
            least=found.least,
            share=found.share,
            customers=BigInt(queries.customers_above(info.context.session, self.readout_key, found.least)),
            gain=_estimate(found.gain),
            over_everybody=_estimate(found.over_everybody),
            everybody=_estimate(found.everybody),
            words=found.words,
        )


@strawberry.type(description="A customer's score by one test.")
class CustomerUplift:
    readout_key: int = strawberry.field(description="The read-out that it belongs to.")
    score: UpliftScore = strawberry.field(description="The score.")


ReadoutKey = Annotated[int, strawberry.argument(description="Key of the read-out.")]


@strawberry.type
class UpliftQuery:
    @resolved("What tests over users tell of whom to treat; those that prove it first.")
    def uplift_readouts(
        self,
        info: Info,
        experiment_key: Annotated[int | None, strawberry.argument(description="Only of this experiment.")] = None,
        first: First = 50,
    ) -> list[UpliftReadout]:
        rows = queries.uplift_readouts(info.context.session, experiment_key=experiment_key)
        return [readout_of(row) for row in rows[: page_size(first)]]

    @resolved("One read-out.")
    def uplift_readout(self, info: Info, readout_key: ReadoutKey) -> UpliftReadout:
        return readout_of(queries.uplift_readout(info.context.session, readout_key))

    @resolved("A customer's scores by all tests, the highest first.")
    def customer_uplift(
        self, info: Info, customer_key: Annotated[BigInt, strawberry.argument(description="The customer.")]
    ) -> list[CustomerUplift]:
        rows = queries.scores_of_customer(info.context.session, customer_key)
        return [CustomerUplift(readout_key=key, score=_score(row)) for key, row in rows]

    @resolved("Customers by their score, the highest first; for who may read every account of the advertiser.")
    def uplift_scores(
        self,
        info: Info,
        readout_key: ReadoutKey,
        kind: Annotated[CustomerKind | None, strawberry.argument(description="Only of this kind.")] = None,
        first: First = 50,
        after: After = None,
    ) -> UpliftScoreConnection:
        context, size = info.context, page_size(first)
        question = f"uplift scores {readout_key} {kind}"
        position = position_of(context, question, after)
        rows = queries.uplift_scores(
            context.session,
            readout_key,
            kind=None if kind is None else kind.value,
            limit=size + 1,
            after=(float(position[0]), int(position[1])) if position else None,
        )
        shown = rows[:size]
        return UpliftScoreConnection(
            nodes=[_score(row) for row in shown],
            page_info=PageInfo(
                has_next_page=len(rows) > size,
                end_cursor=cursor(context, question, [shown[-1].effect, shown[-1].customer_key]) if shown else None,
            ),
        )


def readout_of(row: queries.Readout) -> UpliftReadout:
    """The read-out as the schema shows it."""
    return UpliftReadout(
        row=row,
        readout_key=row.readout_key,
        experiment_key=row.experiment_key,
        experiment_id=row.experiment_id,
        experiment_name=row.experiment_name,
        metric=row.metric,
        better=row.better,
        arm_id=row.arm_id,
        control_id=row.control_id,
        state=row.state,
        words=row.words,
        learner=row.learner,
        first_day=row.first_day,
        days=row.days,
        lookback_days=row.lookback_days,
        scored_on=row.scored_on,
        treated=BigInt(row.treated),
        untreated=BigInt(row.untreated),
        judged=BigInt(row.judged),
        scored=BigInt(row.scored),
        level=row.level,
        effect=_interval(row.effect, row.effect_low, row.effect_high),
        qini=_interval(row.qini, row.qini_low, row.qini_high),
        autoc=_interval(row.autoc, row.autoc_low, row.autoc_high),
        auuc=_interval(row.auuc, row.auuc_low, row.auuc_high),
        usual=row.usual,
        margin=row.margin,
        value=Money(row.value),
        cost=Money(row.cost),
        currency=row.currency,
        run_key=row.run_key,
    )


def _score(row: queries.Score) -> UpliftScore:
    reasons = zip(row.reasons, row.reason_values, row.reason_effects, strict=True)
    return UpliftScore(
        customer_key=BigInt(row.customer_key),
        effect=row.effect,
        untreated=row.untreated,
        kind=CustomerKind(row.kind),
        reasons=[
            UpliftReason(feature=feature, words=said_of(feature, value), value=value, effect=effect)
            for feature, value, effect in reasons
        ],
    )


def _interval(estimate: float | None, low: float | None, high: float | None) -> Interval | None:
    return None if estimate is None or low is None or high is None else Interval(estimate=estimate, low=low, high=high)


def _estimate(found: Estimate) -> Interval:
    return Interval(estimate=found.estimate, low=found.low, high=found.high)
