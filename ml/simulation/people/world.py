"""A whole advertiser whose causes are known: its people, its days, its continuation under another plan, its truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from ml.simulation.people import tables
from ml.simulation.people.chance import other_luck
from ml.simulation.people.counterfactual import Grain
from ml.simulation.people.manager import Plan
from ml.simulation.people.presets import WorldConfig
from ml.simulation.people.records import Day
from ml.simulation.people.run import Run
from ml.simulation.people.truth import Truth, truth
from warehouse.errors import NotEnoughData

__all__ = ["Plan", "Truth", "World", "WorldConfig"]


class World:
    """One world. Days are handed out as they are lived, so any number of people fits into little memory.

    >>> from ml.simulation.people.world import World, WorldConfig
    >>> world = World(WorldConfig(customers=300, days=28, seed=1))
    >>> sum(day.orders.height for day in world.days()) > 0
    True
    """

    def __init__(self, config: WorldConfig) -> None:
        self.config = config
        self._run = Run(config)
        self._known: dict[tuple[int, Grain], Truth] = {}  # the truth, after so many days and so fine

    def days(self, until: int | None = None) -> Iterator[Day]:
        """The days from the first to before number ``until`` (default: as many as planned), from the beginning."""
        if self._run.number:
            self._run = Run(self.config)
        for _ in range(self.config.days if until is None else until):
            yield self._run.step()

    def live(self, until: int | None = None) -> None:
        """The same without writing anything: for those who want the truth alone."""
        if self._run.number:
            self._run = Run(self.config)
        for _ in range(self.config.days if until is None else until):
            self._run.step(write=False)

    def continue_under(self, plan: Plan, days: int, *, luck: int = 0) -> Continuation:
        """The world after its last day, so many days more, with budgets by ``plan`` (campaign id -> dollars a day).

        Campaigns that the plan does not name go on as before; an empty plan is the world that lasts longer. This
        world stays where it is, so several plans can be tried from the same day. Each ``luck`` but 0 is another one
        that the same people may have from then on, the same for every plan: what a plan brings on average is told by
        several.

        Raises ``BadSetting`` for a plan that cannot be carried out, ``NotEnoughData`` if no day has been lived.
        """
        self._lived()
        run = self._run.copy()
        if luck:
            run.people.key = other_luck(run.people.key, luck)
        run.manager.carry_out(plan)
        return Continuation(run, days)

    def truth(self, down_to: Grain = "creative") -> dict[str, Any]:
        """What every cause did in the days that were lived, as truth.json says it (docs/simulation.md).

        ``down_to`` channels alone it is found several times as fast; campaigns and creatives are then empty. Raises
        ``NotEnoughData`` if no days were lived.
        """
        return self._truth(down_to).summary

    def customer_truth(self) -> pl.DataFrame:
        """Each customer's true uplift and expected value (``truth.CUSTOMERS``). Raises ``NotEnoughData`` likewise."""
        return self._truth("creative").customers

    def takings(self) -> pl.DataFrame:
        """What each day brought that was lived (``records.TAKINGS``). Raises ``NotEnoughData`` if there is none."""
        self._lived()
        return tables.takings(self._run)

    def spend(self) -> pl.DataFrame:
        """What each campaign cost on each day that was lived (``records.SPEND``). Raises ``NotEnoughData`` likewise."""
        self._lived()
        return tables.spend(self._run)

    def controls(self) -> pl.DataFrame:
        """What else each day was like that was lived (``records.CONTROLS``). Raises ``NotEnoughData`` likewise."""
        self._lived()
        return tables.surroundings(self._run)

    def accounts(self) -> pl.DataFrame:
        """The advertiser's accounts (``records.ACCOUNTS``)."""
        return tables.accounts(self._run)

    def campaigns(self) -> pl.DataFrame:
        """The campaigns (``records.CAMPAIGNS``)."""
        return tables.campaigns(self._run)

    def ads(self) -> pl.DataFrame:
        """The ads (``records.ADS``)."""
        return tables.ads(self._run)

    def creatives(self) -> pl.DataFrame:
        """What the ads show (``records.CREATIVES``)."""
        return tables.creatives(self._run)

    def experiments(self) -> pl.DataFrame:
        """The tests (``records.EXPERIMENTS``)."""
        return tables.experiments(self._run)

    def outcomes(self) -> pl.DataFrame:
        """What people did in the A/B tests (``records.OUTCOMES``). Raises ``NotEnoughData`` before the first day."""
        self._lived()
        return tables.outcomes(self._run)

    def people(self, block: int = 100_000) -> Iterator[pl.DataFrame]:
        """Everybody as of the last day lived (``records.PEOPLE``), in blocks."""
        return tables.people(self._run, block)

    def _truth(self, down_to: Grain) -> Truth:
        self._lived()
        asked = (self._run.number, down_to)
        if asked not in self._known:
            self._known[asked] = truth(self._run, down_to)
        return self._known[asked]

    def _lived(self) -> None:
        if not self._run.number:
            raise NotEnoughData("no day of this world has been lived yet", remedy="Go through days() first.")


class Continuation(World):
    """A world that goes on from where another one stood. ``days`` lives the new days; its truth is about all days."""

    def __init__(self, run: Run, days: int) -> None:
        self.config = run.config
        self._run, self._begin, self._more = run, run.copy(), days
        self._known = {}

    def days(self, until: int | None = None) -> Iterator[Day]:
        """The new days, in order, up to before number ``until`` (counted from the first day of the world)."""
        self._run = self._begin.copy()
        while self._run.number < self._end(until):
            yield self._run.step()

    def live(self, until: int | None = None) -> None:
        self._run = self._begin.copy()
        while self._run.number < self._end(until):
            self._run.step(write=False)

    def _end(self, until: int | None) -> int:
        return self._begin.number + self._more if until is None else until
