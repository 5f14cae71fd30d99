"""A test in the warehouse as learners take it: customers of two arms, what they did, what was known of them before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
import polars as pl

from ml.uplift.sample import Sample, Singles
from warehouse.errors import NotEnoughData
from warehouse.queries.uplift_inputs import TrialCustomers

_FEWEST_DISTINCT: Final = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a test: one metric, one arm against the control. ``value`` is money if there is a currency."""

    experiment_key: int
    name: str
    metric: str
    better: str
    arm_id: str
    control_id: str
    value: Decimal
    cost: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class When:
    """The test's first day and length, how far back features reach, and the last day that scores know."""

    first_day: dt.date
    days: int
    lookback_days: int
    scored_on: dt.date


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """The test's customers with features as of its first day (m, F), and all customers as of the newest (n, F).

    ``names`` are those of the features, ``everybody`` (n,) the customers' keys.
    """

    customers: TrialCustomers
    tested: pl.DataFrame
    everybody: pl.DataFrame
    names: tuple[str, ...]

    def sample(self, asked: Asked) -> Sample:
        """Customers of both arms; the chance of treatment was the same for all.

        Of a metric to be lowered the outcome is turned, so that an uplift is for the better. Raises
        :class:`NotEnoughData` where nobody is known, and as :meth:`Sample.of`.
        """
        arms = self.customers.frame.filter(pl.col("arm_id").is_in([asked.arm_id, asked.control_id]))
        both = arms.join(self.tested, on="customer_key", how="inner", maintain_order="left")
        if both.is_empty():
            raise NotEnoughData(
                "No unit of this test is a known customer.", remedy="Load who they are: touchpoints or orders of them."
            )
        treated = (both["arm_id"] == asked.arm_id).to_numpy()
        outcome = both["outcome"].to_numpy() * (1.0 if asked.better == "higher" else -1.0)
        share = float(treated.mean())
        table = both.select(self._varying(both))
        chance = share if 0 < share < 1 else None
        return Sample.of(table, outcome, treated, chance)

    def others(self, names: Sequence[str]) -> Singles:
        """(n, F) the same features of everybody as of the newest day."""
        return self.everybody.select(names).to_numpy().astype(np.float32)

    def _varying(self, both: pl.DataFrame) -> list[str]:
        """Features that tell the test's customers apart at all."""
        told = [name for name in self.names if both[name].n_unique() >= _FEWEST_DISTINCT]
        return told or list(self.names[:1])
