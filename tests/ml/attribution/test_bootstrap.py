from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from ml.attribution.bootstrap import drawn_counts
from ml.attribution.models import Model, attribute
from ml.attribution.paths import Paths, paths_from_lists

DRAWS = 1_000


@pytest.mark.parametrize(("model", "column"), [("markov", "markov1"), ("last", "last"), ("shapley", "shapley")])
def test_real_journeys(real_paths: Paths, exact: pl.DataFrame, model: str, column: str) -> None:
    """Against intervals of 2,000 other draws: a deviation is known to 1 in sqrt(2 B), an end of an interval to more."""
    credit = attribute(real_paths, Model(model), draws=DRAWS, level=0.95)
    assert credit.draws is not None
    shares = credit.draws.shares
    deviation = exact[f"{column}_share_sd"].to_numpy()
    luck = np.sqrt(1 / (2 * DRAWS) + 1 / (2 * 2_000))
    assert np.abs(shares.std(axis=0, ddof=1) / deviation - 1).max() < 6 * luck
    low, high = np.quantile(shares, [0.025, 0.975], axis=0)
    # The share of a channel with five conversions moves by a whole conversion at a time.
    near = 0.25 * deviation + 1.0 / real_paths.conversions.sum()
    assert (np.abs(low - exact[f"{column}_share_lo95"].to_numpy()) < near).all()
    assert (np.abs(high - exact[f"{column}_share_hi95"].to_numpy()) < near).all()


def test_counts_are_poisson() -> None:
    counts = [0.0, 1.0, 2.5, 16.0, 400.0]
    paths = paths_from_lists([["a"]] * 5, counts, nulls=counts)
    conversions, nulls = drawn_counts(paths, 40_000, seed=4)
    for drawn in (conversions, nulls):
        assert drawn.mean(axis=1) == pytest.approx(counts, abs=0.3, rel=0.02)
        assert drawn.var(axis=1) == pytest.approx(counts, abs=0.05, rel=0.05)
    assert (drawn_counts(paths, 5, seed=4)[0][0] == 0).all()
    assert abs(np.corrcoef(conversions[1], nulls[1])[0, 1]) < 0.02
    assert np.bincount(conversions[1].astype(np.int64))[:3] / 40_000 == pytest.approx(
        [0.3679, 0.3679, 0.1839], abs=0.01
    )
