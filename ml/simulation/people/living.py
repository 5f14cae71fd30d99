"""One day in the life of some people."""

from __future__ import annotations

import numpy as np

from ml.simulation.people.buying import buy
from ml.simulation.people.chance import uniform
from ml.simulation.people.exposure import meet
from ml.simulation.people.population import Population
from ml.simulation.people.searching import go_shopping
from ml.simulation.people.today import Causes, Happened, Purpose, Stage, Today
from ml.simulation.people.visits import visit


def live(people: Population, stage: Stage, today: Today, causes: Causes) -> Happened:
    """Let these people live one day; changes them. Whatever happens hangs on each person alone."""
    _need(people, stage, today)
    happened, wanted = meet(people, stage, today, causes)
    trips = go_shopping(people, stage, today, causes, wanted >= 0)
    happened.darkened = np.unique(np.concatenate([happened.darkened, *trips.darkened]))
    visit(people, stage, today, causes, happened, trips, wanted)
    buy(people, stage, today, happened)
    if trips.shown_row:
        row, ad = np.concatenate(trips.shown_row), np.concatenate(trips.shown_ad)
        happened.searched_row, happened.searched_ad = row, ad
        happened.barely_row = np.concatenate([happened.barely_row, *trips.barely_row])
        happened.barely_ad = np.concatenate([happened.barely_ad, *trips.barely_ad])
    return happened


def _need(people: Population, stage: Stage, today: Today) -> None:
    """Needs arise: more of them in season, on promotion, around a life event, and where it is warm or wet."""
    number = today.number
    lively = (people.lively_from <= number) & (people.lively_from > number - 60)
    rate = people.rate * (today.around.regional * np.float32(today.around.demand))[people.region]
    rate = np.where(lively, rate * np.float32(3.0), rate)
    rows = np.flatnonzero((uniform(people.key, number, Purpose.NEED) < rate) & (people.need_until < number))
    key = people.key[rows]
    length = uniform(key, number, Purpose.NEED_LENGTH)
    people.need_until[rows] = number + 3 + (26 * length**1.5).astype(np.int16)
    people.need_strength[rows] = 0.35 + 0.65 * uniform(key, number, Purpose.NEED_STRENGTH)
    people.spotted[rows] = uniform(key, number, Purpose.NEED_SPOTTED) < stage.temper.sight
