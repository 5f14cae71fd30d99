"""The posterior of one pair of families, and its mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import least_squares

from ml.mix.collapsed import PRIOR_SHAPE, Collapsed
from ml.mix.lifts import LiftRows
from ml.mix.media import Media
from ml.mix.saturation import Floats

_STEP: Final = 1e-4  # of a parameter, for a difference quotient
_ROUNDS: Final = 3  # of noise and mode in turn


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What is known of the free parameters (P, M) of ``media`` once the ``outcome`` (T,) and the lifts are seen."""

    outcome: Floats
    media: Media
    block: Collapsed
    lifts: LiftRows

    def rest(self, contributions: Floats) -> Floats:
        """What advertising does not explain (T, M); what moves with spend that demand leads is left to the baseline."""
        return np.asarray(self.outcome[:, None] - self.media.told(contributions))

    def log_density(self, free: Floats) -> Floats:
        """Up to nothing: prior, likelihood and lifts are all normalised, so families can be compared (M,)."""
        contributions = self.media.contributions(free)
        prior = -0.5 * (free**2).sum(axis=0) - 0.5 * len(free) * np.log(2 * np.pi)
        likelihood = self.block.log_density(self.rest(contributions))
        return np.asarray(prior + likelihood + self.lifts.log_density(contributions))


@dataclass(frozen=True, slots=True, eq=False)
class Mode:
    """A maximum (P,) of a posterior, the covariance of its quadratic there, and its height."""

    free: Floats
    covariance: Floats
    height: float


def mode_of(posterior: Posterior, start: Floats) -> Mode:
    """Climb from ``start`` (P,) by least squares on whitened residuals, prior and lifts, the noise in turn."""
    free, noise, information = start, noise_of(posterior, start), np.eye(start.size)
    for _ in range(_ROUNDS):
        found = least_squares(
            _residuals, free, jacobian_of, method="lm", xtol=1e-6, ftol=1e-6, max_nfev=60, args=(posterior, noise)
        )
        free, information = found.x, found.jac.T @ found.jac
        before, noise = noise, noise_of(posterior, free)
        if abs(np.log(noise / before)) < 0.02:
            break
    height = float(posterior.log_density(free[:, None])[0])
    return Mode(free, np.asarray(np.linalg.inv(information), dtype=np.float64), height)


def noise_of(posterior: Posterior, free: Floats) -> float:
    """The standard deviation of the noise at its own mode."""
    rest = posterior.rest(posterior.media.contributions(free[:, None]))
    squares = float(posterior.block.squares(rest)[0])
    return float(np.sqrt((posterior.block.scale + 0.5 * squares) / (PRIOR_SHAPE + len(rest) / 2)))


def _residuals(free: Floats, posterior: Posterior, noise: float) -> Floats:
    contributions = posterior.media.contributions(free[:, None])
    white = posterior.block.whiten(posterior.rest(contributions))[:, 0] / noise
    return np.concatenate([white, posterior.lifts.standardised(contributions)[:, 0], free])


def jacobian_of(free: Floats, posterior: Posterior, noise: float) -> Floats:
    """By parameter: a channel's own parameters move its own contribution only, its size in a known way."""
    media, prior = posterior.media, posterior.media.prior
    periods, channels = len(posterior.outcome), len(media.names)
    moved = np.zeros((channels, periods, free.size))
    for place in range(channels):
        own = media.own(place)
        count = media.each
        points = np.repeat(free[:, None], count, axis=1)
        points[own.start + 1 : own.stop, 1:] += _STEP * np.eye(count - 1)
        series = media.contribution(place, points)
        moved[place, :, 0] = prior.shared[place] * series[:, 0]
        moved[place, :, own.start] = prior.own[place] * series[:, 0]
        moved[place, :, own.start + 1 : own.stop] = (series[:, 1:] - series[:, :1]) / _STEP
    white = -posterior.block.whiten(media.told(moved)) / noise
    lifts = posterior.lifts
    rows = [moved[place, window].sum(axis=0) for place, window in zip(lifts.places, lifts.windows, strict=True)]
    tests = np.stack(rows) / lifts.errors[:, None] if rows else np.zeros((0, free.size))
    return np.vstack([white, tests, np.eye(free.size)])
