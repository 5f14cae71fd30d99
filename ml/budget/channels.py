"""A channel as the allocator sees it: its curve, what it spends today, and between what it may spend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from ml.budget.curves import Curve
from ml.budget.rules import Bounds, Limit, Locked, OfToday, Rule, check_channels
from warehouse.errors import BadSetting

CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """``current`` None where today's spend is not known; ``low`` and ``high`` None where nothing bounds it."""

    name: str
    curve: Curve
    current: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """What a channel may spend, and what says so, in words; no ``high_words`` where only the budget bounds it."""

    low: Decimal
    high: Decimal
    low_words: str
    high_words: str


def intervals_of(channels: Sequence[Channel], rules: Sequence[Rule], most: Decimal) -> tuple[Interval, ...]:
    """For each channel the bounds that hold: its own, those of rules, and up to what its curve is known.

    ``most`` is all money there is. Raises :class:`BadSetting` for bounds that cross, for rules about unknown channels,
    and where a rule needs today's spend and it is not known.
    """
    names = tuple(channel.name for channel in channels)
    doubles = [name for name in names if names.count(name) > 1]
    if doubles or not names:
        raise BadSetting(f"The channel {doubles[0]!r} is there twice." if doubles else "There is no channel.")
    for rule in rules:
        check_channels(rule, names)
    return tuple(_interval(channel, rules, most) for channel in channels)


def _interval(channel: Channel, rules: Sequence[Rule], most: Decimal) -> Interval:
    name = channel.name
    lows = [(Decimal(0), f"{name} spends at least 0")]
    highs: list[tuple[Decimal, str]] = []
    if np.isfinite(channel.curve.top):
        top = Decimal(repr(channel.curve.top))
        highs.append((top, f"the curve of {name} is known up to a spend of {top:,.2f}"))
    if channel.curve.bottom > 0:
        bottom = Decimal(repr(channel.curve.bottom))
        lows.append((bottom, f"the curve of {name} is known from a spend of {bottom:,.2f}"))
    if channel.low is not None:
        lows.append((channel.low, f"{name} spends at least {channel.low:,f}"))
    if channel.high is not None:
        highs.append((channel.high, f"{name} spends at most {channel.high:,f}"))
    for rule in rules:
        if isinstance(rule, Bounds) and (not rule.channels or name in rule.channels):
            if rule.low is not None:
                lows.append((_money(rule.low, channel, rule), rule.words))
            if rule.high is not None:
                highs.append((_money(rule.high, channel, rule), rule.words))
        elif isinstance(rule, Locked) and (not rule.channels or name in rule.channels):
            at = _money(OfToday(Decimal(0)), channel, rule) if rule.at is None else rule.at
            lows.append((at, rule.words))
            highs.append((at, rule.words))
    low, low_words = max(lows, key=lambda end: end[0])
    high, high_words = min(highs, key=lambda end: end[0], default=(max(most, low), ""))
    if low > high:
        raise BadSetting(
            f"The bounds of {name} cross: {low_words} ({low:,.2f}), but {high_words} ({high:,.2f}).",
            remedy="Exchange or widen them.",
        )
    # beyond all the money there is, a bound says nothing
    return Interval(low, high, low_words, high_words) if high <= most else Interval(low, max(most, low), low_words, "")


def _money(limit: Limit, channel: Channel, rule: Rule) -> Decimal:
    if isinstance(limit, Decimal):
        return limit
    if channel.current is None:
        raise BadSetting(
            f"A rule needs what {channel.name} spends today, which is not known: {rule.words}.",
            remedy="Give the curves a column current, or the bounds in money.",
        )
    return channel.current * (1 + limit.change)
