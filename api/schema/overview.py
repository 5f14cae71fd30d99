"""The Overview: totals, trend and breakdowns of a period."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import pandas as pd
import strawberry

from api.schema.context import Info
from api.schema.described import choice, resolved
from api.schema.filters import FilterArgument, settled
from api.schema.kpis import KPI_FIELDS, KpiName, Kpis, kpi, kpis_of
from api.schema.paging import First, page_size
from api.schema.scalars import Money
from warehouse.filters import Filter
from warehouse.queries import overview as queries


@strawberry.enum(description="By what a period is broken down.")
class Dimension(Enum):
    PLATFORM = choice("platform", "Ad platform.")
    CHANNEL = choice("channel", "Channel of the taxonomy.")
    CAMPAIGN_TYPE = choice("campaign_type", "Campaign type as the platforms write it.")
    CAMPAIGN = choice("campaign", "Campaign.")
    ACCOUNT = choice("account", "Account.")
    DAY = choice("day", "Day.")


@strawberry.type(description="KPIs of a whole period.")
class Totals:
    kpis: Kpis = strawberry.field(description="KPIs of the period.")
    previous: Kpis | None = strawberry.field(description="KPIs of the compared period; null without rows in it.")
    claim_ratio: Decimal | None = kpi("claim_ratio")
    previous_claim_ratio: Decimal | None = strawberry.field(description="The claim ratio of the compared period.")
    is_final: bool = strawberry.field(description="False while a platform may still restate a day of the period.")
    value_coverage: Decimal | None = strawberry.field(
        description="Share of spend on rows that report a conversion value at all (0 to 1); ROAS and ROI cover only it."
    )
    estimated_spend: Money | None = strawberry.field(description="Spend that no platform reported, estimated by rule.")
    estimated_revenue: Money | None = strawberry.field(
        description="Revenue that no platform reported, estimated by rule; never part of the KPIs."
    )


@strawberry.type(description="One KPI over the points of a trend; the lists are as long as the trend's dates.")
class Series:
    kpi: KpiName = strawberry.field(description="The KPI.")
    values: list[Decimal | None] = strawberry.field(description="Its value at each point.")
    previous: list[Decimal | None] = strawberry.field(description="Its value at the compared point.")


@strawberry.type(description="A period point by point, as columns.")
class Trend:
    frame: strawberry.Private[pd.DataFrame]

    @resolved("First day of each point.")
    def dates(self) -> list[dt.date]:
        return self.frame["date"].tolist()

    @resolved("First day of the point that each is compared with; null without comparison.")
    def compared_dates(self) -> list[dt.date | None]:
        return _values(self.frame["compared_date"])

    @resolved("False where a platform may still restate a day of the point.")
    def is_final(self) -> list[bool]:
        return self.frame["is_final"].tolist()

    @resolved("The KPIs asked for, point by point.")
    def series(
        self, kpis: Annotated[list[KpiName], strawberry.argument(description="Which KPIs, at most 13.")]
    ) -> list[Series]:
        names = list(dict.fromkeys(kpis))
        return [
            Series(
                kpi=name, values=_values(self.frame[name.value]), previous=_values(self.frame[f"previous_{name.value}"])
            )
            for name in names
        ]


@strawberry.type(description="One value of a dimension with its KPIs.")
class BreakdownRow:
    key: str = strawberry.field(description="The value, e.g. google_ads, or the key of an account or campaign.")
    label: str = strawberry.field(description="The value in words.")
    platform: str | None = strawberry.field(description="The platform, where it is one.")
    channel: str | None = strawberry.field(description="The channel, where it is one.")
    is_final: bool = strawberry.field(description="False while a platform may still restate a day of it.")
    kpis: Kpis = strawberry.field(description="KPIs of the period.")
    previous: Kpis = strawberry.field(description="KPIs of the compared period.")


@strawberry.type(description="A period: its totals, its trend, and what it is made of.")
class Overview:
    filter_: strawberry.Private[Filter]
    start: dt.date = strawberry.field(description="First day.")
    end: dt.date = strawberry.field(description="Last day, included.")
    compared_start: dt.date | None = strawberry.field(description="First day of the compared period.")
    compared_end: dt.date | None = strawberry.field(description="Last day of the compared period.")
    currency: str = strawberry.field(description="Currency of all amounts.")

    @resolved("KPIs of the whole period.")
    def totals(self, info: Info) -> Totals:
        found = queries.totals(info.context.session, self.filter_)
        before = found.previous
        return Totals(
            kpis=kpis_of(found.current),
            previous=None if before is None else kpis_of(before),
            claim_ratio=found.current["claim_ratio"],
            previous_claim_ratio=before["claim_ratio"] if before else None,
            is_final=found.is_final,
            value_coverage=found.value_coverage,
            estimated_spend=_money(found.estimated.get("spend")),
            estimated_revenue=_money(found.estimated.get("conversion_value")),
        )

    @resolved("The period point by point, in the filter's grain.")
    def trend(self, info: Info) -> Trend:
        return Trend(frame=queries.trend(info.context.session, self.filter_))

    @resolved("The values of a dimension, largest spend first (days in order).")
    def breakdown(
        self,
        info: Info,
        by: Annotated[Dimension, strawberry.argument(description="The dimension.")],
        first: First = 100,
    ) -> list[BreakdownRow]:
        size = page_size(first)
        rows = queries.breakdown(info.context.session, self.filter_, by.value).head(size).to_dict("records")
        return [
            BreakdownRow(
                key=row["key"],
                label=row["label"],
                platform=_none(row["platform"]),
                channel=_none(row["channel"]),
                is_final=row["is_final"],
                kpis=kpis_of({name: _none(row[name]) for name in KPI_FIELDS}),
                previous=kpis_of({name: _none(row[f"previous_{name}"]) for name in KPI_FIELDS}),
            )
            for row in rows
        ]


@strawberry.type
class OverviewQuery:
    @resolved("What a period cost and brought, beside the compared one.")
    def overview(self, info: Info, filter_: FilterArgument = None) -> Overview:
        chosen = settled(filter_, info.context)
        compared = chosen.compared or (None, None)
        return Overview(
            filter_=chosen,
            start=chosen.start,
            end=chosen.end,
            compared_start=compared[0],
            compared_end=compared[1],
            currency=chosen.currency or "",
        )


def _values(column: pd.Series[Any]) -> list[Any]:
    return [_none(value) for value in column.tolist()]


def _none(value: Any) -> Any:
    """Pandas' several kinds of nothing as None."""
    return None if value is None or value != value else value  # noqa: PLR0124  # only NaN and NaT differ from themselves


def _money(value: Decimal | None) -> Money | None:
    return None if value is None else Money(value)
