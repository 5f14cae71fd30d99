"""How a number, a change and a day are written, everywhere in the dashboard.

Three significant figures at most, thousands as ``12.3 k``, money with its currency, fractions as percent. What is
not known is written ``–``: it is not zero. Thin no-break spaces keep a number and its suffix on one line.
``assets/30-formats.js`` says the same for the cells of tables; a browser test holds the two together.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

from warehouse.metrics import Metric, Unit

Number = int | float | Decimal
Tone = Literal["good", "bad", "flat", "unknown"]

UNKNOWN = "–"
UNKNOWN_HINT = "Not known: a sum that this needs was not reported, or it divides by zero."
SPACE = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"

SYMBOLS: Mapping[str, str] = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "BRL": "R$",
    "CAD": "CA$",
    "AUD": "A$",
    "NZD": "NZ$",
    "MXN": "MX$",
    "ILS": "₪",
    "VND": "₫",
}
WITHOUT_CENTS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "HUF"})

_SUFFIXES = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))
_EMPTY_DECIMALS = re.compile(r"(?:(\.\d*?[1-9])|\.)0+(?!\d)")
_TINY = Decimal(10) ** -6


def number(value: Number | None, unit: Unit, currency: str = "USD", *, signed: bool = False) -> str:
    """A value in its unit, short enough for a tile: ``$12.3 k``, ``1.23 %``, ``2.40×``, ``–`` when unknown.

    ``signed`` writes a plus before positive values. Percent takes fractions: 0.0123 is ``1.23 %``.
    """
    known = _decimal(value)
    if known is None:
        return UNKNOWN
    size = abs(known)
    body = _BODIES[unit](size, currency)
    is_nothing = not any(c in "123456789" for c in body)
    sign = "" if is_nothing else (MINUS if known < 0 else "+" * signed)
    return sign + _with_currency(body, currency) if unit == "money" else sign + body


def exact(value: Number | None, unit: Unit, currency: str = "USD") -> str:
    """The same value with all the digits that a reader may want to copy: ``$12,345.68``, ``1.235 %``, ``2.4012×``."""
    known = _decimal(value)
    if known is None:
        return UNKNOWN
    size = abs(known)
    sign = MINUS if known < 0 else ""
    if unit == "money":
        return sign + _with_currency(f"{size:,.{0 if currency in WITHOUT_CENTS else 2}f}", currency)
    if unit == "percent":
        return f"{sign}{size * 100:,.3f}{SPACE}%"
    if unit == "multiple":
        return f"{sign}{size:,.4f}×"
    return sign + (f"{size:,.0f}" if unit == "count" else f"{size:,.2f}")


def tick(value: Number, unit: Unit, currency: str = "USD") -> str:
    """A round value for an axis, without the zeros that say nothing: ``$10 k`` where a tile says ``$10.0 k``."""
    return _EMPTY_DECIMALS.sub(r"\1", number(value, unit, currency))


@dataclass(frozen=True, slots=True)
class Change:
    """How a value moved. ``text`` has sign and arrow; ``tone`` says whether that is good; ``hint`` is a sentence."""

    text: str
    tone: Tone
    hint: str


def change(current: Number | None, previous: Number | None, metric: Metric, currency: str = "USD") -> Change:
    """The relative change from ``previous`` to ``current``, coloured by which way is good for ``metric``."""
    now, before = _decimal(current), _decimal(previous)
    if now is None or before is None:
        missing = "now" if now is None else "in the compared period"
        return Change(UNKNOWN, "unknown", f"{metric.label} is not known {missing}, so no change is shown.")
    was = f"{number(now, metric.unit, currency)} against {number(before, metric.unit, currency)}"
    if now == before:
        return Change(f"→{SPACE}0{SPACE}%", "flat", f"{was}: no change.")
    arrow = "▲" if now > before else "▼"
    tone = _tone(metric, rose=now > before)
    if before == 0:
        return Change(f"{arrow}{SPACE}new", tone, f"{was}: there was nothing to compare with.")
    share = (now - before) / abs(before)
    if abs(share) < Decimal("0.0005"):
        return Change(f"→{SPACE}0{SPACE}%", "flat", f"{was}: as good as no change.")
    if share >= 10:
        return Change(f"{arrow}{SPACE}{_short(now / before)}×", tone, was)
    return Change(f"{arrow}{SPACE}{number(share, 'percent', signed=True)}", tone, was)


def day(value: dt.date, *, weekday: bool = True) -> str:
    """``Tue 3 Nov 2026``."""
    return f"{value:%a} {value.day} {value:%b %Y}" if weekday else f"{value.day} {value:%b %Y}"


def day_range(first: dt.date, last: dt.date) -> str:
    """``3-9 Nov 2026``, naming month and year once where they are shared; written with an en dash."""
    if first == last:
        return day(first, weekday=False)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}\N{EN DASH}{day(last, weekday=False)}"
    if first.year == last.year:
        return f"{first.day} {first:%b} \N{EN DASH} {day(last, weekday=False)}"
    return f"{day(first, weekday=False)} \N{EN DASH} {day(last, weekday=False)}"


def to_float(value: object) -> float:
    """A cell of a frame as a float for drawing; what is not known becomes NaN, which leaves a gap."""
    known = _decimal(value)
    return math.nan if known is None else float(known)


def to_decimal_sum(cells: Iterable[object]) -> Decimal | None:
    """The exact sum of the known cells; None when none is known, for nothing reported is not zero."""
    known = [found for cell in cells if (found := _decimal(cell)) is not None]
    return sum(known, Decimal(0)) if known else None


def unit_label(unit: Unit, currency: str = "USD") -> str:
    """What a table's header says in brackets after the name: the currency's code, ``%``, ``×`` or nothing."""
    return {"money": currency, "percent": "%", "multiple": "×"}.get(unit, "")


def _tone(metric: Metric, *, rose: bool) -> Tone:
    if metric.good == "neither":
        return "flat"
    return "good" if rose == (metric.good == "up") else "bad"


def _decimal(value: object) -> Decimal | None:
    """Anything that a frame or a query holds as a finite Decimal; None, NaN, NaT and infinities are not known."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    try:
        parsed = Decimal(repr(float(value))) if not isinstance(value, int) else Decimal(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, InvalidOperation):
        return None
    return parsed if parsed.is_finite() else None


def _three(size: Decimal) -> Decimal:
    """Rounded to three significant figures."""
    if size == 0:
        return size
    return size.quantize(Decimal(1).scaleb(size.adjusted() - 2), rounding=ROUND_HALF_UP)


def _scaled(size: Decimal) -> str | None:
    """``12.3 k`` for values that round to a thousand or more, else None."""
    rounded = _three(size)
    for limit, suffix in _SUFFIXES:
        if rounded >= limit:
            scaled = rounded / limit
            return f"{scaled:,.{max(0, 2 - max(scaled.adjusted(), 0))}f}{SPACE}{suffix}"
    return None


def _short(size: Decimal) -> str:
    """Three significant figures, never fewer than the integer part has, never in E-notation."""
    scaled = _scaled(size)
    if scaled is not None:
        return scaled
    rounded = _three(size)
    if rounded == 0:
        return "0"
    return f"{rounded:.{2 - rounded.adjusted()}f}" if rounded >= _TINY else "≈0"


def _fixed(size: Decimal, places: int) -> str:
    return f"{size.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):.{places}f}"


def _count(size: Decimal, currency: str) -> str:  # noqa: ARG001 -- one shape for all units
    return _scaled(size) or _fixed(size, 0)


def _plain(size: Decimal, currency: str) -> str:  # noqa: ARG001 -- one shape for all units
    return _scaled(size) or (_fixed(size, 0) if size == size.to_integral_value() else _short(size))


def _money(size: Decimal, currency: str) -> str:
    scaled = _scaled(size)
    if scaled is not None:
        return scaled
    if currency in WITHOUT_CENTS:
        return _fixed(size, 0) if size >= 10 else _short(size)
    # Between one unit and a hundred people expect cents: $12.50, not $12.5.
    return _fixed(size, 2) if 1 <= _three(size) < 100 else _short(size)


def _percent(size: Decimal, currency: str) -> str:  # noqa: ARG001 -- one shape for all units
    hundredfold = size * 100
    body = f"{_three(hundredfold):,.0f}" if 1000 <= _three(hundredfold) < 10**6 else _short(hundredfold)
    return f"{body}{SPACE}%"


def _multiple(size: Decimal, currency: str) -> str:  # noqa: ARG001 -- one shape for all units
    return f"{_short(size)}×"


_BODIES = {"count": _count, "decimal": _plain, "money": _money, "percent": _percent, "multiple": _multiple}


def _with_currency(body: str, currency: str) -> str:
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{body}" if symbol else f"{currency}{SPACE}{body}"
