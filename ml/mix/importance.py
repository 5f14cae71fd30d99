"""Draws from a posterior without a sampler: a multivariate t that adapts to it, and weights for what remains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import gammaln, logsumexp

from ml.mix.pareto import smoothed_weights
from ml.mix.saturation import Floats

_FREEDOM: Final = 7.0
_INFLATION: Final = 1.15  # of the covariance at the mode, for tails that the quadratic does not see
GOOD_K: Final = 0.5
_GOOD_SIZE: Final = 400.0


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Points (P, M) with normalised ``weights`` (M,), and how far these can be believed.

    ``log_evidence`` is the logarithm of the integral of the target.
    """

    points: Floats
    weights: Floats
    k_hat: float
    effective: float
    log_evidence: float


@dataclass(frozen=True, slots=True, eq=False)
class _Student:
    centre: Floats
    root: Floats

    def draw(self, count: int, chance: np.random.Generator) -> Floats:
        normal = chance.standard_normal((self.centre.size, count))
        return self.centre[:, None] + self.root @ (normal / np.sqrt(chance.chisquare(_FREEDOM, count) / _FREEDOM))

    def log_density(self, points: Floats) -> Floats:
        size = self.centre.size
        apart = solve_triangular(self.root, points - self.centre[:, None], lower=True)
        constant = gammaln((_FREEDOM + size) / 2) - gammaln(_FREEDOM / 2) - size / 2 * np.log(_FREEDOM * np.pi)
        constant -= np.log(np.diag(self.root)).sum()
        return np.asarray(constant - (_FREEDOM + size) / 2 * np.log1p((apart**2).sum(axis=0) / _FREEDOM))


def importance_draws(
    log_target: Callable[[Floats], Floats],
    modes: Sequence[tuple[Floats, Floats]],
    chance: np.random.Generator,
    *,
    batch: int = 1000,
    rounds: int = 8,
) -> Draws:
    """Draw from ``log_target``, which takes (P, M), beginning at ``modes``, each with its covariance.

    Each round draws a batch from a t that has the moments of all weighted points so far; weights are against the
    mixture of all rounds (Cornuet, Marin, Mira and Robert 2012), so early rounds do no harm. It ends as soon as the
    weights' tail is light and the effective size suffices, or after the last round.
    """
    proposals = [_Student(centre, _root(_INFLATION * covariance)) for centre, covariance in modes]
    counts = [batch // len(modes)] * len(modes)
    points = np.hstack([proposal.draw(count, chance) for proposal, count in zip(proposals, counts, strict=True)])
    target = log_target(points)
    densities = [proposal.log_density(points) for proposal in proposals]
    found = _weighted(points, target, densities, counts)
    for _ in range(rounds - 1):
        if found.k_hat < GOOD_K and found.effective > _GOOD_SIZE:
            break
        proposal = _moments(found)
        fresh = proposal.draw(batch, chance)
        for place, earlier in enumerate(proposals):
            densities[place] = np.concatenate([densities[place], earlier.log_density(fresh)])
        points = np.hstack([points, fresh])
        target = np.concatenate([target, log_target(fresh)])
        proposals.append(proposal)
        counts.append(batch)
        densities.append(proposal.log_density(points))
        found = _weighted(points, target, densities, counts)
    return found


def resampled(draws: Draws, count: int, chance: np.random.Generator) -> Floats:
    """Points (P, count) of equal weight, by systematic resampling."""
    places = np.searchsorted(np.cumsum(draws.weights), (np.arange(count) + chance.random()) / count)
    return draws.points[:, np.minimum(places, draws.weights.size - 1)]


def _weighted(points: Floats, target: Floats, densities: Sequence[Floats], counts: Sequence[int]) -> Draws:
    share = np.log(np.array(counts) / sum(counts))
    log_ratios = target - logsumexp(np.stack(densities) + share[:, None], axis=0)
    weights, k_hat = smoothed_weights(log_ratios)
    evidence = float(logsumexp(log_ratios[np.isfinite(log_ratios)]) - np.log(log_ratios.size))
    return Draws(points, weights, float(k_hat), float(1.0 / (weights**2).sum()), evidence)


def _moments(found: Draws) -> _Student:
    """A t with the moments of the points; with few that count, drawn towards a diagonal one."""
    size = len(found.points)
    centre = found.points @ found.weights
    apart = found.points - centre[:, None]
    covariance = (apart * found.weights) @ apart.T
    trust = found.effective / (found.effective + size)
    covariance = trust * covariance + (1 - trust) * np.diag(np.diag(covariance) + 1e-3)
    return _Student(centre, _root(_INFLATION * covariance + 1e-9 * np.eye(size)))


def _root(covariance: Floats) -> Floats:
    return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
