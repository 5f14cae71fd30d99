"""People who want something go shopping: they come to the shop that they think of, or they search.

Whoever searches the shop's name would mostly have come without its ad: that is what brand search harvests. Whoever
searches goods finds one of many shops, ours if an ad or luck put it in the way. Video and social ads make people think
of the shop, and so make such searches happen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.auction import paid
from ml.simulation.people.chance import Keys, salted, uniform
from ml.simulation.people.population import NEVER, Population
from ml.simulation.people.today import Causes, Purpose, Route, Stage, Today

_Rows = NDArray[np.int64]


@dataclass(slots=True)
class Trips:
    """Who comes to the site today by their own doing. Parallel arrays; ``ad`` is -1 where no ad was clicked.

    ``shown_*`` and ``clicked_*`` are the search ads that were shown and clicked, costs in micros.
    """

    row: list[_Rows] = field(default_factory=list)
    route: list[NDArray[np.uint8]] = field(default_factory=list)
    ad: list[NDArray[np.int16]] = field(default_factory=list)
    shown_row: list[_Rows] = field(default_factory=list)
    shown_ad: list[NDArray[np.int16]] = field(default_factory=list)
    cost: list[NDArray[np.int64]] = field(default_factory=list)  # of each trip's click, 0 without
    darkened: list[_Rows] = field(default_factory=list)
    barely_row: list[_Rows] = field(default_factory=list)
    barely_ad: list[NDArray[np.int16]] = field(default_factory=list)

    def add(
        self, row: _Rows, route: Route, ad: NDArray[np.int16] | None = None, cost: NDArray[np.int64] | None = None
    ) -> None:
        """People who come by one route."""
        self.row.append(row)
        self.route.append(np.full(len(row), route, np.uint8))
        self.ad.append(np.full(len(row), -1, np.int16) if ad is None else ad)
        self.cost.append(np.zeros(len(row), np.int64) if cost is None else cost)


def go_shopping(people: Population, stage: Stage, today: Today, causes: Causes, away: NDArray[np.bool_]) -> Trips:
    """Everybody with a need who goes shopping today, and everybody who looks in. ``away`` came by an ad already."""
    trips = Trips()
    number = today.number
    active = people.need_until >= number
    going = active & (uniform(people.key, number, Purpose.TRIP) < people.activity) & ~away
    rows = np.flatnonzero(going)
    key = people.key[rows]
    cart = people.cart_until[rows] >= number
    knows = (people.recall_until[rows] >= number) | cart | (uniform(key, number, Purpose.KNOW) < people.habit[rows])
    comes = knows & (uniform(key, number, Purpose.COME) < _COMES)
    by_name = uniform(key, number, Purpose.ROUTE) < np.minimum(_BY_NAME * stage.temper.brand_habit, 0.93)
    came = np.zeros(len(people), np.bool_)
    came[_search_name(people, stage, today, causes, rows[comes & by_name], trips)] = True
    straight = rows[comes & ~by_name]
    trips.add(straight, Route.DIRECT)
    came[straight] = True
    searching = ~comes & (uniform(key, number, Purpose.SEARCH) < _SEARCHES)
    came[_search_goods(people, stage, today, causes, rows[searching], trips)] = True
    lost = rows[~came[rows] & (uniform(key, number, Purpose.ELSEWHERE) < _BUYS_ELSEWHERE)]
    people.need_until[lost] = number
    _look_in(people, today, away | going | active, trips)
    return trips


_COMES = 0.60  # of those who think of the shop
_BY_NAME = 0.70  # of those who come
_SEARCHES = 0.55  # of all others
_BUYS_ELSEWHERE = 0.11
_FOUND_UNPAID = 0.15  # of searches for goods
_REFERRED = 0.03
_FEED_BESIDE_BRAND = 0.3  # Performance Max shows itself beside the name, too


def _search_name(people: Population, stage: Stage, today: Today, causes: Causes, rows: _Rows, trips: Trips) -> _Rows:
    """Searches of the shop's name: its ad takes the click, or the free result does, or (rarely) somebody else."""
    key = people.key[rows]
    covered = np.zeros(len(rows), np.bool_)
    clicked = np.zeros(len(rows), np.bool_)
    for position in _campaigns(stage, "brand"):
        mine = np.flatnonzero(_engine(people, stage, rows, position))
        shown, taken = _offered(people, stage, today, causes, rows[mine], position, trips, Route.AD)
        covered[mine] |= shown
        clicked[mine] |= taken
    feed = _campaigns(stage, "pmax")[:1]
    for position in feed:
        beside = (
            ~clicked & ~people.microsoft[rows] & (uniform(key, today.number, Purpose.BRAND_FEED) < _FEED_BESIDE_BRAND)
        )
        mine = np.flatnonzero(beside)
        _, taken = _offered(people, stage, today, causes, rows[mine], position, trips, Route.AD)
        clicked[mine] |= taken
    lost = ~covered & ~clicked & (uniform(key, today.number, Purpose.LOST) < stage.temper.brand_loss * stage.persuasion)
    trips.add(rows[~clicked & ~lost], Route.ORGANIC_BRAND)
    return rows[~lost]


def _search_goods(people: Population, stage: Stage, today: Today, causes: Causes, rows: _Rows, trips: Trips) -> _Rows:
    """Searches for goods. Pictures of products come before texts; one thing is clicked at most."""
    key = people.key[rows]
    found = uniform(key, today.number, Purpose.ORGANIC) < _FOUND_UNPAID
    theme = (uniform(key, today.number, Purpose.THEME) < 0.45).astype(np.int64)
    newcomer = (people.orders[rows] == 0) & (people.known_since[rows] == NEVER)
    clicked = np.zeros(len(rows), np.bool_)
    for way in ("pmax", "shopping", "generic"):
        for position in reversed(_campaigns(stage, way)):
            campaign = stage.campaigns[position]
            open_to = ~clicked & _engine(people, stage, rows, position)
            if campaign.audience == "new":
                open_to &= newcomer
            if campaign.theme >= 0:
                open_to &= theme == campaign.theme
            if stage.persuasion == 0:
                open_to &= found  # an ad that works on nobody takes the clicks of those who come anyway
            mine = np.flatnonzero(open_to)
            _, taken = _offered(people, stage, today, causes, rows[mine], position, trips, Route.AD)
            clicked[mine] |= taken
    free = found & ~clicked
    trips.add(rows[free], Route.ORGANIC)
    referred = ~found & ~clicked & (uniform(key, today.number, Purpose.REFERRAL) < _REFERRED)
    trips.add(rows[referred], Route.REFERRAL)
    return rows[clicked | free | referred]


def _campaigns(stage: Stage, way: str) -> list[int]:
    return [position for position, campaign in enumerate(stage.campaigns) if campaign.way == way]


def _engine(people: Population, stage: Stage, rows: _Rows, position: int) -> NDArray[np.bool_]:
    here: NDArray[np.bool_] = people.microsoft[rows] == (stage.campaigns[position].platform == "microsoft_ads")
    return here


def _offered(
    people: Population,
    stage: Stage,
    today: Today,
    causes: Causes,
    rows: _Rows,
    position: int,
    trips: Trips,
    route: Route,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """One campaign's ad in these people's search results: whether it was shown, whether it was clicked."""
    campaign, count = stage.campaigns[position], today.running_count[position]
    if count == 0 or not len(rows):
        return np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
    key: Keys = salted(people.key[rows], np.full(len(rows), position))
    pick = uniform(key, today.number, Purpose.AD)
    ad = today.running[position, (pick * count).astype(np.int64)]
    rank = uniform(key, today.number, Purpose.SHOWN)
    cause = people.cause[rows]
    likely = (people.spotted[rows] & (people.need_until[rows] >= today.number)).astype(np.int64)
    won = rank < today.win[position, likely]
    reached = won | ((rank < today.win_raised[position, likely]) & causes.raised[cause, ad])
    barely = ~won & (rank < today.win_raised[position, likely]) & ~causes.raised[cause, ad]
    test = today.dark[position, people.region[rows]]
    hidden = reached & (test > 0) & ~causes.undarkened[cause, test]
    shown = reached & ~causes.off[cause, ad] & ~hidden
    draw = uniform(key, today.number, Purpose.SHOWN_CLICK)
    clicked = shown & (draw < campaign.clicks * stage.lure[ad, people.segment[rows]])
    people.met[ad[shown], rows[shown]] = np.minimum(people.met[ad[shown], rows[shown]], 254) + 1
    trips.shown_row.append(rows[shown])
    trips.shown_ad.append(ad[shown])
    trips.darkened.append(rows[hidden])
    trips.barely_row.append(rows[barely])
    trips.barely_ad.append(ad[barely])
    price = paid(rank[clicked], campaign.price, today.around.pressure, likely[clicked] > 0)
    trips.add(rows[clicked], route, ad[clicked], np.round(price * 1e6).astype(np.int64))
    return shown, clicked


def _look_in(people: Population, today: Today, busy: NDArray[np.bool_], trips: Trips) -> None:
    """Visits without a need: out of habit, or led by a search for something to read."""
    draw = uniform(people.key, today.number, Purpose.BROWSE)
    rows = np.flatnonzero((draw < people.browsing) & ~busy)
    route = uniform(people.key[rows], today.number, Purpose.BROWSE_ROUTE)
    trips.add(rows[route < 0.38], Route.DIRECT)
    trips.add(rows[(route >= 0.38) & (route < 0.84)], Route.ORGANIC)
    trips.add(rows[(route >= 0.84) & (route < 0.94)], Route.ORGANIC_BRAND)
    trips.add(rows[route >= 0.94], Route.REFERRAL)
