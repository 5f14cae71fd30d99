"""Switchback: treatment is switched on and off, and times with it are compared to times without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.lift.forecast import calendar
from ml.lift.panel import Bools, Floats, Time
from ml.lift.randomisation import randomisation_inference
from ml.lift.results import Estimate
from warehouse.errors import BadSetting, NotEnoughData

FEWEST_BLOCKS: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Switched:
    """The effect per period with treatment, its p-value, the periods of a block, and the blocks.

    ``compared`` (N, T) are the periods that were compared, those long enough after a switch.
    """

    att: Estimate
    p_value: float
    block: int
    blocks: int
    compared: Bools


def switchback(
    outcome: Floats, on: Bools, times: Sequence[Time], *, washout: int = 0, level: float = 0.9, seed: int = 1
) -> Switched:
    """Compare ``outcome`` (N, T) with treatment (``on``, (N, T)) to that without, in the same markets.

    Least squares on market, calendar and treatment, over periods that are ``washout`` or more after a switch, in which
    the last treatment wears off (Bojinov, Simchi-Levi and Zhao 2023, doi 10.1287/mnsc.2022.4583). Inference shuffles
    treatment among blocks, the largest that hold no switch, together in markets that were switched together; it is
    exact where chance decided block by block.

    Raises :class:`NotEnoughData` for fewer than 8 blocks or where a washout leaves nothing of one side,
    :class:`BadSetting` for a negative washout.
    """
    if washout < 0:
        raise BadSetting(f"washout == {washout}, must be 0 or more.")
    block = _block(on)
    schedules, schedule_of = np.unique(on[:, ::block], axis=0, return_inverse=True)
    blocks = int(schedules.size)
    if blocks < FEWEST_BLOCKS:
        raise NotEnoughData(
            f"Treatment was switched among {blocks} blocks of {block} periods.",
            remedy=f"Switch among {FEWEST_BLOCKS} or more.",
        )
    controls = _controls(on.shape, times)

    def effects(assigned: Bools) -> tuple[float, float]:
        kept = settled(assigned, washout)
        if not assigned[kept].any() or assigned[kept].all():
            return 0.0, 0.0
        design = np.column_stack([controls[kept.ravel()], assigned[kept]])
        both = np.column_stack([outcome[kept], on[kept].astype(np.float64)])
        found = np.linalg.lstsq(design, both, rcond=None)[0][-1]
        return float(found[0]), float(found[1])

    def draw(generator: np.random.Generator) -> Bools:
        shuffled = generator.permuted(schedules, axis=1)[schedule_of]
        return np.repeat(shuffled, block, axis=1)[:, : on.shape[1]]

    compared = settled(on, washout)
    if not on[compared].any() or on[compared].all():
        raise NotEnoughData(
            f"With a washout of {washout} periods nothing is left of the times {'with' if on.any() else 'without'} "
            "treatment.",
            remedy="Take a shorter washout, or switch less often.",
        )
    att, p_value = randomisation_inference(on, draw, effects, level, seed=seed)
    return Switched(att, p_value, block, blocks, compared)


def settled(on: Bools, washout: int) -> Bools:
    """(N, T) whether the last switch is ``washout`` or more periods ago; the first period counts as no switch."""
    kept = np.ones(on.shape, dtype=np.bool_)
    for row, last in np.argwhere(on[:, 1:] != on[:, :-1]):
        kept[row, last + 1 : last + 1 + washout] = False
    return kept


def _block(on: Bools) -> int:
    """The greatest common divisor of the places at which treatment switches."""
    places = np.flatnonzero((on[:, 1:] != on[:, :-1]).any(axis=0)) + 1
    if not places.size:
        raise NotEnoughData(
            "Treatment was never switched, so there is nothing to compare.",
            remedy="Give the column that says when treatment was on, as 0 and 1.",
        )
    return int(np.gcd.reduce(places))


def _controls(shape: tuple[int, ...], times: Sequence[Time]) -> Floats:
    """(N * T, K) a column per market, and trend and calendar."""
    markets, periods = shape
    own = np.repeat(np.eye(markets), periods, axis=0)
    return np.concatenate([own, np.tile(calendar(times, periods)[:, 1:], (markets, 1))], axis=1)
