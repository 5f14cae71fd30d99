"""The least concave curve above a response on an interval, as straight pieces: what a linear program can maximise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import isotonic_regression

from ml.budget.curves import Curve, Floats

_CLOSEST: Final = 1e-11  # of the upper end
_FINE: Final = tuple(np.linspace(0.0, 1.0, 41).tolist())  # where the grids of an envelope are dense
_HOLLOW: Final = 1e-7  # of the response: what counts as one
_STEEPEST: Final = 1e7  # times the mean slope of its cell: a tangent without bound, at no spend, is cut to this


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """From ``base`` at the interval's lower end upwards: pieces of these lengths whose slopes do not rise."""

    base: float
    lengths: Floats
    slopes: Floats

    def value(self, above: float) -> float:
        """The curve at so much above the interval's lower end."""
        ends = np.cumsum(self.lengths)
        used = np.clip(above - (ends - self.lengths), 0.0, self.lengths)
        return self.base + float(used @ self.slopes)


def pieces_of(curve: Curve, low: float, high: float, near: float, least: float = 0.0) -> Pieces:
    """An upper bound of the concave envelope from low to high, tightest around ``near``.

    Where ``least`` is above low, the interval is low itself and what lies from least to high: a minimum buy. Between
    two points of the grid a concave curve lies below its two tangents and a convex one below its chord; the slopes of
    the least concave majorant are the antitonic regression of the pieces' (Barlow et al. 1972, theorem 1.1).
    """
    if high - low <= _CLOSEST * abs(high):
        return Pieces(float(curve.value(np.array(low))), np.zeros(1), np.zeros(1))
    points = curve.grid(low, high, min(max(near, low), high))
    hole = low < least <= high
    if hole:
        points = np.where(points < least, least, points)
        points[0] = low
    points = _apart(points)
    values, slopes = curve.value(points), curve.slope(points)
    widths = np.diff(points)
    chord = np.diff(values) / widths
    start, end = np.minimum(slopes[:-1], _STEEPEST * np.maximum(chord, 0.0)), slopes[1:]
    concave = (start > chord) & (chord > end)
    if hole:
        concave[0] = False
    part = np.divide(chord - end, start - end, out=np.full_like(widths, 0.5), where=concave)
    lengths = np.column_stack([part * widths, (1 - part) * widths]).ravel()
    slopes = np.column_stack([np.where(concave, start, chord), np.where(concave, end, chord)]).ravel()
    there = lengths > 0
    if there.any():
        slopes[there] = isotonic_regression(slopes[there], weights=lengths[there], increasing=False).x
    slopes[~there] = 0.0
    return Pieces(float(values[0]), lengths, slopes)


@dataclass(frozen=True, eq=False)
class Above:
    """The concave envelope of a curve from ``bottom`` to ``top``: chords over its hollows, else the curve itself."""

    curve: Curve
    starts: Floats
    ends: Floats
    bottom: float
    top: float

    @classmethod
    def of(cls, curve: Curve, low: float, high: float) -> Curve:
        """The curve itself where it has no hollow."""
        points = _apart(np.unique(np.concatenate([curve.grid(low, high, low + (high - low) * at) for at in _FINE])))
        values = curve.value(points)
        chords = np.diff(values) / np.diff(points)
        fitted = isotonic_regression(chords, weights=np.diff(points), increasing=False)
        firsts, lasts = fitted.blocks[:-1], fitted.blocks[1:]
        heights = values[firsts] + fitted.x[firsts] * (points[lasts] - points[firsts]) / 2
        hollow = (lasts - firsts > 1) & (
            heights > curve.value((points[firsts] + points[lasts]) / 2) + _HOLLOW * (values[-1] - values[0])
        )
        if not hollow.any():
            return curve
        return cls(curve, points[firsts[hollow]], points[lasts[hollow]], low, high)

    def value(self, spend: Floats) -> Floats:
        found = np.array(self.curve.value(spend), dtype=float)
        for start, end in zip(self.starts, self.ends, strict=True):
            inside = (spend > start) & (spend < end)
            first, last = self.curve.value(np.array([start, end]))
            chord = first + (last - first) * (np.asarray(spend) - start) / (end - start)
            found = np.where(inside, chord, found)
        return found

    def slope(self, spend: Floats) -> Floats:
        found = np.array(self.curve.slope(spend), dtype=float)
        for start, end in zip(self.starts, self.ends, strict=True):
            inside = (spend >= start) & (spend < end)
            first, last = self.curve.value(np.array([start, end]))
            found = np.where(inside, (last - first) / (end - start), found)
        return found

    def grid(self, low: float, high: float, near: float) -> Floats:
        points = np.concatenate([self.curve.grid(low, high, near), np.clip(self.ends, low, high)])
        return np.sort(points)


def _apart(points: Floats) -> Floats:
    """Without those so close to the one before that rounding would make up the slope between them."""
    kept = np.append(True, np.diff(points) > _CLOSEST * abs(points[-1]))
    if kept.sum() > 1:
        kept[np.flatnonzero(kept)[-1]] = False
    kept[-1] = True
    apart: Floats = points[kept]
    return apart
