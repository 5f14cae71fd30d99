"""Who moves the money: budgets day by day, and the bids by which platforms try to spend them.

Budgets move with reason (weekends, demand, what platforms claim to have sold) and without (somebody's mood, a quarter
that must be used up). Platforms pace: they bid higher when yesterday's budget was not used, lower when it was exceeded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.auction import mean_price, win_rate
from ml.simulation.people.campaigns import PEOPLE_OF_BUDGET, Campaign
from ml.simulation.people.chance import of_the_day
from ml.simulation.people.presets import WorldConfig
from ml.simulation.people.seasons import Surroundings
from warehouse.errors import BadSetting

Plan = Mapping[str, float]  # campaign id -> dollars a day


class Manager:
    """Budgets and bids of all campaigns, by position. ``open_day`` before people live the day, ``close_day`` after."""

    def __init__(self, config: WorldConfig, campaigns: tuple[Campaign, ...]) -> None:
        self._config, self._campaigns = config, campaigns
        size = len(campaigns)
        self.bids = np.array([_first_bid(campaign, config) for campaign in campaigns])
        self.budgets = np.zeros(size)
        self._highest = np.array([_highest_bid(campaign) for campaign in campaigns])
        self._spent = np.full(size, np.nan)  # of late, smoothed
        self._chase = np.ones(size)
        self._claimed: list[NDArray[np.float64]] = []  # of the last weeks, by day: value, and cost
        self._cost: list[NDArray[np.float64]] = []
        self._own, self._common = np.zeros(size), 0.0
        self._plan: NDArray[np.float64] | None = None
        self.stopped = np.zeros(size, np.bool_)  # by the plan; mails cost next to nothing and have no budget else

    def carry_out(self, plan: Plan) -> None:
        """From the next day on spend what the plan says, every day; campaigns that it does not name go on as before.

        Raises ``BadSetting`` for a campaign that does not exist here and for money below zero.
        """
        known = {campaign.id: position for position, campaign in enumerate(self._campaigns)}
        planned = np.full(len(self._campaigns), np.nan)
        for campaign, money in plan.items():
            if campaign not in known:
                raise BadSetting(f"the plan names campaign {campaign!r}, which this world does not have")
            if not (math.isfinite(money) and money >= 0):
                raise BadSetting(f"the plan gives campaign {campaign!r} {money} a day; it must be 0 or more")
            planned[known[campaign]] = money
        self._plan = planned
        self.stopped = planned == 0.0

    def open_day(self, number: int, around: Surroundings) -> NDArray[np.float64]:
        """Set and return today's budgets, in dollars; 0 where a campaign does not run."""
        temper, config = self._config.temper, self._config
        rng = of_the_day(config.seed, number, 2)
        self._own = 0.95 * self._own + 0.06 * rng.standard_normal(len(self._campaigns))
        self._common = 0.95 * self._common + 0.07 * float(rng.standard_normal())
        mood = temper.wandering * (temper.marching * self._common + (1.0 - temper.marching) * self._own)
        weekend = np.where([campaign.way == "push" for campaign in self._campaigns], 1.12, 0.86)
        money = np.array([campaign.budget for campaign in self._campaigns]) * config.customers / PEOPLE_OF_BUDGET
        money = money * np.exp(mood) * self._chase * around.demand**temper.demand_following
        money = money * np.where(around.day.weekday() >= 5, weekend, 1.0) * _pushes(self._campaigns, number, config)
        if self._plan is not None:
            money = np.where(np.isnan(self._plan), money, self._plan)
        running = [runs(campaign, number, config) for campaign in self._campaigns]
        self.budgets = np.where(running, money, 0.0)
        return self.budgets

    def close_day(
        self, around: Surroundings, cost: NDArray[np.float64], claimed: NDArray[np.float64], reach: NDArray[np.float64]
    ) -> None:
        """Learn from the day: cost and claimed value by campaign, and ``reach``, the share of regions not held out."""
        spending = (self.budgets > 0) & (reach > 0)
        target = self.budgets * reach
        smoothed = np.where(np.isnan(self._spent), cost, 0.6 * self._spent + 0.4 * cost)
        self._spent = np.where(spending, smoothed, self._spent)
        floor = 0.02 * target + 1e-6
        step = 0.2 * np.log(
            (target + floor) / (np.nan_to_num(self._spent) + floor), where=spending, out=np.zeros_like(cost)
        )
        self.bids = np.minimum(self.bids + np.clip(step, -0.25, 0.25), self._highest)
        self._cost = [*self._cost[-27:], cost]
        self._claimed = [*self._claimed[-27:], claimed]
        if (around.day + timedelta(days=1)).weekday() == 0:
            self._follow_claims()

    def _follow_claims(self) -> None:
        """Every Monday: more money where platforms claim more for it than elsewhere."""
        cost, claimed = np.sum(self._cost, axis=0), np.sum(self._claimed, axis=0)
        paid = cost > 0
        if not paid.any() or claimed.sum() == 0:
            return
        returns = np.where(paid, claimed / np.where(paid, cost, 1.0), 0.0)
        usual = claimed.sum() / cost.sum()
        pull = np.clip((returns + 0.1 * usual) / (1.1 * usual), 0.3, 3.0) ** self._config.temper.chasing
        self._chase = np.where(paid, np.clip(0.8 * self._chase + 0.2 * pull, 0.4, 2.5), self._chase)


def runs(campaign: Campaign, number: int, config: WorldConfig) -> bool:
    """Whether the campaign runs on this day. What runs at the end of the planned period goes on after it."""
    share = number / config.days
    if share < campaign.start or (campaign.stop < 1.0 and share >= campaign.stop):
        return False
    return not campaign.pulses or number % 63 < 42


def _pushes(campaigns: tuple[Campaign, ...], number: int, config: WorldConfig) -> NDArray[np.float64]:
    """Budgets tried out for three weeks: somebody wanted to see what happens. Each campaign has its own weeks."""
    if not config.temper.tests:
        return np.ones(len(campaigns))
    turn = number // 21
    return np.array([_TRIALS.get((turn * 7 + position * 5) % 23, 1.0) for position in range(len(campaigns))])


_TRIALS = {3: 1.7, 11: 0.45, 17: 1.4}


def _first_bid(campaign: Campaign, config: WorldConfig) -> float:
    """The bid that would use up the budget if people did what is usual."""
    if campaign.way == "email":
        return 0.0
    people = config.customers * {"visitors": 0.03, "cart": 0.006}.get(campaign.audience, 0.75)
    contacts = people * (campaign.slots if campaign.way == "push" else _CLICKS[campaign.way])
    target = campaign.budget * config.customers / PEOPLE_OF_BUDGET / (1.0 + campaign.strangers)
    low, high = math.log(campaign.price) - 3.0, _highest_bid(campaign)
    for _ in range(40):
        middle = (low + high) / 2
        spent = contacts * win_rate(middle, campaign.price, 0.0) * mean_price(middle, campaign.price, 0.0)
        low, high = (middle, high) if spent < target else (low, middle)
    return low


_CLICKS = {"brand": 0.0010, "generic": 0.0010, "shopping": 0.0010, "pmax": 0.0012}  # an average person's, a day


def _highest_bid(campaign: Campaign) -> float:
    """More is never bid: nearly all slots are won by then."""
    if campaign.way == "email":
        return 0.0
    return math.log(campaign.price) + (1.9 if campaign.way == "brand" else 1.0)
