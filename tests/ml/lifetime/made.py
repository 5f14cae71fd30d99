"""Customers whose rates and departures are drawn from the models themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.lifetime.gamma_gamma import Spending
from ml.lifetime.purchases import Floats, Purchases

PARAMETERS = np.array([0.6, 8.0, 0.9, 2.5])
AMOUNTS = np.array([6.0, 4.0, 15.0])


@dataclass(frozen=True, slots=True)
class Bought:
    """Histories (n,) up to now, mean amounts (n,), and the purchases (n,) in the time that followed."""

    frequency: Floats
    recency: Floats
    age: Floats
    amount: Floats
    later: Floats

    @property
    def purchases(self) -> Purchases:
        return Purchases.of(self.frequency, self.recency, self.age)

    @property
    def spending(self) -> Spending:
        return Spending.of(self.frequency, self.amount)


def bought(
    seed: int, people: int, *, parameters: Floats = PARAMETERS, amounts: Floats = AMOUNTS, horizon: float = 26.0
) -> Bought:
    """Customers known for 20 to 40 weeks who follow BG/NBD and Gamma-Gamma."""
    generator = np.random.default_rng(seed)
    r, alpha, a, b = parameters
    p, q, v = amounts
    age = generator.uniform(20, 40, people).round(1)
    rate, leave = generator.gamma(r, 1 / alpha, people), generator.beta(a, b, people)
    frequency, recency, later = np.zeros(people), np.zeros(people), np.zeros(people)
    clock, alive = np.zeros(people), np.ones(people, dtype=np.bool_)
    while alive.any():
        clock = clock + generator.exponential(1 / rate)
        before, after = alive & (clock <= age), alive & (clock > age) & (clock <= age + horizon)
        frequency[before] += 1
        recency[before] = clock[before]
        later[after] += 1
        alive &= (clock <= age + horizon) & (generator.random(people) >= leave)
    each = generator.gamma(q, 1 / v, people)
    amount = np.divide(
        generator.gamma(p * np.maximum(frequency, 1), 1 / each), np.maximum(frequency, 1),
        out=np.zeros(people), where=frequency > 0,
    )  # fmt: skip
    return Bought(frequency, recency, age, amount, later)
