"""Visits of the site: who comes by which route, and how far people go there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.buying import expected_value
from ml.simulation.people.chance import Floats, salted, uniform
from ml.simulation.people.population import NEVER, Population
from ml.simulation.people.searching import Trips
from ml.simulation.people.today import Causes, Happened, Purpose, Route, Stage, Today, Visits

_Rows = NDArray[np.int64]
_ARM = 900  # purpose of a person's lot in an A/B test, and the test's position


def visit(
    people: Population,
    stage: Stage,
    today: Today,
    causes: Causes,
    happened: Happened,
    trips: Trips,
    wanted: NDArray[np.int16],
) -> None:
    """Everybody's visits of the day and the clicks that led there, written into ``happened``.

    Changes what people have in mind, in their cart, and what platforms can claim.
    """
    row, route, ad, second, cost = _arrivals(people, stage, today, happened, trips, wanted)
    slip_row, slip_ad, slip_second = _slips(people, stage, today, happened, wanted)
    clicked = ad >= 0
    happened.clicked_row = np.concatenate([row[clicked], slip_row])
    happened.clicked_ad = np.concatenate([ad[clicked], slip_ad])
    happened.clicked_second = np.concatenate([second[clicked] - 3, slip_second - 3])
    happened.clicked_cost = np.concatenate([cost[clicked], np.zeros(len(slip_row), np.int64)])
    happened.clicked_by_slip = np.arange(len(happened.clicked_row)) >= clicked.sum()
    _claimable(people, stage, today, happened)

    all_rows = np.concatenate([row, slip_row])
    entered = _entered(people, today, all_rows)
    chance = _chance_to_buy(people, stage, today, causes, row)
    draw = uniform(people.key[row], today.number, Purpose.BUY)
    step = (
        (draw < 0.30 + 4.0 * chance).astype(np.uint8)
        + (draw < 0.02 + 2.4 * chance)
        + (draw < 0.005 + 1.5 * chance)
        + (draw < chance)
    ).astype(np.uint8)
    _remember(people, today, row, step)
    people.visited_on[slip_row] = today.number
    nothing = np.zeros(len(slip_row), np.uint8)
    happened.visits = Visits(
        all_rows,
        np.concatenate([route, np.full(len(slip_row), Route.SLIP, np.uint8)]),
        np.concatenate([ad, slip_ad]),
        np.concatenate([second, slip_second]),
        np.concatenate([step, nothing]),
        np.concatenate([chance, nothing.astype(np.float32)]),
        np.concatenate([chance * expected_value(people, stage, today, row), nothing.astype(np.float32)]),
        entered,
    )


def arms(people: Population, causes: Causes, rows: _Rows, test: int) -> NDArray[np.int8]:
    """The arm of each person in an A/B test: 0 control, 1 treatment."""
    drawn = (uniform(people.key[rows], -1, _ARM + test) < 0.5).astype(np.int8)
    forced = causes.arms[people.cause[rows], test]
    return np.where(forced >= 0, forced, drawn)


def _arrivals(
    people: Population, stage: Stage, today: Today, happened: Happened, trips: Trips, wanted: NDArray[np.int16]
) -> tuple[_Rows, NDArray[np.uint8], NDArray[np.int16], NDArray[np.int64], NDArray[np.int64]]:
    """Rows (each once), routes, ads, seconds and costs of the clicks, of all visits but slips."""
    by_ad = np.flatnonzero(wanted >= 0)
    ad = wanted[by_ad]
    mail = stage.platform_of[ad] < 0
    row = np.concatenate([by_ad, *trips.row])
    route = np.concatenate([np.where(mail, np.uint8(Route.MAIL), np.uint8(Route.AD)), *trips.route])
    ads = np.concatenate([ad, *trips.ad])
    cost = np.concatenate([np.zeros(len(by_ad), np.int64), *trips.cost])
    key = people.key[row]
    second = (25_200 + 57_000 * uniform(key, today.number, Purpose.VISIT_MOMENT)).astype(np.int64)

    moment = np.zeros(len(people), np.int64)
    moment[happened.shown_row[happened.noticed]] = happened.shown_second[happened.noticed]
    second[: len(by_ad)] = moment[by_ad] + 8

    # What would have come anyway takes, now and then, an ad that was in its way: a click that caused nothing.
    charged = stage.platform_of[happened.shown_ad] >= 0
    last = np.full(len(people), -1, np.int16)
    last[happened.shown_row[charged]] = happened.shown_ad[charged]
    moment[happened.shown_row[charged]] = happened.shown_second[charged]
    same = (ads < 0) & (last[row] >= 0) & (uniform(key, today.number, Purpose.SAME_VISIT) < _SAME)
    ads[same], route[same] = last[row[same]], Route.SAME
    second[same] = moment[row[same]] + 8
    return row, route, ads, second, cost


_SAME = 0.30
_SLIPS = 0.10  # of the willing clicks that an ad would get


def _slips(
    people: Population, stage: Stage, today: Today, happened: Happened, wanted: NDArray[np.int16]
) -> tuple[_Rows, NDArray[np.int16], NDArray[np.int64]]:
    """Clicks by accident, one a person at most: row, ad, second of the visit."""
    rows, ad = happened.shown_row, happened.shown_ad
    draw = uniform(salted(people.key[rows], ad), today.number, Purpose.SLIP)
    slipped = draw < _SLIPS * stage.traits["clicks"][stage.campaign_of[ad]]
    slipped &= (stage.platform_of[ad] >= 0) & (wanted[rows] < 0)
    chosen, first = np.unique(rows[slipped], return_index=True)
    return chosen, ad[slipped][first], happened.shown_second[slipped][first] + 5


def _claimable(people: Population, stage: Stage, today: Today, happened: Happened) -> None:
    platform = stage.platform_of[happened.clicked_ad]
    known = platform >= 0
    people.click_day[platform[known], happened.clicked_row[known]] = today.number
    people.click_ad[platform[known], happened.clicked_row[known]] = happened.clicked_ad[known]


def _entered(people: Population, today: Today, rows: _Rows) -> NDArray[np.bool_]:
    """Visits x tests: whether with this visit the person enters a running A/B test. One visit enters, not two."""
    result = np.zeros((len(rows), len(today.testing)), np.bool_)
    for test in np.flatnonzero(today.testing.any(axis=1)):
        new = ~people.entered[test, rows]
        _, first = np.unique(rows, return_index=True)
        result[first, test] = new[first]
        people.entered[test, rows] = True
    return result


def _chance_to_buy(people: Population, stage: Stage, today: Today, causes: Causes, rows: _Rows) -> Floats:
    around, number = today.around, today.number
    wanting = people.need_until[rows] >= number
    strength = np.where(wanting, people.need_strength[rows], np.float32(0.06))
    thrift = people.thrift[rows]
    offer = people.offer_until[rows] >= number
    chance: NDArray[np.floating] = np.float32(0.105 if not stage.temper.business else 0.05) * strength
    chance = chance * np.float32(around.price_index**-1.5 * around.in_stock)
    chance = chance * (1.0 + thrift * (np.float32(2.2 * around.promotion) + np.float32(0.30) * offer))
    chance = chance * _DEVICE_BUYS[people.device[rows]]
    known = (people.orders[rows] > 0) | (people.known_since[rows] != NEVER)
    chance = chance * np.where(known, np.float32(1.25), np.float32(0.92))
    for test in np.flatnonzero(today.testing.any(axis=1)):
        treated = people.entered[test, rows] & (arms(people, causes, rows, int(test)) == 1)
        chance = np.where(treated, chance * today.testing[test, people.device[rows]], chance)
    return np.minimum(chance, np.float32(0.9)).astype(np.float32)


_DEVICE_BUYS = np.array([0.88, 1.25, 1.0], np.float32)


def _remember(people: Population, today: Today, rows: _Rows, step: NDArray[np.uint8]) -> None:
    """What a visit leaves behind in those who made it."""
    number, key = today.number, people.key[rows]
    people.visited_on[rows] = number
    days = 6 + 16 * uniform(key, number, Purpose.AFTER)
    people.recall_until[rows] = np.maximum(people.recall_until[rows], (number + days).astype(np.int16))
    carting = rows[(step == 2) | (step == 3)]
    people.cart_until[carting] = number + 10
    bored = rows[(step == 0) & (uniform(key, number, Purpose.GIVE_UP) < 0.10)]
    people.need_until[bored] = np.minimum(people.need_until[bored], number)
