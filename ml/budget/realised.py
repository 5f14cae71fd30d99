"""What a plan that was carried out really brought, held against what it promised."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ml.plain import plain
from warehouse.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Realised:
    """``predicted`` with its interval against what was ``found``; ``kept`` where it lies in the interval."""

    predicted: float
    low: float
    high: float
    found: float
    kept: bool
    words: str


def realised(predicted: float, low: float, high: float, found: float) -> Realised:
    """Score a prediction. Raises :class:`BadSetting` for an interval that does not hold what it is of."""
    if not low <= predicted <= high:
        raise BadSetting(f"{predicted:g} is not between {low:g} and {high:g}.", remedy="Exchange the ends.")
    kept = low <= found <= high
    told = "as predicted" if kept else ("less than predicted" if found < low else "more than predicted")
    words = f"{plain(found, 6)} came of {plain(predicted, 6)} predicted ({plain(low, 6)} to {plain(high, 6)}): {told}."
    return Realised(predicted, low, high, found, kept, words)


def budget_allocation_efficiency(revenue: float, spend: Decimal) -> float:
    """(revenue - spend) / spend, over all channels. Raises :class:`BadSetting` where nothing was spent."""
    if not spend.is_finite() or spend <= 0:
        raise BadSetting(f"spend == {spend}, must be above 0.", remedy="Give what was spent in all.")
    return (revenue - float(spend)) / float(spend)
