"""Made allocations whose best plan is known: random channels, and exact dynamic programming over a fine grid."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import numpy as np

from ml.budget.channels import Channel
from ml.budget.curves import Floats, Parametric

# Hill slopes between these, and bounds as parts of today's spend; None where only the budget bounds.
MIXES: Final = MappingProxyType(
    {
        "slopes .6 to 3, within 30 % of today": ((0.6, 3.0), (0.7, 1.3)),
        "slopes .6 to 3, from nothing to twice today": ((0.6, 3.0), (0.0, 2.0)),
        "slopes .6 to 3, free": ((0.6, 3.0), None),
        "slopes 1.5 to 3, free": ((1.5, 3.0), None),
    }
)


def random_channels(seed: int, mix: str, count: int = 8) -> tuple[tuple[Channel, ...], Decimal]:
    """Channels with Hill curves, and a budget that is what they spend today."""
    chance = np.random.default_rng([seed, list(MIXES).index(mix)])
    (least, most), bounds = MIXES[mix]
    today = [Decimal(int(spend)) for spend in 10 ** chance.uniform(4, 5.5, count)]
    channels = []
    for place, current in enumerate(today):
        kappa = float(current) * chance.uniform(0.3, 3.0)
        beta = float(current) * chance.uniform(0.5, 4.0)
        curve = Parametric.of("hill", beta, kappa, chance.uniform(least, most))
        low, high = (None, None) if bounds is None else (current * Decimal(str(bound)) for bound in bounds)
        channels.append(Channel(f"c{place}", curve, current, low, high))
    return tuple(channels), sum(today, Decimal(0))


def best_on_grid(channels: Sequence[Channel], budget: Decimal, steps: int = 4_000) -> float:
    """The most that the budget brings where spends above the lower bounds are multiples of a step, exactly."""
    lows = np.array([float(channel.low or 0) for channel in channels])
    left = float(budget) - lows.sum()
    step = left / steps
    best = np.full(steps + 1, -np.inf)
    best[0] = 0.0
    for channel, low in zip(channels, lows, strict=True):
        room = left if channel.high is None else min(float(channel.high) - low, left)
        most = int(room / step + 1e-9)
        best = _with_channel(best, channel.curve.value(low + step * np.arange(most + 1)))
    return float(best.max())


def _with_channel(best: Floats, brings: Floats) -> Floats:
    after = np.full_like(best, -np.inf)
    for used, brought in enumerate(brings):
        np.maximum(after[used:], best[: best.size - used] + brought, out=after[used:])
    return after
