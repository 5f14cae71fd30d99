"""Auctions: what our bid wins, and what it pays.

Every slot has many bidders. The highest competing bid is an extreme value (Gumbel in logarithms), we win if ours is
higher, and pay the competing bid (second price). Reach for money therefore falls off by itself: the slots that are won
last are the dearest, and there are only so many.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

SPREAD = 0.5  # of competing bids, in logarithms
_MEDIAN = -SPREAD * math.log(math.log(2.0))  # of a Gumbel with location 0
_COMPETED = 0.35  # how much more others bid, too, for people in the market


def win_rate(bid: float, price: float, pressure: float, boost: float = 0.0) -> float:
    """The share of slots that a logarithmic bid wins, where ``price`` is the median competing bid.

    ``boost`` is what we bid more for people believed to be in the market; others bid more for them as well.
    """
    if bid == -math.inf:
        return 0.0
    competing = math.log(price) - _MEDIAN + pressure + (_COMPETED if boost else 0.0)
    return math.exp(-math.exp(min(-(bid + boost - competing) / SPREAD, 50.0)))


def paid(
    rank: NDArray[np.float32], price: float, pressure: float, likely: NDArray[np.bool_] | bool = False
) -> NDArray[np.float64]:
    """What won slots cost, in money. ``rank`` is the quantile of the competing bid, below the win rate."""
    competing = math.log(price) - _MEDIAN + pressure + _COMPETED * np.asarray(likely, np.float64)
    return np.exp(competing - SPREAD * np.log(-np.log(np.clip(rank.astype(np.float64), 1e-9, 1 - 1e-9))))


def mean_price(bid: float, price: float, pressure: float) -> float:
    """The average price of slots that this bid wins."""
    ranks = (np.arange(64, dtype=np.float32) + 0.5) / 64 * win_rate(bid, price, pressure)
    return float(paid(ranks.astype(np.float32), price, pressure).mean())
