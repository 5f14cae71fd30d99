"""The posterior of a panel: markets share the shapes of curves, and differ in how much a channel brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import least_squares

from ml.mix.media import Media
from ml.mix.panel.whitening import Whitening
from ml.mix.posterior import Mode
from ml.mix.saturation import Floats

_STEP: Final = 1e-4
_CHUNK: Final = 64  # draws at a time, for memory
_USUAL_SPREAD: Final = 0.3  # between markets, of a channel's effect per head
_SPREAD_SPREAD: Final = 0.7  # of the prior of its logarithm
_WIDER: Final = 3.0  # the covariance, for markets that differ


@dataclass(frozen=True, slots=True, eq=False)
class PanelPosterior:
    """Of the free parameters (P + C, M) of ``media`` and of how far markets differ in each channel.

    ``outcome`` (G, T) is per head and whitened, ``size`` (G,) the heads. A market's effect of a channel is that of all
    times one plus a normal deviation, which is integrated out in each market.
    """

    outcome: Floats
    size: Floats
    media: Media
    whitening: Whitening

    @property
    def parameters(self) -> int:
        """How many there are."""
        return self.media.size + len(self.media.names)

    def effects(self, place: int, free: Floats) -> Floats:
        """What a channel brings per head where markets do not differ (G, T, M)."""
        markets, periods = self.outcome.shape
        level = self.media.levels(place, free).reshape(markets, periods, -1)
        whole = np.einsum("g,gtm->m", self.size, level)
        return np.asarray(level * (self.media.totals(place, free) / np.maximum(whole, np.finfo(float).tiny)))

    def deviations(self, free: Floats) -> Floats:
        """The standard deviation between markets of the effect of each channel (C, M)."""
        return np.asarray(_USUAL_SPREAD * np.exp(_SPREAD_SPREAD * free[self.media.size :]))

    def log_density(self, free: Floats) -> Floats:
        """Of points (P + C, M), up to a constant that all families share."""
        parts = [self._chunk(free[:, at : at + _CHUNK]) for at in range(0, free.shape[1], _CHUNK)]
        return np.concatenate(parts)

    def market_draws(self, free: Floats, chance: np.random.Generator) -> Floats:
        """What each channel brought in each market over the data (C, G, M)."""
        found = []
        for at in range(0, free.shape[1], _CHUNK):
            points = free[:, at : at + _CHUNK]
            effects = [self.effects(place, points) for place in range(len(self.media.names))]
            pulled, inner = self._markets(points, [self.whitening(effect) for effect in effects])
            mean = np.linalg.solve(inner, pulled[..., None])[..., 0]
            root = np.linalg.cholesky(np.linalg.inv(inner))
            deviation = mean + (root @ chance.standard_normal(mean.shape)[..., None])[..., 0]
            factor = 1.0 + self.deviations(points).T[:, None, :] * deviation
            heads = np.stack([effect.sum(axis=1) for effect in effects]) * self.size[:, None]
            found.append(heads * factor.transpose(2, 1, 0))
        return np.concatenate(found, axis=2)

    def mode(self, start: Floats) -> Mode:
        """Where markets do not differ, with a covariance wide enough for those that do."""
        found = least_squares(self._residuals, start, self._jacobian, method="lm", xtol=1e-5, ftol=1e-5, max_nfev=40)
        size, channels = self.media.size, len(self.media.names)
        covariance = np.eye(size + channels)
        covariance[:size, :size] = _WIDER * np.linalg.inv(found.jac.T @ found.jac)
        return Mode(np.concatenate([found.x, np.zeros(channels)]), covariance, -float(found.cost))

    def rest(self, free: Floats) -> Floats:
        """What advertising brings per head at one point (P,), to be taken from the outcome (G, T)."""
        return np.asarray(sum(self.effects(place, free[:, None])[:, :, 0] for place in range(len(self.media.names))))

    def _chunk(self, free: Floats) -> Floats:
        white = [self.whitening(self.effects(place, free)) for place in range(len(self.media.names))]
        rest = self.outcome[:, :, None] - np.asarray(sum(white))
        pulled, inner = self._markets(free, white)
        explained = np.einsum("mgc,mgc->m", pulled, np.linalg.solve(inner, pulled[..., None])[..., 0])
        log_det = np.linalg.slogdet(inner)[1].sum(axis=1)
        squares = np.einsum("gtm,gtm->m", rest, rest)
        prior = -0.5 * (free**2).sum(axis=0) - 0.5 * len(free) * np.log(2 * np.pi)
        return np.asarray(prior - 0.5 * (squares - explained + log_det))

    def _markets(self, free: Floats, white: list[Floats]) -> tuple[Floats, Floats]:
        """Pull (M, G, C) and precision (M, G, C, C) of the standardised deviations of markets."""
        spread = self.deviations(free).T[:, None, :]
        columns = np.stack(white).transpose(3, 1, 0, 2)  # (M, G, C, T)
        rest = self.outcome.T[None].transpose(0, 2, 1) - columns.sum(axis=2)
        pulled = (columns @ rest[..., None])[..., 0] * spread
        gram = columns @ columns.transpose(0, 1, 3, 2)
        return pulled, gram * (spread[..., :, None] * spread[..., None, :]) + np.eye(len(white))

    def _residuals(self, free: Floats) -> Floats:
        white = self.whitening(self.rest(free)[:, :, None])[:, :, 0]
        return np.concatenate([(self.outcome - white).ravel(), free])

    def _jacobian(self, free: Floats) -> Floats:
        media, prior = self.media, self.media.prior
        moved = np.zeros((*self.outcome.shape, free.size))
        for place in range(len(media.names)):
            own, count = media.own(place), media.each
            points = np.repeat(free[:, None], count, axis=1)
            points[own.start + 1 : own.stop, 1:] += _STEP * np.eye(count - 1)
            series = self.effects(place, points)
            moved[:, :, 0] += prior.shared[place] * series[:, :, 0]
            moved[:, :, own.start] = prior.own[place] * series[:, :, 0]
            moved[:, :, own.start + 1 : own.stop] = (series[:, :, 1:] - series[:, :, :1]) / _STEP
        white = self.whitening(moved).reshape(-1, free.size)
        return np.vstack([-white, np.eye(free.size)])
