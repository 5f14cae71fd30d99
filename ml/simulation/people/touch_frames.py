"""Contacts, what platforms bill, e-mail: frames of one day."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.simulation.people.campaigns import CLICK_THROUGH_OF_STRANGERS
from ml.simulation.people.chance import identifiers, of_the_day
from ml.simulation.people.ledger import SLIPPED, Kind, Ledger, Strangers, frame, masked, named
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
    stage, happened, seed = ledger.stage, ledger.happened, ledger.config.seed
    public = stage.platform_of[happened.shown_ad] >= 0
    row, ad = happened.shown_row[public], happened.shown_ad[public]
    shown = _touches(ledger, row, ad, happened.shown_second[public], happened.shown_cost[public], None)
    public = stage.platform_of[happened.clicked_ad] >= 0
    row, ad = happened.clicked_row[public], happened.clicked_ad[public]
    slot = ad.astype(np.int64) + SLIPPED * happened.clicked_by_slip[public]
    click_id = identifiers(seed, Kind.CLICK_ID, ledger.people.customer[row], ledger.today.number, slot)
    clicked = _touches(ledger, row, ad, happened.clicked_second[public], happened.clicked_cost[public], slot)
    clicked = clicked.with_columns(pl.Series("click_id", click_id))
    return pl.concat([shown, clicked, _passing(ledger)]).sort("at", maintain_order=True)


def click_ids(ledger: Ledger) -> pl.Series:
    """The click id that each visit's landing address carries; None where no ad was clicked."""
    visits = ledger.visits
    slot = np.maximum(visits.ad, 0).astype(np.int64) + SLIPPED * (visits.route == Route.SLIP)
    names = identifiers(
        ledger.config.seed, Kind.CLICK_ID, ledger.people.customer[visits.row], ledger.today.number, slot
    )
    return masked(names, visits.ad >= 0)


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
    return pl.concat(
        _mails(ledger, kind, row[there], ad[there], second[there] + later) for kind, there, later in kinds
    ).sort("at", maintain_order=True)


def _mails(ledger: Ledger, kind: str, row: _Counts, ad: NDArray[np.int16], second: _Counts) -> pl.DataFrame:
    stage, number, customer = ledger.stage, ledger.today.number, ledger.people.customer[row]
    campaign = [stage.campaigns[each.campaign] for each in stage.ads]
    week = ledger.today.around.day.strftime("%G-W%V")
    click_id = identifiers(ledger.config.seed, Kind.CLICK_ID, customer, number, ad)
    return frame(
        EMAILS,
        {
            "at": ledger.at(second),
            "email_id": identifiers(ledger.config.seed, Kind.MAIL, customer, number, ad),
            "customer": customer,
            "kind": named((kind,), np.zeros(len(row), np.int64)),
            "campaign_id": named([f"{each.id}-{week}" for each in campaign], ad),
            "campaign_name": named([f"{each.name} {week}" for each in campaign], ad),
            "subject": named([each.headline for each in stage.ads], ad),
            "click_id": masked(click_id, np.full(len(row), kind == "click")),
        },
    )


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


def _touches(
    ledger: Ledger, row: _Counts, ad: NDArray[np.int16], second: _Counts, cost: _Counts, slot: _Counts | None
) -> pl.DataFrame:
    kind, slots = (Kind.SHOWN, ad) if slot is None else (Kind.CLICK, slot)
    customer = ledger.people.customer[row]
    return frame(
        TOUCHPOINTS,
        {
            "at": ledger.at(second),
            "touch_id": identifiers(ledger.config.seed, kind, customer, ledger.today.number, slots),
            "customer": customer,
            "client": ledger.client(row),
            "kind": named(("impression" if slot is None else "click",), np.zeros(len(row), np.int64)),
            **_of_ads(ledger.stage, ad),
            "creative_id": named([each.creative_id for each in ledger.stage.ads], ad),
            "click_id": pl.Series([None], dtype=pl.UInt64).new_from_index(0, len(row)),
            "cost_micros": cost,
            "device": ledger.device_name(row),
            "region": ledger.region(row),
        },
        order=None,
    )


def _passing(ledger: Ledger) -> pl.DataFrame:
    """The clicks of passers-by, at moments of their own."""
    ad, region, customer, second, device = passing_clicks(ledger)
    seed, number = ledger.config.seed, ledger.today.number
    clicks = np.maximum(ledger.strangers.clicks, 1)
    searched = ~np.isin(ledger.stage.campaign_of[ad], ledger.stage.pushing)
    cost = (ledger.strangers.cost // clicks)[ad, region] * searched
    return frame(
        TOUCHPOINTS,
        {
            "at": ledger.at(second),
            "touch_id": identifiers(seed, Kind.CLICK, customer, number, ad),
            "customer": customer,
            "client": identifiers(seed, Kind.CLIENT, customer, 0),
            "kind": named(("click",), np.zeros(len(ad), np.int64)),
            **_of_ads(ledger.stage, ad),
            "creative_id": named([each.creative_id for each in ledger.stage.ads], ad),
            "click_id": identifiers(seed, Kind.CLICK_ID, customer, number, ad),
            "cost_micros": cost,
            "device": named(DEVICES, device),
            "region": named(REGIONS, region),
        },
        order=None,
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
