"""Orders: what people take, what it costs, what goes back; in business worlds, leads and the deals they become."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.chance import bell, uniform
from ml.simulation.people.population import NEVER, Population
from ml.simulation.people.today import Happened, Orders, Purpose, Stage, Today


def buy(people: Population, stage: Stage, today: Today, happened: Happened) -> None:
    """Orders of the visits that went to the end, written into ``happened``; changes those who bought."""
    visits = happened.visits
    if visits is None:
        return
    visit = np.flatnonzero(visits.step == 4)
    rows = visits.row[visit]
    number, around, key = today.number, today.around, people.key[rows]
    offer = (people.offer_until[rows] >= number) & (around.promotion == 0)
    discount = np.where(offer, 0.10, around.promotion)
    listed = people.basket[rows] * np.exp(0.34 * bell(uniform(key, number, Purpose.VALUE)))
    listed = np.round(listed.astype(np.float64) * around.price_index * (DEAL if stage.temper.business else 1.0) * 100)
    off = np.round(listed * discount).astype(np.int64)
    cents = np.maximum(listed.astype(np.int64) - off, 500)
    share = 0.44 + 0.14 * uniform(key, number, Purpose.GOODS).astype(np.float64)
    undone = uniform(key, number, Purpose.UNDONE)
    cancelled = undone < _CANCELLED
    refunded = (undone < _CANCELLED + _REFUNDED) & ~cancelled
    whole = undone < _CANCELLED + 0.6 * _REFUNDED
    refund = np.where(refunded, np.where(whole, cents, cents // 2), 0)
    pace = uniform(key, number, Purpose.UNDONE_WHEN)
    counts_on = np.where(cancelled, -1, number)
    if stage.temper.business:
        refund, cancelled = np.zeros_like(refund), np.zeros_like(cancelled)
        won = uniform(key, number, Purpose.DEAL) < WON
        counts_on = np.where(won, number + deal_days(uniform(key, number, Purpose.DEAL_PACE)), -1)
    happened.orders = Orders(
        rows,
        visit,
        cents,
        off,
        np.round(cents * share).astype(np.int64),
        1 + (cents // 6_500).astype(np.int64) if not stage.temper.business else np.ones(len(rows), np.int64),
        (people.orders[rows] == 0) & (people.known_since[rows] == NEVER),
        refund,
        2 + (24 * pace).astype(np.int64),
        cancelled,
        counts_on,
    )
    people.need_until[rows] = number
    people.ordered_on[rows] = number
    people.orders[rows] += 1
    people.habit[rows] += np.float32(0.20) * (np.float32(0.9) - people.habit[rows])
    people.recall_until[rows] = np.maximum(people.recall_until[rows], number + 40)
    people.cart_until[rows] = NEVER
    people.offer_until[rows] = NEVER
    people.subscribed[rows] |= uniform(key, number, Purpose.SUBSCRIBE) < 0.28


def expected_value(people: Population, stage: Stage, today: Today, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """What an order of these people today is worth on average: dollars after discount, cancellations and refunds."""
    offer = (people.offer_until[rows] >= today.number) & (today.around.promotion == 0)
    paid = np.where(offer, np.float32(0.9), np.float32(1.0 - today.around.promotion))
    kept = WON * DEAL if stage.temper.business else (1 - _CANCELLED - 0.8 * _REFUNDED)
    return people.basket[rows] * paid * np.float32(_SPREAD * today.around.price_index * kept)


_SPREAD = 1.063  # the mean of a basket over its median
DEAL = 20.0  # a deal is worth so many baskets
WON = 0.24  # of leads
_CANCELLED, _REFUNDED = 0.02, 0.07


def deal_days(pace: NDArray[np.float32]) -> NDArray[np.int64]:
    """How long a lead takes to be won: three weeks to seven months."""
    return (21 + 190 * pace.astype(np.float64) ** 2.2).astype(np.int64)
