"""Windows of the last k touches: the states of a chain of order k, found once and counted as often as wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.attribution.paths import Bools, Codes, Paths, Rows
from warehouse.errors import BadSetting, NotEnoughData

_FEW: Final = 1_000_000  # numbers that a table may have beyond what the paths themselves take


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """S states and E moves between them, over paths with T touches.

    ``of`` (S, order) has each state's channels, the newest last, -1 before the first touch. Move e leads from
    ``sources[e]`` to ``targets[e]``. ``states`` (T,) is the state after each touch, ``move_of`` (T,) the move from it
    to the next touch of its path; what stands there for a path's last touch is no move of it.
    """

    channels: tuple[str, ...]
    order: int
    of: Codes
    sources: Rows
    targets: Rows
    states: Codes | Rows
    move_of: Codes | Rows

    @property
    def size(self) -> int:
        """The number of states, S."""
        return len(self.of)

    def holding(self, channels: Sequence[int]) -> Bools:
        """(S,) which states have any of these channels in their window."""
        meant = np.zeros(len(self.channels) + 1, dtype=np.bool_)  # the last stands for -1
        meant[np.array(channels, dtype=np.int64)] = True
        held: Bools = np.logical_or.reduce(meant[self.of], axis=1)
        return held


def windows_of(paths: Paths, order: int) -> Windows:
    """The windows of this order (1 or more) in paths that have a touch each.

    Raises :class:`NotEnoughData` where there is no path, :class:`BadSetting` for an order below 1 or so high that the
    windows among that many channels cannot be numbered.
    """
    base = len(paths.channels) + 1
    if order < 1:
        raise BadSetting(f"order == {order}, must be 1 or more.")
    if base ** (order + 1) >= 1 << 62:
        raise BadSetting(
            f"windows of {order} among {base - 1:,} channels cannot be numbered.", remedy="Take a lower order."
        )
    if paths.steps.size == 0:
        raise NotEnoughData("No path has a touch.", remedy="Load touchpoints, or a file with paths.")
    if order == 1 and (base - 1) ** 2 <= 4 * paths.steps.size + _FEW:
        return _single(paths)
    is_small = base ** (order + 1) < 1 << 31  # half as many bytes are moved
    codes: Codes | Rows = paths.steps + np.int32(1) if is_small else paths.steps.astype(np.int64) + 1
    begins = np.zeros(codes.size, dtype=np.bool_)
    begins[paths.offsets[:-1]] = True
    known, states = _numbered(_runs(codes, begins, base, order), base**order)
    none = known.size * base  # the number of what is no move, from a path's last touch to the next path
    moved = np.full(codes.size, none, dtype=codes.dtype)
    np.multiply(states[:-1], base, out=moved[:-1])
    moved[:-1] += codes[1:]
    moved[paths.offsets[1:] - 1] = none
    met, move_of = _numbered(moved, none + 1)
    sources, newest = np.divmod(met[:-1], base)
    targets = np.searchsorted(known, known[sources] % base ** (order - 1) * base + newest)
    digits = known[:, None] // base ** np.arange(order - 1, -1, -1) % base
    return Windows(paths.channels, order, (digits - 1).astype(np.int32), sources, targets, states, move_of)


def _single(paths: Paths) -> Windows:
    """Order 1: every channel is a state and every pair a move, met or not, so that none has to be looked for."""
    size = len(paths.channels)
    move_of = paths.steps.astype(np.int64)
    move_of *= size
    move_of[:-1] += paths.steps[1:]
    every = np.arange(size, dtype=np.int64)
    of = every.astype(np.int32)[:, None]
    return Windows(paths.channels, 1, of, np.repeat(every, size), np.tile(every, size), paths.steps, move_of)


def _runs(codes: Codes | Rows, begins: Bools, base: int, order: int) -> Codes | Rows:
    """(T,) each touch with the ``order - 1`` before it in its path as digits of one number, the newest last."""
    runs = codes.copy()
    outside = begins.copy()  # whether the touch `lag` before belongs to another path
    for lag in range(1, order):
        older = codes[:-lag] * base**lag
        older[outside[lag:]] = 0
        runs[lag:] += older
        outside[1:] = begins[1:] | outside[:-1]
    return runs


def _numbered(keys: Codes | Rows, most: int) -> tuple[Rows, Codes | Rows]:
    """The distinct keys, rising, and the place of each key among them; keys are below ``most``."""
    if most > 4 * keys.size + _FEW:
        distinct, places = np.unique(keys, return_inverse=True)
        return distinct.astype(np.int64), places
    there = np.zeros(most, dtype=np.bool_)
    there[keys] = True
    known = np.flatnonzero(there)
    place = np.empty(most, dtype=keys.dtype)
    place[known] = np.arange(known.size)
    return known, place[keys]
