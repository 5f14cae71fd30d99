"""Conformal inference: whether the periods with treatment stand out among all runs of as many periods."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from ml.lift.case import Case
from ml.lift.panel import Floats
from ml.lift.results import Estimate, Inference
from ml.lift.synthetic import Counterfactual, Estimator, root_mean_square
from warehouse.errors import NotEnoughData

_HALVINGS: Final = 16
_ROUNDING: Final = 1 - 1e-9


def conformal_inference(case: Case, estimator: Estimator, found: Counterfactual, level: float) -> Inference:
    """Invert the moving-block test of Chernozhukov, Wüthrich and Zhu 2021, doi 10.1080/01621459.2021.1920957.

    For each assumed effect the method is fitted to all periods with that effect taken away, and the mean error of the
    treated periods is ranked among those of all runs of as many periods around the circle. It holds where errors before
    and with treatment are alike, whatever hangs together within a run.

    Raises :class:`NotEnoughData` where there are too few periods for the level.
    """
    if case.periods < math.ceil(round(1 / (1 - level), 9)):
        raise NotEnoughData(
            f"{case.periods} periods cannot tell an interval of {level:.0%}.",
            remedy="Give a longer history, or a lower level.",
        )
    gap = case.outcome - found.series
    att, scale = float(gap[case.before :].mean()), root_mean_square(gap[: case.before])

    def p_value(effect: float) -> float:
        return _p_value(_errors(case, estimator, effect), case.after)

    alpha, of_nothing = 1 - level, p_value(0.0)
    centre = _most_likely(p_value, att, scale)
    low, high = (
        # Where no effect is likely too, the way out begins there: p-values need not fall all the way.
        _end(p_value, 0.0 if of_nothing > alpha and -side * centre > 0 else centre, side * scale, alpha)
        for side in (-1.0, 1.0)
    )
    if min(low, att) < 0 < max(high, att):  # nothing is as likely as the likeliest of what is farther from the estimate
        of_nothing = max(of_nothing, *(p_value(effect) for effect in (centre, low, high) if effect * att <= 0))
    errors = np.sort(np.abs(_errors(case, estimator, att)))
    reach = errors[min(math.ceil((errors.size + 1) * level), errors.size) - 1]
    return Inference(
        "conformal", Estimate(att, min(low, att), max(high, att)), of_nothing, np.full(case.periods, reach)
    )


def _errors(case: Case, estimator: Estimator, effect: float) -> Floats:
    """(T,) errors of the method fitted to all periods, with the effect taken away."""
    treated = case.treated.copy()
    treated[:, case.before :] -= effect
    whole = replace(case, treated=treated, before=case.periods)
    return whole.outcome - estimator.fit(whole).series


def _p_value(errors: Floats, after: int) -> float:
    """The share of runs of ``after`` periods, around the circle, whose mean error is at least that of the last run."""
    sums = np.cumsum(np.concatenate([[0.0], errors, errors]))
    runs = np.abs(sums[after : after + errors.size] - sums[: errors.size])
    return float(np.mean(runs >= runs[errors.size - after] * _ROUNDING))


def _most_likely(p_value: Callable[[float], float], att: float, scale: float) -> float:
    """An effect inside the interval: fitted to all periods, the likeliest one need not be the estimate."""
    steps = np.concatenate([[0.0], *([-step, step] for step in np.linspace(0.25, 3, 12))])
    return max((att + float(step) * scale for step in steps), key=p_value)


def _end(p_value: Callable[[float], float], start: float, step: float, alpha: float) -> float:
    """The last effect that is not refused, on the way from ``start`` in steps that grow."""
    inside, outside = start, start + step
    while p_value(outside) > alpha:
        inside, outside = outside, outside + 1.6 * (outside - start)
        if not math.isfinite(outside):
            raise NotEnoughData(
                "No effect is too large for these errors, so there is no interval.",
                remedy="Give a longer history before treatment.",
            )
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if p_value(middle) > alpha else (inside, middle)
    return inside
