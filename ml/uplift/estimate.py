"""An estimate with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from ml.uplift.sample import Floats
from warehouse.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was found, its standard error, and the interval of the level that was asked for."""

    estimate: float
    low: float
    high: float
    se: float

    @property
    def proven(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0

    def times(self, factor: float) -> Estimate:
        """The same in another unit; ``factor`` must not be negative."""
        return Estimate(self.estimate * factor, self.low * factor, self.high * factor, self.se * factor)


def estimated(value: float, se: float, level: float) -> Estimate:
    """With a normal interval. Raises :class:`BadSetting` for a level that is none."""
    reach = quantile(level) * se
    return Estimate(float(value), float(value - reach), float(value + reach), float(se))


def mean_of(values: Floats, level: float) -> Estimate:
    """The mean of independent values (n,), at least two."""
    return estimated(float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size)), level)


def quantile(level: float) -> float:
    """How many standard errors an interval of this level reaches. Raises :class:`BadSetting`."""
    if not 0 < level < 1:
        raise BadSetting(f"level == {level}, must be above 0 and below 1.")
    return NormalDist().inv_cdf((1 + level) / 2)
