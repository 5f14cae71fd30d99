"""How others allocate, written anew here: a greedy grid as Meridian's optimiser, and SLSQP from equal spends."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from scipy.optimize import minimize

from ml.budget.channels import Channel
from ml.budget.curves import Floats


def greedy(channels: Sequence[Channel], budget: Decimal, steps: int = 1_000) -> Floats:
    """Buy, again and again, the jump on a grid that brings most for its money; stop at the first that costs too much.

    So does the hill climbing of Meridian 2.1, on a grid of even steps from the lower bounds.
    """
    step = float(budget) / steps
    lows, highs = _bounds(channels, budget)
    grids = [low + step * np.arange(int((high - low) / step + 1e-9) + 1) for low, high in zip(lows, highs, strict=True)]
    outcomes = [channel.curve.value(grid) for channel, grid in zip(channels, grids, strict=True)]
    at = np.zeros(len(channels), dtype=int)
    spent = float(lows.sum())
    returns = [_returns(grid, outcome, 0) for grid, outcome in zip(grids, outcomes, strict=True)]
    while any(each.size for each in returns):
        best = int(np.argmax([each.max(initial=-np.inf) for each in returns]))
        jump = int(np.argmax(returns[best])) + 1
        spent += jump * step
        if spent > float(budget) * (1 + 1e-9):
            break
        at[best] += jump
        returns[best] = _returns(grids[best], outcomes[best], at[best])
    return np.array([grid[place] for grid, place in zip(grids, at, strict=True)])


def from_uniform(channels: Sequence[Channel], budget: Decimal) -> Floats:
    """SLSQP from equal spends with the budget as a constraint, as PyMC-Marketing 1.3's optimiser does."""
    money = float(budget)
    lows, highs = _bounds(channels, budget)
    size = sum(float(channel.curve.value(np.array(high))) for channel, high in zip(channels, highs, strict=True))

    def loss(part: Floats) -> float:
        spends = part * money
        return -sum(float(c.curve.value(np.array(at))) for c, at in zip(channels, spends, strict=True)) / size

    def slope(part: Floats) -> Floats:
        each = [float(c.curve.slope(np.array(at))) for c, at in zip(channels, part * money, strict=True)]
        return -np.array(each) * money / size

    even = np.clip(np.full(len(channels), 1.0 / len(channels)), lows / money, highs / money)
    found = minimize(
        loss,
        even,
        jac=slope,
        method="SLSQP",
        bounds=list(zip(lows / money, highs / money, strict=True)),
        constraints={"type": "eq", "fun": lambda part: part.sum() - 1.0, "jac": np.ones_like},
        options={"maxiter": 1_000, "ftol": 1e-9},
    )
    return np.asarray(found.x * money)


def brings(channels: Sequence[Channel], spends: Floats) -> float:
    """What spends (n,) bring in all."""
    return sum(float(channel.curve.value(np.array(at))) for channel, at in zip(channels, spends, strict=True))


def _returns(grid: Floats, outcome: Floats, at: int) -> Floats:
    return np.asarray((outcome[at + 1 :] - outcome[at]) / (grid[at + 1 :] - grid[at]))


def _bounds(channels: Sequence[Channel], budget: Decimal) -> tuple[Floats, Floats]:
    lows = np.array([float(channel.low or 0) for channel in channels])
    highs = np.array([float(budget if channel.high is None else channel.high) for channel in channels])
    return lows, highs
