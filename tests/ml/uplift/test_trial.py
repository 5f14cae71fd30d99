"""A test in the warehouse as learners take it: customers of the two arms that are compared, and nobody else."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from ml.uplift.trial import Asked, Trial
from warehouse.errors import NotEnoughData
from warehouse.queries.uplift_inputs import TrialCustomers

ASKED = Asked(1, "Coupon", "orders", "higher", "b", "a", Decimal(1), Decimal(0), None)


def trial(arms: str, people: int = 90) -> Trial:
    """Customers in these arms in turn; the third arm is asked for by nobody."""
    keys = np.arange(people)
    frame = pl.DataFrame(
        {"customer_key": keys, "arm_id": [arms[key % len(arms)] for key in keys], "outcome": keys % 7 * 1.0},
        schema={"customer_key": pl.Int64, "arm_id": pl.String, "outcome": pl.Float64},
    )
    known = pl.DataFrame({"customer_key": keys, "visits": keys % 5, "orders": np.zeros(people, np.int64)})
    return Trial(TrialCustomers(frame, people, 0), known, known, ("visits", "orders"))


def test_other_arms_and_features_that_tell_nobody_apart_are_left_out() -> None:
    sample = trial("abc").sample(ASKED)
    assert (sample.size, int(sample.treated.sum())) == (60, 30)
    assert sample.names == ("visits",)
    assert sample.propensity is not None
    assert set(sample.propensity) == {0.5}


def test_a_metric_to_be_lowered_is_turned() -> None:
    lowered = Asked(1, "Coupon", "returns", "lower", "b", "a", Decimal(1), Decimal(0), None)
    assert np.array_equal(trial("ab").sample(lowered).outcome, -trial("ab").sample(ASKED).outcome)


@pytest.mark.parametrize(("arms", "people"), [("cd", 90), ("a", 90), ("ab", 20), ("ab", 0)])
def test_where_nobody_or_hardly_anybody_is_known_it_is_said(arms: str, people: int) -> None:
    with pytest.raises(NotEnoughData):
        trial(arms, people).sample(ASKED)
