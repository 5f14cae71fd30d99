"""Lives lived again without a cause, as far as it reached them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.living import live
from ml.simulation.people.population import TESTS, Population, population
from ml.simulation.people.run import BLOCK, Run
from ml.simulation.people.today import Causes, Happened, Today, causes

RAISED_DAYS = 28  # the last days of a run, in which marginal returns are tried
_STRIDE = 30  # days: people whom a cause reaches within them begin their other life at the same time


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that is taken away, by the ads that it consists of, or a test that goes otherwise."""

    kind: str  # all, channel, campaign, creative, dark_test, arm
    name: str
    ads: NDArray[np.int64]  # positions
    test: int = -1
    arm: int = -1


@dataclass(slots=True)
class Lives:
    """Orders one by one: whose (position among all people), in which counterfactual, when, how much."""

    cause: NDArray[np.int16]
    person: NDArray[np.int64]
    day: NDArray[np.int32]
    counts_on: NDArray[np.int32]
    cents: NDArray[np.int64]

    def where(self, these: NDArray[np.bool_]) -> Lives:
        """Some of the orders."""
        return Lives(*(getattr(self, each.name)[these] for each in fields(self)))


@dataclass(slots=True)
class Relived:
    """Orders of the world (``was``) and of all counterfactuals (``would``), of people from the day their lives part.

    ``since`` is that day for each cause and person, -1 where they never part. ``worth_*`` are dollars that each
    person's visits bring on average, in the world and had nobody advertised.
    """

    causes: list[Cause]
    since: NDArray[np.int16]
    was: Lives
    would: Lives
    worth: NDArray[np.float64]
    worth_without: NDArray[np.float64]
    lately: Population  # the world RAISED_DAYS days before its end


def causes_of(run: Run) -> list[Cause]:
    """Every cause that the truth tells of. The first is all advertising."""
    stage = run.stage
    everything = np.arange(len(stage.ads))
    result = [Cause("all", "all", everything)]
    channels = sorted({campaign.channel for campaign in run.campaigns})
    channel_of = np.array([run.campaigns[each.campaign].channel for each in stage.ads])
    result += [Cause("channel", name, np.flatnonzero(channel_of == name)) for name in channels]
    result += [
        Cause("campaign", campaign.id, np.flatnonzero(stage.campaign_of == place))
        for place, campaign in enumerate(run.campaigns)
    ]
    result += [Cause("creative", each.creative_id, np.array([place])) for place, each in enumerate(stage.ads)]
    nothing = np.zeros(0, np.int64)
    result += [Cause("dark_test", each.id, nothing, test=place) for place, each in enumerate(run.dark_tests)]
    result += [Cause("arm", each.id, nothing, place, arm) for place, each in enumerate(run.site_tests) for arm in (0, 1)]
    return result


def relive(run: Run) -> Relived:
    """The days of a run once more, for all causes at once.

    Raises ``AssertionError`` if the world itself does not come out as it did the first time.
    """
    made = causes_of(run)
    switches = _switches(run, made)
    days = [run.today(number, run.log.bids[number]) for number in range(run.number)]
    blocks = [
        _relive_block(run, made, switches, days, np.arange(begin, min(begin + BLOCK, run.config.customers)))
        for begin in range(0, run.config.customers, BLOCK)
    ]
    result = Relived(
        made,
        np.concatenate([block.since for block in blocks], axis=1),
        together([block.was for block in blocks]),
        together([block.would for block in blocks]),
        np.concatenate([block.worth for block in blocks]),
        np.concatenate([block.worth_without for block in blocks]),
        join([block.lately for block in blocks]),
    )
    logged = sum(len(part) for part in run.log.person)
    if len(result.was.person) != logged or result.was.cents.sum() != sum(int(part.sum()) for part in run.log.cents):
        raise AssertionError("a world did not come out the same when it was lived again: nothing that follows is true")
    return result


def together(parts: list[Lives]) -> Lives:
    """Several books as one."""
    return Lives(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Lives)))


@dataclass(slots=True)
class Book:
    """Orders as they are placed."""

    parts: list[Lives] = field(default_factory=list)

    def enter(self, number: int, happened: Happened, people: Population) -> None:
        """Write down the orders of some people on one day."""
        made = happened.orders
        if made is not None and len(made.row):
            self.parts.append(
                Lives(
                    people.cause[made.row],
                    people.customer[made.row].astype(np.int64),
                    np.full(len(made.row), number, np.int32),
                    made.counts_on.astype(np.int32),
                    made.cents - made.refund,
                )
            )

    def closed(self) -> Lives:
        """All of them."""
        nothing = np.zeros(0, np.int64)
        empty = Lives(nothing.astype(np.int16), nothing, nothing.astype(np.int32), nothing.astype(np.int32), nothing)
        return together([empty, *self.parts])


def join(parts: list[Population]) -> Population:
    """People of all parts."""
    return Population(*(np.concatenate([getattr(part, each.name) for part in parts], axis=-1) for each in fields(Population)))


def live_all(
    people: Population, run: Run, today: Today, switches: Causes, note: Callable[[int, Happened, Population], None]
) -> None:
    """Let any number of people live a day, block by block."""
    for begin in range(0, len(people), BLOCK):
        block = people.part(begin, min(begin + BLOCK, len(people)))
        note(begin, live(block, run.stage, today, switches), block)


def _switches(run: Run, made: list[Cause]) -> Causes:
    """One row for each cause, behind the row of the world itself."""
    result = causes(1 + len(made), len(run.stage.ads), TESTS, len(run.dark_tests))
    for row, cause in enumerate(made, start=1):
        result.off[row, cause.ads] = True
        if cause.kind == "dark_test":
            result.undarkened[row, 1 + cause.test] = True
        if cause.kind == "arm":
            result.arms[row, cause.test] = cause.arm
    return result


def _parting(run: Run, made: list[Cause], who: NDArray[np.int64]) -> NDArray[np.int16]:
    """Causes x people: the first day on which the cause may have changed the person's life, -1: never."""
    result = np.full((len(made), len(who)), -1, np.int16)
    reached = run.since[:, who]
    late = np.where(reached >= 0, reached, np.iinfo(np.int16).max)
    for row, cause in enumerate(made):
        if cause.kind == "dark_test":
            result[row, run.darkened[cause.test, who]] = run.dark_tests[cause.test].first
        elif cause.kind == "arm":
            result[row, run.people.entered[cause.test, who]] = run.site_tests[cause.test].first
        else:
            first = late[cause.ads].min(axis=0)
            result[row] = np.where(first < np.iinfo(np.int16).max, first, -1)
    return result


def _relive_block(
    run: Run, made: list[Cause], switches: Causes, days: list[Today], who: NDArray[np.int64]
) -> Relived:
    config = run.config
    world = population(config.seed, who.astype(np.uint32), run.campaigns, len(run.stage.ads), business=config.temper.business)
    since = _parting(run, made, who)
    since = np.where(since >= 0, since // _STRIDE * _STRIDE, -1).astype(np.int16)
    others = world.copies(np.zeros(0, np.int64))
    was, would = Book(), Book()
    worth, worth_without, lately = np.zeros(len(who)), np.zeros(len(who)), world

    for number, today in enumerate(days):
        if number % _STRIDE == 0:
            cause, person = np.nonzero(since == number)
            branch = world.copies(person)
            branch.cause = (cause + 1).astype(np.int16)
            others = join([others, branch])
        if number == run.number - RAISED_DAYS:
            lately = world.copies(np.arange(len(world)))

        def note_world(_begin: int, happened: Happened, people: Population, number: int = number) -> None:
            was.enter(number, happened, people)
            if happened.visits is not None:
                np.add.at(worth, people.customer[happened.visits.row] - who[0], happened.visits.worth)
                apart = since[0, people.customer[happened.visits.row] - who[0]]
                alike = (apart < 0) | (apart > number)
                np.add.at(worth_without, people.customer[happened.visits.row][alike] - who[0], happened.visits.worth[alike])

        def note_others(_begin: int, happened: Happened, people: Population, number: int = number) -> None:
            would.enter(number, happened, people)
            if happened.visits is not None:
                bare = people.cause[happened.visits.row] == 1
                np.add.at(worth_without, people.customer[happened.visits.row][bare] - who[0], happened.visits.worth[bare])

        live_all(world, run, today, switches, note_world)
        live_all(others, run, today, switches, note_others)
    return Relived(made, since, was.closed(), would.closed(), worth, worth_without, lately)
