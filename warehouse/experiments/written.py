"""How a metric says what is told of an outcome: ``share:visit``, ``p90:spend`` or ``median:spend``; else its mean."""

from __future__ import annotations

from decimal import Decimal

from warehouse.schema.experiments import Statistic


def statistic_of(text: str) -> tuple[Statistic, str, Decimal | None] | None:
    """The statistic, the outcome, and of a quantile its probability; None where the text begins with none of these."""
    head, colon, outcome = (part.strip() for part in text.partition(":"))
    if not colon or not outcome:
        return None
    if head == "share":
        return Statistic.share, outcome, None
    if head == "median":
        return Statistic.quantile, outcome, Decimal("0.5")
    digits = head.removeprefix("p")
    if head == digits or not digits.isascii() or not digits.replace(".", "", 1).isdecimal():
        return None
    percent = Decimal(digits)
    return (Statistic.quantile, outcome, percent / 100) if 0 < percent < 100 else None
