"""Spends as money: amounts to the cent that sum to the budget."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from ml.budget.channels import CENT
from ml.budget.curves import Floats


def to_cents(spend: Floats, lows: Sequence[Decimal], highs: Sequence[Decimal], total: Decimal) -> tuple[Decimal, ...]:
    """Round to cents within bounds, by the largest remainders, so that the amounts sum to ``total``.

    A spend at a bound that is no whole cent stays inside. Where bounds leave no room, the sum is as near as they allow.
    """
    exact = [Decimal(repr(float(each))) for each in spend]
    floors = [low.quantize(CENT, ROUND_CEILING) for low in lows]
    ceilings = [max(high.quantize(CENT, ROUND_FLOOR), floor) for high, floor in zip(highs, floors, strict=True)]
    amounts = [
        min(max(each.quantize(CENT, ROUND_FLOOR), low), high)
        for each, low, high in zip(exact, floors, ceilings, strict=True)
    ]
    missing = int((total - sum(amounts, Decimal(0))) / CENT)
    step = CENT if missing > 0 else -CENT
    order = sorted(range(len(exact)), key=lambda place: (amounts[place] - exact[place]) * (1 if missing > 0 else -1))
    while missing:
        moved = 0
        for place in order:
            after = amounts[place] + step
            if missing and exact[place] > 0 and floors[place] <= after <= ceilings[place]:
                amounts[place] = after
                missing -= 1 if missing > 0 else -1
                moved += 1
        if not moved:
            break
    return tuple(amounts)
