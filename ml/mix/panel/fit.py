"""The mix of several markets at once: shapes from all of them, sizes of effects partially pooled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from ml.mix.adstock import lagged
from ml.mix.importance import Draws, importance_draws, resampled
from ml.mix.inputs import Channel
from ml.mix.media import Media, media_of
from ml.mix.mix import Families, named_families
from ml.mix.panel.inputs import PanelInput
from ml.mix.panel.posterior import PanelPosterior
from ml.mix.panel.whitening import whitening_of
from ml.mix.prior import Return, prior_of, usual_level
from ml.mix.results import Estimate, estimate_of
from ml.mix.saturation import Floats

PANEL_FAMILIES: Final[Families] = (("geometric", "exponential"), ("geometric", "hill"))
_BATCH: Final = 400
_ROUNDS: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class PanelFit:
    """What each channel brought in each market (C, G, S), by equally weighted joint draws.

    ``weights`` (K,) are the posterior probabilities of families, ``k_hat`` and ``effective`` those of the importance
    weights of the likeliest.
    """

    told: PanelInput
    contributions: Floats
    weights: Floats
    k_hat: float
    effective: float

    @property
    def totals(self) -> Floats:
        """Of all markets together (C, S)."""
        return np.asarray(self.contributions.sum(axis=1))


@dataclass(frozen=True, slots=True)
class PanelResult:
    """What a channel brought in all markets, its return, and how far markets differ in it.

    ``markets`` are the contributions of each, in their order.
    """

    channel: str
    contribution: Estimate
    roi: Estimate | None
    markets: tuple[Estimate, ...]


def fit_panel(
    told: PanelInput,
    *,
    returns: Mapping[str, Return] = MappingProxyType({}),
    families: Families = PANEL_FAMILIES,
    draws: int = 400,
    seed: int = 1,
) -> PanelFit:
    """Fit all markets at once, per head. The same seed gives the same draws. Raises as :func:`prior_of`."""
    chance = np.random.default_rng(seed)
    with threadpool_limits(1):
        fitted = [_family(told, _media(told, pair, returns), chance) for pair in families]
        evidence = np.array([found.log_evidence for _, found in fitted])
        weights = np.exp(evidence - evidence.max())
        weights /= weights.sum()
        ends = np.round(np.cumsum(weights) * draws).astype(int)
        parts = [
            posterior.market_draws(resampled(found, int(count), chance), chance)
            for (posterior, found), count in zip(fitted, np.diff(ends, prepend=0), strict=True)
            if count
        ]
    best = fitted[int(np.argmax(weights))][1]
    return PanelFit(told, np.concatenate(parts, axis=2), weights, best.k_hat, best.effective)


def panel_results(fit: PanelFit) -> tuple[PanelResult, ...]:
    """Of every channel, in the order of the input."""
    found = []
    for place, channel in enumerate(fit.told.channels):
        total, cost = fit.totals[place], float(channel.spend.sum())
        markets = tuple(estimate_of(draws) for draws in fit.contributions[place])
        found.append(
            PanelResult(channel.name, estimate_of(total), estimate_of(total / cost) if cost else None, markets)
        )
    return tuple(found)


def _media(told: PanelInput, pair: tuple[str, str], returns: Mapping[str, Return]) -> Media:
    """Channels per head: the lags of all markets below one another."""
    national = told.national()
    adstock, saturation = named_families(pair)
    prior = prior_of(national, returns)
    heads = told.size[:, None]
    works = [channel.works / heads for channel in told.channels]
    prior = replace(prior, usual=np.array([usual_level(one.ravel()) for one in works]))
    media = media_of(national, adstock, saturation, prior)
    count = media.lags.size
    history = tuple(np.vstack([lagged(series, count) for series in one]) for one in works)
    return replace(media, history=history)


def _family(told: PanelInput, media: Media, chance: np.random.Generator) -> tuple[PanelPosterior, Draws]:
    """Mode and whitening in turn, then draws."""
    heads = told.size[:, None]
    outcome = told.outcome / heads
    controls = np.array([control.values for control in told.controls]).reshape(-1, *outcome.shape)
    calendar = replace(told.national(), channels=(Channel("any", np.arange(1.0, outcome.shape[1] + 1)),), controls=())
    free, rest = np.zeros(media.size), outcome
    for _ in range(2):
        whitening, _ = whitening_of(calendar, _without(rest, controls), controls)
        posterior = PanelPosterior(whitening(outcome[:, :, None])[:, :, 0], told.size, media, whitening)
        mode = posterior.mode(free)
        free = mode.free[: media.size]
        rest = outcome - posterior.rest(free)
    draws = importance_draws(
        posterior.log_density, [(mode.free, mode.covariance)], chance, batch=_BATCH, rounds=_ROUNDS
    )
    return posterior, draws


def _without(rest: Floats, controls: Floats) -> Floats:
    """What is left (G, T) of each market when controls (K, G, T) are fitted to all of them."""
    if not len(controls):
        return rest
    centred = (controls - controls.mean(axis=2, keepdims=True)).reshape(len(controls), -1).T
    own = (rest - rest.mean(axis=1, keepdims=True)).ravel()
    return np.asarray(rest - (centred @ np.linalg.lstsq(centred, own, rcond=None)[0]).reshape(rest.shape))
