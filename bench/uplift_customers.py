"""Customers whose every effect is known, by a seed: for rivals and for us."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

FEATURES = 20


@dataclass(frozen=True, slots=True)
class Customers:
    """A randomised test: features (n, 20), outcome of 0 or 1, who was treated, and each customer's true effect (n,)."""

    features: Table
    outcome: Floats
    treated: npt.NDArray[np.bool_]
    effect: Floats


def customers(count: int, seed: int = 1) -> Customers:
    """About one in seven buys, treatment adds three points on average, 0.05 at most and less than nothing for some."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(count, FEATURES)).astype(np.float32)
    logit = -2.2 + 0.5 * x[:, 0] + 0.4 * x[:, 1] - 0.3 * x[:, 2] * x[:, 3] + 0.3 * np.abs(x[:, 4])
    untreated = 1 / (1 + np.exp(-logit.astype(np.float64)))
    effect = 0.02 + 0.03 * (x[:, 5] > 0) * (x[:, 0] > -0.5) + 0.015 * np.tanh(x[:, 6]) - 0.01 * x[:, 7]
    effect = np.clip(effect.astype(np.float64), -0.9 * untreated, 0.95 - untreated)
    treated = generator.random(count) < 0.5
    outcome = (generator.random(count) < untreated + effect * treated).astype(np.float64)
    return Customers(x, outcome, treated, effect)
