"""Credit below the channel: to campaigns, creatives, regions or days, without a state for each.

A model gives credit to channels; which campaign a touch of the channel was of is known of every journey. So a channel's
credit is split by who its touches in converting journeys were of, and the parts sum to the channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.attribution.paths import Codes, Floats, Paths, Rows, summed
from warehouse.errors import BadSetting

UNKNOWN: Final = "(unknown)"
_SLACK: Final = 1e-6  # of a conversion, by which details may exceed their path through rounding


@dataclass(frozen=True, slots=True, eq=False)
class Details:
    """Of what the touches were: N rows, each some conversions of one path with one label at one touch.

    ``rows`` (N,) are paths, ``places`` (N,) touches in them from 0, ``labels`` (N,) places in ``names``, which may be
    campaigns or any combination: campaign and device, or the day of the touch. ``conversions`` and ``value`` (N,) of
    one touch sum to those of its path, or to less where labels are not known.
    """

    names: tuple[str, ...]
    rows: Rows
    places: Rows
    labels: Codes
    conversions: Floats
    value: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Parts of the channels' credit.

    ``channel`` and ``label`` (M,) are places in ``channels`` and in ``names``, of which the last is ``(unknown)``;
    ``conversions`` and ``value`` (M,) sum to the credit of each channel.
    """

    channels: tuple[str, ...]
    names: tuple[str, ...]
    channel: Rows
    label: Rows
    conversions: Floats
    value: Floats


def split_credit(
    paths: Paths, conversions: Floats, value: Floats, details: Details, weights: Floats | None = None
) -> Split:
    """Split credits (C,) of conversions and of value by label.

    With the touch ``weights`` (T,) of a rule or a Shapley value, every touch keeps its own credit, and the split is
    what the same rule would have given to the labels. Without (Markov, calibrated), a channel's credit is shared by the
    converting journeys that met it, each counting once and its touches of the channel alike: what the chain's removal
    effect tends to as its order grows.

    Raises :class:`BadSetting` for details of touches or conversions that the paths do not have.
    """
    touches = _touches(paths, details)
    each = _once_per_path(paths) if weights is None else weights
    size, width = len(paths.channels), len(details.names) + 1
    parts = []
    for given, of_paths, of_details in (
        (conversions, paths.conversions, details.conversions),
        (value, paths.value, details.value),
    ):
        known = summed(touches, of_details, paths.steps.size)
        missing = np.repeat(of_paths, paths.lengths) - known
        if (missing < -_SLACK * np.maximum(np.repeat(of_paths, paths.lengths), 1.0)).any():
            raise BadSetting("details have more conversions or value than their paths.", remedy="Count each once.")
        table = summed(paths.steps[touches] * width + details.labels, each[touches] * of_details, size * width).reshape(
            size, width
        )
        table[:, -1] += summed(paths.steps, each * np.maximum(missing, 0.0), size)
        parts.append(_scaled(table, given))
    channel, label = np.nonzero((parts[0] != 0) | (parts[1] != 0))
    return Split(
        paths.channels,
        (*details.names, UNKNOWN),
        channel,
        label,
        parts[0][channel, label],
        parts[1][channel, label],
    )


def _touches(paths: Paths, details: Details) -> Rows:
    """(N,) the touch of each row of details."""
    if details.rows.size and not 0 <= details.rows.min() <= details.rows.max() < paths.size:
        raise BadSetting("details name paths that are not there.")
    if (details.places < 0).any() or (details.places >= paths.lengths[details.rows]).any():
        raise BadSetting("details name touches that their path does not have.")
    if details.labels.size and not 0 <= details.labels.min() <= details.labels.max() < len(details.names):
        raise BadSetting("details have labels that are not named.")
    return paths.offsets[details.rows] + details.places


def _once_per_path(paths: Paths) -> Floats:
    """(T,) one divided by how often the touch's path has its channel."""
    key = paths.rows * max(len(paths.channels), 1) + paths.steps
    _, which, counts = np.unique(key, return_inverse=True, return_counts=True)
    share: Floats = 1.0 / counts[which]
    return share


def _scaled(table: Floats, given: Floats) -> Floats:
    """The table with rows that sum to what was given; a channel in no converting path has all of it unknown."""
    sums = table.sum(axis=1)
    scaled: Floats = table * np.divide(given, sums, out=np.zeros_like(given), where=sums > 0)[:, None]
    scaled[:, -1] += np.where(sums > 0, 0.0, given)
    return scaled
