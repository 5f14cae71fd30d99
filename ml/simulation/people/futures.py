"""What may come, several times over: marginal returns of the last weeks, and what people are worth from now on.

A marginal return is what a little more money would have brought. Luck would drown it in one world, so the last weeks
are lived several times, each time with and without the raise and otherwise alike, and what visits bring is counted by
their chance to end in an order rather than by the order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.auction import mean_price, win_rate
from ml.simulation.people.campaigns import Campaign
from ml.simulation.people.chance import other_luck
from ml.simulation.people.counterfactual import RAISED_DAYS, Cause, Grain, causes_of, join, live_all
from ml.simulation.people.population import TESTS, Population
from ml.simulation.people.run import Run
from ml.simulation.people.today import Causes, Happened, Stage, Today, causes

FUTURE_DAYS = 84
_Books = tuple[NDArray[np.float64], NDArray[np.float64]]
RAISE = 0.2  # of spend, as far as there is more to buy
_AFTER_DAYS = 28  # in which a raise goes on working
_LIVES_OF = 240_000  # people whose last weeks are lived: the fewer there are, the more often
_FUTURES = 2  # times that the future is lived
_AT_ONCE = 100_000  # people who are lived at once
_Life = TypeVar("_Life")


@dataclass(frozen=True, slots=True)
class Marginal:
    """What a raise brought and cost in each life (dollars), by cause; and, for all advertising, by person."""

    causes: list[Cause]
    brought: NDArray[np.float64]  # lives x causes
    cost: NDArray[np.float64]
    brought_by_person: NDArray[np.float64]
    cost_by_person: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Futures:
    """Marginal returns, and by person what the next FUTURE_DAYS days bring, with and without advertising in them."""

    marginal: Marginal
    value: NDArray[np.float64]
    value_without: NDArray[np.float64]


def futures(run: Run, lately: Population, down_to: Grain) -> Futures:
    """Live on from a run. ``lately`` are its people RAISED_DAYS days before its end."""
    size = len(run.people)
    days = _days(run, run.number, run.number + FUTURE_DAYS)
    switches = causes(2, len(run.stage.ads), TESTS, len(run.dark_tests))
    switches.off[1] = True
    worth = np.zeros((2, size))  # with advertising, and without
    for lives in _together([(life, off) for life in range(1, _FUTURES + 1) for off in (0, 1)], size):
        people = join([_other_luck(run.people, life, off) for life, off in lives])
        for (_, off), each in zip(lives, np.split(_worth(run, people, days, switches), len(lives)), strict=True):
            worth[off] += each / _FUTURES
    return Futures(_marginal(run, lately, down_to), worth[0], worth[1])


def _marginal(run: Run, lately: Population, down_to: Grain) -> Marginal:
    made = [cause for cause in causes_of(run, down_to) if len(cause.ads)]
    begin = max(run.number - RAISED_DAYS, 0)
    days = _days(run, begin, run.number + _AFTER_DAYS)
    switches = causes(1 + len(made), len(run.stage.ads), TESTS, len(run.dark_tests))
    for row, cause in enumerate(made, start=1):
        switches.raised[row, cause.ads] = True
    size = len(lately)
    count = min(max(_LIVES_OF // size, 2), 12)
    shape = (count, len(made))
    result = Marginal(made, np.zeros(shape), np.zeros(shape), np.zeros(size), np.zeros(size))
    for lives in _together(list(range(count)), size):
        people = join([_other_luck(lately, life) for life in lives])
        worth, cost = np.zeros(len(people)), np.zeros(len(people))
        barely = np.zeros((len(run.stage.ads), len(people)), np.bool_)

        def note(begin: int, happened: Happened, _block: Population, books: _Books = (worth, cost),
                 barely: NDArray[np.bool_] = barely) -> None:  # fmt: skip
            _enter(books, begin, happened, run.stage)
            barely[happened.barely_ad, begin + happened.barely_row] = True

        for today in days:
            live_all(people, run, today, switches, note)
        which, person = np.nonzero(np.stack([barely[cause.ads].any(axis=0) for cause in made]))
        raised = join([_other_luck(lately, life) for life in lives]).copies(person)
        raised.cause = (which + 1).astype(np.int16)
        more_worth, more_cost = np.zeros(len(person)), np.zeros(len(person))

        def note_raised(begin: int, happened: Happened, _block: Population,
                        books: _Books = (more_worth, more_cost)) -> None:  # fmt: skip
            _enter(books, begin, happened, run.stage)

        for today in days:
            live_all(raised, run, today, switches, note_raised)
        more_worth -= worth[person]
        more_cost -= cost[person]
        place = (lives[0] + person // size, which)
        np.add.at(result.brought, place, more_worth)
        np.add.at(result.cost, place, more_cost)
        for_all = which == 0
        np.add.at(result.brought_by_person, person[for_all] % size, more_worth[for_all])
        np.add.at(result.cost_by_person, person[for_all] % size, more_cost[for_all])
    return result


def _together(lives: list[_Life], size: int) -> Iterator[list[_Life]]:
    """Lives of so many people in groups to be lived at once: many small populations cost more than a large one."""
    at_once = max(_AT_ONCE // size, 1)
    for begin in range(0, len(lives), at_once):
        yield lives[begin : begin + at_once]


def _worth(run: Run, people: Population, days: list[Today], switches: Causes) -> NDArray[np.float64]:
    """What each person's visits bring on average, in dollars."""
    worth, cost = np.zeros(len(people)), np.zeros(len(people))

    def note(begin: int, happened: Happened, _block: Population) -> None:
        _enter((worth, cost), begin, happened, run.stage)

    for today in days:
        live_all(people, run, today, switches, note)
    return worth


def _enter(books: _Books, begin: int, happened: Happened, stage: Stage) -> None:
    """Add what visits bring and what advertising costs, that of the passers-by beside them included, by person."""
    worth, cost = books
    if happened.visits is not None:
        np.add.at(worth, begin + happened.visits.row, happened.visits.worth)
    beside = np.array([1.0 + stage.campaigns[each.campaign].strangers for each in stage.ads]) / 1e6
    np.add.at(cost, begin + happened.shown_row, happened.shown_cost * beside[happened.shown_ad])
    np.add.at(cost, begin + happened.clicked_row, happened.clicked_cost * beside[happened.clicked_ad])


def _other_luck(people: Population, life: int, cause: int = 0) -> Population:
    """The same people with other luck (in life 0 with their own), in a counterfactual."""
    twins = people.copies(np.arange(len(people)))
    twins.cause[:] = cause
    if life:
        twins.key = other_luck(twins.key, life)
    return twins


def _days(run: Run, begin: int, end: int) -> list[Today]:
    """Days under the bids that were; after the end of the run, those of its last week on average."""
    last = np.mean(run.log.bids[-7:], axis=0)
    days = []
    for number in range(begin, end):
        bids = run.log.bids[number] if number < run.number else last
        higher = bids + _raises(run, number) if begin <= number < run.number else None
        days.append(run.today(number, bids, higher))
    return days


def _raises(run: Run, number: int) -> NDArray[np.float64]:
    pressure = run.seasons[number].pressure
    return np.array(
        [_raise(campaign, float(run.log.bids[number][place]), pressure) for place, campaign in enumerate(run.campaigns)]
    )


def _raise(campaign: Campaign, bid: float, pressure: float) -> float:
    """How much higher to bid for RAISE more spend; where that is not to be had, for nearly all slots."""
    if campaign.way == "email":
        return math.log(1.0 + RAISE)
    now = win_rate(bid, campaign.price, pressure) * mean_price(bid, campaign.price, pressure)
    low, high = 0.0, 1.5
    for _ in range(20):
        middle = (low + high) / 2
        spent = win_rate(bid + middle, campaign.price, pressure) * mean_price(bid + middle, campaign.price, pressure)
        low, high = (middle, high) if spent < (1.0 + RAISE) * now else (low, middle)
    return low
