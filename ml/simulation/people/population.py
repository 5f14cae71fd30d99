"""The people of a world: who they are, and what they remember at the moment.

A population is a set of equally long arrays. Who somebody is follows from their key alone, so any people can be
simulated apart from all others; blocks are views of the arrays, not copies.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.campaigns import PLATFORMS, Campaign
from ml.simulation.people.chance import Floats, Keys, bell, person_keys, uniform
from ml.simulation.people.records import SEGMENTS

Days = NDArray[np.int16]
NEVER = -20_000  # a day long before the first

REGIONS = ("California", "Texas", "Florida", "New York", "Pennsylvania", "Illinois", "Ohio", "Georgia",
           "North Carolina", "Michigan", "New Jersey", "Virginia", "Washington", "Arizona", "Massachusetts",
           "Tennessee", "Indiana", "Missouri", "Colorado", "Oregon")  # fmt: skip
TESTS = 2  # A/B tests of a world
DEVICES = ("mobile", "desktop", "tablet")


@dataclass(slots=True)
class Population:
    """People by position. Traits first, then state; days are numbers of days of the world.

    Two-dimensional arrays hold a row for each ad, platform or pushing campaign, and a column for each person.
    """

    customer: NDArray[np.uint32]
    key: Keys
    cause: NDArray[np.int16]  # which counterfactual this copy of the person lives in; 0 in the world itself
    region: NDArray[np.uint8]
    device: NDArray[np.uint8]
    segment: NDArray[np.uint8]
    consented: NDArray[np.bool_]
    microsoft: NDArray[np.bool_]  # searches there, not on Google
    rate: Floats  # needs a day on an ordinary day
    lively_from: Days  # a life event: needs come thrice as often for 60 days
    activity: Floats  # the chance to go shopping on a day with a need
    browsing: Floats  # the chance to look in on a day without one
    basket: Floats  # median order value in dollars
    thrift: Floats  # how much a discount moves them
    attention: Floats  # multiplies the chance to notice an ad
    slots: Floats  # pushing campaigns x people: the chance of room for such an ad on a day
    known_since: Days  # first order before the world, else NEVER
    # state
    need_until: Days
    need_strength: Floats
    spotted: NDArray[np.bool_]  # platforms believe them to be in the market
    recall_until: Days  # the shop comes to mind
    habit: Floats  # the chance that it does anyway
    offer_until: Days
    visited_on: Days
    cart_until: Days
    ordered_on: Days
    orders: NDArray[np.uint16]  # placed in the world
    subscribed: NDArray[np.bool_]
    met: NDArray[np.uint8]  # ads x people: how often (255: as often or more)
    entered: NDArray[np.bool_]  # A/B tests x people: they have met it
    click_day: Days  # platforms x people: their last click
    click_ad: NDArray[np.int16]
    view_day: Days
    view_ad: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.key)

    def part(self, begin: int, end: int) -> Self:
        """The people from ``begin`` to before ``end``: what happens to them happens to these."""
        return type(self)(*(getattr(self, field.name)[..., begin:end] for field in fields(self)))

    def copies(self, positions: NDArray[np.integer]) -> Self:
        """Copies of the people at ``positions``, which may name somebody several times."""
        return type(self)(*(np.ascontiguousarray(getattr(self, field.name)[..., positions]) for field in fields(self)))


def population(
    seed: int, customers: NDArray[np.uint32], campaigns: tuple[Campaign, ...], ads: int, *, business: bool = False
) -> Population:
    """These people on the eve of the first day."""
    key = person_keys(seed, customers)
    size = len(key)

    def number(trait: int) -> Floats:
        return uniform(key, -1, trait)

    segment = _drawn(number(1), (0.22, 0.26, 0.24, 0.28))
    kinds = _KINDS[:, segment]
    known = number(2) < kinds[3]
    habit = np.clip(kinds[2] * (0.4 + 1.2 * number(3)) + np.where(known, 0.14, 0.0), 0.005, 0.9)
    rate = kinds[0] / 365.0 * np.exp(0.55 * bell(number(4)))
    basket = kinds[1] * np.exp(0.32 * bell(number(5)))
    busy = np.float32(0.5) + number(6)
    usage = {
        name: (np.float32(0.15) + np.float32(1.7) * number(20 + place) ** 2 * busy).astype(np.float32)
        for place, name in enumerate(PLATFORMS)
    }
    never = np.full(size, NEVER, np.int16)
    platform_days = np.full((len(PLATFORMS), size), NEVER, np.int16)
    return Population(
        customer=customers.astype(np.uint32),
        key=key,
        cause=np.zeros(size, np.int16),
        region=_drawn(number(7), _REGION_SHARES),
        device=_drawn(number(8), (0.62, 0.33, 0.05)),
        segment=segment,
        consented=number(9) > 0.24,
        microsoft=number(10) < 0.14,
        rate=(rate * (0.6 if business else 1.0)).astype(np.float32),
        lively_from=(number(11) * 1500 - 60).astype(np.int16),
        activity=(0.18 + 0.24 * number(12)).astype(np.float32),
        browsing=(0.0009 + 0.016 * habit * number(13)).astype(np.float32),
        basket=basket.astype(np.float32),
        thrift=(kinds[4] * (0.5 + number(14))).astype(np.float32),
        attention=(0.55 + 0.9 * number(15)).astype(np.float32),
        slots=_slots(campaigns, segment, usage, size),
        known_since=np.where(known, -1 - (900 * number(16)).astype(np.int16), NEVER).astype(np.int16),
        need_until=never.copy(),
        need_strength=np.zeros(size, np.float32),
        spotted=np.zeros(size, np.bool_),
        recall_until=never.copy(),
        habit=habit.astype(np.float32),
        offer_until=never.copy(),
        visited_on=never.copy(),
        cart_until=never.copy(),
        ordered_on=never.copy(),
        orders=np.zeros(size, np.uint16),
        subscribed=known & (number(17) < 0.42),
        met=np.zeros((ads, size), np.uint8),
        entered=np.zeros((TESTS, size), np.bool_),
        click_day=platform_days.copy(),
        click_ad=np.full((len(PLATFORMS), size), -1, np.int16),
        view_day=platform_days.copy(),
        view_ad=np.full((len(PLATFORMS), size), -1, np.int16),
    )


# By segment (records.SEGMENTS): needs a year, basket, habit, share known before the world, thrift.
_KINDS = np.array(
    [
        [1.30, 1.00, 0.95, 0.70],
        [84.0, 72.0, 54.0, 66.0],
        [0.42, 0.14, 0.18, 0.11],
        [0.62, 0.14, 0.26, 0.12],
        [0.60, 0.90, 2.20, 1.00],
    ],
    np.float32,
)
_REGION_SHARES = (0.148, 0.112, 0.085, 0.080, 0.057, 0.055, 0.052, 0.049, 0.048, 0.044, 0.041, 0.039, 0.035, 0.034,
                  0.032, 0.027, 0.021, 0.017, 0.014, 0.010)  # fmt: skip
_FITS = {"lookalike": (1.9, 1.3, 0.5, 0.4)}  # how much of an audience each segment is


def _drawn(numbers: Floats, shares: tuple[float, ...]) -> NDArray[np.uint8]:
    edges = np.cumsum(shares)[:-1].astype(np.float32)
    return np.searchsorted(edges, numbers, side="right").astype(np.uint8)


def _slots(
    campaigns: tuple[Campaign, ...], segment: NDArray[np.uint8], usage: dict[str, Floats], size: int
) -> NDArray[np.float32]:
    pushing = [campaign for campaign in campaigns if campaign.way == "push"]
    result = np.empty((len(pushing), size), np.float32)
    for row, campaign in zip(result, pushing, strict=True):
        fit = np.asarray(_FITS.get(campaign.audience, (1.0,) * len(SEGMENTS)), np.float32)
        np.minimum(campaign.slots * usage[campaign.platform] * fit[segment], 0.95, out=row)
    return result
