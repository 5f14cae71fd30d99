"""Ridge-augmented synthetic control: weights corrected for the part of the path that they do not match."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ml.lift.case import Case
from ml.lift.panel import Floats
from ml.lift.simplex import simplex_weights
from ml.lift.synthetic import Counterfactual, Match, aligned

_PENALTIES: Final = np.logspace(0, -8, 25)  # as parts of the largest squared singular value
_BLOCKS: Final = 10


@dataclass(frozen=True, slots=True)
class AugmentedControl:
    """Synthetic control plus a ridge regression of its error (Ben-Michael, Feller and Rothstein 2021, eq. 12).

    doi 10.1080/01621459.2021.1929245. Weights sum to one and may be negative. The ``penalty``, a part of the largest
    squared singular value, is the largest one whose error on left-out blocks of periods is within a standard error of
    the least, if it is None.
    """

    match: Match
    penalty: float | None = None

    def fit(self, case: Case) -> Counterfactual:
        """The counterfactual of all periods, from those before treatment."""
        outcome, donors, shift = aligned(case, self.match)
        before, target = donors[:, : case.before], outcome[: case.before]
        penalty = _penalty(before, target) if self.penalty is None else self.penalty
        weights = _augmented(before, target, np.array([penalty]))[0]
        return Counterfactual(weights @ donors + shift, weights)

    def settled(self, case: Case) -> AugmentedControl:
        """The same with the penalty of this case."""
        outcome, donors, _ = aligned(case, self.match)
        return replace(self, penalty=_penalty(donors[:, : case.before], outcome[: case.before]))


def _augmented(donors: Floats, target: Floats, penalties: Floats) -> Floats:
    """(P, J) weights by penalty, a part of the largest squared singular value, of donors (J, T) and target (T,)."""
    weights = simplex_weights(donors, target)
    left, sizes, right = np.linalg.svd(donors - donors.mean(axis=0), full_matrices=False)
    missed = right @ (target - weights @ donors)
    largest = max(float(sizes[0]), 1e-300)
    shares = sizes / largest
    correction: Floats = (missed / largest * shares / (shares**2 + penalties[:, None])) @ left.T
    return weights + correction


def _penalty(donors: Floats, target: Floats) -> float:
    errors = []
    for block in np.array_split(np.arange(target.size), min(_BLOCKS, target.size)):
        kept = np.delete(np.arange(target.size), block)
        weights = _augmented(donors[:, kept], target[kept], _PENALTIES)
        errors.append(((target[block] - weights @ donors[:, block]) ** 2).mean(axis=1))
    means, scatter = np.mean(errors, axis=0), np.std(errors, axis=0, ddof=1) / np.sqrt(len(errors))
    best = int(means.argmin())
    return float(_PENALTIES[means <= means[best] + scatter[best]].max())
