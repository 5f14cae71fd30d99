"""The chance to convert right after each touch, given what was met before: a discrete-time hazard.

Every touch is a period at risk, and a journey without conversion is at risk after all of its touches (Singer and
Willett 1993, doi 10.3102/10769986018002155). A model that only asks whether a channel was in the path must go wrong,
because a conversion cuts the path short; this one does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit

from ml.attribution.leaks import refuse_leaks
from ml.attribution.paths import Floats, Paths
from warehouse.errors import BadSetting, NotEnoughData

FEWEST_CONVERSIONS: Final = 30
_HALF_LIFE_TOUCHES: Final = 3.0  # after which an earlier touch counts half, where its time is not known
_HALF_LIFE_DAYS: Final = 7.0
_RIDGE: Final = 1.0  # as if each coefficient had been seen once to be 0 with variance 1
_BLOCK: Final = 200_000  # touches whose features are held at a time
_HELD: Final = 25_000_000  # numbers, 200 MB: features of so many are made once, of more for every step anew
_STEPS, _CLOSE = 40, 1e-9

Signals = Mapping[str, Floats]
Block = tuple[slice, slice, Floats]  # paths, their touches, and the features of these (touches, F)
NO_SIGNALS: Final[Signals] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Hazard:
    """A logit with ``coefficients`` (F,) and their information matrix ``curvature`` (F, F), ridge included.

    They are those of: a level, each channel as the present touch (C), each as what was met before (C), position,
    repetition, then the ``signals``.
    """

    channels: tuple[str, ...]
    signals: tuple[str, ...]
    coefficients: Floats
    curvature: Floats


def fit_hazard(paths: Paths, signals: Signals = NO_SIGNALS) -> Hazard:
    """Fit by Newton's method on every touch, weighted by how often its path was gone.

    ``signals`` (T,) each are what else was known at the time of a touch, such as pages seen before it; they are what
    tells people who would have bought anyway from others.

    Raises :class:`NotEnoughData` below 30 conversions with a touch or without journeys that did not convert,
    :class:`BadSetting` for signals of another size, and for those that tell the outcome.
    """
    touched = paths.lengths > 0
    converted, lost = paths.conversions[touched].sum(), paths.nulls[touched].sum()
    if converted < FEWEST_CONVERSIONS or lost <= 0:
        raise NotEnoughData(
            f"A conversion hazard needs {FEWEST_CONVERSIONS} conversions after a touch and journeys without one; there "
            f"are {converted:,.0f} and {lost:,.0f}.",
            remedy="Load a longer period, with the journeys that did not convert.",
        )
    refuse_leaks(paths, signals)
    fits = paths.steps.size * width(paths, signals) <= _HELD
    blocks = list(features_of(paths, signals)) if fits else None
    coefficients = np.zeros(width(paths, signals))
    coefficients[0] = np.log(converted / (paths.journeys @ paths.lengths))
    for _ in range(_STEPS):
        slope, curvature = _slope_and_curvature(paths, blocks or features_of(paths, signals), coefficients)
        step = np.linalg.solve(curvature, slope)
        coefficients = coefficients + step * min(1.0, 5.0 / np.abs(step).max())
        if np.abs(step).max() < _CLOSE:
            break
    _, curvature = _slope_and_curvature(paths, blocks or features_of(paths, signals), coefficients)
    return Hazard(paths.channels, tuple(signals), coefficients, curvature)


def chances(paths: Paths, signals: Signals, coefficients: Floats) -> Floats:
    """(P, B) the probability to convert somewhere along each path, by each column of coefficients (F, B)."""
    survived = np.zeros((paths.size, coefficients.shape[1]))
    for rows, touches, features in features_of(paths, signals):
        staying = -np.logaddexp(0.0, features @ coefficients)
        starts = paths.offsets[rows.start : rows.stop] - touches.start
        there = np.diff(np.append(starts, touches.stop - touches.start)) > 0
        survived[rows][there] = np.add.reduceat(staying, starts[there], axis=0)
    return -np.expm1(survived)


def risks(paths: Paths, signals: Signals, coefficients: Floats) -> Floats:
    """(T,) the hazard right after each touch."""
    return np.concatenate(
        [np.zeros(0), *(expit(features @ coefficients) for _, _, features in features_of(paths, signals))]
    )


def scores(paths: Paths, signals: Signals, coefficients: Floats) -> Iterator[tuple[slice, Floats, Floats]]:
    """Blocks of paths, and what one conversion and one null journey along each adds to the slope (p, F) each."""
    for rows, touches, features in features_of(paths, signals):
        pull = expit(features @ coefficients)[:, None] * features
        starts = paths.offsets[rows.start : rows.stop] - touches.start
        there = np.diff(np.append(starts, touches.stop - touches.start)) > 0
        null = np.zeros((rows.stop - rows.start, features.shape[1]))
        null[there] = -np.add.reduceat(pull, starts[there], axis=0)
        converted = null.copy()
        converted[there] += features[paths.offsets[rows.start + 1 : rows.stop + 1][there] - touches.start - 1]
        yield rows, converted, null


def width(paths: Paths, signals: Signals) -> int:
    """The number of features, F."""
    return 3 + 2 * len(paths.channels) + len(signals)


def features_of(paths: Paths, signals: Signals) -> Iterator[Block]:
    """Features (touches, F) of blocks of paths, with the places of the paths and of the touches in the block."""
    for values in signals.values():
        if values.shape != paths.steps.shape:
            raise BadSetting(f"a signal has {values.size:,} entries for {paths.steps.size:,} touches.")
    begin = 0
    while begin < paths.size:
        end = int(np.searchsorted(paths.offsets, paths.offsets[begin] + _BLOCK, side="right")) - 1
        end = max(end, begin + 1)
        touches = slice(int(paths.offsets[begin]), int(paths.offsets[end]))
        if touches.stop > touches.start:
            yield slice(begin, end), touches, _features(paths, signals, slice(begin, end), touches)
        begin = end


def _features(paths: Paths, signals: Signals, rows: slice, touches: slice) -> Floats:
    size = len(paths.channels)
    starts = paths.offsets[rows] - touches.start
    lengths = paths.lengths[rows]
    steps = paths.steps[touches]
    features = np.zeros((steps.size, width(paths, signals)))
    features[:, 0] = 1.0
    features[np.arange(steps.size), 1 + steps] = 1.0
    met = np.zeros((lengths.size, size))  # what each path met before, fading
    often = np.zeros((lengths.size, size))
    fade = _fades(paths, touches)
    for place in range(int(lengths.max(initial=0))):
        active = np.flatnonzero(lengths > place)
        at = starts[active] + place
        here = steps[at]
        if place:
            met[active] *= fade[at, None]
        features[at, 1 + size : 1 + 2 * size] = met[active]
        features[at, 1 + 2 * size] = np.log1p(place)
        features[at, 2 + 2 * size] = np.log1p(often[active, here])
        met[active, here] += 1.0
        often[active, here] += 1.0
    for column, values in enumerate(signals.values(), start=3 + 2 * size):
        features[:, column] = values[touches]
    return features


def _fades(paths: Paths, touches: slice) -> Floats:
    """(touches,) how much of what was met is left since the touch before."""
    if paths.ages is None:
        return np.full(touches.stop - touches.start, 0.5 ** (1 / _HALF_LIFE_TOUCHES))
    days = -np.diff(paths.ages[touches], prepend=0.0)
    return np.exp2(-np.maximum(days, 0.0) / _HALF_LIFE_DAYS)


def _slope_and_curvature(paths: Paths, blocks: Iterable[Block], coefficients: Floats) -> tuple[Floats, Floats]:
    penalty = np.full(coefficients.size, _RIDGE)
    penalty[0] = 0.0
    slope = -penalty * coefficients
    curvature = np.diag(penalty)
    journeys = np.repeat(paths.journeys, paths.lengths)
    last = paths.offsets[1:][paths.lengths > 0] - 1
    events = np.zeros(paths.steps.size)
    events[last] = paths.conversions[paths.lengths > 0]
    for _, touches, features in blocks:
        risk = expit(features @ coefficients)
        weight = journeys[touches]
        slope += features.T @ (events[touches] - weight * risk)
        scaled = features * np.sqrt(weight * risk * (1 - risk))[:, None]
        curvature += scaled.T @ scaled
    return slope, curvature
