"""Which order of Markov chain: the lowest that tells later journeys apart as well as any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.attribution.leaks import auc
from ml.attribution.markov import chain_of, ratio
from ml.attribution.paths import Codes, Floats, Paths, Rows
from ml.attribution.windows import windows_of
from warehouse.errors import BadSetting, NotEnoughData

_WORTH: Final = 1.0  # journeys, that the chance by a shorter window counts


@dataclass(frozen=True, slots=True, eq=False)
class OrderChoice:
    """The chosen ``order``, and of each of ``orders`` the ``auc`` and its standard ``error`` (K,) on later journeys."""

    order: int
    orders: tuple[int, ...]
    auc: Floats
    error: Floats


def choose_order(earlier: Paths, later: Paths, orders: Sequence[int] = (1, 2, 3, 4)) -> OrderChoice:
    """Fit on earlier journeys, judge by later ones: the lowest order whose AUC is within one error of the best.

    In the same journeys a higher order always looks better. Both must have the same channels. Raises
    :class:`NotEnoughData` where no earlier journey converted, or the later ones all ended alike.
    """
    if earlier.channels != later.channels:
        raise BadSetting("earlier and later paths have other channels.", remedy="Give both the same list of channels.")
    met = later.take(later.lengths > 0)
    if not met.conversions.sum() or not met.nulls.sum() or not earlier.conversions[earlier.lengths > 0].sum():
        raise NotEnoughData(
            "Earlier journeys must have conversions, and later ones conversions and journeys without one.",
            remedy="Take a longer period.",
        )
    tried = tuple(sorted(set(orders)))
    areas = np.array([auc(ending_chances(earlier, met, order), met.conversions, met.nulls) for order in tried])
    errors = np.array([_error(area, met.conversions.sum(), met.nulls.sum()) for area in areas])
    best = int(areas.argmax())
    chosen = next(order for order, area in zip(tried, areas, strict=True) if area >= areas[best] - errors[best])
    return OrderChoice(chosen, tried, areas, errors)


def ending_chances(earlier: Paths, later: Paths, order: int) -> Floats:
    """(P,) of each later path, the chance that a journey that ends with its last touches ended in a conversion.

    What journeys with the same last touches ended in counts beside what those with one touch less in common did, which
    counts like one journey. Every later path must have a touch.
    """
    all_of = earlier.take(earlier.lengths > 0)
    chances = np.full(later.size, float(ratio(all_of.conversions.sum(), all_of.journeys.sum())))
    base = len(later.channels) + 1
    for length in range(1, order + 1):
        chain = chain_of(earlier, length)
        ended = chain.conversions + chain.nulls
        known = _numbers(chain.windows.of, base)
        asked = windows_of(later, length)
        wanted = _numbers(asked.of, base)[asked.states[later.offsets[1:] - 1]]
        place = np.minimum(np.searchsorted(known, wanted), known.size - 1)
        there = known[place] == wanted
        of = place[there]
        chances[there] = (chain.conversions[of] + _WORTH * chances[there]) / (ended[of] + _WORTH)
    return chances


def _numbers(windows: Codes, base: int) -> Rows:
    """(S,) one number per window, rising as windows are numbered."""
    digits: Rows = windows.astype(np.int64) + 1
    numbers: Rows = digits @ base ** np.arange(windows.shape[1] - 1, -1, -1)
    return numbers


def _error(area: float, positives: float, negatives: float) -> float:
    """The standard error of an AUC (Hanley and McNeil 1982, doi 10.1148/radiology.143.1.7063747)."""
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (positives - 1) * (one - area**2) + (negatives - 1) * (two - area**2)
    return float(np.sqrt(max(spread, 0.0) / (positives * negatives)))
