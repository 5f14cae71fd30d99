"""Hold-out: markets that chance kept without treatment, compared to the others with the past taken into account."""

from __future__ import annotations

from typing import Final

import numpy as np

from ml.lift.case import Case
from ml.lift.panel import Bools, Floats
from ml.lift.randomisation import randomisation_inference
from ml.lift.results import Estimate
from warehouse.errors import NotEnoughData

FEWEST: Final = 3  # markets on either side


def holdout_effect(case: Case, level: float, *, seed: int = 1) -> tuple[Estimate, float]:
    """Effect per treated market and period, with interval, and its p-value.

    Markets' means after, regressed on their means before and on treatment, each weighted by one over its mean before
    (Vaver and Koehler 2011, Measuring Ad Effectiveness Using Geo Experiments, eq. 1). Inference shuffles which markets
    were held out; it is exact where chance decided.

    Raises :class:`NotEnoughData` for fewer than three markets with, or three without.
    """
    if min(len(case.treated), len(case.donors)) < FEWEST:
        raise NotEnoughData(
            f"There are {len(case.treated)} markets with treatment and {len(case.donors)} held out.",
            remedy=f"A hold-out needs {FEWEST} or more of both; with fewer, use the method synthetic.",
        )
    values = np.concatenate([case.treated, case.donors])
    before, after = values[:, : case.before].mean(axis=1), values[:, case.before :].mean(axis=1)
    observed = np.arange(len(values)) < len(case.treated)
    weights = _weights(before)

    def effects(assigned: Bools) -> tuple[float, float]:
        design = np.column_stack([np.ones(before.size), before, assigned]) * weights[:, None]
        both = np.column_stack([after, observed.astype(np.float64)]) * weights[:, None]
        found = np.linalg.lstsq(design, both, rcond=None)[0][-1]
        return float(found[0]), float(found[1])

    return randomisation_inference(
        observed, lambda generator: generator.permutation(observed), effects, level, seed=seed
    )


def _weights(before: Floats) -> Floats:
    """(N,) square roots of weights; markets without sales weigh as the smallest one with."""
    positive = before[before > 0]
    if not positive.size:
        raise NotEnoughData("No market has sold anything before treatment, so the past tells nothing.")
    weights: Floats = 1 / np.sqrt(np.maximum(before, positive.min()))
    return weights
