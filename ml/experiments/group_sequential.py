"""Boundaries of tests with planned looks, by spending the error over the information.

Lan and DeMets 1983 (doi 10.1093/biomet/70.3.659); the probabilities by the recursion of Armitage, McPherson and Rowe
1969, integrated over Gauss-Legendre nodes. Information runs from 0 to 1 at the planned end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from ml.experiments.moments import Floats
from ml.experiments.roots import root
from warehouse.errors import BadSetting

NODES: Final = 160
SPENDINGS: Final = ("obrien_fleming", "pocock")
_FARTHEST: Final = 38.0  # standard errors: beyond it a normal tail is no number any more


def spent(information: float, alpha: float, spending: str) -> float:
    """The error, of both sides, that may have been spent by then: all of ``alpha`` at the end.

    ``obrien_fleming`` spends hardly anything early, ``pocock`` alike at every look. Raises :class:`BadSetting` for
    another name.
    """
    if spending not in SPENDINGS:
        raise BadSetting(f"there is no spending {spending!r}.", remedy=f"There are: {', '.join(SPENDINGS)}.")
    reached = min(information, 1.0)
    if spending == "pocock":
        return float(alpha * np.log1p((np.e - 1) * reached))
    return float(4 * ndtr(ndtri(alpha / 4) / np.sqrt(reached)))


def boundaries(looks: Sequence[float], alpha: float, spending: str = "obrien_fleming") -> Floats:
    """(k,) two-sided critical values at looks with the information 0 < t1 < ... < tk <= 1.

    Raises :class:`BadSetting` for looks that do not rise.
    """
    times = np.asarray(looks, dtype=np.float64)
    if times.size == 0 or times[0] <= 0 or times[-1] > 1 or (np.diff(times) <= 0).any() or not 0 < alpha < 1:
        raise BadSetting(f"looks == {list(looks)}, must rise from above 0 to at most 1.")
    found: list[float] = []
    path = _Path.start()
    before = 0.0
    for time in times:
        step = float(np.sqrt(time - path.time))
        allowed = max(spent(time, alpha, spending) - before, 0.0)
        edge = _edge(path, step, allowed, float(np.sqrt(time)))
        before += path.leaving(edge, step)
        found.append(edge / float(np.sqrt(time)))
        path = path.on(edge, step, time)
    return np.array(found)


def crossing(looks: Sequence[float], critical: Floats, drift: float) -> Floats:
    """(k,) the probability to cross first at each look, where the estimate at the end is ``drift`` standard errors."""
    path, found = _Path.start(), []
    for time, edge in zip(looks, critical * np.sqrt(np.asarray(looks)), strict=True):
        step = float(np.sqrt(time - path.time))
        found.append(path.leaving(float(edge), step, drift * (time - path.time)))
        path = path.on(float(edge), step, time, drift * (time - path.time))
    return np.array(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """Where a Brownian motion that has not left is at ``time``: ``weights`` (m,) at ``places`` (m,)."""

    time: float
    places: Floats
    weights: Floats

    @staticmethod
    def start() -> _Path:
        return _Path(0.0, np.zeros(1), np.ones(1))

    def leaving(self, edge: float, step: float, shift: float = 0.0) -> float:
        """The probability to be beyond the edge on either side one step on."""
        above = ndtr((self.places + shift - edge) / step)
        below = ndtr((-edge - self.places - shift) / step)
        return float(self.weights @ (above + below))

    def on(self, edge: float, step: float, time: float, shift: float = 0.0) -> _Path:
        """One step on, of what stays within the edges."""
        nodes, weights = _legendre()
        places = nodes * edge
        apart = (places[:, None] - self.places - shift) / step
        density = np.exp(-0.5 * apart**2) @ self.weights / (step * np.sqrt(2 * np.pi))
        return _Path(time, places, density * weights * edge)


@cache
def _legendre() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights


def _edge(path: _Path, step: float, allowed: float, scale: float) -> float:
    """Where the probability to leave is what is allowed; so far out that nothing leaves where nothing is."""
    if path.leaving(_FARTHEST * scale, step) >= allowed:
        return _FARTHEST * scale
    return root(lambda edge: path.leaving(edge, step) - allowed, 0.0, _FARTHEST * scale)
