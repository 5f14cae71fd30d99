"""Numbers as sentences have them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

_MOST_DECIMALS: Final = 8


def plain(value: float | Decimal, digits: int = 4) -> str:
    """To at least so many significant digits, thousands apart, and never with an exponent."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    decimals = min(max(digits - 1 - math.floor(math.log10(abs(float(value)))), 0), _MOST_DECIMALS)
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text
