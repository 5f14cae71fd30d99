"""How an ad goes on working: the weights with which what was spent earlier counts today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.special import expit

from ml.mix.saturation import Floats


@dataclass(frozen=True, slots=True)
class Adstock:
    """One family: ``weights(lags, *shape)`` says how much of what was spent at each lag (L,) works today.

    Lags count in weeks and start at 0, the parameters broadcast to (M,), the weights (L, M) sum to 1. ``shape`` names
    the parameters; ``centres`` and ``spreads`` are their normal prior on the free scale, which ``natural`` leaves.
    """

    name: str
    shape: tuple[str, ...]
    centres: tuple[float, ...]
    spreads: tuple[float, ...]
    weeks: int
    weights: Callable[..., Floats]
    natural: Callable[[Floats], Floats]

    def weights_of(self, free: Floats, lags: Floats) -> Floats:
        """The weights (L, M) at parameters ``free`` (P, M) on the free scale."""
        return self.weights(lags, *self.natural(free))


def lagged(x: Floats, lags: int, before: Floats | None = None) -> Floats:
    """A series (T,) at each of so many lags: (T, lags), 0 where nothing is known of the time before.

    ``before`` is what was spent before the first period, in order of time.
    """
    known = np.zeros(0) if before is None else before[-(lags - 1) :] if lags > 1 else np.zeros(0)
    padded = np.concatenate([np.zeros(lags - 1 - known.size), known, x])
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(padded, lags)[:, ::-1])


def carry_over(weights: Floats, periods: int) -> Floats:
    """The lower triangular matrix (T, T) that turns spend of ``periods`` into what of it works in each, from (L,)."""
    lag = np.subtract.outer(np.arange(periods), np.arange(periods))
    inside = (lag >= 0) & (lag < weights.size)
    return np.where(inside, weights[np.clip(lag, 0, weights.size - 1)], 0.0)


def carry_in(weights: Floats, before: Floats, periods: int) -> Floats:
    """What of the spend ``before`` the first of ``periods`` still works in each of them (T,)."""
    return lagged(np.zeros(periods), weights.size, before) @ weights


def half_life(weights: Floats) -> Floats:
    """The lag, between whole ones, by which half of the effect has come: of weights (L, M), from the start of lag 0."""
    reached = np.cumsum(weights, axis=0)
    place = np.argmax(reached >= 0.5 - 1e-12, axis=0)
    column = np.arange(weights.shape[1])
    earlier = reached[place, column] - weights[place, column]
    return np.asarray(place + (0.5 - earlier) / weights[place, column])


def _normalised(logs: Floats) -> Floats:
    raw = np.exp(logs - logs.max(axis=0))
    return np.asarray(raw / raw.sum(axis=0))


def _geometric(lags: Floats, alpha: Floats) -> Floats:
    return _normalised(np.multiply.outer(lags, np.log(alpha)))


def _delayed(lags: Floats, alpha: Floats, delay: Floats) -> Floats:
    return _normalised(np.subtract.outer(lags, delay) ** 2 * np.log(alpha))


def _weibull(lags: Floats, shape: Floats, scale: Floats) -> Floats:
    log_age = np.log(np.add.outer(lags, np.zeros(np.shape(scale))) + 1.0) - np.log(scale)
    return _normalised((shape - 1.0) * log_age - np.exp(np.minimum(shape * log_age, 30.0)))


def _unit(free: Floats) -> Floats:
    return np.asarray(np.clip(expit(free), 1e-6, 1 - 1e-6))


def _unit_and_positive(free: Floats) -> Floats:
    return np.stack([_unit(free[0]), np.exp(np.minimum(free[1], 4.0))])


def _positive(free: Floats) -> Floats:
    return np.exp(np.clip(free, -6.0, 4.0))


# Geometric: alpha^lag; delayed: alpha^((lag - delay)^2), as Jin et al. (2017, eq. 2); Weibull: its density at lag + 1,
# as Robyn. The priors are per week: a third of the effect is carried on, give or take; most is over in a month or two.
ADSTOCKS: Final[Mapping[str, Adstock]] = MappingProxyType(
    {
        family.name: family
        for family in (
            Adstock("geometric", ("alpha",), (-0.6,), (1.2,), 13, _geometric, _unit),
            Adstock("delayed", ("alpha", "delay"), (0.4, 0.3), (1.0, 0.8), 13, _delayed, _unit_and_positive),
            Adstock("weibull", ("shape", "scale"), (0.4, 1.0), (0.4, 0.8), 26, _weibull, _positive),
        )
    }
)
