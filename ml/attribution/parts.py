"""Credit below the channel with its intervals: the split of :mod:`ml.attribution.grains`, and its bootstrap.

How much a channel gets and how that is shared among its campaigns are told by the same journeys. With Poisson counts
the two vary apart, so each draw of the shares is taken of another draw of the channel's credit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from ml.attribution.bootstrap import poisson_counts
from ml.attribution.grains import Details, split_credit
from ml.attribution.inputs import Dimension, Journeys, labels_of
from ml.attribution.markov import ratio
from ml.attribution.models import Credits, Model, touch_weights
from ml.attribution.paths import Codes, Floats, Paths, Rows
from ml.attribution.rules import within

_ABREAST: Final = 50  # draws in one pass


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """M parts of the channels' credit.

    ``names`` has the columns that were asked for, null where a part's touches tell nothing; ``channel`` (M,) places in
    ``channels``. Conversions and value (M,) sum to each channel's credit; their intervals are at the credit's level,
    None without draws.
    """

    channels: tuple[str, ...]
    names: pl.DataFrame
    channel: Rows
    conversions: Floats
    value: Floats
    low: Floats | None = None
    high: Floats | None = None
    value_low: Floats | None = None
    value_high: Floats | None = None


def parts_of(journeys: Journeys, credit: Credits, by: Sequence[Dimension], *, seed: int = 1) -> Parts:
    """Split a model's credit by what the touches of converting journeys were of.

    A rule and the Shapley values split by their own weights, every other model by the journeys that met the channel,
    each counting once (:func:`~ml.attribution.grains.split_credit`). ``journeys`` are over the credit's channels.
    """
    seen, labels, names = _seen(journeys, credit.model, by)
    weights = touch_weights(seen, credit.model)
    known = labels >= 0
    details = Details(
        tuple(map(str, range(names.height))),
        seen.rows[known],
        seen.places[known],
        labels[known].astype(np.int32),
        seen.conversions[seen.rows[known]],
        seen.value[seen.rows[known]],
    )
    split = split_credit(seen, credit.conversions, credit.value, details, weights)
    told = pl.concat([names, pl.DataFrame({name: [None] for name in names.columns}, schema=names.schema)])
    parts = Parts(credit.channels, told[split.label.tolist()], split.channel, split.conversions, split.value)
    if credit.draws is None or credit.level is None:
        return parts
    each = weights if weights is not None else _once(seen)
    width = names.height + 1
    touches = seen.steps.astype(np.int64) * width + np.where(known, labels, width - 1)
    place = _places(split.channel * width + split.label, touches)
    conversions, value = _drawn(seen, each, place, split.channel, credit, seed)
    tails = [(1 - credit.level) / 2, (1 + credit.level) / 2]
    low, high = np.quantile(conversions, tails, axis=1)
    value_low, value_high = np.quantile(value, tails, axis=1)
    return Parts(
        parts.channels, parts.names, parts.channel, parts.conversions, parts.value, low, high, value_low, value_high
    )


def _seen(journeys: Journeys, model: Model, by: Sequence[Dimension]) -> tuple[Paths, Rows, pl.DataFrame]:
    """The journeys as the model sees them, and of their touches what they are of."""
    names, labels = labels_of(journeys, by)
    paths = journeys.paths
    if model.lookback is None:
        return paths, labels, names
    seen = within(paths, model.lookback)
    days = np.array([model.lookback.channels.get(name, model.lookback.days) for name in paths.channels])
    return seen, labels[journeys.paths.ages <= days[paths.steps]], names


def _once(paths: Paths) -> Floats:
    """(T,) one divided by how often the touch's journey has its channel."""
    key = paths.rows * max(len(paths.channels), 1) + paths.steps
    _, which, counts = np.unique(key, return_inverse=True, return_counts=True)
    once: Floats = 1.0 / counts[which]
    return once


def _places(parts: Rows, touches: Rows) -> Rows:
    """(T,) the part of each touch; -1 where the split has none, its credit being zero."""
    order = np.argsort(parts)
    if not parts.size:
        return np.full(touches.size, -1, dtype=np.int64)
    found = np.minimum(np.searchsorted(parts, touches, sorter=order), parts.size - 1)
    place: Rows = np.where(parts[order[found]] == touches, order[found], -1)
    return place


def _drawn(
    paths: Paths, weights: Floats, place: Rows, channel: Rows | Codes, credit: Credits, seed: int
) -> tuple[Floats, Floats]:
    """(M, B) credit of each part in each draw: a drawn share of the channel's drawn credit."""
    draws = credit.draws
    if draws is None:
        return np.zeros((channel.size, 0)), np.zeros((channel.size, 0))
    there = place >= 0
    give = csr_array((weights[there], (place[there], paths.rows[there])), shape=(channel.size, paths.size))
    generator = np.random.default_rng(seed)
    worth = paths.value_per_conversion[:, None]
    pieces = []
    for begin in range(0, draws.conversions.shape[0], _ABREAST):
        some = slice(begin, begin + _ABREAST)
        counts = poisson_counts(paths.conversions, draws.conversions[some].shape[0], generator)
        pieces.append((
            _shared(give @ counts, channel, draws.conversions[some]),
            _shared(give @ (worth * counts), channel, draws.value[some]),
        ))  # fmt: skip
    conversions, value = zip(*pieces, strict=True)
    return np.concatenate(conversions, axis=1), np.concatenate(value, axis=1)


def _shared(parts: Floats, channel: Rows | Codes, credit: Floats) -> Floats:
    """(M, b) parts scaled to the credit (b, C) of their channel."""
    every = np.arange(channel.size)
    members = csr_array((np.ones(channel.size), (channel, every)), shape=(credit.shape[1], channel.size))
    return np.asarray(ratio(parts, (members @ parts)[channel]) * credit.T[channel])
