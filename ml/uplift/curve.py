"""The curve of gains: what treating the best part of the customers brings, and what that is worth at any cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.uplift.estimate import Estimate
from ml.uplift.policy import costs_of
from ml.uplift.ranking import ranking_of
from ml.uplift.sample import Floats
from warehouse.errors import BadSetting

STEPS: Final = 50  # of the curve


@dataclass(frozen=True, slots=True)
class Point:
    """Treating the best ``share`` of the customers, whose scores are ``least`` or more.

    ``gain`` and ``rest`` are per customer of all, in units of the outcome: what treating them adds, and what treating
    the others would add besides.
    """

    share: float
    least: float
    gain: Estimate
    rest: Estimate


@dataclass(frozen=True, slots=True)
class Profit:
    """What treating a ``share`` of the customers is worth per customer of all, in money, less its cost.

    ``gain`` is against treating nobody, ``over_everybody`` against treating all, ``everybody`` treating all against
    nobody. ``least`` is the effect that pays for a treatment.
    """

    share: float
    least: float
    gain: Estimate
    over_everybody: Estimate
    everybody: Estimate

    @property
    def words(self) -> str:
        """Whether choosing pays."""
        if self.share == 0:
            return "At this cost nobody is worth treating."
        if self.gain.low <= 0:
            return "That this pays more than treating nobody is not proven."
        if self.over_everybody.low <= 0:
            return "This pays; that it pays more than treating everybody is not proven."
        return "This pays more than treating everybody, or nobody."


def curve_of(
    uplift: Floats, effects: Floats, *, draws: int = 200, level: float = 0.9, seed: int = 1
) -> tuple[Point, ...]:
    """The curve of scores (n,) by the effect scores (n,) of the same customers, from the best 2 % to all.

    Raises as :func:`ranking_of`.
    """
    shares = np.arange(1, STEPS + 1) / STEPS
    best = ranking_of(uplift, effects, shares=tuple(shares), draws=draws, level=level, seed=seed)
    worst = ranking_of(-uplift, effects, shares=tuple(shares), draws=draws, level=level, seed=seed)
    others = [Estimate(0.0, 0.0, 0.0, 0.0), *(top.gain for top in worst.tops)]
    least = np.sort(uplift)[::-1][np.minimum(np.ceil(shares * uplift.size).astype(int), uplift.size) - 1]
    return tuple(
        Point(float(share), float(score), top.gain, others[STEPS - place])
        for place, (share, score, top) in enumerate(zip(shares, least, best.tops, strict=True), start=1)
    )


def profit_at(curve: Sequence[Point], *, value: float, cost: float) -> Profit:
    """What treating everybody is worth whose effect pays for it, read off the curve between its points.

    The rule was made before the curve was measured, so its interval holds. Raises :class:`BadSetting` for amounts that
    mean nothing and for a curve without points.
    """
    if not curve:
        raise BadSetting("There is no curve to read a profit off.", remedy="Take a test that could be judged.")
    costs_of(cost, 1, value)
    least = cost / value
    share = _share_above(curve, least)
    gain, rest = (_between(curve, share, which) for which in ("gain", "rest"))
    nothing = Estimate(0.0, 0.0, 0.0, 0.0)
    return Profit(
        share,
        least,
        _less(gain.times(value), cost * share) if share else nothing,
        _less(_turned(rest.times(value)), -cost * (1 - share)) if share < 1 else nothing,
        _less(curve[-1].gain.times(value), cost),
    )


def _share_above(curve: Sequence[Point], least: float) -> float:
    """The share of customers whose score is above ``least``: between two points of the curve in proportion."""
    scores = np.array([point.least for point in curve])
    shares = np.array([point.share for point in curve])
    if scores[-1] > least:
        return 1.0
    above = int((scores > least).sum())
    if not above:
        # Whether anybody lies between the best and the first point, the curve does not tell.
        return 0.0
    low, high = scores[above], scores[above - 1]
    part = (high - least) / (high - low) if high > low else 0.0
    return float(shares[above - 1] + part * (shares[above] - shares[above - 1]))


def _between(curve: Sequence[Point], share: float, which: str) -> Estimate:
    shares = [0.0, *(point.share for point in curve)]
    start = curve[-1].gain if which == "rest" else Estimate(0.0, 0.0, 0.0, 0.0)
    found = [start, *(getattr(point, which) for point in curve)]
    return Estimate(*(float(np.interp(share, shares, [getattr(one, name) for one in found])) for name in _PARTS))


def _less(found: Estimate, cost: float) -> Estimate:
    return Estimate(found.estimate - cost, found.low - cost, found.high - cost, found.se)


def _turned(found: Estimate) -> Estimate:
    return Estimate(-found.estimate, -found.high, -found.low, found.se)


_PARTS: Final = ("estimate", "low", "high", "se")
