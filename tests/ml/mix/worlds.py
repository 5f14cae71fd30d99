"""Small made advertisers for tests."""

from __future__ import annotations

import datetime as dt

import numpy as np

from ml.mix.inputs import Channel, Control, MixInput


def told(periods: int = 104, channels: int = 2, seed: int = 1) -> MixInput:
    """Bursts of spend that saturate and carry over, a season, a price, and noise."""
    chance = np.random.default_rng(seed)
    time = np.arange(periods)
    price = 10 + chance.normal(0, 1, periods)
    outcome = 500 + 40 * np.sin(2 * np.pi * time / 52.18) - 8 * (price - 10) + chance.normal(0, 12, periods)
    found = []
    for place in range(channels):
        wave = np.maximum(np.sin(2 * np.pi * time / (7 + 2 * place) + place), 0)
        spend = 100 * (0.05 + wave) * chance.lognormal(0, 0.25, periods)
        working = np.convolve(spend, 0.5 * 0.5 ** np.arange(9))[:periods]
        outcome += 120 * -np.expm1(-working / 60)
        found.append(Channel(f"channel_{place}", spend))
    days = tuple(dt.date(2024, 1, 1) + dt.timedelta(weeks=int(week)) for week in time)
    return MixInput(days, outcome, tuple(found), (Control("price", price, "precision"),))
