"""Randomisation inference: what would have been found, had chance treated other markets or other times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from ml.lift.panel import Bools, Floats
from ml.lift.results import Estimate
from warehouse.errors import NotEnoughData

DRAWS: Final = 999
_ROUNDING: Final = 1e-9

Draw = Callable[[np.random.Generator], Bools]
Effects = Callable[[Bools], tuple[float, float]]


def randomisation_inference(
    observed: Bools, draw: Draw, effects: Effects, level: float, *, seed: int = 1
) -> tuple[Estimate, float]:
    """Estimate with interval, and p-value, of an estimator that is linear in the outcome.

    ``draw`` assigns treatment anew as chance did; ``effects`` gives for an assignment what is estimated of the outcome,
    and of the observed treatment itself (its share that the assignment would pick up). An assumed effect is in the
    interval if, with it taken away, the observed estimate is not among the largest (Fisher 1935; Imbens and Rubin 2015,
    ch. 5): each assignment refuses effects beyond two roots of a quadratic, so no grid is searched.

    Raises :class:`NotEnoughData` where too few assignments are possible for the level.
    """
    estimate, _ = effects(observed)
    generator = np.random.default_rng(seed)
    drawn = {assignment.tobytes(): assignment for assignment in (draw(generator) for _ in range(DRAWS))}
    drawn.pop(observed.tobytes(), None)
    if (1 - level) * (len(drawn) + 1) < 1:
        raise NotEnoughData(
            f"Chance could have assigned treatment in {len(drawn) + 1} ways, too few for an interval of {level:.0%}.",
            remedy="Take more markets or switch more often, or give a lower level.",
        )
    found = np.array([effects(assignment) for assignment in drawn.values()])
    lows, highs = _roots(estimate, found)
    # An assumed effect is refused if at most this many assignments find as much once it is taken away.
    few = int(np.floor((1 - level) * (len(found) + 1) * (1 + _ROUNDING))) - 1
    low, high = float(np.sort(lows)[few]), float(np.sort(highs)[::-1][few])
    as_large = np.abs(found[:, 0]) >= abs(estimate) * (1 - _ROUNDING)
    return Estimate(estimate, low, high), float((1 + as_large.sum()) / (len(found) + 1))


def _roots(estimate: float, found: Floats) -> tuple[Floats, Floats]:
    """Effects x between which |a - b x| >= |estimate - x|, of an assignment that finds a, and b of the treatment."""
    effect, picked = found[:, 0], np.clip(found[:, 1], -1 + _ROUNDING, 1 - _ROUNDING)
    one, other = (estimate - effect) / (1 - picked), (estimate + effect) / (1 + picked)
    return np.minimum(one, other), np.maximum(one, other)
