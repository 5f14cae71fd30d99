"""What an effect costs and brings, where it is known what was spent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ml.lift.results import Estimate, Lift
from warehouse.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Worth:
    """Cost of one incremental outcome, with its interval, and incremental value for each unit of spend (iROAS).

    A cost of None is that of an effect that is not positive, or may not be: no cost buys an outcome.
    """

    spend: Decimal
    cost: float | None
    cost_low: float | None
    cost_high: float | None
    iroas: Estimate


def worth_of(found: Lift, spend: Decimal, *, value: Decimal = Decimal(1)) -> Worth:
    """Divide the incremental outcome by what was spent, or was not while ads were off.

    ``value`` is what one unit of the outcome is worth, 1 where the outcome is money. Raises :class:`BadSetting` for a
    spend that is not positive.
    """
    if not spend.is_finite() or spend <= 0:
        raise BadSetting(f"spend == {spend}, must be above 0.", remedy="Give what was spent on the treated markets.")
    if not value.is_finite() or value <= 0:
        raise BadSetting(f"value == {value}, must be above 0.", remedy="Give what one unit of the outcome is worth.")

    def cost(outcome: float) -> float | None:
        return float(spend) / outcome if outcome > 0 else None

    effect = found.incremental
    # The most that may have been brought is the least that one may have cost.
    return Worth(spend, cost(effect.estimate), cost(effect.high), cost(effect.low), effect.times(float(value / spend)))


def amount_of(option: str, text: str) -> Decimal:
    """An amount as it is written on the command line. Raises :class:`BadSetting`, naming the option."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise BadSetting(f"--{option} {text!r} is no amount.", remedy="Write it like 1250.50.") from error
