"""Matched-market difference in differences: the change of the treated against that of the markets most like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.lift.case import Case
from ml.lift.synthetic import Counterfactual, aligned


@dataclass(frozen=True, slots=True)
class MatchedDifference:
    """The nearest markets by the path before treatment, weighted alike; so many that their mean is nearest.

    Matching is on the whole path about its mean: matching on means alone rejects true nulls far too often (Ham and
    Miratrix 2024, doi 10.1214/24-AOAS1883).
    """

    def fit(self, case: Case) -> Counterfactual:
        """The counterfactual of all periods, from those before treatment."""
        outcome, donors, shift = aligned(case, "path")
        before = donors[:, : case.before]
        order = np.argsort(((before - outcome[: case.before]) ** 2).sum(axis=1), kind="stable")
        sizes = np.arange(1, len(order) + 1)
        means = np.cumsum(before[order], axis=0) / sizes[:, None]
        size = int(((means - outcome[: case.before]) ** 2).sum(axis=1).argmin()) + 1
        weights = np.zeros(len(donors))
        weights[order[:size]] = 1 / size
        return Counterfactual(weights @ donors + shift, weights)

    def settled(self, case: Case) -> MatchedDifference:  # noqa: ARG002  (nothing is searched for)
        """The same."""
        return self
