"""BG/NBD: customers buy at a rate of their own until, after some purchase, they are gone for good.

Rates are gamma (r, alpha), the chance to be gone after a purchase is beta (a, b): Fader, Hardie and Lee 2005 (doi
10.1287/mksc.1040.0098). In MBG/NBD they may be gone right after the first one too (Batislam, Denizel and Filiztekin
2007, doi 10.1016/j.ijresmar.2006.12.005); it is the same with one chance more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import digamma, gammaln, hyp2f1, polygamma

from ml.lifetime.maximum import Maximum, maximise
from ml.lifetime.purchases import Floats, Purchases

_NAMES: Final = ("r", "alpha", "a", "b")
_NEAR_ONE: Final = 1e-5  # where a formula divides by a - 1


@dataclass(frozen=True, slots=True, eq=False)
class BetaGeometric:
    """A fitted model. ``first_chances`` is 0 for BG/NBD and 1 for MBG/NBD: chances to be gone before any repeat."""

    fit: Maximum
    first_chances: int

    def alive(self, purchases: Purchases) -> Floats:
        """(D,) the probability that a customer of each history is still there."""
        r, alpha, a, b = self.fit.parameters
        chances = purchases.frequency + self.first_chances
        odds = _log_gone(purchases, np.array([r, alpha, a, b]), chances) + (r + purchases.frequency) * np.log(
            alpha + purchases.age
        )
        there: Floats = np.where(chances > 0, 1 / (1 + np.exp(np.where(chances > 0, odds, 0.0))), 1.0)
        return there

    def expected(self, purchases: Purchases, horizon: float) -> Floats:
        """(D,) purchases to come within ``horizon`` from now (equation 10), of customers alive or not."""
        return expected_purchases(self.fit.parameters, purchases, horizon, self.first_chances)


def fit_bg_nbd(purchases: Purchases) -> BetaGeometric:
    """Raises :class:`NotEnoughData` below 30 repeaters, and where there is no maximum."""
    return _fitted(purchases, 0)


def fit_mbg_nbd(purchases: Purchases) -> BetaGeometric:
    """Raises as :func:`fit_bg_nbd`."""
    return _fitted(purchases, 1)


def expected_purchases(parameters: Floats, purchases: Purchases, horizon: float, first_chances: int = 0) -> Floats:
    """(D,) purchases to come, for parameters (r, alpha, a, b).

    Equation 10 after Euler's transformation of its hypergeometric function, which then converges for any frequency.
    """
    r, alpha, a, b = parameters
    if abs(a - 1) < _NEAR_ONE:  # the limit from both sides
        beside = [np.array([r, alpha, 1 + step, b]) for step in (-2 * _NEAR_ONE, 2 * _NEAR_ONE)]
        both: Floats = np.mean([expected_purchases(each, purchases, horizon, first_chances) for each in beside], axis=0)
        return both
    chances = purchases.frequency + first_chances
    left = (alpha + purchases.age) / (alpha + purchases.age + horizon)
    series = left ** (a - 1) * hyp2f1(a - 1, a + b + first_chances - 1 - r, a + b + chances - 1, 1 - left)
    ever = (a + b + chances - 1) / (a - 1) * (1 - series)
    odds = _log_gone(purchases, parameters, chances) + (r + purchases.frequency) * np.log(alpha + purchases.age)
    stays: Floats = ever / (1 + np.where(chances > 0, np.exp(np.where(chances > 0, odds, 0.0)), 0.0))
    return stays


def scores(parameters: Floats, purchases: Purchases, first_chances: int = 0) -> Floats:
    """(D, 4) the slope of each history's log-likelihood."""
    return _pieces(parameters, purchases, first_chances)[1].T


def _fitted(purchases: Purchases, first_chances: int) -> BetaGeometric:
    purchases.require_enough()

    def likelihood(parameters: Floats) -> tuple[float, Floats, Floats]:
        value, slope, curvature = _pieces(parameters, purchases, first_chances)
        return float(value @ purchases.count), slope @ purchases.count, curvature @ purchases.count

    rate = (purchases.frequency @ purchases.count) / (purchases.age @ purchases.count)
    return BetaGeometric(maximise(likelihood, np.array([1.0, 1.0 / rate, 1.0, 3.0]), _NAMES), first_chances)


def _log_gone(purchases: Purchases, parameters: Floats, chances: Floats) -> Floats:
    """(D,) log of a / (b + chances - 1) / (alpha + recency)^(r + x): gone right after the last purchase."""
    r, alpha, a, b = parameters
    there = np.maximum(b + chances - 1, np.finfo(np.float64).tiny)
    gone: Floats = np.log(a) - np.log(there) - (r + purchases.frequency) * np.log(alpha + purchases.recency)
    return gone


def _pieces(parameters: Floats, purchases: Purchases, first_chances: int) -> tuple[Floats, Floats, Floats]:
    """Each history's log-likelihood (D,), slope (4, D) and curvature (4, 4, D).

    It is a sum of gamma functions and the logarithm of two ways to have come to this: still there, or gone since.
    """
    r, alpha, a, b = parameters
    x, last, age = purchases.frequency, purchases.recency, purchases.age
    k, chosen = x + first_chances, x + first_chances > 0
    here = -(r + x) * np.log(alpha + age)
    gone = np.where(chosen, _log_gone(purchases, parameters, k), -np.inf)
    together = np.logaddexp(here, gone)
    is_gone = np.exp(gone - together)
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + together
    value += gammaln(a + b) + gammaln(b + k) - gammaln(b) - gammaln(a + b + k)
    zero = np.zeros_like(x)
    after = np.where(chosen, b + k - 1, 1.0)
    slope_here = np.stack([-np.log(alpha + age), -(r + x) / (alpha + age), zero, zero])
    slope_gone = np.stack([-np.log(alpha + last), -(r + x) / (alpha + last), zero + 1 / a, -1 / after])
    slope = np.stack(
        [
            digamma(r + x) - digamma(r) + np.log(alpha),
            zero + r / alpha,
            digamma(a + b) - digamma(a + b + k),
            digamma(a + b) + digamma(b + k) - digamma(b) - digamma(a + b + k),
        ]
    )
    slope += (1 - is_gone) * slope_here + is_gone * slope_gone
    apart = slope_gone - slope_here
    curvature = is_gone * (1 - is_gone) * apart[:, None] * apart[None, :]
    curvature[0, 0] += polygamma(1, r + x) - polygamma(1, r)
    cross = 1 / alpha - (1 - is_gone) / (alpha + age) - is_gone / (alpha + last)
    curvature[0, 1] += cross
    curvature[1, 0] += cross
    curvature[1, 1] += (r + x) * ((1 - is_gone) / (alpha + age) ** 2 + is_gone / (alpha + last) ** 2) - r / alpha**2
    shared = polygamma(1, a + b) - polygamma(1, a + b + k)
    curvature[2, 2] += shared - is_gone / a**2
    curvature[2, 3] += shared
    curvature[3, 2] += shared
    curvature[3, 3] += shared + polygamma(1, b + k) - polygamma(1, b) + is_gone / after**2
    return value, slope, curvature
