"""What a model gives to the channels of single paths."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ml.attribution.markov import ratio
from ml.attribution.models import Credits, touch_weights
from ml.attribution.paths import Floats, Paths, Rows, summed
from ml.attribution.rules import without_ages


def path_credits(paths: Paths, rows: Rows, credit: Credits, *, incremental: bool) -> list[Mapping[str, float]]:
    """Of each path in ``rows``, how many of its conversions go to each channel.

    By a rule or the Shapley values, those of its touches; time decay without times goes by steps. Another model says
    nothing of single paths: its channels share a path's conversions in proportion to what they get per path that has
    them. Credits that are ``incremental`` are taken as they are, since not all of a path's conversions are anybody's.
    """
    chosen = without_ages(paths.take(rows))
    weights = None if incremental else touch_weights(chosen, credit.model)
    if weights is None:
        weights = _by_rate(chosen, credit, paths, in_full=not incremental)
    given = weights * np.repeat(chosen.conversions, chosen.lengths)
    told: list[Mapping[str, float]] = []
    for begin, end in zip(chosen.offsets[:-1], chosen.offsets[1:], strict=True):
        by_channel: dict[str, float] = {}
        for step, part in zip(chosen.steps[begin:end], given[begin:end], strict=True):
            channel = chosen.channels[step]
            by_channel[channel] = round(by_channel.get(channel, 0.0) + float(part), 6)
        told.append(by_channel)
    return told


def _by_rate(chosen: Paths, credit: Credits, paths: Paths, *, in_full: bool) -> Floats:
    """(T,) each channel once a path, weighted by its credit per converting path that has it."""
    size = len(paths.channels)
    pairs = np.unique(paths.rows * size + paths.steps)
    met = summed(pairs % size, paths.conversions[pairs // size], size)
    rate = np.maximum(ratio(credit.conversions, met), 0.0)
    key = chosen.rows * size + chosen.steps
    _, which, counts = np.unique(key, return_inverse=True, return_counts=True)
    each: Floats = rate[chosen.steps] / counts[which]
    if not in_full:
        return each
    return ratio(each, summed(chosen.rows, each, chosen.size)[chosen.rows])
