"""What an outcome of a test counts, by the name of its metric, and what a unit of it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

from warehouse.metrics import METRICS

Measure = Literal["orders", "revenue", "conversions"]
_MEASURES: Final[Mapping[str, Measure]] = {
    "order": "orders", "orders": "orders", "purchases": "orders", "revenue": "revenue", "order_revenue": "revenue",
    "conversion": "conversions", "conversions": "conversions",
}  # fmt: skip


def measure_of(metric: str) -> Measure | None:
    """What the warehouse counts of a metric: ``revenue_per_customer`` is revenue; None for what only files tell."""
    return _MEASURES.get(_base(metric))


def is_money(metric: str) -> bool:
    """Whether a metric is an amount."""
    known = METRICS.get(_base(metric))
    return measure_of(metric) == "revenue" or (known is not None and known.unit == "money")


def worth_of(metric: str, order: Decimal | None) -> tuple[Decimal, bool]:
    """What one unit of a metric is worth, ``order`` being what an order is; and whether that is money."""
    if is_money(metric):
        return Decimal(1), True
    if measure_of(metric) == "orders" and order is not None and order > 0:
        return round(order, 6), True
    return Decimal(1), False


def _base(metric: str) -> str:
    return metric.partition("/")[0].partition("_per_")[0]
