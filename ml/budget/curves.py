"""What a channel brings for what is spent on it: sampled, in closed form, or the mean of posterior draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicHermiteSpline

from ml.mix.saturation import SATURATIONS, Saturation
from ml.plain import plain
from warehouse.errors import BadSetting

Floats = npt.NDArray[np.float64]

# Where tangents touch a smooth curve: spread over the interval, dense near its lower end, where steep curves bend most,
# and ever denser towards the point of interest.
_SPREAD: Final = np.concatenate([np.geomspace(1e-8, 3e-2, 10), np.linspace(0.06, 0.94, 12)])
_TOWARDS: Final = 2.5 ** -np.arange(1.0, 13.0)
_NEAR: Final = np.concatenate([-_TOWARDS, [0.0], _TOWARDS])
BEYOND: Final = 1.3  # times the past: as far as a curve is believed that no test supports
_FALL: Final = 1e-9  # of the largest response: what rounding may take from a sampled curve
_NOISE: Final = 1e-10  # of the largest slope: below, a change of slope is rounding


class Curve(Protocol):
    """A response that does not fall with spend, known from a spend of ``bottom`` to one of ``top``."""

    @property
    def bottom(self) -> float: ...

    @property
    def top(self) -> float: ...

    def value(self, spend: Floats) -> Floats:
        """The response at each spend."""

    def slope(self, spend: Floats) -> Floats:
        """What the next unit brings at each spend; at the top, what the last one brought."""

    def grid(self, low: float, high: float, near: float) -> Floats:
        """Points from low to high, rising, between any two of which the curve bends one way only.

        They are dense around ``near``, and of a sampled curve exactly where it bends.
        """


@dataclass(frozen=True, eq=False)
class Sampled:
    """Straight lines between points (spend, response); nothing is known below the first and beyond the last."""

    spend: Floats
    response: Floats

    @classmethod
    def of(cls, spend: Sequence[float] | Floats, response: Sequence[float] | Floats) -> Sampled:
        """From points in any order. Raises :class:`BadSetting` for less than two, doubles, and falling responses."""
        order = np.argsort(np.asarray(spend, dtype=float), kind="stable")
        x, y = np.asarray(spend, dtype=float)[order], np.asarray(response, dtype=float)[order]
        if x.size < 2:
            raise BadSetting(f"A sampled curve has {x.size} points.", remedy="Give two at least.")
        if not (np.isfinite(x).all() and np.isfinite(y).all()) or x[0] < 0:
            raise BadSetting("A sampled curve has a spend below 0, or what is no number.", remedy="Correct it.")
        double = np.flatnonzero(np.diff(x) <= 0)
        if double.size:
            raise BadSetting(
                f"A sampled curve has two points at a spend of {x[double[0]]:,.2f}.", remedy="Keep one of them."
            )
        falls = np.flatnonzero(np.diff(y) < -_FALL * np.abs(y).max())
        if falls.size:
            at = falls[0]
            raise BadSetting(
                f"A sampled response falls from {plain(y[at], 6)} to {plain(y[at + 1], 6)} as spend rises "
                f"to {x[at + 1]:,.2f}.",
                remedy="More spend never brings less here: smooth the curve, or end it before it falls.",
            )
        return cls(x, np.maximum.accumulate(y))

    @property
    def bottom(self) -> float:
        return float(self.spend[0])

    @property
    def top(self) -> float:
        return float(self.spend[-1])

    @cached_property
    def _slopes(self) -> Floats:
        return np.diff(self.response) / np.diff(self.spend)

    def value(self, spend: Floats) -> Floats:
        return np.interp(spend, self.spend, self.response)

    def slope(self, spend: Floats) -> Floats:
        # a solver's rounding must not read the line before the bend
        at = np.searchsorted(self.spend, np.asarray(spend) + 1e-9 * self.top, side="right") - 1
        return self._slopes[np.clip(at, 0, self._slopes.size - 1)]

    def grid(self, low: float, high: float, near: float) -> Floats:  # noqa: ARG002  (its points are all there is)
        inside = self.spend[(self.spend > low) & (self.spend < high)]
        return np.concatenate([[low], inside, [high]])


@dataclass(frozen=True, eq=False)
class Parametric:
    """beta times a level of saturation; ``top`` bounds what is believed of it."""

    family: Saturation
    beta: float
    shape: tuple[float, ...]
    top: float = np.inf
    bottom: float = 0.0

    @classmethod
    def of(cls, family: str, beta: float, *shape: float, top: float = np.inf) -> Parametric:
        """By the family's name. Raises :class:`BadSetting` for an unknown one, and for parameters not above 0."""
        known = family_named(family)
        for name, parameter in zip(("beta", *known.shape), (beta, *shape), strict=True):
            if not (np.isfinite(parameter) and parameter > 0) and not (name == "beta" and parameter == 0):
                raise BadSetting(f"{name} == {parameter:g} of a curve {family}, must be above 0.", remedy="Correct it.")
        return cls(known, beta, shape, top)

    def value(self, spend: Floats) -> Floats:
        return self.beta * self.family.level(spend, *self.shape)

    def slope(self, spend: Floats) -> Floats:
        return self.beta * self.family.slope(spend, *self.shape)

    def grid(self, low: float, high: float, near: float) -> Floats:
        return _smooth_grid(low, high, near, self._inflection)

    @cached_property
    def _inflection(self) -> Floats:
        if self.family.name == "hill" and self.shape[1] > 1:
            kappa, slope = self.shape
            return np.array([kappa * ((slope - 1) / (slope + 1)) ** (1 / slope)])
        return np.array([])


@dataclass(frozen=True, eq=False)
class Tabulated:
    """A smooth curve by its values and slopes at knots, cubic between them."""

    spline: CubicHermiteSpline
    top: float
    bottom: float = 0.0

    @classmethod
    def of(cls, knots: Floats, values: Floats, slopes: Floats) -> Tabulated:
        """From (K,) knots that begin at 0. A slope without bound at 0 is replaced by that of the first piece."""
        slopes = slopes.copy()
        slopes[0] = min(slopes[0], (values[1] - values[0]) / (knots[1] - knots[0]))
        return cls(CubicHermiteSpline(knots, values, slopes), float(knots[-1]))

    def value(self, spend: Floats) -> Floats:
        return np.asarray(self.spline(np.minimum(spend, self.top)))

    def slope(self, spend: Floats) -> Floats:
        return np.asarray(np.maximum(self.spline(np.minimum(spend, self.top), 1), 0.0))

    def grid(self, low: float, high: float, near: float) -> Floats:
        return _smooth_grid(low, high, near, self._inflections)

    @cached_property
    def _inflections(self) -> Floats:
        knots = np.asarray(self.spline.x)
        slopes = np.asarray(self.spline(knots, 1))
        steps = np.diff(slopes)
        bent = np.flatnonzero(np.abs(steps) > _NOISE * slopes.max(initial=0.0))
        turns = bent[1:][np.sign(steps[bent[1:]]) != np.sign(steps[bent[:-1]])]
        around = np.unique(np.clip(turns[:, None] + np.arange(-1, 2), 0, knots.size - 1))
        return np.asarray(knots[around])


def believed_up_to(past: Floats) -> float:
    """The ``top`` of a curve that was learned from these past spends: 1.3 times their 95th percentile.

    Raises :class:`BadSetting` where nothing was ever spent.
    """
    spent = past[past > 0]
    if not spent.size:
        raise BadSetting(
            "Nothing was ever spent, so nothing is known of the curve.", remedy="Say up to where it holds."
        )
    return BEYOND * float(np.quantile(spent, 0.95))


def family_named(family: str) -> Saturation:
    """The family of saturation. Raises :class:`BadSetting` for an unknown name."""
    if family not in SATURATIONS:
        raise BadSetting(f"There is no family {family!r} of curves.", remedy=f"Take one of {', '.join(SATURATIONS)}.")
    return SATURATIONS[family]


def _smooth_grid(low: float, high: float, near: float, inflections: Floats) -> Floats:
    width = high - low
    points = np.concatenate([[low, high], low + width * _SPREAD, near + width * _NEAR, inflections])
    return np.sort(np.clip(points, low, high))
