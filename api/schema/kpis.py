"""KPIs as types; every word about them comes from ``warehouse/metrics.py``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry

from api.schema.described import choice, resolved
from api.schema.scalars import BigInt, Money
from warehouse.metrics import METRICS


def kpi(name: str) -> Any:
    """A field that holds the KPI of that name."""
    return strawberry.field(description=kpi_words(name))


def kpi_words(name: str) -> str:
    """What a KPI means, how it is computed, and its unit."""
    metric = METRICS[name]
    formula = f" Formula: {metric.sql()}." if metric.is_ratio else ""
    return f"{metric.label}. {metric.words}{formula} Unit: {metric.unit}."


@strawberry.type(
    description="KPIs of the same rows. Null where a sum that is needed was not reported, or is zero below."
)
class Kpis:
    spend: Money | None = kpi("spend")
    revenue: Money | None = kpi("revenue")
    conversions: Decimal | None = kpi("conversions")
    impressions: BigInt | None = kpi("impressions")
    clicks: BigInt | None = kpi("clicks")
    roas: Decimal | None = kpi("roas")
    roi: Decimal | None = kpi("roi")
    cpa: Money | None = kpi("cpa")
    ctr: Decimal | None = kpi("ctr")
    cpc: Money | None = kpi("cpc")
    cpm: Money | None = kpi("cpm")
    cvr: Decimal | None = kpi("cvr")
    aov: Money | None = kpi("aov")


KPI_FIELDS: tuple[str, ...] = (
    "spend", "revenue", "conversions", "impressions", "clicks", "roas", "roi", "cpa", "ctr", "cpc", "cpm", "cvr", "aov",
)  # fmt: skip


def kpis_of(values: Mapping[str, Any]) -> Kpis:
    """The type from values by KPI name, of which there may be more."""
    return Kpis(**{name: values.get(name) for name in KPI_FIELDS})


@strawberry.enum(description="A KPI of campaigns and periods.")
class KpiName(Enum):
    SPEND = choice("spend", kpi_words("spend"))
    REVENUE = choice("revenue", kpi_words("revenue"))
    CONVERSIONS = choice("conversions", kpi_words("conversions"))
    IMPRESSIONS = choice("impressions", kpi_words("impressions"))
    CLICKS = choice("clicks", kpi_words("clicks"))
    ROAS = choice("roas", kpi_words("roas"))
    ROI = choice("roi", kpi_words("roi"))
    CPA = choice("cpa", kpi_words("cpa"))
    CTR = choice("ctr", kpi_words("ctr"))
    CPC = choice("cpc", kpi_words("cpc"))
    CPM = choice("cpm", kpi_words("cpm"))
    CVR = choice("cvr", kpi_words("cvr"))
    AOV = choice("aov", kpi_words("aov"))


@strawberry.type(description="The definition of a KPI; there is one, for pages, SQL and GraphQL alike.")
class KpiDefinition:
    name: str = strawberry.field(description="Its name in fields and columns.")
    label: str = strawberry.field(description="Its name for people.")
    words: str = strawberry.field(description="What it means.")
    formula: str = strawberry.field(description="How it is computed from sums: add up first, divide then.")
    unit: str = strawberry.field(description="money, count, decimal, percent or multiple.")
    good: str = strawberry.field(description="Which way is good: up, down or neither.")


@strawberry.type
class KpiQuery:
    @resolved("Every KPI with its definition.")
    def kpis(self) -> list[KpiDefinition]:
        return [
            KpiDefinition(name=m.name, label=m.label, words=m.words, formula=m.sql(), unit=m.unit, good=m.good)
            for m in METRICS.values()
        ]
