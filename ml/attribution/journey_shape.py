"""What journeys look like, whatever a model makes of them: what follows what, who stands where, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from ml.attribution.held import Held, journeys_of
from ml.attribution.inputs import Segment, counted_paths
from ml.attribution.markov import chain_of, transition_matrix
from ml.attribution.profile import days_to_convert, flow_of, positions_of, touches_to_convert
from warehouse.engine import ReadSession

DAYS: Final = (0, 1, 3, 7, 14, 30)  # at which classes of the time to convert begin
CONVERSION, NOTHING = "(conversion)", "(nothing)"


@dataclass(frozen=True, slots=True)
class Transition:
    """How probable ``target`` follows ``source``; None is the beginning. Targets may be a conversion or nothing."""

    source: str | None
    target: str
    probability: float


@dataclass(frozen=True, slots=True)
class Flow:
    """Journeys from the ``position``-th touch, of ``source``, to the next, to a conversion or to nothing."""

    position: int
    source: str
    target: str
    journeys: float


@dataclass(frozen=True, slots=True)
class Position:
    """Touches of a channel in converting journeys: the only one, the first (early), between (mid), the last (late)."""

    channel: str
    only: float
    early: float
    mid: float
    late: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Conversions after ``at_least`` touches or days, and less than ``below`` (None: without end)."""

    at_least: int
    below: int | None
    conversions: float


def transitions(held: Held, *, order: int = 1) -> list[Transition]:
    """What follows what, in all journeys with a touch; the most probable first of every source."""
    chain = chain_of(counted_paths(held.inputs, Segment(held.first, held.last)), order)
    matrix = transition_matrix(chain)
    sources: list[str | None] = [None, *chain.channels]
    targets = [*chain.channels, CONVERSION, NOTHING]
    return [
        Transition(sources[row], targets[column], float(matrix[row, column]))
        for row in range(len(sources))
        for column in np.argsort(-matrix[row], kind="stable")
        if matrix[row, column] > 0
    ]


def flows(held: Held, *, steps: int = 4) -> list[Flow]:
    """Journeys through their first touches, step by step, the largest flows first."""
    flow = flow_of(counted_paths(held.inputs, Segment(held.first, held.last)), steps)
    targets = [*flow.channels, CONVERSION, NOTHING]
    found = [
        Flow(int(position) + 1, flow.channels[source], targets[target], float(flow.counts[position, source, target]))
        for position, source, target in np.argwhere(flow.counts > 0)
    ]
    return sorted(found, key=lambda one: (-one.journeys, one.position, one.source, one.target))


def positions(held: Held) -> list[Position]:
    """Where the channels stand in converting journeys, those with the most touches first."""
    paths = counted_paths(held.inputs, Segment(held.first, held.last))
    rows = [Position(name, *map(float, row)) for name, row in zip(paths.channels, positions_of(paths), strict=True)]
    return sorted(rows, key=lambda row: (-(row.only + row.early + row.mid + row.late), row.channel))


def touches_before(held: Held, *, most: int = 10) -> list[Bin]:
    """Conversions by how many touches came before them; the last class has no end."""
    counts = touches_to_convert(counted_paths(held.inputs, Segment(held.first, held.last)))
    sure = np.pad(counts, (0, max(most + 1 - counts.size, 0)))
    bins = [Bin(number, number + 1, float(sure[number])) for number in range(most)]
    return [*bins, Bin(most, None, float(sure[most:].sum()))]


def days_before(session: ReadSession, held: Held) -> list[Bin]:
    """Conversions with a touch by the days from the first one."""
    segment = Segment(held.first, held.last)
    journeys = journeys_of(session, held, segment, counted_paths(held.inputs, segment))
    days, conversions = days_to_convert(journeys.paths)
    edges = [*map(float, DAYS), np.inf]
    return [
        Bin(int(low), None if high == np.inf else int(high), float(conversions[(days >= low) & (days < high)].sum()))
        for low, high in pairwise(edges)
    ]
