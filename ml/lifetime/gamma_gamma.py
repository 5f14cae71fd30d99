"""Gamma-Gamma: what a customer's purchases are worth on average, from few of them.

Amounts are gamma (p, rate) about a mean of each customer's own, whose rates are gamma (q, v): Fader and Hardie 2013
("The Gamma-Gamma model of monetary value"). How much somebody spends is taken to have nothing to do with how often.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, gammaln, polygamma

from ml.lifetime.maximum import Maximum, maximise
from ml.lifetime.purchases import FEWEST_REPEATERS, Floats
from warehouse.errors import BadSetting, NotEnoughData

_NAMES: Final = ("p", "q", "v")


@dataclass(frozen=True, slots=True, eq=False)
class Spending:
    """What purchases were worth: ``frequency`` (n,) of them, and their ``mean`` amount (n,), which is 0 where none."""

    frequency: Floats
    mean: Floats

    @classmethod
    def of(cls, frequency: npt.ArrayLike, mean: npt.ArrayLike) -> Spending:
        """Raises :class:`BadSetting` for what cannot be, naming the first customer."""
        x, amount = (np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in (frequency, mean))
        if x.shape != amount.shape or x.ndim != 1:
            raise BadSetting(f"frequency and mean have {x.size:,} and {amount.size:,} entries.")
        wrong = ~np.isfinite(amount) | ~np.isfinite(x) | (x < 0) | (amount < 0) | ((x > 0) & (amount == 0))
        if wrong.any():
            place = int(wrong.argmax())
            raise BadSetting(
                f"Customer {place + 1} has purchases of {amount[place]:g} on average ({x[place]:g} of them); an amount "
                "must be above 0.",
                remedy="Leave out purchases that cost nothing, and take returns off.",
            )
        return cls(x, amount)

    @property
    def repeats(self) -> Spending:
        """Only customers who have purchases."""
        return Spending(self.frequency[self.frequency > 0], self.mean[self.frequency > 0])


@dataclass(frozen=True, slots=True, eq=False)
class GammaGamma:
    """A fitted model, and ``correlation`` between how often customers buy and for how much, which it takes for 0."""

    fit: Maximum
    correlation: float

    def expected(self, spending: Spending) -> Floats:
        """(n,) what a purchase of each customer is worth; of one without purchases, what it is of anybody."""
        return expected_amounts(self.fit.parameters, spending)


def fit_gamma_gamma(spending: Spending) -> GammaGamma:
    """Fit to customers with purchases.

    Raises :class:`NotEnoughData` below 30 of them, where there is no maximum, and where amounts scatter so widely that
    they have no mean (q of 1 or less).
    """
    known = spending.repeats
    if known.frequency.size < FEWEST_REPEATERS:
        raise NotEnoughData(
            f"{known.frequency.size} customers have amounts; {FEWEST_REPEATERS} are needed.", remedy="Wait for more."
        )

    def likelihood(parameters: Floats) -> tuple[float, Floats, Floats]:
        value, slope, curvature = _pieces(parameters, known)
        return float(value.sum()), slope.sum(axis=1), curvature.sum(axis=2)

    fit = maximise(likelihood, np.array([2.0, 3.0, 2.0 * float(known.mean.mean())]), _NAMES)
    if fit.parameters[1] <= 1:
        raise NotEnoughData(
            f"Amounts scatter so widely that they have no mean (q is {fit.parameters[1]:.2f}).",
            remedy="Leave out the few customers who spend a multiple of all others.",
        )
    varies = np.ptp(known.frequency) > 0
    correlation = float(np.corrcoef(known.frequency, known.mean)[0, 1]) if varies else 0.0
    return GammaGamma(fit, correlation)


def expected_amounts(parameters: Floats, spending: Spending) -> Floats:
    """(n,) p (v + x z) / (p x + q - 1)."""
    p, q, v = parameters
    amounts: Floats = p * (v + spending.frequency * spending.mean) / (p * spending.frequency + q - 1)
    return amounts


def scores(parameters: Floats, spending: Spending) -> Floats:
    """(n, 3) the slope of each customer's log-likelihood, 0 for those without purchases."""
    slope = np.zeros((spending.frequency.size, 3))
    slope[spending.frequency > 0] = _pieces(parameters, spending.repeats)[1].T
    return slope


def _pieces(parameters: Floats, spending: Spending) -> tuple[Floats, Floats, Floats]:
    """Each customer's log-likelihood (n,), slope (3, n) and curvature (3, 3, n)."""
    p, q, v = parameters
    x, mean = spending.frequency, spending.mean
    total = x * mean + v
    value = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) - (p * x + q) * np.log(total)
    value += (p * x - 1) * np.log(mean) + p * x * np.log(x)
    slope = np.stack(
        [
            x * (digamma(p * x + q) - digamma(p * x) + np.log(mean) + np.log(x) - np.log(total)),
            digamma(p * x + q) - digamma(q) + np.log(v) - np.log(total),
            q / v - (p * x + q) / total,
        ]
    )
    bend = polygamma(1, p * x + q)
    rows = [
        [x**2 * (bend - polygamma(1, p * x)), x * bend, -x / total],
        [x * bend, bend - polygamma(1, q), 1 / v - 1 / total],
        [-x / total, 1 / v - 1 / total, (p * x + q) / total**2 - q / v**2],
    ]
    return value, slope, np.array(rows)
