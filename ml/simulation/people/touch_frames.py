"""Contacts, what platforms bill, e-mail: frames of one day."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.simulation.people.campaigns import CLICK_THROUGH_OF_STRANGERS
from ml.simulation.people.chance import identifiers, of_the_day
from ml.simulation.people.ledger import SLIPPED, Kind, Ledger, Strangers, frame, masked, named, stacked
from ml.simulation.people.population import DEVICES, REGIONS, Population
from ml.simulation.people.records import DELIVERY, EMAILS, TOUCHPOINTS
from ml.simulation.people.today import Happened, Purpose, Route, Stage, Today

_Counts = NDArray[np.int64]


def strangers(seed: int, people: Population, stage: Stage, today: Today, happened: Happened, first: int) -> Strangers:
    """The passers-by whom campaigns reached beside people, in the same regions and at the same prices."""
    impressions, clicks, cost = _own(people, stage, happened)
    rng = of_the_day(seed, today.number, 3)
    factor = np.array([stage.campaigns[ad.campaign].strangers for ad in stage.ads])[:, None]
    pushed = np.isin(stage.campaign_of, stage.pushing)[:, None]
    seen = rng.poisson(factor * impressions)
    willing = stage.traits["clicks"] * np.where(stage.traits["attention"] > 0, stage.traits["attention"], 1.0)
    through = np.clip(willing[stage.campaign_of] * CLICK_THROUGH_OF_STRANGERS, 0, 1)[:, None]
    clicked = np.where(pushed, rng.binomial(seen, through), np.minimum(rng.poisson(factor * clicks), seen))
    charged = np.where(pushed, impressions, clicks)
    price = cost / np.maximum(charged, 1)
    return Strangers(seen, clicked, np.round(price * np.where(pushed, seen, clicked)).astype(np.int64), first)


def delivery(ledger: Ledger) -> tuple[pl.DataFrame, _Counts]:
    """The platforms' bill of the day (``DELIVERY``), and the cost by ad and region in micros."""
    impressions, clicks, cost = _own(ledger.people, ledger.stage, ledger.happened)
    impressions, clicks = impressions + ledger.strangers.impressions, clicks + ledger.strangers.clicks
    cost = cost + ledger.strangers.cost
    platforms = ledger.stage.platform_of >= 0
    ad, region = np.nonzero(((impressions > 0) | (clicks > 0)) & platforms[:, None])
    return frame(
        DELIVERY,
        {
            "date": pl.Series([ledger.today.around.day]).new_from_index(0, len(ad)),
            **_of_ads(ledger.stage, ad),
            "region": named(REGIONS, region),
            "impressions": impressions[ad, region],
            "clicks": clicks[ad, region],
            "cost_micros": cost[ad, region],
        },
        order=None,
    ), cost


def touchpoints(ledger: Ledger) -> pl.DataFrame:
    """Contacts at user level (``TOUCHPOINTS``): what people were shown unasked, and every click."""
    made = stacked([_shown(ledger), _clicked(ledger), _passing(ledger)])
    clicked, stage = made.clicked, ledger.stage
    return frame(
        TOUCHPOINTS,
        {
            "at": ledger.at(made.second),
            "touch_id": made.touch_id,
            "customer": made.customer,
            "client": masked(made.client, made.consented),
            "kind": named(("impression", "click"), clicked.astype(np.int64)),
            **_of_ads(stage, made.ad),
            "creative_id": named([each.creative_id for each in stage.ads], made.ad),
            "click_id": masked(made.click_id, clicked),
            "cost_micros": made.cost,
            "device": named(DEVICES, made.device),
            "region": named(REGIONS, made.region),
        },
    )


def click_numbers(ledger: Ledger) -> NDArray[np.uint64]:
    """The click id that each visit's landing address carries, where an ad was clicked (others mean nothing)."""
    visits = ledger.visits
    slot = np.maximum(visits.ad, 0).astype(np.int64) + SLIPPED * (visits.route == Route.SLIP)
    return identifiers(ledger.config.seed, Kind.CLICK_ID, ledger.people.customer[visits.row], ledger.today.number, slot)


def emails(ledger: Ledger) -> pl.DataFrame:
    """What became of the day's mails (``EMAILS``). Some opens are a mail program's own."""
    stage, happened, people = ledger.stage, ledger.happened, ledger.people
    mail = stage.platform_of[happened.shown_ad] < 0
    row, ad, second = happened.shown_row[mail], happened.shown_ad[mail], happened.shown_second[mail]
    opened = happened.noticed[mail]
    luck = ledger.number(row, Purpose.EMAIL_OPEN, ad)
    bounced = ~opened & (luck < 0.015)
    automatic = ~opened & (luck > 0.86)
    clicking = np.zeros(len(people), np.bool_)
    visits = ledger.visits
    clicking[visits.row[visits.route == Route.MAIL]] = True
    clicked = opened & clicking[row]
    leaving = np.zeros(len(people), np.bool_)
    leaving[happened.left_list] = True
    kinds = (
        ("sent", np.ones(len(row), np.bool_), 0),
        ("delivered", ~bounced, 3),
        ("bounce", bounced, 3),
        ("open", opened | automatic, 600),
        ("click", clicked, 604),
        ("unsubscribe", opened & leaving[row], 630),
    )
    kind = np.repeat(np.arange(len(kinds)), [there.sum() for _, there, _ in kinds])
    mails = np.concatenate([np.flatnonzero(there) for _, there, _ in kinds])
    later = np.array([seconds for _, _, seconds in kinds])
    row, ad = row[mails], ad[mails]
    campaign = [stage.campaigns[each.campaign] for each in stage.ads]
    week = ledger.today.around.day.strftime("%G-W%V")
    seed, number, customer = ledger.config.seed, ledger.today.number, people.customer[row]
    return frame(
        EMAILS,
        {
            "at": ledger.at(second[mails] + later[kind]),
            "email_id": identifiers(seed, Kind.MAIL, customer, number, ad),
            "customer": customer,
            "kind": named([name for name, _, _ in kinds], kind),
            "campaign_id": named([f"{each.id}-{week}" for each in campaign], ad),
            "campaign_name": named([f"{each.name} {week}" for each in campaign], ad),
            "subject": named([each.headline for each in stage.ads], ad),
            "click_id": masked(identifiers(seed, Kind.CLICK_ID, customer, number, ad), kind == _CLICKED_MAIL),
        },
    )


_CLICKED_MAIL = 4  # among the kinds


def _own(people: Population, stage: Stage, happened: Happened) -> tuple[_Counts, _Counts, _Counts]:
    """Impressions, clicks and cost in micros of people, each ads x regions."""

    def added(rows: _Counts, ad: NDArray[np.int16], weights: _Counts | None = None) -> _Counts:
        place = ad.astype(np.int64) * len(REGIONS) + people.region[rows]
        counts = np.bincount(place, weights, minlength=len(stage.ads) * len(REGIONS))
        return np.round(counts).astype(np.int64).reshape(len(stage.ads), len(REGIONS))

    impressions = added(happened.shown_row, happened.shown_ad) + added(happened.searched_row, happened.searched_ad)
    clicks = added(happened.clicked_row, happened.clicked_ad)
    cost = added(happened.shown_row, happened.shown_ad, happened.shown_cost)
    return impressions, clicks, cost + added(happened.clicked_row, happened.clicked_ad, happened.clicked_cost)


@dataclass(frozen=True, slots=True)
class _Touches:
    """Contacts, one array element each."""

    second: _Counts
    touch_id: NDArray[np.uint64]
    customer: NDArray[np.uint32]
    client: NDArray[np.uint64]
    consented: NDArray[np.bool_]
    clicked: NDArray[np.bool_]
    ad: _Counts
    click_id: NDArray[np.uint64]  # of clicks
    cost: _Counts
    device: _Counts
    region: _Counts


def _shown(ledger: Ledger) -> _Touches:
    happened = ledger.happened
    public = ledger.stage.platform_of[happened.shown_ad] >= 0
    row, ad = happened.shown_row[public], happened.shown_ad[public].astype(np.int64)
    return _of_people(
        ledger, row, ad, happened.shown_second[public], happened.shown_cost[public], np.zeros(len(row), np.uint64)
    )


def _clicked(ledger: Ledger) -> _Touches:
    happened = ledger.happened
    public = ledger.stage.platform_of[happened.clicked_ad] >= 0
    row, ad = happened.clicked_row[public], happened.clicked_ad[public].astype(np.int64)
    slot = ad + SLIPPED * happened.clicked_by_slip[public]
    click_id = identifiers(ledger.config.seed, Kind.CLICK_ID, ledger.people.customer[row], ledger.today.number, slot)
    made = _of_people(ledger, row, ad, happened.clicked_second[public], happened.clicked_cost[public], click_id)
    touch_id = identifiers(ledger.config.seed, Kind.CLICK, made.customer, ledger.today.number, slot)
    return replace(made, touch_id=touch_id, clicked=np.ones(len(row), np.bool_))


def _of_people(
    ledger: Ledger, row: _Counts, ad: _Counts, second: _Counts, cost: _Counts, click_id: NDArray[np.uint64]
) -> _Touches:
    """Impressions of people; clicks but for what tells them from impressions."""
    people = ledger.people
    return _Touches(
        second,
        identifiers(ledger.config.seed, Kind.SHOWN, people.customer[row], ledger.today.number, ad),
        people.customer[row],
        ledger.browser(row),
        people.consented[row],
        np.zeros(len(row), np.bool_),
        ad,
        click_id,
        cost,
        ledger.device(row).astype(np.int64),
        people.region[row].astype(np.int64),
    )


def _passing(ledger: Ledger) -> _Touches:
    """The clicks of passers-by, at moments of their own."""
    ad, region, customer, second, device = passing_clicks(ledger)
    seed, number = ledger.config.seed, ledger.today.number
    clicks = np.maximum(ledger.strangers.clicks, 1)
    searched = ~np.isin(ledger.stage.campaign_of[ad], ledger.stage.pushing)
    everybody = np.ones(len(ad), np.bool_)
    return _Touches(
        second,
        identifiers(seed, Kind.CLICK, customer, number, ad),
        customer,
        identifiers(seed, Kind.CLIENT, customer, 0),
        everybody,
        everybody,
        ad,
        identifiers(seed, Kind.CLICK_ID, customer, number, ad),
        (ledger.strangers.cost // clicks)[ad, region] * searched,
        device,
        region,
    )


def passing_clicks(ledger: Ledger) -> tuple[_Counts, _Counts, NDArray[np.uint32], _Counts, _Counts]:
    """Ad, region, customer number, second and device of every click of a passer-by."""
    counts = ledger.strangers.clicks
    ad, region = np.nonzero(counts)
    repeats = counts[ad, region]
    ad, region = np.repeat(ad, repeats), np.repeat(region, repeats)
    rng = of_the_day(ledger.config.seed, ledger.today.number, 4)
    second = rng.integers(21_600, 85_000, len(ad))
    device = rng.choice(3, len(ad), p=(0.7, 0.26, 0.04))
    customer = (ledger.strangers.first + np.arange(len(ad))).astype(np.uint32)
    return ad, region, customer, second, device


def _of_ads(stage: Stage, ad: NDArray[np.integer]) -> dict[str, pl.Series]:
    campaigns = [stage.campaigns[each.campaign] for each in stage.ads]
    return {
        "platform": named([each.platform for each in campaigns], ad),
        "channel": named([each.channel for each in campaigns], ad),
        "campaign_id": named([each.id for each in campaigns], ad),
        "ad_group_id": named([each.ad_group_id for each in stage.ads], ad),
        "ad_id": named([each.ad_id for each in stage.ads], ad),
    }
