"""Which test of a channel comes next."""

from __future__ import annotations

import datetime as dt

import strawberry

from api.schema.context import Info
from api.schema.described import resolved
from api.schema.paging import First, page_size
from api.schema.scalars import Money
from warehouse.queries import next_tests as queries


@strawberry.type(
    description="A test without a channel's ads in some regions. Conversions and money are those of a week, but for "
    "information, testCost and net."
)
class NextTest:
    advertiser: str = strawberry.field(description="Whose channel it is.")
    rank: int = strawberry.field(description="1 is the test to do next.")
    goal: str = strawberry.field(description="The kind of conversion that is looked at.")
    channel: str = strawberry.field(description="Channel of the taxonomy.")
    rests_on: str = strawberry.field(
        description="What the belief rests on: tests (the calibrated model), or credit, which tells little."
    )
    conversions: float = strawberry.field(description="Conversions that the channel is thought to cause.")
    low: float = strawberry.field(description="Lower end of their interval.")
    high: float = strawberry.field(description="Upper end.")
    level: float = strawberry.field(description="Level of all intervals.")
    break_even: float = strawberry.field(description="Conversions that are worth the spend.")
    spend: Money = strawberry.field(description="Spend.")
    currency: str = strawberry.field(description="Currency of all amounts.")
    chance_wrong: float = strawberry.field(description="How likely the decision of today is wrong.")
    weeks: int = strawberry.field(description="How long the test takes.")
    share: float = strawberry.field(description="Part of all conversions that is of the regions without the ads.")
    precision: float = strawberry.field(description="How far their interval goes up and down after the test.")
    information: Money = strawberry.field(description="What deciding after the test is better than deciding today.")
    test_cost: Money = strawberry.field(description="What is lost meanwhile where today's decision is not followed.")
    net: Money = strawberry.field(description="What is left of the information after that.")
    horizon_weeks: int = strawberry.field(description="For how many weeks the decision is.")
    last_tested: dt.date | None = strawberry.field(description="Last day of the newest test; null: never tested.")
    experiment_key: int | None = strawberry.field(description="A test of the channel that is planned or running.")
    experiment_id: str | None = strawberry.field(description="Its id.")
    words: str = strawberry.field(description="What to do, in words.")
    run_key: int = strawberry.field(description="The run.")


@strawberry.type
class NextTestQuery:
    @resolved("Which test next, of every advertiser: the tests in the order of what their answers are worth.")
    def next_tests(self, info: Info, first: First = 100) -> list[NextTest]:
        return [
            NextTest(
                advertiser=row.advertiser,
                rank=row.rank,
                goal=row.goal,
                channel=row.channel,
                rests_on=row.rests_on,
                conversions=row.conversions,
                low=row.low,
                high=row.high,
                level=row.level,
                break_even=row.break_even,
                spend=Money(row.spend),
                currency=row.currency,
                chance_wrong=row.chance_wrong,
                weeks=row.weeks,
                share=row.share,
                precision=row.precision,
                information=Money(row.information),
                test_cost=Money(row.test_cost),
                net=Money(row.net),
                horizon_weeks=row.horizon_weeks,
                last_tested=row.last_tested,
                experiment_key=row.experiment_key,
                experiment_id=row.experiment_id,
                words=row.words,
                run_key=row.run_key,
            )
            for row in queries.next_tests(info.context.session, limit=page_size(first))
        ]
