"""Units made by chance, and how far an estimator moves when they are drawn again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ml.experiments.moments import Floats


def bootstrap_se(treated: Floats, control: Floats, difference: Callable[[Floats, Floats], float], draws: int) -> float:
    """The standard deviation of a difference over draws of rows with replacement, of each arm by itself."""
    generator = np.random.default_rng(11)
    found = [
        difference(
            treated[generator.integers(0, len(treated), len(treated))],
            control[generator.integers(0, len(control), len(control))],
        )
        for _ in range(draws)
    ]
    return float(np.std(found))


def buyers(generator: np.random.Generator, n: int, lift: float = 0.0) -> Floats:
    """(n, 4) spend, orders, and spend before and visits before, which say something of the spend."""
    taste = generator.gamma(2.0, 1.0, n)
    before = generator.poisson(taste) * generator.gamma(2.0, 10.0, n)
    visits = generator.poisson(1 + taste).astype(np.float64)
    orders = generator.poisson(taste * (1 + lift))
    spend = orders * generator.gamma(2.0, 12.0, n)
    return np.column_stack([spend, orders, before, visits])


COLUMNS = ("spend", "orders", "before", "visits")
