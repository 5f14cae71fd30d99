"""What must be sound before an effect is shown: who is in which arm, and what is known of them.

A guard that fails withholds every result. Each says what to look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from scipy.special import chdtrc, gammaln

from ml.experiments.moments import Moments
from warehouse.errors import BadSetting

RATIO_ALPHA: Final = 0.01
BALANCE_ALPHA: Final = 0.001
MISSING_ALPHA: Final = 0.01
MOST_CROSSED: Final = 0.01  # of the units
MOST_MISSING: Final = 0.05  # of the units
_CONCENTRATION: Final = 1_000.0  # units that the planned shares weigh as much as, in the sequential test


class Status(StrEnum):
    """What a guard found: a warning goes with the results, a failure goes in their place."""

    passed = "passed"
    warned = "warned"
    failed = "failed"


@dataclass(frozen=True, slots=True)
class Guard:
    """What one guard found, in words that say what to check. ``p_value`` where it is a test."""

    name: str
    status: Status
    p_value: float | None
    words: str


def sample_ratio(units: Mapping[str, int], shares: Mapping[str, float] | None = None) -> tuple[Guard, Guard]:
    """Whether arms have the units that they were meant to get; of equal shares where none are given.

    Twice: by chi-square, which holds for one look, and by a test that holds at every look (Lindon and Malek 2022,
    arXiv 2011.03567). Raises :class:`BadSetting` where shares are not of these arms.
    """
    planned = _planned(units, shares)
    counts = np.array(list(units.values()), dtype=np.float64)
    expected = counts.sum() * np.array([planned[arm] for arm in units])
    said = ", ".join(f"{arm} {n:,} of {e:,.0f} planned" for (arm, n), e in zip(units.items(), expected, strict=True))
    if shares is None:
        said += " (alike, as no shares were given)"
    if not counts.sum():
        nobody = Guard("sample_ratio", Status.failed, None, "No arm has a unit. Check that the assignment arrives.")
        return nobody, Guard("sample_ratio_sequential", Status.passed, 1.0, "No arm has a unit.")
    p = float(chdtrc(counts.size - 1, ((counts - expected) ** 2 / expected).sum()))
    always = float(np.exp(-max(_evidence(counts, expected / counts.sum()), 0.0)))
    return (
        _ratio_guard("sample_ratio", p, said, "looked at once"),
        _ratio_guard("sample_ratio_sequential", always, said, "looked at as often as one likes"),
    )


def multiple_exposure(units: int, crossed: int, what: str = "units") -> Guard:
    """How many of all units, or of whatever else is put into arms, were in more than one; these count in none."""
    share = crossed / units if units else 0.0
    said = f"{crossed:,} of {units:,} {what} ({share:.2%}) were in more than one arm"
    if share > MOST_CROSSED:
        words = f"{said}. Check by what they are recognised, and whether the assignment is kept between visits."
        return Guard("multiple_exposure", Status.failed, None, words)
    if crossed:
        return Guard("multiple_exposure", Status.warned, None, f"{said}; they count in none.")
    return Guard("multiple_exposure", Status.passed, None, f"None of the {units:,} {what} was in more than one arm.")


def early_exposure(units: int, early: int) -> Guard:
    """How many units met their treatment before they were assigned to it."""
    share = early / units if units else 0.0
    said = f"{early:,} of {units:,} units ({share:.2%}) met the treatment before they were assigned"
    if share > MOST_CROSSED:
        words = f"{said}. Check the clocks and time zones of both logs, and whether an earlier test used these arms."
        return Guard("early_exposure", Status.failed, None, words)
    if early:
        return Guard("early_exposure", Status.warned, None, f"{said}.")
    return Guard("early_exposure", Status.passed, None, "No unit met the treatment before it was assigned.")


def exposure(units: int, unexposed: int, before: int) -> Guard:
    """How many of the assigned units never met the treatment, and what rows were earlier than that: none count."""
    said = f"{unexposed:,} of {units:,} units never met the treatment"
    if before:
        said += f", and {before:,} rows came before that"
    if unexposed or before:
        return Guard("exposure", Status.warned, None, f"{said}: they are left out, as the arms are alike in them.")
    return Guard("exposure", Status.passed, None, "Every unit met the treatment, and no row came before that.")


def imbalance(arms: Mapping[str, Moments]) -> Guard:
    """Whether the arms were alike before the start, over all columns of the moments together (Hotelling 1931).

    The moments are of covariates alone. Columns that do not vary are left out.
    """
    columns = next(iter(arms.values())).columns
    together = sum(arms.values(), start=Moments.none(columns))
    within = np.sum([moments.products for moments in arms.values()], axis=0) / max(together.n - len(arms), 1)
    inverse = np.linalg.pinv(within, rcond=1e-12, hermitian=True)
    rank = int(np.linalg.matrix_rank(within, hermitian=True))
    apart = [moments.means - together.means for moments in arms.values()]
    distance = sum(moments.n * float(a @ inverse @ a) for moments, a in zip(arms.values(), apart, strict=True))
    if not rank:
        return Guard("imbalance", Status.warned, None, f"{', '.join(columns)} are the same for every unit.")
    p = float(chdtrc(rank * (len(arms) - 1), distance))
    sd = np.sqrt(np.maximum(within.diagonal(), np.finfo(float).tiny))
    spans = np.array([moments.means for moments in arms.values()])
    worst = int(np.argmax((spans.max(axis=0) - spans.min(axis=0)) / sd))
    means = ", ".join(f"{arm} {moments.means[worst]:.4g}" for arm, moments in arms.items())
    said = f"Before the start the arms differ most in {columns[worst]} (means: {means})"
    if p < BALANCE_ALPHA:
        words = f"{said}; chance does that in {_odds(p)}. Check that assignment did not depend on it."
        return Guard("imbalance", Status.failed, p, words)
    return Guard("imbalance", Status.passed, p, f"{said}, no more than chance does.")


def missing(metric: str, units: Mapping[str, int], without: Mapping[str, int]) -> Guard:
    """Whether values of a metric are missing, and in one arm more than in the other.

    ``units`` are all of each arm, ``without`` those of them that have no value.
    """
    name = f"missing:{metric}"
    n = np.array(list(units.values()), dtype=np.float64)
    lost = np.array([without.get(arm, 0) for arm in units], dtype=np.float64)
    if not lost.sum():
        return Guard(name, Status.passed, None, f"Every unit has {metric}.")
    share = lost.sum() / n.sum()
    expected = np.array([n * share, n * (1 - share)])
    table = np.array([lost, n - lost])
    square = np.divide((table - expected) ** 2, expected, out=np.zeros_like(table), where=expected > 0).sum()
    p = float(chdtrc(n.size - 1, square))
    parts = ", ".join(f"{arm} {lost[i] / max(n[i], 1):.2%}" for i, arm in enumerate(units))
    said = f"{lost.sum():,.0f} of {n.sum():,.0f} units have no {metric} ({parts})"
    if p < MISSING_ALPHA:
        words = f"{said}: more in one arm than chance does. Check the tracking of each arm."
        return Guard(name, Status.failed, p, words)
    if share > MOST_MISSING:
        words = f"{said}. Where that means that they did nothing, say 0; else check the tracking."
        return Guard(name, Status.failed, p, words)
    return Guard(name, Status.warned, p, f"{said}; they are left out.")


def negative_values(metric: str, units: int, lowest: float) -> Guard:
    """Units whose value is below zero, as refunds make it: a finding, and counted as it is."""
    if not units:
        return Guard(f"negative:{metric}", Status.passed, None, f"No unit has less than 0 {metric}.")
    words = f"{units:,} units have less than 0 {metric}, the lowest {lowest:g}. They count as they are: check refunds."
    return Guard(f"negative:{metric}", Status.warned, None, words)


def _planned(units: Mapping[str, int], shares: Mapping[str, float] | None) -> Mapping[str, float]:
    if len(units) < 2:
        raise BadSetting(f"There is one arm, {next(iter(units), '')!r}.", remedy="An experiment compares two or more.")
    given = shares or dict.fromkeys(units, 1.0)
    strange, left_out = sorted(set(given) - set(units)), sorted(set(units) - set(given))
    if strange or left_out:
        raise BadSetting(
            f"Shares are given for {', '.join(given)}, and units are in {', '.join(units)}.",
            remedy="Give each arm its share; if an arm was renamed, give it one name in the data.",
        )
    total = sum(given.values())
    if not all(share > 0 for share in given.values()):
        raise BadSetting("A share is not above 0.", remedy="Leave an arm without units out.")
    return {arm: share / total for arm, share in given.items()}


def _evidence(counts: np.ndarray, shares: np.ndarray) -> float:
    """The log of how much likelier the counts are where shares may be others, by a Dirichlet around those planned."""
    weights = _CONCENTRATION * shares
    free = gammaln(weights.sum()) - gammaln(weights.sum() + counts.sum())
    free += (gammaln(weights + counts) - gammaln(weights)).sum()
    return float(free - counts @ np.log(shares))


def _ratio_guard(name: str, p: float, said: str, looked: str) -> Guard:
    if p >= RATIO_ALPHA:
        return Guard(name, Status.passed, p, f"{said}: no more off than chance is, {looked}.")
    words = (
        f"{said}; chance does that in {_odds(p)} sound tests, {looked}. Check where units are lost: redirects, bots, "
        "exposure that is logged in one arm only, shares changed on the way."
    )
    return Guard(name, Status.failed, p, words)


def _odds(p: float) -> str:
    return f"1 of {1 / p:,.0f}" if p > 1e-9 else "none"
