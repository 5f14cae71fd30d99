"""Why credit changed between two runs: more journeys, other paths, other conversion rates, or another model."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np

from ml.attribution.markov import ratio
from ml.attribution.paths import Floats, Paths
from ml.attribution.together import together
from warehouse.errors import NotEnoughData

CAUSES: Final = ("volume", "mix", "rates", "model")


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """``change`` (C,) of the credited conversions, and its parts ``causes`` (4, C), which sum to it.

    In the order of ``CAUSES``: how many journeys there were, which paths they took, how often each path converted, and
    the model with its settings.
    """

    channels: tuple[str, ...]
    before: Floats
    after: Floats
    causes: Floats

    @property
    def change(self) -> Floats:
        """(C,) after less before."""
        return self.after - self.before


def difference_of(
    before: Paths,
    after: Paths,
    model_before: Callable[[Paths], Floats],
    model_after: Callable[[Paths], Floats],
) -> Difference:
    """Part the change of credit among its causes.

    Each cause gets the mean of what changing it changes, over all orders in which the four could be changed (Shapley;
    for decompositions Shorrocks 2013, doi 10.1007/s10888-011-9214-z), so the parts sum to the change and no order is
    preferred. ``model_before`` and ``model_after`` take paths to conversions (C,). A path that is new or gone has the
    conversion rate of the run that knows it.

    Raises :class:`NotEnoughData` where one of the runs has no journey.
    """
    one, other = together(before, after)
    if not one.journeys.sum() or not other.journeys.sum():
        raise NotEnoughData("One of the two runs has no journey, so there is no difference to explain.")
    known: dict[frozenset[int], Floats] = {}
    for size in range(len(CAUSES) + 1):
        for changed in combinations(range(len(CAUSES)), size):
            state = frozenset(changed)
            known[state] = (model_after if 3 in state else model_before)(_mixed(one, other, state))
    causes = np.zeros((len(CAUSES), len(one.channels)))
    for cause in range(len(CAUSES)):
        for state, credit in known.items():
            if cause not in state:
                chance = 1 / (len(CAUSES) * math.comb(len(CAUSES) - 1, len(state)))
                causes[cause] += chance * (known[state | {cause}] - credit)
    return Difference(one.channels, known[frozenset()], known[frozenset(range(len(CAUSES)))], causes)


def _mixed(one: Paths, other: Paths, changed: frozenset[int]) -> Paths:
    """The paths with the volume, mix and rates of ``other`` where these are changed."""
    volume = (other if 0 in changed else one).journeys.sum()
    mix = (other if 1 in changed else one).journeys
    first, second = (other, one) if 2 in changed else (one, other)
    known = first.journeys > 0
    rates = np.where(known, ratio(first.conversions, first.journeys), ratio(second.conversions, second.journeys))
    worth = np.where(first.conversions > 0, first.value_per_conversion, second.value_per_conversion)
    journeys = mix * (volume / mix.sum())
    conversions = journeys * rates
    return replace(one, conversions=conversions, nulls=journeys - conversions, value=conversions * worth)
