"""Every KPI once: name, formula over sums, unit, format, which way is good, and words.

A KPI is either one additive sum or a ratio of two linear expressions of sums. Ratios are never stored and never
averaged: they are recomputed from the sums of whatever rows are shown. A sum that was not reported (NULL) is
not zero, so a ratio over it is NULL too.

Marts, GraphQL descriptions, the command line and the figures read this table and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Unit = Literal["money", "count", "decimal", "percent", "multiple"]
Direction = Literal["up", "down", "neither"]

# The additive columns of a performance row, in the order in which every table shows them.
SUMS: tuple[str, ...] = ("spend", "impressions", "clicks", "conversions", "conversion_value")


@dataclass(frozen=True, slots=True)
class Metric:
    """One KPI.

    ``numerator`` and ``denominator`` map a sum's name to its coefficient; an empty denominator means a plain
    sum. ``scale`` multiplies the quotient (1000 for CPM).
    """

    name: str
    label: str
    words: str
    unit: Unit
    good: Direction
    numerator: Mapping[str, int]
    denominator: Mapping[str, int]
    scale: int = 1

    @property
    def is_ratio(self) -> bool:
        return bool(self.denominator)

    def value(self, sums: Mapping[str, Decimal | int | None]) -> Decimal | None:
        """The KPI from sums. ``None`` when a needed sum is unknown or the denominator is zero."""
        top = _linear(self.numerator, sums)
        if not self.denominator or top is None:
            return top
        bottom = _linear(self.denominator, sums)
        if bottom is None or bottom == 0:
            return None
        return top * self.scale / bottom

    def sql(self, column: Mapping[str, str] | None = None) -> str:
        """The same formula as a SQL expression; ``column`` maps a sum's name to the expression that yields it."""
        top = _linear_sql(self.numerator, column)
        if not self.denominator:
            return top
        scale = f"{self.scale} * " if self.scale != 1 else ""
        return f"{scale}({top})::numeric / nullif({_linear_sql(self.denominator, column)}, 0)"


def _linear(terms: Mapping[str, int], sums: Mapping[str, Decimal | int | None]) -> Decimal | None:
    total = Decimal(0)
    for name, coefficient in terms.items():
        value = sums.get(name)
        if value is None:
            return None
        total += coefficient * Decimal(value)
    return total


def _linear_sql(terms: Mapping[str, int], column: Mapping[str, str] | None) -> str:
    def one(name: str, coefficient: int) -> str:
        expression = column[name] if column else name
        return {1: f"+ {expression}", -1: f"- {expression}"}.get(coefficient, f"+ {coefficient} * {expression}")

    return " ".join(one(n, c) for n, c in terms.items()).removeprefix("+ ")


def _sum(name: str, label: str, unit: Unit, good: Direction, words: str, column: str | None = None) -> Metric:
    return Metric(name, label, words, unit, good, {column or name: 1}, {})


def _ratio(
    name: str, label: str, unit: Unit, good: Direction, top: str, bottom: str, words: str, scale: int = 1
) -> Metric:
    return Metric(name, label, words, unit, good, {top: 1}, {bottom: 1}, scale)


METRICS: Mapping[str, Metric] = {
    m.name: m
    for m in (
        _sum("spend", "Spend", "money", "neither", "What the platforms charged, in the currency shown."),
        _sum(
            "revenue",
            "Revenue",
            "money",
            "up",
            "Conversion value that the platforms claim for their own ads (credited, not incremental).",
            column="conversion_value",
        ),
        _sum(
            "conversions",
            "Conversions",
            "decimal",
            "up",
            "Conversions that the platforms claim; fractional where credit is split.",
        ),
        _sum("impressions", "Impressions", "count", "neither", "How often an ad was shown."),
        _sum("clicks", "Clicks", "count", "up", "Clicks as each platform counts them (see its click definition)."),
        _ratio(
            "roas", "ROAS", "multiple", "up", "conversion_value", "spend", "Claimed revenue for each unit of spend."
        ),
        Metric(
            "roi",
            "ROI",
            "Claimed revenue minus spend, for each unit of spend.",
            "percent",
            "up",
            {"conversion_value": 1, "spend": -1},
            {"spend": 1},
        ),
        _ratio("cpa", "CPA", "money", "down", "spend", "conversions", "Spend for one claimed conversion."),
        _ratio("ctr", "CTR", "percent", "up", "clicks", "impressions", "Clicks for each impression."),
        _ratio("cpc", "CPC", "money", "down", "spend", "clicks", "Spend for one click."),
        _ratio("cpm", "CPM", "money", "down", "spend", "impressions", "Spend for a thousand impressions.", 1000),
        _ratio("cvr", "CVR", "percent", "up", "conversions", "clicks", "Claimed conversions for each click."),
        _ratio(
            "aov",
            "Value per conversion",
            "money",
            "up",
            "conversion_value",
            "conversions",
            "Claimed revenue for one claimed conversion.",
        ),
        _ratio(
            "claim_ratio",
            "Claim ratio",
            "multiple",
            "neither",
            "conversion_value",
            "order_revenue",
            "Revenue that all platforms claim together, for each unit of revenue that the shop took. "
            "Above 1 they claim more than was sold.",
        ),
    )
}

# What the Overview asks of every grouping, in the order in which it is shown.
OVERVIEW: tuple[str, ...] = ("spend", "revenue", "conversions", "roas", "cpa", "ctr", "cpc", "cvr", "roi")
