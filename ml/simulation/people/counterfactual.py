"""Lives lived again without a cause, as far as it reached them.

Whom a cause reaches lives apart from the world from then on, until nothing is left that tells the two lives apart: the
ad is forgotten, the cart is emptied, nothing was bought that would not have been. Then the other life ends, and is
taken up again when the cause reaches the person again. Nothing is approximated: equal states have equal futures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.exposure import RETARGETED_DAYS
from ml.simulation.people.living import live
from ml.simulation.people.population import TESTS, Population, population
from ml.simulation.people.run import BLOCK, Run
from ml.simulation.people.today import Causes, Happened, Today, causes

Grain = Literal["channel", "campaign", "creative"]
RAISED_DAYS = 28  # the last days of a run, in which marginal returns are tried
_STRIDE = 12  # days: how often it is looked who lives apart from the world and who came back to it


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
    """Orders of the world and of the counterfactuals.

    ``was`` are the world's; ``mirror`` those among them of people while they live apart from it, by counterfactual;
    ``would`` what they order there instead. Causes are counted from 1. What a cause gained is mirror less would.
    ``worth_*`` are dollars that each person's visits bring on average, in the world and had nobody advertised.
    """

    causes: list[Cause]
    was: Lives
    mirror: Lives
    would: Lives
    worth: NDArray[np.float64]
    worth_without: NDArray[np.float64]
    lately: Population  # the world RAISED_DAYS days before its end


def causes_of(run: Run, down_to: Grain) -> list[Cause]:
    """Every cause that the truth tells of, those of advertising down to a grain. The first is all advertising."""
    stage = run.stage
    everything = np.arange(len(stage.ads))
    result = [Cause("all", "all", everything)]
    channels = sorted({campaign.channel for campaign in run.campaigns})
    channel_of = np.array([run.campaigns[each.campaign].channel for each in stage.ads])
    result += [Cause("channel", name, np.flatnonzero(channel_of == name)) for name in channels]
    if down_to != "channel":
        result += [
            Cause("campaign", campaign.id, np.flatnonzero(stage.campaign_of == place))
            for place, campaign in enumerate(run.campaigns)
        ]
    if down_to == "creative":
        result += [Cause("creative", each.creative_id, np.array([place])) for place, each in enumerate(stage.ads)]
    nothing = np.zeros(0, np.int64)
    result += [Cause("dark_test", each.id, nothing, test=place) for place, each in enumerate(run.dark_tests)]
    result += [
        Cause("arm", each.id, nothing, place, arm) for place, each in enumerate(run.site_tests) for arm in (0, 1)
    ]
    return result


def relive(run: Run, down_to: Grain) -> Relived:
    """The days of a run once more, for all causes down to a grain at once.

    Raises ``AssertionError`` if the world itself does not come out as it did the first time.
    """
    made = causes_of(run, down_to)
    switches = _switches(run, made)
    days = [run.today(number, run.log.bids[number]) for number in range(run.number)]
    blocks = [
        _relive_block(run, made, switches, days, np.arange(begin, min(begin + BLOCK, run.config.customers)))
        for begin in range(0, run.config.customers, BLOCK)
    ]
    result = Relived(
        made,
        together([block.was for block in blocks]),
        together([block.mirror for block in blocks]),
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

    def enter_for(self, number: int, happened: Happened, people: Population, apart: NDArray[np.bool_]) -> None:
        """Write down the orders once for every cause (row of ``apart``) in which the person lives apart."""
        made = happened.orders
        if made is not None and len(made.row):
            cause, order = np.nonzero(apart[:, made.row])
            self.parts.append(
                Lives(
                    (cause + 1).astype(np.int16),
                    people.customer[made.row[order]].astype(np.int64),
                    np.full(len(order), number, np.int32),
                    made.counts_on[order].astype(np.int32),
                    (made.cents - made.refund)[order],
                )
            )

    def closed(self) -> Lives:
        """All of them."""
        nothing = np.zeros(0, np.int64)
        empty = Lives(nothing.astype(np.int16), nothing, nothing.astype(np.int32), nothing.astype(np.int32), nothing)
        return together([empty, *self.parts])


def join(parts: list[Population]) -> Population:
    """People of all parts."""
    return Population(
        *(np.concatenate([getattr(part, each.name) for part in parts], axis=-1) for each in fields(Population))
    )


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


def _reached(run: Run, made: list[Cause], who: NDArray[np.int64], first: int, last: int) -> NDArray[np.bool_]:
    """Causes x people: whether the cause may change the person's life on the days from ``first`` to ``last``."""
    ad = np.concatenate(run.log.moved_ad[first : last + 1])
    person = np.concatenate(run.log.moved[first : last + 1]).astype(np.int64)
    mine = (person >= who[0]) & (person <= who[-1])
    met = np.zeros((len(run.stage.ads), len(who)), np.bool_)
    met[ad[mine], person[mine] - who[0]] = True
    result = np.zeros((len(made), len(who)), np.bool_)
    for row, cause in enumerate(made):
        if cause.kind == "dark_test":
            test = run.dark_tests[cause.test]
            if test.first <= last and test.last >= first:
                result[row] = run.darkened[cause.test, who]
        elif cause.kind == "arm":
            trial = run.site_tests[cause.test]
            if trial.first <= last and trial.last >= first:
                result[row] = run.people.entered[cause.test, who]
        else:
            result[row] = met[cause.ads].any(axis=0)
    return result


def _apart(run: Run, others: Population, world: Population, off: NDArray[np.bool_], number: int) -> NDArray[np.bool_]:
    """Whether anything that still matters on this day is otherwise than in the world (people in the same order).

    What ran out does not matter, nor how often an ad was met that this counterfactual never shows.
    """

    def differs(name: str, since: int) -> NDArray[np.bool_]:
        here, there = getattr(others, name), getattr(world, name)
        different: NDArray[np.bool_] = (here != there) & ((here >= since) | (there >= since))
        return different

    result: NDArray[np.bool_] = others.habit != world.habit
    result |= (others.orders != world.orders) | (others.subscribed != world.subscribed)
    result |= others.ordered_on != world.ordered_on
    for name in ("need_until", "recall_until", "offer_until", "cart_until"):
        result |= differs(name, number)
    result |= differs("visited_on", number - RETARGETED_DAYS)
    wanting = (others.need_until >= number) | (world.need_until >= number)
    result |= wanting & ((others.need_strength != world.need_strength) | (others.spotted != world.spotted))
    for test, trial in enumerate(run.site_tests):
        if trial.last >= number:
            result |= others.entered[test] != world.entered[test]
    for ad in np.flatnonzero(np.isin(run.stage.campaign_of, run.stage.pushing + run.stage.mailing)):
        result |= (others.met[ad] != world.met[ad]) & ~off[:, ad]
    return result


def _relive_block(run: Run, made: list[Cause], switches: Causes, days: list[Today], who: NDArray[np.int64]) -> Relived:
    config, begin = run.config, int(who[0])
    world = population(
        config.seed, who.astype(np.uint32), run.campaigns, len(run.stage.ads), business=config.temper.business
    )
    others, lately = world.copies(np.zeros(0, np.int64)), world
    apart = np.zeros((len(made), len(who)), np.bool_)
    was, would, mirror = Book(), Book(), Book()
    worth, worth_without = np.zeros(len(who)), np.zeros(len(who))

    for number, today in enumerate(days):
        if number % _STRIDE == 0:
            others = _part(run, made, switches, world, others, apart, who, number)
        if number == max(run.number - RAISED_DAYS, 0):
            lately = world.copies(np.arange(len(world)))

        def note_world(_begin: int, happened: Happened, people: Population, number: int = number) -> None:
            was.enter(number, happened, people)
            mirror.enter_for(number, happened, people, apart[:, people.customer[0] - begin :])
            if happened.visits is not None:
                person = people.customer[happened.visits.row].astype(np.int64) - begin
                np.add.at(worth, person, happened.visits.worth)
                alike = ~apart[0, person]
                np.add.at(worth_without, person[alike], happened.visits.worth[alike])

        def note_others(_begin: int, happened: Happened, people: Population, number: int = number) -> None:
            would.enter(number, happened, people)
            if happened.visits is not None:
                bare = people.cause[happened.visits.row] == 1
                person = people.customer[happened.visits.row[bare]].astype(np.int64) - begin
                np.add.at(worth_without, person, happened.visits.worth[bare])

        live_all(world, run, today, switches, note_world)
        live_all(others, run, today, switches, note_others)
    return Relived(made, was.closed(), mirror.closed(), would.closed(), worth, worth_without, lately)


def _part(
    run: Run,
    made: list[Cause],
    switches: Causes,
    world: Population,
    others: Population,
    apart: NDArray[np.bool_],
    who: NDArray[np.int64],
    number: int,
) -> Population:
    """Who lives apart from the world in the days to come: let go who came back to it, take in whom a cause reaches.

    Changes ``apart`` (causes x people).
    """
    person = others.customer.astype(np.int64) - who[0]
    still = _apart(run, others, world.copies(person), switches.off[others.cause], number)
    apart[:] = False
    apart[others.cause[still] - 1, person[still]] = True
    last = min(number + _STRIDE, run.number) - 1
    cause, entering = np.nonzero(_reached(run, made, who, number, last) & ~apart)
    branch = world.copies(entering)
    branch.cause = (cause + 1).astype(np.int16)
    apart[cause, entering] = True
    return join([others.copies(np.flatnonzero(still)), branch])
