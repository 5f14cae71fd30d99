"""Cohorts: customers by the month of their first order, and what they do in the months after it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

import strawberry

from api.schema.context import Info
from api.schema.described import resolved
from api.schema.scalars import BigInt, Money
from warehouse.queries.cohorts import MOST_MONTHS, cohort_retention

Months = Annotated[int, strawberry.argument(description=f"How many months of each, up to {MOST_MONTHS}.")]


@strawberry.type(description="A cohort in one month of its life; month 0 is that of the first order.")
class CohortMonth:
    cohort_month: dt.date = strawberry.field(description="Month of the first order.")
    months_since: int = strawberry.field(description="Months since then.")
    cohort_size: BigInt = strawberry.field(description="Customers with their first order in that month.")
    customers: BigInt = strawberry.field(description="Those of them that ordered in this month.")
    retained: Decimal = strawberry.field(description="The share of them.")
    orders: BigInt = strawberry.field(description="Their orders.")
    revenue: Money = strawberry.field(description="Their revenue, in the currency asked for.")


@strawberry.type
class CohortQuery:
    @resolved("Retention of customers by the month of their first order; for readers of all accounts of an advertiser.")
    def cohorts(
        self,
        info: Info,
        currency: Annotated[
            str | None, strawberry.argument(description="Currency of revenue; else the reporting currency.")
        ] = None,
        cohorts: Annotated[
            int, strawberry.argument(description=f"How many of the newest cohorts, up to {MOST_MONTHS}.")
        ] = 12,
        months: Months = 12,
    ) -> list[CohortMonth]:
        context = info.context
        wanted = (currency or context.warehouse.settings.reporting_currency).upper()
        return [
            CohortMonth(
                cohort_month=row.cohort_month,
                months_since=row.months_since,
                cohort_size=BigInt(row.cohort_size),
                customers=BigInt(row.customers),
                retained=row.retained,
                orders=BigInt(row.orders),
                revenue=Money(row.revenue),
            )
            for row in cohort_retention(context.session, wanted, cohorts=cohorts, months=months)
        ]
