"""Several lifts at once: cells of one test, or segments of one outcome, with chance shared out among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from ml.lift.case import Treatment
from ml.lift.lift import lift_of
from ml.lift.methods import Method
from ml.lift.panel import Floats, Panel
from ml.lift.results import Estimate, Lift
from warehouse.errors import BadSetting, CausewayError

_SYNTHETIC: Final = Method()


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One lift of several, or why there is none. ``p_value`` is adjusted for their number (Holm 1979)."""

    name: str
    found: Lift | None
    p_value: float | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Contrast:
    """By how much one member's effect per market and period exceeds another's; adjusted for the number of pairs."""

    one: str
    other: str
    difference: Estimate
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """All members, and each pair of them compared."""

    members: tuple[Member, ...]
    contrasts: tuple[Contrast, ...]


def lift_by_cell(
    panel: Panel, cells: Mapping[str, Treatment], method: Method = _SYNTHETIC, *, level: float = 0.9, seed: int = 1
) -> Family:
    """Each cell of a test against markets of no cell. Raises :class:`BadSetting` for a market in two cells."""
    named = [name for treatment in cells.values() for name in treatment.treated]
    if len(set(named)) != len(named):
        raise BadSetting("A market is in two cells.", remedy="Put each market into one.")
    tried = {}
    for cell, treatment in cells.items():
        others = tuple(name for name in named if name not in treatment.treated)
        excluded = tuple(dict.fromkeys((*treatment.excluded, *others)))
        tried[cell] = _tried(panel, replace(treatment, excluded=excluded), method, level, seed)
    return _family(tried, level)


def lift_by_segment(
    panels: Mapping[str, Panel], treatment: Treatment, method: Method = _SYNTHETIC, *, level: float = 0.9, seed: int = 1
) -> Family:
    """The same test in each segment of the outcome, such as new customers; a segment too thin says so."""
    return _family({segment: _tried(panel, treatment, method, level, seed) for segment, panel in panels.items()}, level)


def holm(p_values: Sequence[float]) -> Floats:
    """Adjusted p-values in the same order (Holm 1979, Scandinavian Journal of Statistics 6)."""
    order = np.argsort(p_values, kind="stable")
    count = len(p_values)
    adjusted = np.empty(count)
    raised = np.asarray(p_values, dtype=np.float64)[order] * (count - np.arange(count))
    adjusted[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return adjusted


def _tried(panel: Panel, treatment: Treatment, method: Method, level: float, seed: int) -> Lift | str:
    try:
        return lift_of(panel, treatment, method, level=level, seed=seed)
    except CausewayError as refusal:  # of one member, and no reason to withhold the others
        return str(refusal)


def _family(tried: Mapping[str, Lift | str], level: float) -> Family:
    found = {name: lift for name, lift in tried.items() if isinstance(lift, Lift)}
    adjusted = dict(zip(found, holm([lift.p_value for lift in found.values()]).tolist(), strict=True))
    members = tuple(
        Member(name, found.get(name), adjusted.get(name), lift if isinstance(lift, str) else "")
        for name, lift in tried.items()
    )
    return Family(members, tuple(_contrasts(found, level)))


def _contrasts(found: Mapping[str, Lift], level: float) -> Iterator[Contrast]:
    """Differences with errors as if independent: members that share donors err together, so this errs to caution."""
    pairs = list(combinations(found.items(), 2))
    differences = [one.att.estimate - other.att.estimate for (_, one), (_, other) in pairs]
    errors = [float(np.hypot(one.se, other.se)) for (_, one), (_, other) in pairs]
    raw = [2 * float(ndtr(-abs(d) / se)) if se > 0 else 1.0 for d, se in zip(differences, errors, strict=True)]
    reach = float(-ndtri((1 - level) / 2 / max(len(pairs), 1)))  # Bonferroni, for intervals of all pairs
    for ((one, _), (other, _)), d, se, p_value in zip(pairs, differences, errors, holm(raw), strict=True):
        yield Contrast(one, other, Estimate(d, d - reach * se, d + reach * se), float(p_value))
