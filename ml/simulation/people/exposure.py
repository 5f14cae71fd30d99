"""Ads that come to people unasked: who has room for one, who wins it, who looks, who remembers.

Carry-over and saturation are nowhere written down. A noticed ad is remembered for a while that differs each time; who
is reminded again remembers longer, not harder. Per day a person notices one ad of ours at most; an ad seen often is
passed over; and there are only so many people with room for one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.auction import paid
from ml.simulation.people.chance import Floats, salted, uniform
from ml.simulation.people.population import Population
from ml.simulation.people.today import Causes, Happened, Purpose, Stage, Today

RETARGETED_DAYS = 14  # after a visit
OFFER_DAYS = 7


def meet(people: Population, stage: Stage, today: Today, causes: Causes) -> tuple[Happened, NDArray[np.int16]]:
    """Show today's ads and mails. Changes what people remember and want.

    Returns what was shown, and the ad that each person clicked because they wanted to (-1: none).
    """
    rows, campaign, rank = _slots_won(people, stage, today)
    pick = uniform(salted(people.key[rows], campaign), today.number, Purpose.AD)
    ad = today.running[campaign, (pick * today.running_count[campaign]).astype(np.int64)]
    test = today.dark[campaign, people.region[rows]]
    hidden = (test > 0) & ~causes.undarkened[people.cause[rows], test]
    won = _won(people, today, rows, campaign, rank)
    cause = people.cause[rows]
    shown = (won | causes.raised[cause, ad]) & ~causes.off[cause, ad] & ~hidden
    barely = ~won & ~causes.raised[cause, ad]
    barely_row, barely_ad = rows[barely], ad[barely]
    darkened = np.unique(rows[hidden])
    rows, campaign, rank, ad = rows[shown], campaign[shown], rank[shown], ad[shown]

    second = _moments(people, today, rows, campaign)
    order = np.lexsort((second, rows))
    rows, campaign, rank, ad, second = rows[order], campaign[order], rank[order], ad[order], second[order]
    noticed = _noticed(people, stage, today, rows, campaign, ad)
    happened = Happened(rows, ad, second, _cost(people, stage, today, rows, campaign, rank), noticed, darkened=darkened,
                        barely_row=barely_row, barely_ad=barely_ad)  # fmt: skip
    people.met[ad, rows] = np.minimum(people.met[ad, rows], 254) + 1
    _claimable(people, stage, today, rows, ad)
    wanted = _work(people, stage, today, happened, rows[noticed], campaign[noticed], ad[noticed])
    return happened, wanted


def _slots_won(people: Population, stage: Stage, today: Today) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Rows, campaigns and the ranks of the highest competing bids, of all slots that even a raised bid wins."""
    number = today.number
    likely = people.spotted & (people.need_until >= number)
    visitors = (people.visited_on >= number - RETARGETED_DAYS) & (people.ordered_on < people.visited_on)
    visitors &= people.consented
    audiences = {"visitors": visitors, "cart": visitors & (people.cart_until >= number)}
    found: list[tuple[NDArray[np.int64], int, Floats]] = []
    for place, position in enumerate(stage.pushing):
        low, high = today.win_raised[position]
        if today.running_count[position] == 0 or low == 0.0:
            continue
        draw = uniform(people.key, number, Purpose.PUSH + place)
        slots = people.slots[place]
        met = draw < slots * np.where(likely, high * _A_LITTLE_MORE, low * _A_LITTLE_MORE)
        audience = audiences.get(stage.campaigns[position].audience)
        if audience is not None:
            met &= audience
        rows = np.flatnonzero(met)
        found.append((rows, position, draw[rows] / slots[rows]))
    for place, position in enumerate(stage.mailing):
        share = today.win_raised[position, 0]
        if share > 0.0:
            draw = uniform(people.key, number, Purpose.PUSH + len(stage.pushing) + place)
            rows = np.flatnonzero((draw < share) & people.subscribed)
            found.append((rows, position, draw[rows]))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    return (
        np.concatenate([rows for rows, _, _ in found]),
        np.concatenate([np.full(len(rows), position, np.int64) for rows, position, _ in found]),
        np.concatenate([rank for _, _, rank in found]),
    )


_A_LITTLE_MORE = np.float32(1.0001)  # what rounding might lose; the rank decides


def _won(
    people: Population, today: Today, rows: NDArray[np.int64], campaign: NDArray[np.int64], rank: Floats
) -> NDArray[np.bool_]:
    """Whether today's bid wins without being raised."""
    likely = (people.spotted[rows] & (people.need_until[rows] >= today.number)).astype(np.int64)
    return rank < today.win[campaign, likely]


def _moments(
    people: Population, today: Today, rows: NDArray[np.int64], campaign: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Seconds of the day, from six in the morning to near midnight, more of them in the evening."""
    draw = uniform(salted(people.key[rows], campaign), today.number, Purpose.MOMENT)
    return (21_600 + 64_000 * draw**0.8).astype(np.int64)


def _noticed(
    people: Population,
    stage: Stage,
    today: Today,
    rows: NDArray[np.int64],
    campaign: NDArray[np.int64],
    ad: NDArray[np.int16],
) -> NDArray[np.bool_]:
    """The first ad of the day, in the order of time, that catches the person's eye."""
    draw = uniform(salted(people.key[rows], campaign), today.number, Purpose.NOTICE)
    novelty = _NOVELTY[np.minimum(people.met[ad, rows], len(_NOVELTY) - 1)]
    chance = stage.traits["attention"][campaign] * people.attention[rows] * novelty
    caught = draw < chance * stage.appeal[ad, people.segment[rows]]
    candidates = np.flatnonzero(caught)
    first = np.ones(len(candidates), np.bool_)
    first[1:] = rows[candidates][1:] != rows[candidates][:-1]
    noticed = np.zeros(len(rows), np.bool_)
    noticed[candidates[first]] = True
    return noticed


# By how often the ad was met before: it takes a second time to sink in, then it wears out.
_NOVELTY = np.array(
    [
        0.85,
        1.0,
        1.0,
        0.92,
        0.84,
        0.74,
        0.66,
        0.58,
        0.52,
        0.46,
        0.41,
        0.37,
        0.33,
        0.30,
        0.28,
        0.26,
        0.24,
        0.22,
        0.21,
        0.2,
    ],
    np.float32,
)


def _cost(
    people: Population,
    stage: Stage,
    today: Today,
    rows: NDArray[np.int64],
    campaign: NDArray[np.int64],
    rank: Floats,
) -> NDArray[np.int64]:
    likely = people.spotted[rows] & (people.need_until[rows] >= today.number)
    prices = np.array([each.price for each in stage.campaigns])[campaign]
    auctioned = paid(rank, 1.0, today.around.pressure, likely) * prices
    mails = np.isin(campaign, stage.mailing)
    return np.round(np.where(mails, prices, auctioned) * 1e6).astype(np.int64)


def _claimable(people: Population, stage: Stage, today: Today, rows: NDArray[np.int64], ad: NDArray[np.int16]) -> None:
    """What platforms remember of views; of several on one day the last stays."""
    platform = stage.platform_of[ad]
    known = platform >= 0
    people.view_day[platform[known], rows[known]] = today.number
    people.view_ad[platform[known], rows[known]] = ad[known]


def _work(
    people: Population,
    stage: Stage,
    today: Today,
    happened: Happened,
    rows: NDArray[np.int64],
    campaign: NDArray[np.int64],
    ad: NDArray[np.int16],
) -> NDArray[np.int16]:
    """What noticed ads do (``rows`` are distinct): memory, wishes, offers in mind, clicks."""
    number, key = today.number, people.key[rows]
    appeal = stage.appeal[ad, people.segment[rows]]
    wanting = people.need_until[rows] >= number
    if stage.persuasion > 0:
        memory = (1.0 - uniform(key, number, Purpose.RECALL)) ** np.float32(-0.45)
        days = stage.traits["recall"][campaign] * appeal * np.minimum(0.3 + 0.7 * memory, 8.0)
        until = (number + days).astype(np.int16)
        people.recall_until[rows] = np.maximum(people.recall_until[rows], until)
        offered = rows[stage.offering[ad]]
        people.offer_until[offered] = number + OFFER_DAYS
        chance = stage.traits["impulse"][campaign] * appeal * stage.persuasion
        sparked = (uniform(key, number, Purpose.IMPULSE) < chance) & ~wanting
        moved = rows[sparked]
        people.need_until[moved] = number + 6
        people.need_strength[moved] = 0.45
        people.spotted[moved] = False
    chance = stage.traits["clicks"][campaign] * stage.lure[ad, people.segment[rows]]
    draw = uniform(key, number, Purpose.CLICK)
    clicked = draw < chance * (1.0 + 1.6 * wanting) * stage.persuasion
    wanted = np.full(len(people), -1, np.int16)
    wanted[rows[clicked]] = ad[clicked]
    mail = np.isin(campaign, stage.mailing)
    leaving = rows[mail & (uniform(key, number, Purpose.LEAVE_LIST) < 0.006)]
    people.subscribed[leaving] = False
    happened.left_list = leaving
    return wanted
