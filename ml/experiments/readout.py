"""What was found as flat rows: what commands print and programs are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from ml.experiments.analysis import Analysis, Result
from ml.experiments.decision import DecisionValue
from ml.experiments.novelty import Novelty
from ml.experiments.segments import Heterogeneity, SegmentResult


@dataclass(frozen=True, slots=True)
class Row:
    """One arm against the control by one metric; numbers are None where there is none, and ``words`` say why.

    ``low`` and ``high`` are ends of the interval of the difference, ``relative`` is a part of the control's level.
    ``p_value`` belongs to the interval, ``p_adjusted`` counts how many questions were asked. ``probability`` is that of
    being better, ``loss`` what choosing the arm costs on average, by the metric's prior; ``verdict`` is a guardrail's.
    """

    metric: str
    role: str
    arm: str
    control: str
    level: float
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


@dataclass(frozen=True, slots=True)
class Change:
    """How the effect of an arm on a metric changes; ``novelty`` is None where ``words`` say why it cannot be told."""

    metric: str
    arm: str
    novelty: Novelty | None
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """An analysis with what was asked beside it: segments, changes over time, and by metric and arm the value."""

    analysis: Analysis
    segments: tuple[SegmentResult, ...] = ()
    differing: tuple[Heterogeneity, ...] = ()
    changes: tuple[Change, ...] = ()
    value: Mapping[tuple[str, str], DecisionValue] = field(default_factory=dict)


def told(report: Report) -> dict[str, Any]:
    """A report as JSON has it. What was not asked for is not in it."""
    found: dict[str, Any] = {
        "guards": [asdict(guard) for guard in report.analysis.guards],
        "withheld": report.analysis.withheld,
        "results": [asdict(row) for row in rows_of(report.analysis.results)],
    }
    if report.segments:
        found["segments"] = [
            {"column": each.column, "segment": each.segment, **asdict(row)}
            for each, row in zip(report.segments, rows_of([each.result for each in report.segments]), strict=True)
        ]
        found["heterogeneity"] = [asdict(each) for each in report.differing]
    if report.changes:
        found["novelty"] = [_change(each) for each in report.changes]
    if report.value:
        found["value"] = [
            {"metric": metric, "arm": arm} | {name: _plain(number) for name, number in asdict(each).items()}
            for (metric, arm), each in report.value.items()
        ]
    return found


def rows_of(results: Sequence[Result]) -> tuple[Row, ...]:
    """Results as rows."""
    return tuple(_row(result) for result in results)


def _row(result: Result) -> Row:
    metric, effect, belief = result.metric, result.effect, result.belief
    names = metric.name, metric.role, result.arm, result.control
    row = Row(*names, result.level, method=result.method, words=result.words)
    if effect is None:
        return row
    difference, relative = effect.difference, effect.relative
    return replace(
        row,
        mean=effect.treated,
        control_mean=effect.control,
        difference=difference.estimate,
        low=difference.low,
        high=difference.high,
        relative=None if relative is None else relative.estimate,
        relative_low=None if relative is None else relative.low,
        relative_high=None if relative is None else relative.high,
        se=effect.se,
        p_value=effect.p_value,
        p_adjusted=result.p_adjusted,
        probability=None if belief is None else belief.probability,
        loss=None if belief is None else belief.loss_of_treating,
        verdict=None if result.guardrail is None else result.guardrail.verdict,
        words=_NO_RELATIVE if relative is None else "",
    )


_NO_RELATIVE: Final = "The control cannot be told from zero, so there is no relative effect."


def _change(change: Change) -> dict[str, Any]:
    found = change.novelty
    effects = {} if found is None else {"early": found.early, "late": found.late, "change": found.change}
    numbers = {name: asdict(effect.difference) for name, effect in effects.items()}
    p_value = None if found is None else found.change.p_value
    return {"metric": change.metric, "arm": change.arm, **numbers, "p_value": p_value, "words": change.words}


def _plain(number: float | Decimal) -> float | str:
    """Money as its digits."""
    return f"{number:f}" if isinstance(number, Decimal) else number
