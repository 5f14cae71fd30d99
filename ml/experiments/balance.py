"""Arms that are alike in what is known of the units: by choosing among salts, or by sharing out each stratum.

Both keep chance: a salt is drawn again (Morgan and Rubin 2012, doi 10.1214/12-AOS1008), or the place in a stratum is.
Adjust the analysis for the same covariates or strata; without that its intervals are wider than they need be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml.experiments.moments import Floats
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.experiments.assignment import PLACES, Assignment, Slice, arm_of, place_of, sliced

SALTS = 100  # halve the variance of the imbalance


@dataclass(frozen=True, slots=True)
class Balanced:
    """The assignment of the salt that balances best.

    ``imbalance`` is the squared Mahalanobis distance of the arms' means, ``usual`` its mean over all salts tried.
    """

    assignment: Assignment
    imbalance: float
    usual: float


def balanced(
    units: Sequence[str], covariates: Floats, shares: Mapping[str, float], salt: str, salts: int = SALTS
) -> Balanced:
    """Try ``salt.1``, ``salt.2``, … and take the one whose arms differ least in (n, c) covariates.

    The assignment stays a function of the unit's name. Raises :class:`NotEnoughData` where an arm stays empty in all of
    them, :class:`BadSetting` where covariates are not of the units.
    """
    if covariates.shape[0] != len(units) or not np.isfinite(covariates).all() or len(units) < 2 or salts < 1:
        raise BadSetting(f"{len(units):,} units: two or more are needed, and as many rows of covariates, all numbers.")
    slices = sliced(shares)
    inverse = np.linalg.pinv(np.atleast_2d(np.cov(covariates, rowvar=False)), rcond=1e-12, hermitian=True)
    tried = []
    for number in range(1, salts + 1):
        name = f"{salt}.{number}"
        places = np.array([place_of(name, unit) for unit in units])
        distance = _distance(places, covariates, slices, inverse)
        if np.isfinite(distance):
            tried.append((distance, number))
    if not tried:
        raise NotEnoughData("An arm stays without units.", remedy="Give it a larger share, or take more units.")
    least, number = min(tried)
    usual = float(np.mean([distance for distance, _ in tried]))
    return Balanced(Assignment(f"{salt}.{number}", slices), least, usual)


def stratified(
    units: Sequence[str], strata: Sequence[str], shares: Mapping[str, float], salt: str
) -> tuple[str | None, ...]:
    """The arm of each unit, shared out in each stratum as exactly as whole units can be; None for what is left of 1.

    Each unit keeps its probability. Arms depend on who else is there, so they are kept as a file, not as a function.
    Raises :class:`BadSetting` where strata are not of the units, or a unit is named twice.
    """
    if len(units) != len(strata) or len(set(units)) < len(units):
        raise BadSetting(f"{len(units):,} units need as many strata, and each unit one name.")
    slices = sliced(shares)
    members: dict[str, list[int]] = {}
    for place, stratum in enumerate(strata):
        members.setdefault(stratum, []).append(place)
    found: list[str | None] = [None] * len(units)
    for stratum, places in members.items():
        drawn = sorted(places, key=lambda place: (place_of(salt, units[place]), units[place]))
        start = place_of(f"{salt}:stratum", stratum) / PLACES
        for rank, place in enumerate(drawn):
            found[place] = _in_slices((rank + start) / len(drawn) % 1.0, slices)
    return tuple(found)


def assigned(units: Sequence[str], assignment: Assignment) -> tuple[str | None, ...]:
    """The arm of each unit by an assignment; None where it takes no part."""
    return tuple(arm_of(assignment, unit) for unit in units)


def _distance(places: np.ndarray, covariates: Floats, slices: Sequence[Slice], inverse: Floats) -> float:
    """The largest distance between the means of two arms; infinite where an arm is empty."""
    inside = [(places >= each.least) & (places < each.below) for each in slices]
    if not all(one.any() for one in inside):
        return np.inf
    means = [covariates[one].mean(axis=0) for one in inside]
    return max(
        (float((a - b) @ inverse @ (a - b)) for place, a in enumerate(means) for b in means[:place]), default=0.0
    )


def _in_slices(point: float, slices: Sequence[Slice]) -> str | None:
    at = point * PLACES
    return next((each.arm for each in slices if each.least <= at < each.below), None)
