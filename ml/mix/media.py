"""What advertising brings under one family of adstock and one of saturation, as a function of free parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.mix.adstock import Adstock, half_life, lagged
from ml.mix.inputs import MixInput
from ml.mix.prior import HALF_CENTRE, HALF_SPREAD, SLOPE_CENTRE, SLOPE_SPREAD, Prior
from ml.mix.saturation import Floats, Saturation

_AT_HALF: Final = {"exponential": np.log(2.0), "michaelis_menten": 1.0, "hill": 1.0, "logistic": np.log(3.0)}


@dataclass(frozen=True, slots=True, eq=False)
class Media:
    """Channels in one pair of families. Parameters are free: standard normal in the prior, (P, M) for M draws.

    The first is what all channels share; then each channel has its own contribution, those of its adstock, its half
    saturation, and where the family has one its slope. ``history`` (T, L) of each channel are its lags, ``led`` says
    whose spend demand leads.
    """

    names: tuple[str, ...]
    adstock: Adstock
    saturation: Saturation
    prior: Prior
    history: tuple[Floats, ...]
    lags: Floats
    led: tuple[bool, ...]

    @property
    def each(self) -> int:
        """How many parameters a channel has for itself."""
        return 1 + len(self.adstock.shape) + len(self.saturation.shape)

    @property
    def size(self) -> int:
        """How many parameters there are."""
        return 1 + len(self.names) * self.each

    def own(self, place: int) -> slice:
        """Where the parameters of a channel stand."""
        return slice(1 + place * self.each, 1 + (place + 1) * self.each)

    def weights(self, place: int, free: Floats) -> Floats:
        """The adstock's weights (L, M) of a channel."""
        shape = free[self.own(place)][1 : 1 + len(self.adstock.shape)]
        centres, spreads = (np.array(values)[:, None] for values in (self.adstock.centres, self.adstock.spreads))
        return self.adstock.weights_of(centres + spreads * shape, self.lags)

    def curve(self, place: int, free: Floats) -> tuple[Floats, ...]:
        """The parameters (M,) of a channel's saturation, in units of its spend or exposure, as its family has them."""
        shape = free[self.own(place)][1 + len(self.adstock.shape) :]
        half = self.prior.usual[place] * np.exp(HALF_CENTRE + HALF_SPREAD * shape[0])
        if self.saturation.name == "hill":
            return half, np.exp(np.clip(SLOPE_CENTRE + SLOPE_SPREAD * shape[1], -2.0, 2.5))
        if self.saturation.name == "logistic":
            return (_AT_HALF["logistic"] / half,)
        return (half / _AT_HALF[self.saturation.name],)

    def totals(self, place: int, free: Floats) -> Floats:
        """What a channel brings over the data (M,)."""
        prior = self.prior
        log_total = prior.centre[place] + prior.shared[place] * free[0] + prior.own[place] * free[self.own(place)][0]
        return np.asarray(np.exp(np.clip(log_total, -700.0, 700.0)))

    def levels(self, place: int, free: Floats) -> Floats:
        """Saturation (T, M) of what works of a channel."""
        working = self.history[place] @ self.weights(place, free)
        return self.saturation.level(np.maximum(working, 0.0), *self.curve(place, free))

    def contribution(self, place: int, free: Floats) -> Floats:
        """What a channel brings in each period (T, M)."""
        level = self.levels(place, free)
        return np.asarray(level * (self.totals(place, free) / np.maximum(level.sum(axis=0), np.finfo(float).tiny)))

    def contributions(self, free: Floats) -> Floats:
        """Of all channels (C, T, M)."""
        return np.stack([self.contribution(place, free) for place in range(len(self.names))])

    def told(self, contributions: Floats) -> Floats:
        """The sum (T, M) of those contributions (C, T, M) that history can tell of."""
        return np.asarray(contributions[~np.array(self.led)].sum(axis=0))

    def half_lives(self, place: int, free: Floats) -> Floats:
        """In weeks (M,)."""
        step = float(self.lags[1] - self.lags[0]) if self.lags.size > 1 else 1.0
        return half_life(self.weights(place, free)) * step


def media_of(told: MixInput, adstock: Adstock, saturation: Saturation, prior: Prior) -> Media:
    """Channels of an input in one pair of families."""
    step = told.days / 7.0
    count = min(max(int(np.ceil(adstock.weeks / step)), 2), len(told.periods))
    history = tuple(lagged(channel.works, count, channel.before) for channel in told.channels)
    names = tuple(channel.name for channel in told.channels)
    led = tuple(channel.demand_led for channel in told.channels)
    return Media(names, adstock, saturation, prior, history, np.arange(count, dtype=np.float64) * step, led)
