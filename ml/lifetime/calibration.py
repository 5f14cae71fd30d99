"""What was predicted for a time that has passed since, beside what came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ml.lifetime.purchases import Floats, Purchases
from warehouse.errors import BadSetting

_MOST: Final = 7  # purchases, from which on customers are one group


@dataclass(frozen=True, slots=True)
class FrequencyGroup:
    """Customers who had come again so many times: purchases predicted and found, per customer."""

    frequency: int
    customers: int
    predicted: float
    found: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Purchases in a hold-out period: totals, and how single customers were told apart.

    ``correlation`` is that of predicted and found, nan where either is the same for all; ``mean_absolute_error`` is per
    customer. The last group has all customers with its frequency or more.
    """

    predicted: float
    found: float
    correlation: float
    mean_absolute_error: float
    groups: tuple[FrequencyGroup, ...]


def calibration_of(purchases: Purchases, predicted: Floats, found: npt.ArrayLike) -> Calibration:
    """Hold predictions (D,) for each history against what each customer (n,) did afterwards.

    Raises :class:`BadSetting` where these are not the customers of the histories.
    """
    did = np.asarray(found, dtype=np.float64)
    if did.shape != (purchases.customers,) or predicted.shape != purchases.count.shape:
        raise BadSetting(
            f"{predicted.size:,} predictions and {did.size:,} outcomes are not of {purchases.customers:,} customers."
        )
    if not np.isfinite(did).all() or (did < 0).any():
        raise BadSetting("what customers did is missing or negative for some.", remedy="Give 0 for nothing.")
    said = predicted[purchases.history]
    often = np.minimum(purchases.frequency[purchases.history], _MOST).astype(np.int64)
    groups = [
        FrequencyGroup(int(each), int(of.sum()), float(said[of].mean()), float(did[of].mean()))
        for each in np.unique(often)
        for of in [often == each]
    ]
    varies = np.ptp(said) > 0 and np.ptp(did) > 0
    return Calibration(
        float(said.sum()),
        float(did.sum()),
        float(np.corrcoef(said, did)[0, 1]) if varies else float("nan"),
        float(np.abs(said - did).mean()),
        tuple(groups),
    )
