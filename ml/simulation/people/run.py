"""A world while it unfolds: everybody's state, the money's state, and the log that truths are measured against."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.auction import win_rate
from ml.simulation.people.campaigns import Campaign, campaigns
from ml.simulation.people.creatives import ads
from ml.simulation.people.ledger import Ledger, joined
from ml.simulation.people.living import live
from ml.simulation.people.manager import Manager, runs
from ml.simulation.people.population import REGIONS, TESTS, Population, population
from ml.simulation.people.presets import WorldConfig
from ml.simulation.people.records import Day
from ml.simulation.people.seasons import Seasons, controls
from ml.simulation.people.shop_frames import Pending, claims, geo_days, leads, order_changes, orders
from ml.simulation.people.site_frames import entries, search_days, sessions
from ml.simulation.people.today import Happened, Stage, Today, causes, stage
from ml.simulation.people.touch_frames import delivery, emails, strangers, touchpoints
from ml.simulation.people.trials import dark_tests, site_tests

BLOCK = 32_768  # people who live a day together: as many as the processor's cache holds


@dataclass(slots=True)
class Log:
    """What a run leaves for the truth: orders one by one, bids, and whom hidden ads concerned."""

    day: list[NDArray[np.int32]] = field(default_factory=list)
    person: list[NDArray[np.uint32]] = field(default_factory=list)
    cents: list[NDArray[np.int64]] = field(default_factory=list)  # net of refunds
    placed: list[NDArray[np.int64]] = field(default_factory=list)  # as ordered
    counts_on: list[NDArray[np.int32]] = field(default_factory=list)
    first: list[NDArray[np.bool_]] = field(default_factory=list)
    bids: list[NDArray[np.float64]] = field(default_factory=list)  # of each day
    budgets: list[NDArray[np.float64]] = field(default_factory=list)
    cost: list[NDArray[np.float64]] = field(default_factory=list)  # by ad, of each day, in dollars
    worth: list[float] = field(default_factory=list)  # what the visits of each day bring on average, in dollars
    moved_ad: list[NDArray[np.int16]] = field(default_factory=list)  # of each day: ads that may have changed a life
    moved: list[NDArray[np.uint32]] = field(default_factory=list)  # and whose

    def keep(self, number: int, happened: Happened, person: NDArray[np.uint32]) -> None:
        """Write down the day's orders."""
        made = happened.orders
        if made is None:
            return
        self.day.append(np.full(len(made.row), number, np.int32))
        self.person.append(person[made.row])
        self.cents.append(made.cents - made.refund)
        self.placed.append(made.cents)
        self.counts_on.append(made.counts_on.astype(np.int32))
        self.first.append(made.first)


class Run:
    """A world from its first day on; ``step`` lives one day. ``copy`` goes another way from here."""

    def __init__(self, config: WorldConfig) -> None:
        self.config = config
        self.campaigns: tuple[Campaign, ...] = campaigns(config)
        self.stage: Stage = stage(config.temper, self.campaigns, ads(self.campaigns, config.seed))
        self.seasons = Seasons(config, len(REGIONS))
        self.site_tests = site_tests(config)
        self.dark_tests = dark_tests(config, self.campaigns)
        self.manager = Manager(config, self.campaigns)
        everybody = np.arange(config.customers, dtype=np.uint32)
        self.people: Population = population(
            config.seed, everybody, self.campaigns, len(self.stage.ads), business=config.temper.business
        )
        self.number = 0
        self.log = Log()
        self.darkened = np.zeros((len(self.dark_tests), config.customers), np.bool_)
        self.as_it_was = causes(1, len(self.stage.ads), TESTS, len(self.dark_tests))
        self.pending = Pending()
        self._orders, self._strangers = 0, 0

    def copy(self) -> Self:
        """The same moment, from which another way can be gone."""
        twin = copy.copy(self)
        twin.people = self.people.copies(np.arange(len(self.people)))
        twin.manager = copy.deepcopy(self.manager)
        twin.pending = copy.deepcopy(self.pending)
        twin.log = Log(**{each.name: list(getattr(self.log, each.name)) for each in fields(Log)})
        twin.darkened = self.darkened.copy()
        return twin

    def step(self, *, write: bool = True) -> Day:
        """Live one day, and write its frames (unless ``write`` is false: then they are empty)."""
        number, around = self.number, self.seasons[self.number]
        budgets = self.manager.open_day(number, around)
        if not self.config.advertising:
            budgets = np.zeros_like(budgets)
        mailing = np.isin(np.arange(len(self.campaigns)), self.stage.mailing)
        bids = np.where((budgets > 0) | (mailing & ~self.manager.stopped), self.manager.bids, -np.inf)
        today = self.today(number, bids)
        parts = []
        for begin in range(0, len(self.people), BLOCK):
            block = self.people.part(begin, min(begin + BLOCK, len(self.people)))
            parts.append((begin, live(block, self.stage, today, self.as_it_was)))
        happened, visits, made = joined(parts)
        happened.orders, happened.visits = made, visits
        self.log.keep(number, happened, self.people.customer)
        self._note(happened)
        passing = strangers(self.config.seed, self.people, self.stage, today, happened,
                            self.config.customers + self._strangers)  # fmt: skip
        ledger = Ledger(self.config, self.stage, today, self.people, happened, visits, made, passing,
                        _FIRST_ORDER + self._orders)  # fmt: skip
        delivered, cost = delivery(ledger)
        claimed, value = claims(ledger)
        by_ad = cost.sum(axis=1) / 1e6
        by_campaign = np.bincount(self.stage.campaign_of, by_ad, len(self.campaigns)).astype(np.float64)
        reach = (today.dark == 0).mean(axis=1)
        self.manager.close_day(around, by_campaign, value, reach)
        self.log.bids.append(bids)
        self.log.budgets.append(budgets)
        self.log.cost.append(by_ad)
        self.log.worth.append(float(visits.worth.sum(dtype=np.float64)))
        self._strangers += int(passing.clicks.sum())
        self.number += 1
        bought = orders(ledger)
        self._orders += max(bought.height, len(made.row))
        day = Day(number, order_changes=order_changes(ledger, self.pending))
        day.contacts, day.deal_stages = leads(ledger, self.pending)
        if write:
            entered = entries(ledger, self.site_tests, self.as_it_was)
            day.sessions = sessions(ledger)
            day.touchpoints, day.delivery, day.claims = touchpoints(ledger), delivered, claimed
            day.emails, day.orders = emails(ledger), bought
            day.assignments = day.exposures = entered
            day.search_days = search_days(ledger)
            day.geo_days = geo_days(ledger, cost)
            day.controls = controls(around)
        return day

    def today(self, number: int, bids: NDArray[np.float64], raised: NDArray[np.float64] | None = None) -> Today:
        """The day as everybody meets it under these bids; ``raised`` are the bids of who is raised."""
        around, size = self.seasons[number], len(self.campaigns)
        win, win_raised = np.zeros((size, 2), np.float32), np.zeros((size, 2), np.float32)
        running, count = np.zeros((size, 8), np.int16), np.zeros(size, np.int16)
        dark = np.zeros((size, len(REGIONS)), np.int8)
        for position, campaign in enumerate(self.campaigns):
            if not self.config.advertising or not runs(campaign, number, self.config):
                continue
            there = self._running_ads(position, campaign, number)
            running[position, : len(there)], count[position] = there, len(there)
            win[position] = self._wins(campaign, bids[position], around.pressure, number)
            higher = bids[position] if raised is None else raised[position]
            win_raised[position] = self._wins(campaign, higher, around.pressure, number)
        for place, test in enumerate(self.dark_tests):
            if test.first <= number <= test.last:
                dark[np.ix_(test.campaigns, test.regions)] = 1 + place
        testing = [each.effects if each.first <= number <= each.last else (0.0,) * 3 for each in self.site_tests]
        return Today(number, around, win, win_raised, running, count, dark, np.array(testing, np.float32))

    def _note(self, happened: Happened) -> None:
        """Which ads may have changed whose life today: noticed, clicked, or shown in a search; and hidden ones."""
        row = np.concatenate([happened.shown_row[happened.noticed], happened.clicked_row, happened.searched_row])
        ad = np.concatenate([happened.shown_ad[happened.noticed], happened.clicked_ad, happened.searched_ad])
        self.log.moved_ad.append(ad)
        self.log.moved.append(row.astype(np.uint32))
        for place, test in enumerate(self.dark_tests):
            if test.first <= self.number <= test.last:
                self.darkened[place, happened.darkened] = True

    def _running_ads(self, position: int, campaign: Campaign, number: int) -> list[int]:
        life = (number / self.config.days - campaign.start) / (1.0 - campaign.start)
        return [
            int(place)
            for place in np.flatnonzero(self.stage.campaign_of == position)
            if self.stage.ads[place].start <= life
            and (life < self.stage.ads[place].stop or self.stage.ads[place].stop == 1)
        ]

    def _wins(self, campaign: Campaign, bid: float, pressure: float, number: int) -> tuple[float, float]:
        if campaign.way == "email":
            often = campaign.slots * (2.5 if self.seasons[number].promotion and campaign.name == "Offers" else 1.0)
            return (often * float(np.exp(bid)),) * 2
        usual = win_rate(bid, campaign.price, pressure)
        return usual, win_rate(bid, campaign.price, pressure, campaign.boost) if campaign.boost else usual


_FIRST_ORDER = 5_550_200_000_001
