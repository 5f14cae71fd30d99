"""Absorbing chains: what their ends are worth, and what is left of it when states are removed."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import splu

from ml.attribution.paths import Bools, Floats, Rows, summed

EXACT: Final = 1e-13  # of a journey may still be on its way when the sweeps end
MOST_SWEEPS: Final = 400
_ABREAST: Final = 64  # removals solved side by side


def removal_by_inverse(start: Floats, moves: Floats, outcomes: Floats) -> tuple[Floats, Floats]:
    """Expected outcomes (…, K), and of them (…, S, K) what is lost where one state is removed.

    ``start`` (…, S) and ``moves`` (…, S, S) are probabilities, ``outcomes`` (…, S, K) what ends in a state on average
    of a visit. With N = (I - Q)^-1, what passes state c is (sN)_c / N_cc (N R)_c: one inverse for all states.
    """
    visits = np.linalg.inv(np.eye(moves.shape[-1]) - moves)
    onward = visits @ outcomes
    met = (start[..., None, :] @ visits)[..., 0, :] / np.diagonal(visits, axis1=-2, axis2=-1)
    return (start[..., :, None] * onward).sum(axis=-2), met[..., None] * onward


def outcomes_without(
    start: Floats, sources: Rows, targets: Rows, shares: Floats, outcomes: Floats, removed: Bools
) -> Floats:
    """Expected outcomes (R, K) after each of R removals: ``removed`` (S, R) are the states that are left out.

    The E moves lead from ``sources`` to ``targets`` with probability ``shares``; ``start`` (S,), ``outcomes`` (S, K) as
    above. Journeys are sent forward through all R chains side by side, sparse, until less than 1e-13 of one is on its
    way; what is on its way bounds the error of a probability. Chains that take longer than that are factorised.
    """
    size = start.size
    loops = summed(sources, np.where(sources == targets, shares, 0.0), size)
    moved = sources != targets
    forward = csr_array((shares[moved], (targets[moved], sources[moved])), shape=(size, size))
    stay = 1 / (1 - loops)
    reached = np.empty((removed.shape[1], outcomes.shape[1]))
    for begin in range(0, removed.shape[1], _ABREAST):
        some = slice(begin, begin + _ABREAST)
        kept = np.where(removed[:, some], 0.0, stay[:, None])
        reached[some] = _reached(start, forward, kept, outcomes)
    return reached


def _reached(start: Floats, forward: csr_array, kept: Floats, outcomes: Floats) -> Floats:
    """(R, K) outcomes of the expected visits."""
    told = np.vstack([outcomes.T, np.ones(start.size)])  # the last row counts journeys on their way
    wave = kept * start[:, None]
    reached: Floats = told @ wave
    for _ in range(MOST_SWEEPS):
        wave = forward @ wave
        wave *= kept
        met = told @ wave
        reached += met
        if met[-1].max() < EXACT:
            return reached[:-1].T
    return _visits(start, forward, kept).T @ outcomes


def _visits(start: Floats, forward: csr_array, kept: Floats) -> Floats:
    """(S, R) expected visits, the solution of x = kept * (start + forward x), by a factorisation of each chain."""
    size = start.size
    diagonal = np.arange(size)
    visits = np.empty_like(kept)
    for column in range(kept.shape[1]):
        scale = kept[:, column]
        scaled = forward.multiply(-scale[:, None]).tocoo()
        system = csr_array(
            (
                np.concatenate([scaled.data, np.ones(size)]),
                (np.concatenate([scaled.row, diagonal]), np.concatenate([scaled.col, diagonal])),
            ),
            shape=(size, size),
        )
        visits[:, column] = splu(system.tocsc()).solve(scale * start)
    return visits
