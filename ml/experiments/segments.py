"""Effects by segment, told with how many segments were looked at, and whether they differ at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc

from ml.experiments.analysis import Question, Result, analyse
from ml.experiments.effect import Effect
from ml.experiments.methods import Method
from ml.experiments.multiplicity import benjamini_hochberg


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """A result among the units of one segment; its ``p_adjusted`` counts all segments, arms and metrics."""

    column: str
    segment: str
    result: Result


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Whether an effect differs between the segments of a column; ``p_value`` counts all columns, arms and metrics."""

    column: str
    metric: str
    arm: str
    segments: int
    p_value: float


def segment_results(
    questions: Mapping[str, Mapping[str, Sequence[Question]]], control: str, method: Method
) -> tuple[SegmentResult, ...]:
    """Results by column and segment of the same questions asked in each, by Benjamini and Hochberg over all of them.

    Raises as :func:`analyse`.
    """
    found = [
        SegmentResult(column, segment, result)
        for column, segments in questions.items()
        for segment, asked in segments.items()
        for result in analyse(asked, control, method).results
    ]
    told = [i for i, each in enumerate(found) if each.result.effect]
    adjusted = benjamini_hochberg([effect.p_value for i in told if (effect := found[i].result.effect)])
    by_place = dict(zip(told, adjusted, strict=True))
    return tuple(
        replace(each, result=replace(each.result, p_adjusted=by_place.get(place))) for place, each in enumerate(found)
    )


def heterogeneity(results: Sequence[SegmentResult]) -> tuple[Heterogeneity, ...]:
    """Cochran's Q of every metric and arm over the segments of each column that could be told, looked at once."""
    effects: dict[tuple[str, str, str], list[Effect]] = {}
    for each in results:
        if each.result.effect is not None:
            key = (each.column, each.result.metric.name, each.result.arm)
            effects.setdefault(key, []).append(each.result.effect)
    asked = {key: found for key, found in effects.items() if len(found) > 1}
    adjusted = benjamini_hochberg([_q_test(found) for found in asked.values()])
    return tuple(
        Heterogeneity(column, metric, arm, len(found), p)
        for ((column, metric, arm), found), p in zip(asked.items(), adjusted, strict=True)
    )


def _q_test(effects: Sequence[Effect]) -> float:
    differences = np.array([effect.difference.estimate for effect in effects])
    weights = 1 / np.array([effect.se for effect in effects]) ** 2
    common = (weights * differences).sum() / weights.sum()
    return float(chdtrc(differences.size - 1, (weights * (differences - common) ** 2).sum()))
