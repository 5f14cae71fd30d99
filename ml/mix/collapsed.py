"""The linear block and the noise integrated out, so that only what is not linear is left to search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import gammaln

from ml.mix.saturation import Floats

PRIOR_SHAPE: Final = 1.0  # of the inverse gamma prior of the noise's variance; its scale is in the units of the outcome
PRIOR_SCALE: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Collapsed:
    """y = Z c + rest, with c normal about zero, its variances times those of the noise, and noise of an AR(1).

    With P the transform that whitens the noise and U S V' the thin singular value decomposition of P Z times the
    standard deviations of c, the covariance of P times the rest is the noise's variance times I + U S^2 U'. ``kept``
    is 1 / sqrt(1 + S^2), ``log_det`` the logarithm of the determinant of the covariance, ``scale`` that of the prior.
    """

    columns: Floats
    variances: Floats
    rho: float
    left: Floats
    kept: Floats
    log_det: float
    scale: float

    def whiten(self, rest: Floats) -> Floats:
        """What is left of (T, M) when every direction that the linear block explains is shrunk as it may be."""
        white = ar_whitened(rest, self.rho)
        return np.asarray(white - self.left @ ((1.0 - self.kept)[:, None] * (self.left.T @ white)))

    def squares(self, rest: Floats) -> Floats:
        """The generalised sum of squares (M,) of (T, M)."""
        white = ar_whitened(rest, self.rho)
        explained = self.left.T @ white
        return np.asarray(np.einsum("tm,tm->m", white, white) - (1.0 - self.kept**2) @ explained**2)

    def log_density(self, rest: Floats) -> Floats:
        """The logarithm of the multivariate Student-t density (M,) that is left after the noise is integrated out."""
        shape = PRIOR_SHAPE + len(rest) / 2
        constant = gammaln(shape) - gammaln(PRIOR_SHAPE) + PRIOR_SHAPE * np.log(self.scale)
        constant -= 0.5 * (self.log_det + len(rest) * np.log(2 * np.pi))
        return np.asarray(constant - shape * np.log(self.scale + 0.5 * self.squares(rest)))

    def precision(self) -> Floats:
        """The inverse of the covariance over the noise's variance (T, T)."""
        half = self.whiten(np.eye(len(self.columns)))
        return np.asarray(half.T @ half)

    def noise_variances(self, rest: Floats, chance: np.random.Generator) -> Floats:
        """A draw (M,) of the noise's variance for each of (T, M)."""
        shape = PRIOR_SHAPE + len(rest) / 2
        return (self.scale + 0.5 * self.squares(rest)) / chance.standard_gamma(shape, rest.shape[1])

    def coefficients(self, rest: Floats, noise: Floats, chance: np.random.Generator) -> Floats:
        """A draw (K, M) of the coefficients for each rest (T, M) and variance of the noise (M,)."""
        spread = np.sqrt(self.variances)[:, None]
        design = ar_whitened(self.columns, self.rho) * spread.T
        inner = design.T @ design + np.eye(len(spread))
        root = np.linalg.cholesky(inner)
        mean = np.linalg.solve(inner, design.T @ ar_whitened(rest, self.rho))
        shaken = np.linalg.solve(root.T, chance.standard_normal(mean.shape))
        return np.asarray(spread * (mean + np.sqrt(noise) * shaken))


def collapse(columns: Floats, variances: Floats, rho: float, outcome_variance: float) -> Collapsed:
    """Prepare the integral for coefficients of ``columns`` (T, K) with such variances (K,)."""
    left, values, _ = np.linalg.svd(ar_whitened(columns, rho) * np.sqrt(variances), full_matrices=False)
    log_det = float(np.log1p(values**2).sum() - np.log(1.0 - rho**2))
    scale = PRIOR_SCALE * outcome_variance
    return Collapsed(columns, variances, rho, left, 1.0 / np.sqrt(1.0 + values**2), log_det, scale)


def ar_whitened(series: Floats, rho: float) -> Floats:
    """(T, M) with the serial correlation of an AR(1) taken out (Prais and Winsten 1954)."""
    if rho == 0.0:
        return series
    white = series.copy()
    white[1:] -= rho * series[:-1]
    white[0] *= np.sqrt(1.0 - rho**2)
    return white
