"""Paths of several days or segments as one: counts of equal paths are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ml.attribution.paths import Paths, Rows, ends, summed
from warehouse.errors import BadSetting


def merged(parts: Sequence[Paths]) -> Paths:
    """All paths of the parts, each distinct one once, with its counts added up.

    Channels are put in alphabetical order. Paths whose touches carry ages are kept apart: equal channels met at other
    times are other journeys. Raises :class:`BadSetting` without parts, or where only some carry ages or views.
    """
    if not parts:
        raise BadSetting("there are no paths to merge.")
    every = _stacked(parts)
    if every.ages is not None:
        return every
    which, first = _distinct(every)
    chosen = every.take(first)
    size = first.size
    return replace(
        chosen,
        conversions=summed(which, every.conversions, size),
        value=summed(which, every.value, size),
        nulls=summed(which, every.nulls, size),
    )


def together(one: Paths, other: Paths) -> tuple[Paths, Paths]:
    """Both over the same rows and channels: every path of either, with 0 where one does not have it."""
    nothing = [replace(part, conversions=0 * part.conversions, value=0 * part.value, nulls=0 * part.nulls)
               for part in (one, other)]  # fmt: skip
    return merged([_plain(one), _plain(nothing[1])]), merged([_plain(nothing[0]), _plain(other)])


def _plain(paths: Paths) -> Paths:
    return replace(paths, ages=None, views=None)


def _stacked(parts: Sequence[Paths]) -> Paths:
    channels = tuple(sorted({channel for part in parts for channel in part.channels}))
    place = {channel: number for number, channel in enumerate(channels)}
    for name in ("ages", "views"):
        if len({getattr(part, name) is None for part in parts}) > 1:
            raise BadSetting(f"only some of the paths to merge have {name}.", remedy="Leave them out of all.")
    steps = [np.array([place[c] for c in part.channels], dtype=np.int32)[part.steps] for part in parts]
    return Paths(
        channels,
        np.concatenate(steps),
        ends(np.concatenate([part.lengths for part in parts])),
        np.concatenate([part.conversions for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.nulls for part in parts]),
        None if parts[0].ages is None else np.concatenate([part.ages for part in parts if part.ages is not None]),
        None if parts[0].views is None else np.concatenate([part.views for part in parts if part.views is not None]),
    )


def _distinct(paths: Paths) -> tuple[Rows, Rows]:
    """(P,) which distinct path each is, and (D,) where each distinct one stands first, in the order of the steps.

    Paths are told apart by two sums of 64 random bits per channel and place.
    """
    names = np.column_stack([paths.lengths.astype(np.uint64), _names(paths, 1), _names(paths, 2)])
    _, first, which = np.unique(names, axis=0, return_index=True, return_inverse=True)
    return which.ravel(), first


def _names(paths: Paths, seed: int) -> npt.NDArray[np.uint64]:
    generator = np.random.default_rng(seed)
    longest = int(paths.lengths.max(initial=0))
    by_channel = generator.integers(1 << 63, size=2 * max(len(paths.channels), 1), dtype=np.uint64) * np.uint64(2)
    by_place = generator.integers(1 << 63, size=max(longest, 1), dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    kind = paths.steps if paths.views is None else 2 * paths.steps + paths.views
    mixed = by_channel[kind] * by_place[paths.places]
    names = np.zeros(paths.size, dtype=np.uint64)
    there = paths.lengths > 0
    if there.any():
        names[there] = np.add.reduceat(mixed ^ (mixed >> np.uint64(31)), paths.offsets[:-1][there])
    return names
