"""Data-driven fractional attribution: how much likelier a journey converts with a channel, by the conversion hazard.

Like every credit it is not an effect: whoever meets a channel because they are about to buy raises its hazard. Signals
of intent are what helps against that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.attribution.bootstrap import Draws, drawn_counts
from ml.attribution.hazard import NO_SIGNALS, Hazard, Signals, chances, fit_hazard, risks, scores
from ml.attribution.leaks import auc
from ml.attribution.paths import Floats, Paths, Rows, ends, summed
from warehouse.errors import NotEnoughData

_ABREAST: Final = 32  # draws whose chances are worked out side by side


@dataclass(frozen=True, slots=True, eq=False)
class Fractional:
    """``conversions`` and ``value`` (C,) sum to what ended paths with a touch.

    ``lost`` (C,) is how many conversions the hazard expects to be lost were the channel's touches alone left out. It is
    right only if the signals hold everything that makes people both meet the channel and buy, so it is no effect.
    """

    hazard: Hazard
    conversions: Floats
    value: Floats
    lost: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """How a hazard does on journeys that it has not seen, touch by touch.

    ``auc`` is 0.5 for a guess; ``slope`` is that of calibration, 1 where odds are neither too bold nor too timid;
    ``predicted`` and ``observed`` (up to 10,) are rates of conversion in tenths of the touches by risk.
    """

    auc: float
    slope: float
    predicted: Floats
    observed: Floats


def fractional(paths: Paths, signals: Signals = NO_SIGNALS) -> Fractional:
    """Fit a hazard and credit each converting path's channels in proportion to what leaving each out would cost.

    The cost is the chance to convert along the path less the chance along the path without the channel's touches, with
    positions, repetitions and recency as they would then be; negative costs count as none, and where all are none the
    channels share equally. Raises as :func:`fit_hazard`.
    """
    hazard = fit_hazard(paths, signals)
    parts = _Parts.of(paths, signals)
    fractions, gains = parts.fractions(hazard.coefficients[:, None])
    size = len(paths.channels)
    conversions, value = paths.conversions[parts.path], paths.value[parts.path]
    return Fractional(
        hazard,
        summed(parts.channel, conversions * fractions[:, 0], size),
        summed(parts.channel, value * fractions[:, 0], size),
        summed(parts.channel, conversions * gains[:, 0], size),
    )


def fractional_draws(paths: Paths, fitted: Fractional, draws: int, seed: int, signals: Signals = NO_SIGNALS) -> Draws:
    """Poisson bootstrap: coefficients move one Newton step from the fit with each draw (Schucany and Wang 1991)."""
    conversions, nulls = drawn_counts(paths, draws, seed)
    slope = np.zeros((fitted.hazard.coefficients.size, draws))
    more, fewer = conversions - paths.conversions[:, None], nulls - paths.nulls[:, None]
    for rows, converted, null in scores(paths, signals, fitted.hazard.coefficients):
        slope += converted.T @ more[rows] + null.T @ fewer[rows]
    coefficients = fitted.hazard.coefficients[:, None] + np.linalg.solve(fitted.hazard.curvature, slope)
    parts = _Parts.of(paths, signals)
    size = len(paths.channels)
    credit, worth = np.empty((draws, size)), np.empty((draws, size))
    per_conversion = paths.value_per_conversion[parts.path]
    for begin in range(0, draws, _ABREAST):
        fractions, _ = parts.fractions(coefficients[:, begin : begin + _ABREAST])
        for draw, part in enumerate(fractions.T, start=begin):
            given = part * conversions[parts.path, draw]
            credit[draw] = summed(parts.channel, given, size)
            worth[draw] = summed(parts.channel, given * per_conversion, size)
    return Draws(credit, worth)


def quality(hazard: Hazard, held_out: Paths, signals: Signals = NO_SIGNALS) -> Quality:
    """How the hazard does on journeys that it was not fitted to, best those of a later time.

    Raises :class:`NotEnoughData` where none of them converted, or all of them after their first touch.
    """
    risk = risks(held_out, signals, hazard.coefficients)
    events = np.zeros(held_out.steps.size)
    there = held_out.lengths > 0
    events[held_out.offsets[1:][there] - 1] = held_out.conversions[there]
    stays = np.repeat(held_out.journeys, held_out.lengths) - events
    if not events.sum() or not stays.sum():
        raise NotEnoughData("The journeys held out all end alike, so nothing can be told from them.")
    order = np.argsort(risk, kind="stable")
    weight = (events + stays)[order]
    tenth = np.minimum((10 * (np.cumsum(weight) - weight / 2) / weight.sum()).astype(np.int64), 9)
    size = summed(tenth, weight, 10)
    some = size > 0  # touches that are all alike share a tenth
    return Quality(
        auc(risk, events, stays),
        _slope(np.log(risk / (1 - risk)), events, events + stays),
        summed(tenth, (risk * (events + stays))[order], 10)[some] / size[some],
        summed(tenth, events[order], 10)[some] / size[some],
    )


def held_out_quality(paths: Paths, signals: Signals = NO_SIGNALS, *, share: float = 0.7, seed: int = 1) -> Quality:
    """How a hazard fitted to about ``share`` of the journeys does on the others. Raises as :func:`fit_hazard`."""
    fitted_to, held_out = halves(paths, share, seed)
    return quality(fit_hazard(fitted_to, signals), held_out, signals)


def halves(paths: Paths, share: float, seed: int) -> tuple[Paths, Paths]:
    """The same paths twice: about ``share`` of the journeys, drawn one by one, and the others."""
    generator = np.random.default_rng(seed)
    conversions, nulls = (
        generator.binomial(np.round(counts).astype(np.int64), share).astype(np.float64)
        for counts in (paths.conversions, paths.nulls)
    )
    return (
        paths.weighted(conversions, nulls),
        paths.weighted(np.round(paths.conversions) - conversions, np.round(paths.nulls) - nulls),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Every channel of every converting path: ``path`` and ``channel`` (N,), and the path without it."""

    whole: Paths
    whole_signals: Signals
    path: Rows
    at: Rows
    channel: Rows
    without: Paths
    without_signals: Signals

    @classmethod
    def of(cls, paths: Paths, signals: Signals) -> _Parts:
        chosen = np.flatnonzero((paths.conversions > 0) & (paths.lengths > 0))
        whole, whole_touches = _taken(paths, chosen)
        size = max(len(paths.channels), 1)
        pairs = np.unique(whole.rows * size + whole.steps)
        at, channel = pairs // size, pairs % size
        repeated, touches = _taken(whole, at)
        kept = repeated.steps != np.repeat(channel, repeated.lengths)
        return cls(
            whole,
            {name: values[whole_touches] for name, values in signals.items()},
            chosen[at],
            at,
            channel,
            repeated.keep(kept),
            {name: values[whole_touches][touches][kept] for name, values in signals.items()},
        )

    def fractions(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """(N, B) each channel's part of a conversion, and the part of it that would be lost without the channel."""
        chance = chances(self.whole, self.whole_signals, coefficients)[self.at]
        gains = np.maximum(chance - chances(self.without, self.without_signals, coefficients), 0.0)
        first = np.flatnonzero(np.append(True, np.diff(self.at) != 0)[: self.at.size])
        sums = np.add.reduceat(gains, first, axis=0) if first.size else gains
        of = np.repeat(np.arange(first.size), np.diff(np.append(first, self.at.size)))
        alike = 1.0 / np.bincount(of, minlength=first.size)[of]
        even = sums[of] <= 0
        return np.where(even, alike[:, None], gains / np.where(even, 1.0, sums[of])), gains / chance


def _taken(paths: Paths, rows: Rows) -> tuple[Paths, Rows]:
    """These paths, and the places of their touches."""
    lengths = paths.lengths[rows]
    starts = ends(lengths)
    touches = np.arange(starts[-1]) + np.repeat(paths.offsets[rows] - starts[:-1], lengths)
    return paths.take(rows), touches


def _slope(logit: Floats, events: Floats, trials: Floats) -> float:
    """The coefficient of a logistic regression of the outcome on the predicted log odds (Cox 1958)."""
    design = np.column_stack([np.ones_like(logit), logit])
    coefficients = np.array([0.0, 1.0])
    for _ in range(50):
        risk = 1 / (1 + np.exp(-design @ coefficients))
        slope = design.T @ (events - trials * risk)
        curvature = design.T @ (design * (trials * risk * (1 - risk))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, slope)
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-9:
            break
    return float(coefficients[1])
