"""An effect with its intervals: the difference, what it is of the control, and one p-value for both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.experiments.contrast import Contrast
from ml.experiments.methods import Method
from ml.experiments.share import Shares, difference_interval, pooled_z, ratio_interval


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between the ends of its interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """Treated against control.

    ``difference`` is in the metric's own unit, with the standard error ``se``. ``relative`` is a part of the control's
    level; its interval leaves zero out just where that of the difference does. It is None where the control cannot be
    told from zero. ``theta`` are the coefficients of the covariates.
    """

    treated: float
    control: float
    difference: Interval
    se: float
    relative: Interval | None
    p_value: float
    n: int
    theta: tuple[float, ...] = ()


def effect_of(compared: Contrast | Shares, method: Method) -> Effect:
    """The effect by a method. Raises as :attr:`Shares.rates`."""
    return _of_shares(compared, method) if isinstance(compared, Shares) else _of_contrast(compared, method)


def fieller(contrast: Contrast, critical: float) -> Interval | None:
    """Treated as a part of the control, less one: every part that a test of it does not reject (Fieller 1954).

    None where the control's own interval reaches zero: any part, however large, might then be so.
    """
    square = contrast.control**2 - critical**2 * contrast.var_control
    if square <= 0 or contrast.control <= 0:
        return None
    middle = contrast.treated * contrast.control - critical**2 * contrast.covariance
    constant = contrast.treated**2 - critical**2 * contrast.var_treated
    half = float(np.sqrt(max(middle**2 - square * constant, 0.0)))
    return Interval(contrast.treated / contrast.control - 1, (middle - half) / square - 1, (middle + half) / square - 1)


def _of_contrast(contrast: Contrast, method: Method) -> Effect:
    critical = method.critical(contrast.n, contrast.df)
    half = critical * contrast.se
    return Effect(
        contrast.treated,
        contrast.control,
        Interval(contrast.difference, contrast.difference - half, contrast.difference + half),
        contrast.se,
        fieller(contrast, critical),
        method.p_value(contrast.difference / contrast.se, contrast.n, contrast.df),
        contrast.n,
        contrast.theta,
    )


def _of_shares(shares: Shares, method: Method) -> Effect:
    one, other = shares.rates
    critical = method.critical(shares.n, np.inf)
    least, most = ratio_interval(shares, critical)
    relative = None if most is None else Interval(one / other - 1, least - 1, most - 1)
    return Effect(
        one,
        other,
        Interval(one - other, *difference_interval(shares, critical)),
        float(np.sqrt(one * (1 - one) / shares.of_treated + other * (1 - other) / shares.of_control)),
        relative,
        method.p_value(pooled_z(shares), shares.n, np.inf),
        shares.n,
    )
