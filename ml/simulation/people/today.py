"""What one day offers to everybody: surroundings, bids, running ads, tests; and what a counterfactual takes away."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.campaigns import Campaign
from ml.simulation.people.creatives import Ad, effects
from ml.simulation.people.presets import Temper
from ml.simulation.people.seasons import Surroundings


class Purpose(enum.IntEnum):
    """What a person's random number of a day is for."""

    NEED = 1
    NEED_STRENGTH = 2
    NEED_LENGTH = 3
    NEED_SPOTTED = 4
    TRIP = 5
    BROWSE = 6
    BROWSE_ROUTE = 7
    AD = 10
    NOTICE = 11
    RECALL = 12
    IMPULSE = 13
    CLICK = 14
    SLIP = 15
    MOMENT = 16
    LEAVE_LIST = 17
    KNOW = 20
    COME = 21
    ROUTE = 22
    SHOWN = 23
    SHOWN_CLICK = 24
    LOST = 25
    SEARCH = 26
    THEME = 27
    ORGANIC = 28
    REFERRAL = 29
    ELSEWHERE = 30
    SAME_VISIT = 31
    BRAND_FEED = 32
    BUY = 40
    VALUE = 41
    GOODS = 42
    AFTER = 43
    UNDONE = 44
    UNDONE_WHEN = 45
    SUBSCRIBE = 46
    GIVE_UP = 47
    PAGES = 48
    STAY = 49
    CLAIM = 50
    CLAIM_DELAY = 51
    DEAL = 52
    DEAL_PACE = 53
    VISIT_MOMENT = 54
    SECOND_DEVICE = 55
    LOGGED_IN = 56
    EMAIL_OPEN = 57
    PUSH = 100  # and the position among the pushing campaigns


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands still for a whole world, as arrays: campaigns and ads by position."""

    temper: Temper
    campaigns: tuple[Campaign, ...]
    ads: tuple[Ad, ...]
    appeal: NDArray[np.float32]  # ads x segments
    lure: NDArray[np.float32]
    campaign_of: NDArray[np.int16]  # of each ad
    platform_of: NDArray[np.int16]  # of each ad, in PLATFORMS; -1 for e-mail
    offering: NDArray[np.bool_]  # of each ad
    pushing: tuple[int, ...]  # positions of campaigns
    mailing: tuple[int, ...]
    traits: dict[str, NDArray[np.float32]]  # a campaign's numbers, by name

    @property
    def persuasion(self) -> np.float32:
        return np.float32(self.temper.persuasion)


def stage(temper: Temper, campaigns: tuple[Campaign, ...], ads: tuple[Ad, ...]) -> Stage:
    """The arrays of these campaigns and ads."""
    from ml.simulation.people.campaigns import PLATFORMS

    appeal, lure = effects(ads)
    of = np.array([ad.campaign for ad in ads], np.int16)
    platforms = np.array([(*PLATFORMS, "email").index(campaign.platform) for campaign in campaigns], np.int16)
    platforms[platforms == len(PLATFORMS)] = -1
    return Stage(
        temper,
        campaigns,
        ads,
        appeal,
        lure,
        of,
        platforms[of],
        np.array([ad.offer is not None for ad in ads]),
        tuple(number for number, campaign in enumerate(campaigns) if campaign.way == "push"),
        tuple(number for number, campaign in enumerate(campaigns) if campaign.way == "email"),
        {
            name: np.array([getattr(campaign, name) for campaign in campaigns], np.float32)
            for name in ("attention", "recall", "impulse", "clicks", "slots")
        },
    )


@dataclass(frozen=True, slots=True)
class Today:
    """One day, the same for everybody."""

    number: int
    around: Surroundings
    win: NDArray[np.float32]  # campaigns x 2: share of slots won for people not spotted, and spotted; 0: not running
    win_raised: NDArray[np.float32]  # the same where bids are raised
    running: NDArray[np.int16]  # campaigns x ads: the ads that run, from the left
    running_count: NDArray[np.int16]
    dark: NDArray[np.int8]  # campaigns x regions: the dark test (from 1) that switches it off there; 0: none
    testing: NDArray[
        np.float32
    ]  # A/B tests x devices: what the treatment multiplies the chance to buy by; 0: not today


@dataclass(frozen=True, slots=True)
class Causes:
    """What is otherwise than in the world, for each counterfactual (row). ``Population.cause`` says who lives in which.

    Row 0 of ``as_it_was`` is the world itself.
    """

    off: NDArray[np.bool_]  # causes x ads: never shown
    raised: NDArray[np.bool_]  # causes x ads: shown where only the raised bid wins, too
    undarkened: NDArray[np.bool_]  # causes x (1 + dark tests): the test never took place; column 0 is never true
    arms: NDArray[np.int8]  # causes x A/B tests: everybody's arm; -1: each their own


def causes(count: int, ads: int, tests: int, dark_tests: int) -> Causes:
    """So many counterfactuals in which everything is as it was, to be changed."""
    return Causes(
        np.zeros((count, ads), np.bool_),
        np.zeros((count, ads), np.bool_),
        np.zeros((count, 1 + dark_tests), np.bool_),
        np.full((count, tests), -1, np.int8),
    )


@dataclass(slots=True)
class Happened:
    """What happened to some people on one day; ``row`` is a position among them, ``second`` one of the day.

    Shown ads cost per impression where the platform charges that (``cost`` in micros), clicks where it charges those.
    """

    shown_row: NDArray[np.int64]
    shown_ad: NDArray[np.int16]
    shown_second: NDArray[np.int64]
    shown_cost: NDArray[np.int64]
    noticed: NDArray[np.bool_]  # of the shown
    clicked_row: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    clicked_ad: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    clicked_second: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    clicked_cost: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    clicked_by_slip: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    searched_row: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))  # search ads shown
    searched_ad: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    visits: Visits | None = None
    orders: Orders | None = None
    darkened: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))  # rows to whom a test hid an ad
    barely_row: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))  # shown if bids were raised
    barely_ad: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    left_list: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))  # rows that unsubscribed


class Route(enum.IntEnum):
    """How a visit came about."""

    AD = 1  # a click, and it would not have come otherwise on this day
    DIRECT = 2
    ORGANIC_BRAND = 3
    ORGANIC = 4
    REFERRAL = 5
    SLIP = 6  # a click by accident, gone at once
    SAME = 7  # it would have come anyway, and took an ad that was in its way
    MAIL = 8


@dataclass(slots=True)
class Visits:
    """Visits of the site: one array element each."""

    row: NDArray[np.int64]
    route: NDArray[np.uint8]
    ad: NDArray[np.int16]  # -1: no ad
    second: NDArray[np.int64]
    step: NDArray[np.uint8]  # of the funnel, 0 to 4
    chance: NDArray[np.float32]  # that it would buy
    worth: NDArray[np.float32]  # what it brings on average, in dollars, after cancellations and refunds
    entered: NDArray[np.bool_]  # visits x A/B tests: the first one while the test runs


@dataclass(slots=True)
class Orders:
    """What was bought: one array element each. In ``business`` worlds these are leads, and won deals count later."""

    row: NDArray[np.int64]
    visit: NDArray[np.int64]  # position among the visits
    cents: NDArray[np.int64]  # goods after discounts
    discount: NDArray[np.int64]
    goods: NDArray[np.int64]  # what they cost the shop
    items: NDArray[np.int64]
    first: NDArray[np.bool_]  # of this person
    refund: NDArray[np.int64]  # cents that go back later
    refund_after: NDArray[np.int64]  # days
    cancelled: NDArray[np.bool_]  # the next day
    counts_on: NDArray[np.int64]  # the day on which it counts: its own, or the day its deal is won; -1: never
