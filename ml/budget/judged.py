"""A plan over joint draws: what it brings, how likely it beats today's, what it regrets, what knowing more is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import isotonic_regression

from ml.budget.curves import Floats
from ml.budget.draws import Drawn, as_joint
from warehouse.errors import BadSetting

_PIECES: Final = 160  # of each curve between its bounds


@dataclass(frozen=True, slots=True)
class Interval:
    """The mean over the draws, and the ends between which a share ``level`` of them lies."""

    estimate: float
    low: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of a plan: its ``outcome``, its ``gain`` over today's, how likely that is above zero, and where it comes from.

    ``regret`` is by how much, on average, the plan of somebody who knew the draw would be better under the same bounds
    and the same budget; it is what knowing everything is worth (the expected value of perfect information).
    """

    outcome: Interval
    gain: Interval
    beats_today: float
    gain_by_channel: Mapping[str, Interval]
    regret: float


def judge(
    draws: Mapping[str, Drawn],
    proposed: Mapping[str, float],
    today: Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]],
    *,
    level: float = 0.9,
) -> Judgement:
    """Hold spends by channel against today's, draw by draw. Raises :class:`BadSetting` where a channel is missing."""
    as_joint(draws)
    for given in (proposed, today, bounds):
        missing = [name for name in draws if name not in given]
        if missing:
            raise BadSetting(f"Nothing is said of the channel {missing[0]!r}.")
    then = {name: drawn.by_draw(np.array([proposed[name]]))[:, 0] for name, drawn in draws.items()}
    now = {name: drawn.by_draw(np.array([today[name]]))[:, 0] for name, drawn in draws.items()}
    outcome = np.sum(list(then.values()), axis=0)
    gain = outcome - np.sum(list(now.values()), axis=0)
    return Judgement(
        interval_of(outcome, level),
        interval_of(gain, level),
        float((gain > 0).mean()),
        {name: interval_of(then[name] - now[name], level) for name in draws},
        regret_of(draws, outcome, bounds, sum(proposed.values())),
    )


def regret_of(
    draws: Mapping[str, Drawn], outcome: Floats, bounds: Mapping[str, tuple[float, float]], budget: float
) -> float:
    """By how much plans of the same money that know the draw bring more than this ``outcome`` (D,), on average."""
    best, _ = clairvoyant(list(draws.values()), [bounds[name] for name in draws], budget)
    return float(np.maximum(best - outcome, 0.0).mean())


def interval_of(values: Floats, level: float) -> Interval:
    """The mean and the equal-tailed interval of (D,) values."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(values.mean()), float(low), float(high), level)


def clairvoyant(draws: Sequence[Drawn], bounds: Sequence[tuple[float, float]], budget: float) -> tuple[Floats, Floats]:
    """(D,) what the best plan of each draw brings under bounds and budget alone, and (D, n) that plan.

    The pieces of each curve's concave envelope are bought by their slopes, the steepest first; what the plan truly
    brings is told, so in a draw with an S-shaped curve it may be less than the best by a part of one channel.
    """
    values, lengths, slopes, channels = [], [], [], []
    for place, (drawn, (low, high)) in enumerate(zip(draws, bounds, strict=True)):
        points = low + (min(high, low + budget) - low) * np.linspace(0.0, 1.0, _PIECES + 1) ** 1.5
        widths = np.diff(points)
        if widths.sum() <= 0:
            continue
        chords = np.diff(drawn.by_draw(points), axis=1) / widths
        slopes.append([isotonic_regression(each, weights=widths, increasing=False).x for each in chords])
        lengths.append(widths)
        channels.append(np.full(_PIECES, place))
    lows = np.array([low for low, _ in bounds])
    plans = np.tile(lows, (draws[0].count, 1))
    left = budget - lows.sum()
    if lengths and left > 0:
        steep, width, of = np.concatenate(slopes, axis=1), np.concatenate(lengths), np.concatenate(channels)
        for draw, row in enumerate(steep):
            order = np.argsort(-row, kind="stable")
            ends = np.cumsum(width[order])
            bought = np.clip(left - (ends - width[order]), 0.0, width[order])
            np.add.at(plans[draw], of[order], bought)
    for place, drawn in enumerate(draws):
        values.append(drawn.at_own(plans[:, place]))
    return np.sum(values, axis=0), plans
