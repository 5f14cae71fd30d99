"""What paths look like, whatever a model makes of them: flows, positions, and how many touches a conversion takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.attribution.paths import Floats, Paths, summed
from warehouse.errors import BadSetting


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Journeys from step to step; ``starts`` (C,) are those by their first channel.

    ``counts`` (steps, C, C + 2) lead from a step's channel to the next one's, to a conversion, or to nothing.
    """

    channels: tuple[str, ...]
    starts: Floats
    counts: Floats


def flow_of(paths: Paths, steps: int) -> Flow:
    """The flow through the first ``steps`` touches. Raises :class:`BadSetting` for less than one."""
    if steps < 1:
        raise BadSetting(f"steps == {steps}, must be 1 or more.")
    size = len(paths.channels)
    places, journeys = paths.places, np.repeat(paths.journeys, paths.lengths)
    last = np.zeros(paths.steps.size, dtype=np.bool_)
    last[paths.offsets[1:][paths.lengths > 0] - 1] = True
    counts = np.zeros((steps, size, size + 2))
    going = np.flatnonzero(~last & (places < steps))
    np.add.at(counts, (places[going], paths.steps[going], paths.steps[going + 1]), journeys[going])
    ending = np.flatnonzero(last & (places < steps))
    of = paths.rows[ending]
    np.add.at(counts[:, :, size], (places[ending], paths.steps[ending]), paths.conversions[of])
    np.add.at(counts[:, :, size + 1], (places[ending], paths.steps[ending]), paths.nulls[of])
    first = places == 0
    return Flow(paths.channels, summed(paths.steps[first], journeys[first], size), counts)


def positions_of(paths: Paths) -> Floats:
    """(C, 4) touches in converting journeys by where they lie: the only one, the first, between, the last."""
    lengths, places = np.repeat(paths.lengths, paths.lengths), paths.places
    where = np.where(lengths == 1, 0, np.where(places == 0, 1, np.where(places == lengths - 1, 3, 2)))
    weights = np.repeat(paths.conversions, paths.lengths)
    size = len(paths.channels)
    return summed(paths.steps * 4 + where, weights, size * 4).reshape(size, 4)


def touches_to_convert(paths: Paths) -> Floats:
    """(L + 1,) conversions by how many touches came before them, from none."""
    return summed(paths.lengths, paths.conversions, 0)


def days_to_convert(paths: Paths) -> tuple[Floats, Floats]:
    """Days from the first touch to the end, and how many conversions took that long; none where ages are not known."""
    if paths.ages is None:
        return np.zeros(0), np.zeros(0)
    there = paths.lengths > 0
    return paths.ages[paths.offsets[:-1][there]], paths.conversions[there]
