"""Maximum likelihood for parameters above 0, with standard errors from the curvature at the top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize

from ml.lifetime.purchases import Floats
from warehouse.errors import NotEnoughData

# From parameters (K,) to the log-likelihood, its slope (K,) and its curvature (K, K).
Likelihood = Callable[[Floats], tuple[float, Floats, Floats]]

_FAR: Final = 1e5  # times where it began: a parameter that went there goes on for ever
_FLAT: Final = 1e-6  # of the log-likelihood, that a step of one standard error would still gain


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """``parameters`` (K,) with their ``names``, the log-likelihood there, and the covariance (K, K) of the parameters.

    The covariance is the inverse of the observed information.
    """

    names: tuple[str, ...]
    parameters: Floats
    log_likelihood: float
    covariance: Floats

    @property
    def errors(self) -> Floats:
        """(K,) standard errors."""
        errors: Floats = np.sqrt(np.diag(self.covariance))
        return errors


def maximise(likelihood: Likelihood, start: Floats, names: tuple[str, ...]) -> Maximum:
    """Climb by trust regions over the parameters' logarithms.

    Raises :class:`NotEnoughData` where the likelihood has no top: the data do not tell a parameter from infinity or 0.
    """

    def down(logs: Floats) -> float:
        return -likelihood(np.exp(logs))[0]

    def slope(logs: Floats) -> Floats:
        values = np.exp(logs)
        return -likelihood(values)[1] * values

    def curvature(logs: Floats) -> Floats:
        values = np.exp(logs)
        _, first, second = likelihood(values)
        turned: Floats = -(second * np.outer(values, values) + np.diag(first * values))
        return turned

    with np.errstate(all="ignore"):  # steps too far, which are taken back
        found = minimize(down, np.log(start), jac=slope, hess=curvature, method="trust-exact", options={"gtol": 1e-7})
        logs = found.x
        bend, tilt = curvature(logs), slope(logs)
    values = np.exp(logs)
    away = np.abs(logs - np.log(start)) > np.log(_FAR)
    firm = np.isfinite(bend).all() and bool((np.linalg.eigvalsh(bend) > 0).all())
    if away.any() or not firm or tilt @ np.linalg.solve(bend, tilt) > _FLAT * max(abs(float(found.fun)), 1.0):
        loose = names[int(np.abs(logs - np.log(start)).argmax())]
        raise NotEnoughData(
            f"These customers do not tell how large {loose} is: the likelihood has no maximum.",
            remedy="Take more customers, or customers known for longer.",
        )
    covariance = (np.linalg.inv(bend) * np.outer(values, values)).astype(np.float64)
    return Maximum(names, values, -float(found.fun), covariance)
