"""Distinct paths of channels with what they ended in: all that every attribution model here reads.

A path is a run of touches; equal paths are one row with counts. About an eighth of many journeys are distinct, so a
model that reads rows costs an eighth of one that reads journeys, and rows of several days or segments are simply added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from warehouse.errors import BadSetting

Codes = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """P paths with T touches altogether, over C channels.

    ``steps`` (T,) are places in ``channels``, path after path in order of time; path p has those from ``offsets[p]`` to
    before ``offsets[p + 1]`` (P + 1,). ``conversions``, ``value`` (of those conversions) and ``nulls`` (journeys that
    ended without one) are (P,). A path may be without a touch.

    ``ages`` (T,) in days before the journey's end, and ``views`` (T,), true where somebody only saw an ad, are there
    where the journeys' source tells of them.
    """

    channels: tuple[str, ...]
    steps: Codes
    offsets: Rows
    conversions: Floats
    value: Floats
    nulls: Floats
    ages: Floats | None = None
    views: Bools | None = None

    def __post_init__(self) -> None:
        """Raises :class:`BadSetting` where the arrays do not belong together or a count is none."""
        rows, touches = self.offsets.size - 1, self.steps.size
        for name in ("conversions", "value", "nulls"):
            column = getattr(self, name)
            if column.shape != (rows,):
                raise BadSetting(f"{name} has {column.size:,} entries for {rows:,} paths.")
            if not np.isfinite(column).all():
                raise BadSetting(f"{name} has entries that are no number.", remedy="Leave those paths out.")
            if name != "value" and (column < 0).any():
                raise BadSetting(f"{name} has negative counts.", remedy="Leave those paths out.")
        for name in ("ages", "views"):
            column = getattr(self, name)
            if column is not None and column.shape != (touches,):
                raise BadSetting(f"{name} has {column.size:,} entries for {touches:,} touches.")
        if rows < 0 or self.offsets[0] != 0 or self.offsets[-1] != touches or (np.diff(self.offsets) < 0).any():
            raise BadSetting(f"offsets must rise from 0 to the number of touches, {touches:,}.")
        if touches and not 0 <= int(self.steps.min()) <= int(self.steps.max()) < len(self.channels):
            raise BadSetting(f"steps name channels that are none of the {len(self.channels):,}.")
        if len(set(self.channels)) != len(self.channels):
            raise BadSetting("a channel is named twice.", remedy="Give each channel one name.")

    @property
    def size(self) -> int:
        """The number of rows, P."""
        return self.offsets.size - 1

    @property
    def lengths(self) -> Rows:
        """(P,) touches of each path."""
        return np.diff(self.offsets)

    @property
    def journeys(self) -> Floats:
        """(P,) how often each path was gone, to whatever end."""
        return self.conversions + self.nulls

    @property
    def rows(self) -> Rows:
        """(T,) the path of each touch."""
        return np.repeat(np.arange(self.size), self.lengths)

    @property
    def places(self) -> Rows:
        """(T,) how many touches of the path came before each touch."""
        return np.arange(self.steps.size) - np.repeat(self.offsets[:-1], self.lengths)

    @property
    def value_per_conversion(self) -> Floats:
        """(P,) what a conversion at the end of each path is worth, 0 where there is none."""
        return np.divide(self.value, self.conversions, out=np.zeros(self.size), where=self.conversions > 0)

    def place(self, channel: str) -> int:
        """Where a channel stands. Raises :class:`BadSetting` for an unknown one."""
        if channel not in self.channels:
            raise BadSetting(f"no path has the channel {channel!r}.", remedy=f"There are: {', '.join(self.channels)}.")
        return self.channels.index(channel)

    def take(self, rows: npt.NDArray[np.bool_ | np.int64]) -> Paths:
        """Only these paths: a mask (P,) or places."""
        chosen = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        lengths = self.lengths[chosen]
        offsets = ends(lengths)
        touches = np.arange(offsets[-1]) + np.repeat(self.offsets[chosen] - offsets[:-1], lengths)
        return replace(
            self,
            steps=self.steps[touches],
            offsets=offsets,
            conversions=self.conversions[chosen],
            value=self.value[chosen],
            nulls=self.nulls[chosen],
            ages=None if self.ages is None else self.ages[touches],
            views=None if self.views is None else self.views[touches],
        )

    def keep(self, touches: Bools) -> Paths:
        """Only these touches (T,); a path that loses all of them stays as one without a touch."""
        left = np.concatenate([[0], np.cumsum(touches)])
        return replace(
            self,
            steps=self.steps[touches],
            offsets=left[self.offsets],
            ages=None if self.ages is None else self.ages[touches],
            views=None if self.views is None else self.views[touches],
        )

    def weighted(self, conversions: Floats, nulls: Floats) -> Paths:
        """The same paths gone this often (P,), a conversion at the end of each being worth what it was."""
        return replace(self, conversions=conversions, nulls=nulls, value=self.value_per_conversion * conversions)

    def named(self, channels: Mapping[str, str]) -> Paths:
        """With channels under other names; those that get the same name become one channel."""
        names = [channels.get(name, name) for name in self.channels]
        known = tuple(dict.fromkeys(names))
        lookup = np.array([known.index(name) for name in names], dtype=np.int32)
        return replace(self, channels=known, steps=lookup[self.steps] if names else self.steps)


def paths_from_lists(
    journeys: Iterable[Sequence[str]],
    conversions: npt.ArrayLike,
    *,
    value: npt.ArrayLike | None = None,
    nulls: npt.ArrayLike | None = None,
) -> Paths:
    """Paths from lists of channel names, one list a row; channels are put in alphabetical order.

    For small data: files go through :func:`ml.attribution.path_file.read_paths`.
    """
    lists = [list(journey) for journey in journeys]
    channels = tuple(sorted({channel for journey in lists for channel in journey}))
    code = {channel: place for place, channel in enumerate(channels)}
    flat = [code[channel] for journey in lists for channel in journey]
    return Paths(
        channels,
        np.array(flat, dtype=np.int32),
        ends(np.array([len(journey) for journey in lists], dtype=np.int64)),
        np.asarray(conversions, dtype=np.float64),
        np.zeros(len(lists)) if value is None else np.asarray(value, dtype=np.float64),
        np.zeros(len(lists)) if nulls is None else np.asarray(nulls, dtype=np.float64),
    )


def paths_from_characters(
    paths: Sequence[str], steps: Mapping[str, str], conversions: Floats, value: Floats, nulls: Floats
) -> Paths:
    """Paths written as one character per touch, as the warehouse keeps them; ``steps`` says which channel each is.

    Raises :class:`BadSetting` for a character that is no step.
    """
    channels = tuple(sorted(set(steps.values())))
    known = np.array([ord(step) for step in steps], dtype=np.int64)
    lookup = np.full(max(known.max(initial=0) + 1, 1), -1, dtype=np.int32)
    lookup[known] = [channels.index(channel) for channel in steps.values()]
    letters = np.frombuffer("".join(paths).encode("utf-32-le"), dtype=np.uint32)
    codes = lookup[np.minimum(letters, lookup.size - 1)]
    strange = (codes < 0) | (letters >= lookup.size)
    if strange.any():
        raise BadSetting(f"{chr(int(letters[strange][0]))!r} stands for no channel.")
    lengths = np.fromiter(map(len, paths), dtype=np.int64, count=len(paths))
    return Paths(channels, codes, ends(lengths), conversions, value, nulls)


def ends(lengths: Rows) -> Rows:
    """(P + 1,) offsets of paths of these lengths."""
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)])


def summed(places: npt.NDArray[np.signedinteger], weights: npt.NDArray[np.floating | np.integer], size: int) -> Floats:
    """(size,) sums of weights (n,) by place (n,); longer where a place lies beyond."""
    return np.bincount(places, weights=weights, minlength=size).astype(np.float64, copy=False)
