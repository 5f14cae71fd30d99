"""Customers whose every effect is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.uplift.sample import Floats, Sample


@dataclass(frozen=True, slots=True)
class World:
    """A sample, what treatment really changes for each customer (n,), and what each is expected to do without (n,)."""

    sample: Sample
    effect: Floats
    untreated: Floats


def world(
    seed: int, people: int, *, effects: bool = True, confounded: bool = False, spend: bool = False, known: bool = True
) -> World:
    """Eight features: four of them move what customers do, two what treatment changes.

    ``confounded`` customers are treated the more often the more they buy anyway. ``spend`` is an amount with a long
    tail in place of a yes or no. Without ``known`` the chance of treatment is not told.
    """
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(people, 8)).astype(np.float32).astype(np.float64)
    untreated = 0.3 + 0.1 * np.tanh(x[:, 0]) + 0.08 * (x[:, 1] > 0) + 0.03 * x[:, 2].clip(-1, 1)
    effect = (0.05 + 0.2 * (x[:, 3] > 0) - 0.15 * (x[:, 4] > 0.5)) * effects
    chance = 0.2 + 0.6 / (1 + np.exp(-x[:, 0] - x[:, 1])) if confounded else np.full(people, 0.4)
    treated = generator.random(people) < chance
    mean = untreated + effect * treated
    if spend:
        buys = generator.random(people) < mean
        outcome, scale = np.where(buys, generator.lognormal(3.0, 0.8, people), 0.0), np.exp(3.0 + 0.8**2 / 2)
    else:
        outcome, scale = (generator.random(people) < mean).astype(np.float64), 1.0
    sample = Sample.of(x, outcome, treated, chance if known else None)
    return World(sample, scale * effect, scale * untreated)


def rmse(found: Floats, truth: Floats) -> float:
    return float(np.sqrt(np.mean((found - truth) ** 2)))
