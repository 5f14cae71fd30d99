"""Customers whose every effect, and whose every purchase to come, is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.lifetime.beta_geometric import expected_purchases
from ml.lifetime.gamma_gamma import Spending, expected_amounts
from ml.lifetime.purchases import Purchases
from ml.lifetime.value import Horizon
from ml.uplift.sample import Floats, Sample

PARAMETERS: Final = np.array([0.6, 8.0, 0.9, 2.5])  # r, alpha, a, b
BETTER: Final = np.array([0.6, 8.0, 0.6, 3.0])  # of customers who leave later
AMOUNTS: Final = np.array([6.0, 4.0, 15.0])  # p, q, v
_MEAN_SPENT: Final = float(np.exp(3.0 + 0.8**2 / 2))


@dataclass(frozen=True, slots=True, eq=False)
class Treated:
    """A sample with what is true of each customer (n,): what treatment changes, and what is done without it.

    ``chance`` is that of treatment; ``scale`` what a purchase is in units of the outcome, 1 where that is yes or no.
    """

    sample: Sample
    effect: Floats
    untreated: Floats
    chance: Floats
    scale: float


def treated_world(
    seed: int, people: int, *, effects: bool = True, confounded: bool = False, spend: bool = False, known: bool = True
) -> Treated:
    """Eight features: three of them move what customers do anyway, two what treatment changes.

    ``confounded`` customers are treated the more often the more they buy anyway. ``spend`` is an amount with a long
    tail in place of a yes or no. Without ``known`` the sample does not tell the chance of treatment.
    """
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(people, 8)).astype(np.float32).astype(np.float64)
    untreated = 0.3 + 0.1 * np.tanh(x[:, 0]) + 0.08 * (x[:, 1] > 0) + 0.03 * x[:, 2].clip(-1, 1)
    effect = (0.05 + 0.2 * (x[:, 3] > 0) - 0.15 * (x[:, 4] > 0.5)) * effects
    chance = 0.2 + 0.6 / (1 + np.exp(-x[:, 0] - x[:, 1])) if confounded else np.full(people, 0.4)
    treated = generator.random(people) < chance
    outcome = (generator.random(people) < untreated + effect * treated).astype(np.float64)
    if spend:
        outcome *= generator.lognormal(3.0, 0.8, people)
    scale = _MEAN_SPENT if spend else 1.0
    sample = Sample.of(x, outcome, treated, chance if known else None)
    return Treated(sample, scale * effect, scale * untreated, chance, scale)


@dataclass(frozen=True, slots=True, eq=False)
class Bought:
    """Histories (n,) up to now, mean amounts (n,), and the purchases (n,) in the time that followed."""

    frequency: Floats
    recency: Floats
    age: Floats
    amount: Floats
    later: Floats

    @property
    def purchases(self) -> Purchases:
        """As models take them."""
        return Purchases.of(self.frequency, self.recency, self.age)

    @property
    def spending(self) -> Spending:
        """As models take it."""
        return Spending.of(self.frequency, self.amount)


def bought(
    seed: int, people: int, *, parameters: Floats = PARAMETERS, amounts: Floats = AMOUNTS, horizon: float = 26.0
) -> Bought:
    """Customers known for 20 to 40 weeks who follow BG/NBD and Gamma-Gamma with these parameters."""
    generator = np.random.default_rng(seed)
    r, alpha, a, b = parameters
    p, q, v = amounts
    age = generator.uniform(20, 40, people).round(1)
    rate, leave = generator.gamma(r, 1 / alpha, people), generator.beta(a, b, people)
    frequency, recency, later, clock = (np.zeros(people) for _ in range(4))
    alive = np.ones(people, dtype=np.bool_)
    while alive.any():
        clock = clock + generator.exponential(1 / rate)
        alive &= clock <= age + horizon
        before = alive & (clock <= age)
        frequency[before] += 1
        recency[before] = clock[before]
        later[alive & ~before] += 1
        alive &= generator.random(people) >= leave
    often = np.maximum(frequency, 1)
    amount = generator.gamma(p * often, 1 / generator.gamma(q, 1 / v, people)) / often * (frequency > 0)
    return Bought(frequency, recency, age, amount, later)


def true_value(parameters: Floats, horizon: Horizon) -> float:
    """What customers of this kind will bring on average."""
    made = bought(7, 300_000, parameters=parameters)
    purchases = made.purchases
    come = expected_purchases(parameters, purchases, horizon.length)[purchases.history]
    return float((come * expected_amounts(AMOUNTS, made.spending)).mean())
