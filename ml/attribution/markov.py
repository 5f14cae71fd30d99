"""Markov attribution of any order, exactly: what would be lost if a channel led nowhere.

Journeys are a chain that is absorbed in a conversion or in nothing; the states of order k are the last k channels
(Anderl, Becker, von Wangenheim and Schumann 2016, doi 10.1016/j.ijresmar.2016.03.001). No path is simulated: the same
paths give the same credits.

The higher the order, the nearer a removal effect comes to the share of conversions whose path has the channel at all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.attribution.absorbing import outcomes_without, removal_by_inverse
from ml.attribution.paths import Floats, Paths, summed
from ml.attribution.windows import Windows, windows_of
from warehouse.errors import BadSetting

MOST_INVERTED: Final = 3_000  # states: an inverse of 72 MB


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """S states and E moves between them, counted.

    ``moves`` (E,) journeys along each move, ``passed`` (S,) through each state, ``starts`` (S,) begun there;
    ``conversions``, ``value`` and ``nulls`` (S,) are what they ended in there.
    """

    windows: Windows
    moves: Floats
    passed: Floats
    starts: Floats
    conversions: Floats
    value: Floats
    nulls: Floats

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the C channels."""
        return self.windows.channels

    @property
    def start_shares(self) -> Floats:
        """(S,) the probability to begin in each state."""
        return ratio(self.starts, self.starts.sum())

    @property
    def move_shares(self) -> Floats:
        """(E,) the probability of each move, from its source."""
        return ratio(self.moves, self.passed[self.windows.sources])

    @property
    def outcomes(self) -> Floats:
        """(S, 2) conversions and value at the end of a journey that is in each state, on average."""
        return ratio(np.column_stack([self.conversions, self.value]), self.passed[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class Removal:
    """What the chain loses without each channel, as shares (C,) of the conversions and of the value that it predicts.

    ``probability`` is the predicted conversion rate of journeys with a touch; at every order it is the one there was.
    """

    probability: float
    conversions: Floats
    value: Floats


def chain_of(paths: Paths, order: int = 1) -> Chain:
    """The chain of this order. Paths without a touch are left out. Raises as :func:`windows_of`."""
    touched = paths.take(paths.lengths > 0) if (paths.lengths == 0).any() else paths
    return counted(windows_of(touched, order), touched)


def counted(windows: Windows, paths: Paths) -> Chain:
    """The chain whose windows have been found, with the counts of these paths."""
    size, last = windows.size, paths.offsets[1:] - 1
    ended = windows.states[last]
    going_on = np.repeat(paths.journeys, paths.lengths)
    going_on[last] = 0.0
    moves = summed(windows.move_of, going_on, windows.sources.size)[: windows.sources.size]
    conversions = summed(ended, paths.conversions, size)
    nulls = summed(ended, paths.nulls, size)
    return Chain(
        windows,
        moves,
        summed(windows.sources, moves, size) + conversions + nulls,
        summed(windows.states[paths.offsets[:-1]], paths.journeys, size),
        conversions,
        summed(ended, paths.value, size),
        nulls,
    )


def removal_effects(chain: Chain) -> Removal:
    """The removal effect of every channel: 1 - P(conversion without it) / P(conversion).

    A journey ends where the removed channel would have been met. All zero where nothing converts.
    """
    windows = chain.windows
    if windows.order == 1 and windows.size <= MOST_INVERTED:
        matrix = np.zeros((windows.size, windows.size))
        matrix[windows.sources, windows.targets] = chain.move_shares
        total, lost = removal_by_inverse(chain.start_shares, matrix, chain.outcomes)
        by_channel = np.zeros((len(chain.channels), 2))
        by_channel[windows.of[:, 0]] = ratio(lost, total)
        return Removal(float(total[0]), by_channel[:, 0], by_channel[:, 1])
    removed = np.column_stack([windows.holding([]), *(windows.holding([c]) for c in range(len(chain.channels)))])
    kept = _kept(chain, removed)
    lost = ratio(kept[0] - kept[1:], kept[0])
    return Removal(float(kept[0, 0]), lost[:, 0], lost[:, 1])


def joint_removal(chain: Chain, channels: Collection[str]) -> float:
    """The share of the predicted conversions that is lost without all of ``channels`` together.

    Raises :class:`BadSetting` for a channel that the chain does not know.
    """
    strange = sorted(set(channels) - set(chain.channels))
    if strange:
        raise BadSetting(f"no path has the channel {strange[0]!r}.", remedy=f"There are: {', '.join(chain.channels)}.")
    together = chain.windows.holding([chain.channels.index(channel) for channel in channels])
    kept = _kept(chain, np.column_stack([chain.windows.holding([]), together]))
    return float(ratio(kept[0, 0] - kept[1, 0], kept[0, 0]))


def transition_matrix(chain: Chain) -> Floats:
    """(C + 1, C + 2) probabilities of what comes next.

    Rows are the start and the channels; columns the channels, then a conversion, then nothing. Of a chain of higher
    order, what comes after a channel whatever came before it. A channel nobody met has zeros.
    """
    size, windows = len(chain.channels), chain.windows
    newest = windows.of[:, -1]
    counts = np.zeros((size + 1, size + 2))
    np.add.at(counts[0], newest, chain.starts)
    np.add.at(counts, (newest[windows.sources] + 1, newest[windows.targets]), chain.moves)
    np.add.at(counts[:, size], newest + 1, chain.conversions)
    np.add.at(counts[:, size + 1], newest + 1, chain.nulls)
    return ratio(counts, counts.sum(axis=1, keepdims=True))


def ratio(above: Floats, below: Floats | float) -> Floats:
    """Divided, with 0 where there is nothing to divide by."""
    above, below = np.broadcast_arrays(above, below)
    return np.divide(above, below, out=np.zeros(above.shape), where=below > 0)


def _kept(chain: Chain, removed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    windows = chain.windows
    return outcomes_without(
        chain.start_shares, windows.sources, windows.targets, chain.move_shares, chain.outcomes, removed
    )
