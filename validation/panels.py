"""Panels of markets with known truth."""

from __future__ import annotations

import datetime as dt

import numpy as np

from ml.lift.panel import Floats, Panel

FIRST = dt.date(2026, 1, 1)


def days(count: int) -> tuple[dt.date, ...]:
    return tuple(FIRST + dt.timedelta(days=day) for day in range(count))


def names(count: int) -> tuple[str, ...]:
    return tuple(f"m{number:02}" for number in range(count))


def wandering(generator: np.random.Generator, shape: tuple[int, ...], persistence: float) -> Floats:
    """Autoregressive series of variance 1 along the last axis."""
    steps = generator.standard_normal(shape)
    series = np.empty(shape)
    series[..., 0] = steps[..., 0]
    for place in range(1, shape[-1]):
        series[..., place] = persistence * series[..., place - 1] + np.sqrt(1 - persistence**2) * steps[..., place]
    return series


def factor_panel(
    seed: int, *, markets: int = 20, before: int = 60, after: int = 14, noise: float = 1.0, persistence: float = 0.3
) -> Panel:
    """Markets that share factors, a trend and a week, each in its own measure; nobody is treated."""
    generator = np.random.default_rng(seed)
    periods = before + after
    place = np.arange(periods)
    factors = np.vstack([
        1.5 * wandering(generator, (3, periods), 0.8),
        6 * place / periods,
        2 * np.sin(2 * np.pi * place / 7),
        2 * np.cos(2 * np.pi * place / 7),
    ])  # fmt: skip
    shares = 1 + 0.4 * generator.standard_normal((markets, len(factors)))
    level = 30 + 5 * generator.standard_normal((markets, 1))
    values = level + shares @ factors + noise * wandering(generator, (markets, periods), persistence)
    return Panel(names(markets), days(periods), values)


def with_effect(panel: Panel, treated: tuple[str, ...], first: dt.date, effect: float) -> Panel:
    """The same with so much more for the treated markets in every period from ``first``."""
    values = panel.values.copy()
    values[panel.places(treated), panel.place(first) :] += effect
    return Panel(panel.units, panel.times, values, panel.traits)
