"""What an experiment tells about the next: of the control alone, with what was known before."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from ml.experiments.past import pasts_of
from warehouse.experiments.totals import pairs, totals_of
from warehouse.queries.experiment_moments import KeptMoments, MomentRow


def kept(values: dict[str, np.ndarray], day: int = 1) -> KeptMoments:
    """Moments of units (n, 2) by arm: a metric, and what it was before."""
    rows = tuple(
        MomentRow(
            arm, "active", "", dt.date(2026, 3, day), len(units), [len(units)], units.sum(axis=0).tolist(),
            [float((units[:, a] * units[:, b]).sum()) for a, b in pairs(2)],
        )
        for arm, units in sorted(values.items())
    )  # fmt: skip
    return KeptMoments(("orders",), totals_of(["orders"]), (0.0, 0.0), rows)


def test_the_control_tells_level_spread_and_what_was_known() -> None:
    draws = np.random.default_rng(1)
    before = draws.normal(3, 1, 4000)
    orders = before + draws.normal(1, 1, 4000)
    control = np.column_stack([orders, before])
    (past,) = pasts_of(kept({"control": control, "green": control * 9}), "control")
    assert (past.metric, past.units, past.units_a_day) == ("orders", 4000, 8000)
    assert past.level == pytest.approx(orders.mean())
    assert past.sd == pytest.approx(orders.std(ddof=1), rel=1e-6)
    assert past.explained == pytest.approx(np.corrcoef(orders, before)[0, 1] ** 2, rel=1e-6)


def test_who_is_not_there_tells_nothing() -> None:
    same = np.column_stack([np.ones(9), np.zeros(9)])
    assert pasts_of(kept({"control": same}), "control") == ()
    assert pasts_of(kept({"green": same}), "control") == ()
    assert pasts_of(KeptMoments(("orders",), totals_of(["orders"]), (0.0, 0.0), ()), "control") == ()
