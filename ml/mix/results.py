"""What a fit says: contribution, return, response and memory of every channel, and the outcome taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.mix.inputs import Channel
from ml.mix.mix import FamilyDraws, MixFit
from ml.mix.saturation import Floats

LEVEL: Final = 0.9
_MORE: Final = 0.01  # by which spend grows where a marginal return is asked for
REACH: Final = 1.3  # of the largest spend that data stand behind, up to which curves are drawn


@dataclass(frozen=True, slots=True)
class Estimate:
    """The middle of the draws, half of which are above it, with the interval that holds 90 % of them."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ChannelResult:
    """What a channel brought over the data, in units of the outcome; returns are per unit of money.

    ``half_life`` is in weeks; ``carried`` is the part of the effect that comes after the period of the spend, which is
    the alpha of a geometric adstock. Returns are None for a channel that costs nothing. ``learnt`` is how much narrower
    the channel's contribution is, on the scale of logarithms, than before its data spoke: 0 nothing, 1 all.
    """

    channel: str
    contribution: Estimate
    share: Estimate
    roi: Estimate | None
    marginal_roi: Estimate | None
    half_life: Estimate
    carried: Estimate
    learnt: float


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """What would have come without advertising, over the data, and as a part of the outcome."""

    contribution: Estimate
    share: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One part of the outcome by period: mean and interval, each (T,)."""

    name: str
    estimate: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ResponseCurve:
    """What a channel brings per period, in the long run, at a steady ``spend`` (G,): ``draws`` are (G, S).

    ``current`` is the usual spend: its mean where there was any. ``trusted`` is the most that the data stand behind.
    """

    channel: str
    spend: Floats
    draws: Floats
    current: float
    trusted: float


def channel_results(fit: MixFit) -> tuple[ChannelResult, ...]:
    """Of every channel, in the order of the input."""
    outcome = float(fit.told.outcome.sum())
    found = []
    for place, channel in enumerate(fit.told.channels):
        total = fit.totals[place]
        cost = float(channel.spend.sum())
        more = np.concatenate([_gain(drawn, place) for drawn in fit.drawn])
        carried = np.concatenate([1.0 - drawn.media.weights(place, drawn.free)[0] for drawn in fit.drawn])
        memory = np.concatenate([drawn.media.half_lives(place, drawn.free) for drawn in fit.drawn])
        found.append(
            ChannelResult(
                channel.name,
                estimate_of(total),
                estimate_of(total / outcome) if outcome else Estimate(np.nan, np.nan, np.nan),
                estimate_of(total / cost) if cost else None,
                estimate_of(more / (_MORE * cost)) if cost else None,
                estimate_of(memory),
                estimate_of(carried),
                _learnt(fit, place),
            )
        )
    return tuple(found)


def baseline_result(fit: MixFit) -> BaselineResult:
    """The part of the outcome that no advertising brought: what is left of it after all channels."""
    outcome = float(fit.told.outcome.sum())
    rest = outcome - fit.totals.sum(axis=0)
    share = estimate_of(rest / outcome) if outcome else Estimate(np.nan, np.nan, np.nan)
    return BaselineResult(estimate_of(rest), share)


def decomposition(fit: MixFit) -> tuple[Series, ...]:
    """The outcome by period: each channel, each part of the baseline, and what is unexplained. They sum to it."""
    parts = [
        *((channel.name, fit.contributions[place]) for place, channel in enumerate(fit.told.channels)),
        *fit.baseline.items(),
    ]
    explained = fit.contributions.sum(axis=0) + fit.base
    parts.append(("unexplained", fit.told.outcome[:, None] - explained))
    return tuple(_series(name, draws) for name, draws in parts)


def response_curve(fit: MixFit, channel: str, points: int = 60) -> ResponseCurve:
    """What a channel brings per period at steady spend, up to a third above the largest that is trusted.

    Where it is exposure that works, spend buys it at the average price of the data.
    """
    place = [other.name for other in fit.told.channels].index(channel)
    told = fit.told.channels[place]
    cost = float(told.spend.sum())
    price = cost / float(told.works.sum()) if cost else 1.0
    trusted = REACH * float(np.quantile(told.works[told.works > 0], 0.95))
    grid = np.linspace(0.0, trusted * REACH, points)
    draws = np.hstack([_steady(drawn, place, grid) for drawn in fit.drawn])
    current = float(told.works[told.works > 0].mean())
    return ResponseCurve(channel, grid * price, draws, current * price, trusted * price)


def curve_in_money(drawn: FamilyDraws, place: int, channel: Channel) -> tuple[Floats, tuple[Floats, ...]]:
    """Beta and the shape (S,) of a channel's saturation, in money per period.

    Where it is exposure that works, money buys it at the average price of the data.
    """
    media, free = drawn.media, drawn.free
    beta = media.totals(place, free) / media.levels(place, free).sum(axis=0)
    cost = float(channel.spend.sum())
    price = cost / float(channel.works.sum()) if cost else 1.0
    shape = dict(zip(media.saturation.shape, media.curve(place, free), strict=True))
    return beta, tuple(_in_money(name, values, price) for name, values in shape.items())


def estimate_of(draws: Floats) -> Estimate:
    """Middle and interval of equally weighted draws."""
    low, middle, high = np.quantile(draws, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
    return Estimate(float(middle), float(low), float(high))


def _in_money(name: str, values: Floats, price: float) -> Floats:
    """A parameter of a curve of exposure as one of money: amounts grow with the price, rates fall, slopes stay."""
    return {"lam": values / price, "slope": values}.get(name, values * price)


def _gain(drawn: FamilyDraws, place: int) -> Floats:
    """What a little more spend in every period would have brought (S,)."""
    media, free = drawn.media, drawn.free
    working = np.maximum(media.history[place] @ media.weights(place, free), 0.0)
    curve = media.curve(place, free)
    level = media.saturation.level(working, *curve).sum(axis=0)
    more = media.saturation.level(working * (1 + _MORE), *curve).sum(axis=0)
    return np.asarray(media.totals(place, free) * (more / level - 1.0))


def _steady(drawn: FamilyDraws, place: int, grid: Floats) -> Floats:
    """Outcome per period (G, S) where what works is the same in every period."""
    media, free = drawn.media, drawn.free
    beta = media.totals(place, free) / media.levels(place, free).sum(axis=0)
    return np.asarray(beta * media.saturation.level(grid[:, None], *media.curve(place, free)))


def _learnt(fit: MixFit, place: int) -> float:
    before = float(np.hypot(fit.prior.shared[place], fit.prior.own[place]))
    return float(np.clip(1.0 - np.log(fit.totals[place]).std() / before, 0.0, 1.0))


def _series(name: str, draws: Floats) -> Series:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
    return Series(name, draws.mean(axis=1), low, high)
