"""An analysis as flat rows: what commands print and programs are given."""

from __future__ import annotations

from dataclasses import dataclass

from ml.experiments.analysis import Analysis, Result


@dataclass(frozen=True, slots=True)
class Row:
    """One arm against the control by one metric; numbers are None where there is none, and ``words`` say why.

    ``low`` and ``high`` are ends of the interval of the difference, ``relative`` is a part of the control's level.
    ``p_value`` belongs to the interval, ``p_adjusted`` counts how many questions were asked. ``probability`` is that of
    being better, ``loss`` what choosing the arm costs on average, as a flat prior has it.
    """

    metric: str
    role: str
    arm: str
    control: str
    mean: float | None = None
    control_mean: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    relative: float | None = None
    relative_low: float | None = None
    relative_high: float | None = None
    se: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    probability: float | None = None
    loss: float | None = None
    verdict: str | None = None
    method: str = ""
    words: str = ""


def rows_of(analysis: Analysis) -> tuple[Row, ...]:
    """The results of an analysis as rows; none where they are withheld."""
    return tuple(_row(result) for result in analysis.results)


def _row(result: Result) -> Row:
    effect, belief = result.effect, result.belief
    empty = Row(
        result.metric.name,
        result.metric.role.value,
        result.arm,
        result.control,
        method=result.method,
        words=result.words,
    )
    if effect is None or belief is None:
        return empty
    relative = effect.relative
    return Row(
        empty.metric,
        empty.role,
        empty.arm,
        empty.control,
        effect.treated,
        effect.control,
        effect.difference.estimate,
        effect.difference.low,
        effect.difference.high,
        None if relative is None else relative.estimate,
        None if relative is None else relative.low,
        None if relative is None else relative.high,
        effect.se,
        effect.p_value,
        result.p_adjusted,
        belief.probability,
        belief.loss_of_treating,
        None if result.guardrail is None else result.guardrail.verdict.value,
        result.method,
        result.words if relative else f"{result.words} {_NO_RELATIVE}".strip(),
    )


_NO_RELATIVE = "The control cannot be told from zero, so there is no relative effect."
