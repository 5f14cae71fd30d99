"""Pareto/NBD: customers buy at a rate of their own and are gone at a time of its own, whether they buy or not.

Rates are gamma (r, alpha), departures gamma (s, beta): Schmittlein, Morrison and Colombo 1987 (doi
10.1287/mnsc.33.1.1), with the likelihood of Fader and Hardie 2005 ("A note on deriving the Pareto/NBD model"). It is
here to check BG/NBD against: slope and curvature are by differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import approx_fprime, minimize
from scipy.special import gammaln, hyp2f1

from ml.lifetime.maximum import Maximum
from ml.lifetime.purchases import Floats, Purchases
from warehouse.errors import NotEnoughData

_NAMES: Final = ("r", "alpha", "s", "beta")
_STEP: Final = 1e-4  # of a logarithm, for the curvature


@dataclass(frozen=True, slots=True, eq=False)
class Pareto:
    """A fitted model."""

    fit: Maximum

    def alive(self, purchases: Purchases) -> Floats:
        """(D,) the probability that a customer of each history is still there."""
        r, alpha, s, beta = self.fit.parameters
        x, age = purchases.frequency, purchases.age
        here = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
        gone = np.log(s / (r + s + x)) + _log_a0(self.fit.parameters, purchases)
        there: Floats = 1 / (1 + np.exp(gone - here))
        return there

    def expected(self, purchases: Purchases, horizon: float) -> Floats:
        """(D,) purchases to come within ``horizon`` from now, of customers alive or not."""
        r, alpha, s, beta = self.fit.parameters
        left = (beta + purchases.age) / (beta + purchases.age + horizon)
        ever = -np.log(left) if abs(s - 1) < 1e-9 else (1 - left ** (s - 1)) / (s - 1)  # its limit at s = 1
        rate = (r + purchases.frequency) * (beta + purchases.age) / (alpha + purchases.age)
        come: Floats = rate * ever * self.alive(purchases)
        return come


def fit_pareto_nbd(purchases: Purchases) -> Pareto:
    """Raises :class:`NotEnoughData` below 30 repeaters, and where there is no maximum."""
    purchases.require_enough()

    def down(logs: Floats) -> float:
        return -float(_log_likelihood(np.exp(logs), purchases) @ purchases.count) / purchases.customers

    age = float(purchases.age @ purchases.count / purchases.customers)
    start = np.log(np.array([1.0, age, 1.0, age]))
    found = minimize(down, start, method="L-BFGS-B", bounds=[(each - 8, each + 8) for each in start])
    bend = np.array(
        [
            approx_fprime(found.x + step, down, _STEP) - approx_fprime(found.x - step, down, _STEP)
            for step in _STEP * np.eye(4)
        ]
    ) / (2 * _STEP)
    bend = (bend + bend.T) / 2 * purchases.customers
    if (np.abs(found.x - start) > 7.9).any() or not (np.linalg.eigvalsh(bend) > 0).all():
        raise NotEnoughData(
            "These customers do not tell when customers leave: the likelihood of Pareto/NBD has no maximum.",
            remedy="Take more customers, or customers known for longer.",
        )
    values = np.exp(found.x)
    covariance = (np.linalg.inv(bend) * np.outer(values, values)).astype(np.float64)
    return Pareto(Maximum(_NAMES, values, -float(found.fun) * purchases.customers, covariance))


def _log_likelihood(parameters: Floats, purchases: Purchases) -> Floats:
    r, alpha, s, beta = parameters
    x, age = purchases.frequency, purchases.age
    here = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    gone = np.log(s / (r + s + x)) + _log_a0(parameters, purchases)
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    value: Floats = common + np.logaddexp(here, gone)
    return value


def _log_a0(parameters: Floats, purchases: Purchases) -> Floats:
    """(D,) the logarithm of the integral over when a customer left, between the last purchase and now."""
    r, alpha, s, beta = parameters
    x = purchases.frequency
    most, second = max(alpha, beta), s + 1 if alpha >= beta else r + x
    ends = []
    for time in (purchases.recency, purchases.age):
        series = hyp2f1(r + s + x, second, r + s + x + 1, abs(alpha - beta) / (most + time))
        ends.append(np.log(series) - (r + s + x) * np.log(most + time))
    apart = np.minimum(ends[1] - ends[0], -1e-300)
    difference: Floats = ends[0] + np.log(-np.expm1(apart))
    return difference
