"""Strata of two or more arms, of which each must have two units in every arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ml.experiments.contrast import Strata
from ml.experiments.moments import Moments

FEWEST: Final = 2  # units of an arm in a stratum, so that they have a variance


def with_enough(arms: Mapping[str, Strata]) -> dict[str, Strata]:
    """The strata with those put together that have too few units in an arm.

    Which they are is said by how many units there are and by nothing that these did. One that stays too small goes to
    the smallest of the others.
    """
    order = sorted(range(len(next(iter(arms.values())))), key=lambda place: _fewest(arms, [place]))
    groups: list[list[int]] = [[]]
    for place in order:
        if groups[-1] and _fewest(arms, groups[-1]) >= FEWEST:
            groups.append([])
        groups[-1].append(place)
    if len(groups) > 1 and _fewest(arms, groups[-1]) < FEWEST:
        last = groups.pop()
        groups[-1] += last
    groups = sorted(groups, key=min)
    return {arm: tuple(_together(strata, group) for group in groups) for arm, strata in arms.items()}


def _fewest(arms: Mapping[str, Strata], places: list[int]) -> int:
    return min(sum(strata[place].n for place in places) for strata in arms.values())


def _together(strata: Strata, places: list[int]) -> Moments:
    first, *others = (strata[place] for place in sorted(places))
    return sum(others, start=first)
