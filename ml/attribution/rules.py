"""Rules: credit by where in the path a touch lies. Every rule is a weight per touch; a path's weights sum to one.

What a rule gives away is a convention, not a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ml.attribution.paths import Bools, Floats, Paths, summed
from warehouse.errors import BadSetting, NotEnoughData

DIRECT: Final = frozenset({"direct", "(direct)", "none", "(none)", "(direct) / (none)"})


def first_touch(paths: Paths) -> Floats:
    """(T,) weights: all to the first touch."""
    weights: Floats = (paths.places == 0).astype(np.float64)
    return weights


def last_touch(paths: Paths) -> Floats:
    """(T,) weights: all to the last touch."""
    return _last_of(paths, np.ones(paths.steps.size, dtype=np.bool_)).astype(np.float64)


def last_non_direct(paths: Paths, direct: frozenset[str] = DIRECT) -> Floats:
    """(T,) weights: all to the last touch that is none of ``direct`` (in small letters); if all are, to the last."""
    are = np.array([channel.strip().lower() in direct for channel in paths.channels], dtype=np.bool_)
    counts = ~are[paths.steps] if are.size else np.zeros(0, dtype=np.bool_)
    nothing_else = _sums(paths, counts.astype(np.float64)) == 0
    return _last_of(paths, counts | nothing_else[paths.rows]).astype(np.float64)


def linear(paths: Paths) -> Floats:
    """(T,) weights: the same to every touch."""
    return _shared(paths, np.ones(paths.steps.size))


def position_based(paths: Paths, first: float = 0.4, last: float = 0.4) -> Floats:
    """(T,) weights: ``first`` and ``last`` to the ends, the rest to the touches between, equally.

    Of two touches each gets its end's weight in proportion; one touch gets all. Raises :class:`BadSetting` for weights
    below 0 or above 1 together.
    """
    if not (first >= 0 and last >= 0 and 0 < first + last <= 1):
        raise BadSetting(f"position weights {first} and {last} must not be negative and sum to at most 1.")
    lengths, places = np.repeat(paths.lengths, paths.lengths), paths.places
    between = np.maximum(lengths - 2, 1)
    weights = np.where(places == 0, first, np.where(places == lengths - 1, last, (1 - first - last) / between))
    return _shared(paths, np.where(lengths == 1, 1.0, weights))


def time_decay(paths: Paths, half_life: float = 7.0) -> Floats:
    """(T,) weights that halve with every ``half_life`` days before the journey's end.

    Raises :class:`NotEnoughData` where the paths do not say when their touches were.
    """
    if paths.ages is None:
        raise NotEnoughData(
            "These paths do not say when their touches were.", remedy="Let the weight decay by steps instead."
        )
    return _shared(paths, _halved(paths, paths.ages, half_life))


def step_decay(paths: Paths, half_life: float = 1.0) -> Floats:
    """(T,) weights that halve with every ``half_life`` touches that followed."""
    after = np.repeat(paths.offsets[1:], paths.lengths) - 1 - np.arange(paths.steps.size)
    return _shared(paths, _halved(paths, after.astype(np.float64), half_life))


@dataclass(frozen=True, slots=True)
class Lookback:
    """How long before the end a touch still counts: ``days``, or what ``channels`` says for its channel."""

    days: float
    channels: Mapping[str, float]


def within(paths: Paths, lookback: Lookback) -> Paths:
    """The paths without touches older than the lookback of their channel. A path may lose all its touches.

    Raises :class:`NotEnoughData` where the paths do not say when their touches were, :class:`BadSetting` for days that
    are not positive.
    """
    if paths.ages is None:
        raise NotEnoughData(
            "These paths do not say when their touches were, so no lookback can be applied.",
            remedy="Take paths from the warehouse, or leave the lookback out.",
        )
    for channel in lookback.channels:
        paths.place(channel)
    days = np.array([lookback.channels.get(channel, lookback.days) for channel in paths.channels])
    if (days <= 0).any():
        raise BadSetting("a lookback must be more than 0 days.")
    return paths.keep(paths.ages <= days[paths.steps])


def discounted(paths: Paths, weights: Floats, view_weight: float) -> Floats:
    """(T,) weights in which a touch that was only a view counts ``view_weight`` times (0 to 1), summing to one again.

    Journeys of nothing but views keep what the rule gave them. Raises :class:`NotEnoughData` where the paths do not say
    which touches were views, :class:`BadSetting` for a weight outside 0 to 1.
    """
    if not 0 <= view_weight <= 1:
        raise BadSetting(f"view_weight == {view_weight}, must be from 0 to 1.")
    if paths.views is None:
        raise NotEnoughData("These paths do not say which touches were views.", remedy="Take paths from the warehouse.")
    reduced = np.where(paths.views, view_weight * weights, weights)
    nothing_left = _sums(paths, reduced) <= 0
    return _shared(paths, np.where(nothing_left[paths.rows], weights, reduced))


def credited(paths: Paths, weights: Floats) -> tuple[Floats, Floats]:
    """Conversions and value (C,) each, that weights (T,) give to the channels."""
    per_touch = weights * np.repeat(paths.conversions, paths.lengths)
    worth = weights * np.repeat(paths.value, paths.lengths)
    size = len(paths.channels)
    return (
        summed(paths.steps, per_touch, size),
        summed(paths.steps, worth, size),
    )


def without_ages(paths: Paths) -> Paths:
    """The paths without what is known of each touch apart from its channel."""
    return replace(paths, ages=None, views=None)


def _last_of(paths: Paths, counts: Bools) -> Bools:
    """(T,) whether a touch is its path's last of those that count."""
    touches = np.flatnonzero(counts)
    rows = paths.rows[touches]
    chosen = np.zeros(paths.steps.size, dtype=np.bool_)
    chosen[touches[np.append(rows[1:] != rows[:-1], True)[: rows.size]]] = True
    return chosen


def _halved(paths: Paths, ages: Floats, half_life: float) -> Floats:
    if not half_life > 0:
        raise BadSetting(f"half_life == {half_life}, must be > 0.")
    # Beside the youngest touch, or every weight of an old path would be zero.
    there = paths.lengths > 0
    youngest = np.minimum.reduceat(ages, paths.offsets[:-1][there]) if there.any() else ages
    weights: Floats = np.exp2((np.repeat(youngest, paths.lengths[there]) - ages) / half_life)
    return weights


def _shared(paths: Paths, weights: Floats) -> Floats:
    """The weights divided by their path's sum; equal ones where all are zero."""
    sums = _sums(paths, weights)
    even = sums <= 0
    sums[even] = paths.lengths[even]
    lengths = paths.lengths
    return np.where(np.repeat(even, lengths), 1.0, weights) / np.repeat(sums, lengths)


def _sums(paths: Paths, weights: Floats) -> Floats:
    """(P,) sums over each path's touches."""
    return summed(paths.rows, weights, paths.size)
