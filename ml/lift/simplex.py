"""Least squares over the simplex, exactly."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import nnls

from ml.lift.panel import Floats

_NOTHING: Final = 1e-300


def simplex_weights(donors: Floats, target: Floats, *, ridge: float = 0.0) -> Floats:
    """(J,) weights w that minimise ``|target - donors' w|^2 + ridge |w|^2``, with w >= 0 and sum w = 1.

    ``donors`` is (J, T), ``target`` (T,). The rows of ``donors - target`` are points whose hull's nearest point to the
    origin is asked for: non-negative least squares of (0, ..., 0, 1) on the points with a row of ones below gives it up
    to its scale (Wolfe 1976, doi 10.1007/BF01580381; Lawson and Hanson 1974, ch. 23). Its active set ends after
    finitely many steps with no error but that of rounding.
    """
    points = donors - target
    count, periods = points.shape
    scale = max(float(np.abs(points).max()) * periods**0.5, ridge**0.5, _NOTHING)
    system = np.ones((periods + 1 + (count if ridge else 0), count))
    system[:periods] = points.T / scale
    if ridge:
        system[periods:-1] = np.sqrt(ridge) / scale * np.eye(count)
    aim = np.zeros(len(system))
    aim[-1] = 1.0
    found, _ = nnls(system, aim)
    weights: Floats = found / found.sum()
    return weights
