"""Audiences: customers worth treating, a part held out, and what came of treating the others."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

import strawberry

from api.actions import audiences as actions
from api.actions.audiences import Terms
from api.schema.context import Info
from api.schema.described import changing, resolved
from api.schema.outcomes import Failure, IdempotencyKey, outcome
from api.schema.paging import After, First, PageInfo, cursor, page_size, position_of
from api.schema.scalars import BigInt, Money
from api.schema.uplift import Interval, ReadoutKey
from warehouse.queries import audiences as queries


@strawberry.type(description="What came of an audience, as last verified.")
class AudienceVerification:
    verified_at: dt.datetime = strawberry.field(description="When it was verified.")
    measure: str = strawberry.field(description="What was counted.")
    first_day: dt.date | None = strawberry.field(description="First day of what was counted; null for a file.")
    last_day: dt.date | None = strawberry.field(description="Last day.")
    treated: BigInt = strawberry.field(description="Treated customers that were counted.")
    found: Interval = strawberry.field(description="The effect per customer, by those held out.")
    level: float = strawberry.field(description="Level of the interval.")
    is_kept: bool = strawberry.field(description="Whether what was predicted lies in the interval.")
    words: str = strawberry.field(description="What came of the promise.")


@strawberry.type(description="Customers chosen by their scores, of whom a part is held out of the treatment.")
class Audience:
    audience_key: int = strawberry.field(description="Causeway's own key.")
    name: str = strawberry.field(description="Its name.")
    experiment_key: int = strawberry.field(description="The experiment from which its scores were learned.")
    experiment_id: str = strawberry.field(description="Its id.")
    metric: str = strawberry.field(description="The outcome.")
    arm_id: str = strawberry.field(description="The treatment.")
    value: Money = strawberry.field(description="What one unit of the outcome is worth.")
    cost: Money = strawberry.field(description="What treating one customer costs.")
    currency: str | None = strawberry.field(description="Currency of both; null: units of the outcome.")
    least: float = strawberry.field(description="The rule: an expected effect above this.")
    most: BigInt | None = strawberry.field(description="The best so many at most.")
    holdout: Decimal = strawberry.field(description="The part that is held out.")
    seed: int = strawberry.field(description="By which who is held out follows from the customer.")
    customers: BigInt = strawberry.field(description="Its customers.")
    held_out: BigInt = strawberry.field(description="Those of them who must not be treated.")
    predicted: float = strawberry.field(description="Mean effect that was predicted, per customer.")
    days: int = strawberry.field(description="Days over which it was predicted.")
    created_at: dt.datetime = strawberry.field(description="When it was saved.")
    verification: AudienceVerification | None = strawberry.field(description="What came of it; null until verified.")


@strawberry.type(description="A customer of an audience.")
class AudienceMember:
    customer_key: BigInt = strawberry.field(description="The customer.")
    effect: float = strawberry.field(description="What treatment is expected to change.")
    is_held_out: bool = strawberry.field(description="Whether the customer must not be treated.")


@strawberry.type(description="A page of an audience's customers.")
class AudienceMemberConnection:
    nodes: list[AudienceMember] = strawberry.field(description="The customers of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and how the list goes on.")


@strawberry.type(description="An audience that was saved.")
class SavedAudience:
    audience_key: int = strawberry.field(description="Causeway's own key.")
    name: str = strawberry.field(description="Its name.")
    treat: BigInt = strawberry.field(description="Customers to be treated.")
    held_out: BigInt = strawberry.field(description="Customers held out.")
    predicted: float = strawberry.field(description="Mean effect that is predicted, per customer.")


AudienceKey = Annotated[int, strawberry.argument(description="Key of the audience.")]
SaveResult = Annotated[
    SavedAudience | Failure,
    strawberry.union("SaveAudienceResult", description="The audience, or why none was saved."),
]
VerifyResult = Annotated[
    Audience | Failure,
    strawberry.union(
        "VerifyAudienceResult", description="The audience with what came of it, or why that is not known."
    ),
]


@strawberry.type
class AudienceQuery:
    @resolved("Audiences, the newest first; for who may read every account of the advertiser.")
    def audiences(self, info: Info, first: First = 50) -> list[Audience]:
        return [_audience(row) for row in queries.audiences(info.context.session)[: page_size(first)]]

    @resolved("One audience.")
    def audience(self, info: Info, audience_key: AudienceKey) -> Audience:
        return _audience(queries.audience(info.context.session, audience_key))

    @resolved("The customers of an audience, the highest effect first.")
    def audience_members(
        self, info: Info, audience_key: AudienceKey, first: First = 50, after: After = None
    ) -> AudienceMemberConnection:
        context, size, question = info.context, page_size(first), f"audience {audience_key}"
        position = position_of(context, question, after)
        last = (float(position[0]), int(position[1])) if position else None
        rows = queries.audience_members(context.session, audience_key, limit=size + 1, after=last)
        shown = rows[:size]
        return AudienceMemberConnection(
            nodes=[
                AudienceMember(customer_key=BigInt(row.customer_key), effect=row.effect, is_held_out=row.is_held_out)
                for row in shown
            ],
            page_info=PageInfo(
                has_next_page=len(rows) > size,
                end_cursor=cursor(context, question, [shown[-1].effect, shown[-1].customer_key]) if shown else None,
            ),
        )


@strawberry.type
class AudienceMutation:
    @changing("Save customers worth treating as an audience, with a part held out. For managers of the account.")
    def save_audience(
        self,
        info: Info,
        readout_key: ReadoutKey,
        name: Annotated[str, strawberry.argument(description="Its name.")],
        value: Annotated[Money | None, strawberry.argument(description="As in the run if omitted.")] = None,
        cost: Annotated[Money | None, strawberry.argument(description="As in the run if omitted.")] = None,
        most: Annotated[int | None, strawberry.argument(description="The best so many at most.")] = None,
        holdout: Annotated[Decimal, strawberry.argument(description="The part to hold out.")] = Decimal("0.1"),
        seed: Annotated[int, strawberry.argument(description="Chance: the same seed holds the same people out.")] = 1,
        idempotency_key: IdempotencyKey = None,
    ) -> SaveResult:
        c = info.context
        terms = Terms(value, cost, most, holdout, seed)

        def change() -> SavedAudience:
            saved = actions.save_audience(
                c.warehouse, c.identity, readout_key=readout_key, name=name, terms=terms, key=idempotency_key
            )
            return SavedAudience(
                audience_key=saved.audience_key,
                name=saved.name,
                treat=BigInt(saved.treat),
                held_out=BigInt(saved.held_out),
                predicted=saved.predicted,
            )

        return outcome(change)

    @changing("Hold what an audience was predicted to do against what it did. For managers of the account.")
    def verify_audience(
        self,
        info: Info,
        audience_key: AudienceKey,
        since: Annotated[
            dt.date | None, strawberry.argument(description="When treatment began; the day after saving if omitted.")
        ] = None,
        level: Annotated[float, strawberry.argument(description="Level of the interval.")] = 0.9,
    ) -> VerifyResult:
        c = info.context
        return outcome(
            lambda: _audience(
                actions.verify_audience(c.warehouse, c.identity, audience_key=audience_key, since=since, level=level)
            )
        )


def _audience(row: queries.Audience) -> Audience:
    return Audience(
        audience_key=row.audience_key,
        name=row.name,
        experiment_key=row.experiment_key,
        experiment_id=row.experiment_id,
        metric=row.metric,
        arm_id=row.arm_id,
        value=Money(row.value),
        cost=Money(row.cost),
        currency=row.currency,
        least=row.least,
        most=None if row.most is None else BigInt(row.most),
        holdout=row.holdout,
        seed=row.seed,
        customers=BigInt(row.customers),
        held_out=BigInt(row.held_out),
        predicted=row.predicted,
        days=row.days,
        created_at=row.created_at,
        verification=_verification(row),
    )


def _verification(row: queries.Audience) -> AudienceVerification | None:
    if row.verified_at is None or row.found is None or row.found_low is None or row.found_high is None:
        return None
    return AudienceVerification(
        verified_at=row.verified_at,
        measure=row.measure or "",
        first_day=row.first_day,
        last_day=row.last_day,
        treated=BigInt(row.treated or 0),
        found=Interval(estimate=row.found, low=row.found_low, high=row.found_high),
        level=row.level or 0.0,
        is_kept=bool(row.is_kept),
        words=row.words or "",
    )
