"""Guardrails: whether a metric lost no more than was allowed for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ml.experiments.contrast import Contrast
from ml.experiments.effect import Interval
from ml.experiments.methods import Method
from warehouse.errors import BadSetting


class Verdict(StrEnum):
    """Of a guardrail: it holds, it is broken, or the interval still holds both."""

    holds = "holds"
    broken = "broken"
    open = "open"


@dataclass(frozen=True, slots=True)
class Guardrail:
    """How a metric stands to its margin.

    ``reserve`` is what is left above the allowed loss, in the metric's unit; positive is good whichever way the metric
    is meant to go. ``p_value`` is of there being none.
    """

    margin: float
    reserve: Interval
    p_value: float
    verdict: Verdict


def guardrail(contrast: Contrast, method: Method, margin: float, *, higher_is_better: bool) -> Guardrail:
    """Hold the treated arm against the control less its margin, a part of the control's level.

    The margin's own uncertainty is part of the interval, since the control's level is estimated. It holds where the
    interval of the reserve lies above zero. Raises :class:`BadSetting` for a margin that is no part.
    """
    if not 0 <= margin < 1:
        raise BadSetting(f"margin == {margin}, must be from 0 to below 1.", remedy="Write 0.02 for two per cent.")
    allowed = 1 - margin if higher_is_better else 1 + margin
    sign = 1.0 if higher_is_better else -1.0
    reserve, se = sign * (contrast.treated - allowed * contrast.control), contrast.se_of(allowed)
    half = method.critical(contrast.n, contrast.df) * se
    p = method.p_value(reserve / se, contrast.n, contrast.df)
    verdict = Verdict.holds if reserve > half else Verdict.broken if reserve < -half else Verdict.open
    return Guardrail(margin, Interval(reserve, reserve - half, reserve + half), p, verdict)
