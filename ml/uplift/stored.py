"""A stored curve asked again, at another value or cost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ml.uplift.curve import Point, Profit, profit_at
from ml.uplift.estimate import Estimate
from warehouse.queries.uplift import CurvePoint


def profit_of(curve: Sequence[CurvePoint], *, value: Decimal, cost: Decimal) -> Profit:
    """What choosing is worth by a stored curve. Raises as :func:`profit_at`."""
    return profit_at([_point(one) for one in curve], value=float(value), cost=float(cost))


def _point(one: CurvePoint) -> Point:
    return Point(
        one.share,
        one.least,
        Estimate(one.gain, one.gain_low, one.gain_high, 0.0),
        Estimate(one.rest, one.rest_low, one.rest_high, 0.0),
    )
