"""The true lift of each test: everybody in the one arm against everybody in the other, in the same world."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.counterfactual import Lives, Relived
from ml.simulation.people.population import DEVICES
from ml.simulation.people.run import Run

AFTER_DAYS = 28  # in which what was hidden by a dark test is still missed


def experiments(run: Run, past: Relived) -> list[dict[str, Any]]:
    """One entry a test. ``true_lift`` is relative: 0.1 is a tenth more orders with the treatment (or the ads)."""
    rows = {(cause.kind, cause.name, cause.arm): place for place, cause in enumerate(past.causes)}
    result: list[dict[str, Any]] = []
    for place, test in enumerate(run.site_tests):
        entered = int(run.people.entered[place].sum())
        last = min(test.last, run.number - 1)
        met_it = past.was.where(run.people.entered[place, past.was.person])
        ordered = int(((met_it.day >= test.first) & (met_it.day <= last)).sum())
        control, treatment = (ordered + _more(past, rows["arm", test.id, arm], test.first, last) for arm in (0, 1))
        result.append(
            {
                "experiment_id": test.id,
                "name": test.name,
                "kind": "ab",
                "metric": "orders_per_customer",
                "true_lift": _lift(treatment, control),
                "true_difference": round((treatment - control) / entered, 8) if entered else None,
                "customers": entered,
                "orders_if_all_control": control,
                "orders_if_all_treated": treatment,
                "effect_on_chance_to_buy": {
                    device: round(effect - 1.0, 6) for device, effect in zip(DEVICES, test.effects, strict=True)
                },
                "fault": "sample_ratio" if test.lost else None,
            }
        )
    for dark_test in run.dark_tests:
        row = rows["dark_test", dark_test.id, -1]
        last = min(dark_test.last + AFTER_DAYS, run.number - 1)
        concerned = np.isin(run.people.region, dark_test.regions)
        span = (past.was.day >= dark_test.first) & (past.was.day <= last) & concerned[past.was.person]
        dark = int(span.sum())
        lost = _more(past, row, dark_test.first, last)
        result.append(
            {
                "experiment_id": dark_test.id,
                "name": dark_test.name,
                "kind": "go_dark" if dark_test.everywhere else "geo_holdout",
                "metric": "orders",
                "true_lift": _lift(dark + lost, dark),
                "channel": dark_test.channel,
                "regions": list(dark_test.regions) if not dark_test.everywhere else [],
                "first_day": dark_test.first,
                "last_day": dark_test.last,
                "read_until_day": last,
                "orders_without_ads": dark,
                "incremental_conversions": lost,
            }
        )
    return result


def _more(past: Relived, cause: int, first: int, last: int) -> int:
    """Orders placed in these days in the counterfactual, more than in the world."""

    def placed(lives: Lives) -> int:
        these: NDArray[np.bool_] = (lives.cause == cause + 1) & (lives.day >= first) & (lives.day <= last)
        return int(these.sum())

    return placed(past.would) - placed(past.mirror)


def _lift(more: int, less: int) -> float | None:
    return round(more / less - 1.0, 6) if less else None
