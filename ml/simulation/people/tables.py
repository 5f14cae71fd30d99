"""What is known of a world as a whole, as frames: people, campaigns, ads, creatives, experiments, the days' sums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import polars as pl

from ml.simulation.people.campaigns import ACCOUNTS
from ml.simulation.people.creatives import traits
from ml.simulation.people.ledger import masked, named
from ml.simulation.people.population import DEVICES, NEVER, REGIONS
from ml.simulation.people.records import (
    ACCOUNTS as ACCOUNT_COLUMNS,
)
from ml.simulation.people.records import (
    ADS,
    CAMPAIGNS,
    CREATIVES,
    CURRENCY,
    EXPERIMENTS,
    OUTCOMES,
    PEOPLE,
    SEGMENTS,
    SPEND,
    TAKINGS,
)
from ml.simulation.people.run import Run
from ml.simulation.people.seasons import controls
from ml.simulation.people.visits import arms


def accounts(run: Run) -> pl.DataFrame:
    """The advertiser's accounts (``ACCOUNTS``), one a platform."""
    used = {campaign.platform for campaign in run.campaigns}
    rows = [(platform, *ACCOUNTS[platform], CURRENCY) for platform in ACCOUNTS if platform in used]
    return pl.DataFrame(rows, schema=dict(ACCOUNT_COLUMNS), orient="row")


def campaigns(run: Run) -> pl.DataFrame:
    """The campaigns (``CAMPAIGNS``)."""
    rows = [
        (
            each.platform,
            ACCOUNTS[each.platform][0],
            each.id,
            each.name,
            each.kind,
            each.channel,
            _day(run, each.start),
            _day(run, each.stop, last=True),
        )
        for each in run.campaigns
    ]
    return pl.DataFrame(rows, schema=dict(CAMPAIGNS), orient="row")


def ads(run: Run) -> pl.DataFrame:
    """The ads (``ADS``)."""
    rows = []
    for each in run.stage.ads:
        campaign = run.campaigns[each.campaign]
        rows.append(
            (
                campaign.platform,
                campaign.id,
                each.ad_group_id,
                each.ad_group_name,
                each.ad_id,
                each.ad_name,
                each.creative_id,
                *_life(run, campaign.start, each.start, each.stop),
            )
        )
    return pl.DataFrame(rows, schema=dict(ADS), orient="row")


def creatives(run: Run) -> pl.DataFrame:
    """What the ads show (``CREATIVES``)."""
    rows = []
    for each in run.stage.ads:
        campaign = run.campaigns[each.campaign]
        rows.append(
            (
                campaign.platform,
                each.creative_id,
                each.ad_name,
                each.format,
                each.headline,
                each.body,
                each.call_to_action,
                each.offer,
                each.colour,
                each.face,
                each.duration_seconds,
                each.landing_page,
                [name for name, there in traits(each).items() if there],
                *_life(run, campaign.start, each.start, each.stop),
            )
        )
    return pl.DataFrame(rows, schema=dict(CREATIVES), orient="row")


def experiments(run: Run) -> pl.DataFrame:
    """The tests as a registry keeps them (``EXPERIMENTS``)."""
    first = run.config.first_day
    rows: list[tuple[object, ...]] = [
        (
            *(test.id, test.name, test.hypothesis, "ab", "customer"),
            *(first + timedelta(days=test.first), first + timedelta(days=test.last)),
            *(["control", "treatment"], [0.5, 0.5], "orders_per_customer", ["revenue_per_customer"], None, [], []),
        )
        for test in run.site_tests
    ]
    rows += [
        (
            *(test.id, test.name, test.hypothesis, "go_dark" if test.everywhere else "geo_holdout"),
            "day" if test.everywhere else "region",
            *(first + timedelta(days=test.first), first + timedelta(days=test.last)),
            *(["control", "treatment"] if test.everywhere else ["advertised", "held_out"],),
            [0.5, 0.5] if test.everywhere else _shares(len(test.regions)),
            *("orders", ["revenue"], test.channel, [run.campaigns[place].id for place in test.campaigns]),
            [] if test.everywhere else [REGIONS[place] for place in test.regions],
        )
        for test in run.dark_tests
    ]
    return pl.DataFrame(rows, schema=dict(EXPERIMENTS), orient="row")


def people(run: Run, block: int) -> Iterator[pl.DataFrame]:
    """Everybody (``PEOPLE``), so many at a time."""
    everybody = run.people
    for begin in range(0, len(everybody), block):
        part = everybody.part(begin, min(begin + block, len(everybody)))
        known = part.known_since != NEVER
        days = np.datetime64(run.config.first_day) + part.known_since.astype(np.int64)
        columns = {
            "customer": part.customer,
            "consented": part.consented,
            "region": named(REGIONS, part.region),
            "device": named(DEVICES, part.device),
            "segment": named(SEGMENTS, part.segment),
            "subscriber": part.subscribed,
            "known_since": masked(days, known),
        }
        yield pl.DataFrame(columns).select(pl.col(name).cast(kind) for name, kind in PEOPLE.items())


def outcomes(run: Run) -> pl.DataFrame:
    """What everybody who entered an A/B test ordered in it and in the 56 days before (``OUTCOMES``), by person.

    Where the assignment was never logged the person is here all the same: the shop knows all orders. Join with the
    assignments to see what an analyst sees.
    """
    made = []
    person = np.concatenate(run.log.person).astype(np.int64)
    day, cents = np.concatenate(run.log.day), np.concatenate(run.log.placed)
    size = len(run.people)
    for place, test in enumerate(run.site_tests):
        rows = np.flatnonzero(run.people.entered[place])
        inside = (day >= test.first) & (day <= test.last)
        before = (day >= test.first - _BEFORE) & (day < test.first)
        columns: dict[str, object] = {
            "experiment_id": named((test.id,), np.zeros(len(rows), np.int64)),
            "customer": run.people.customer[rows],
            "arm": named(("control", "treatment"), arms(run.people, run.as_it_was, rows, place)),
        }
        for suffix, these in (("", inside), ("_before", before)):
            columns[f"orders{suffix}"] = np.bincount(person[these], minlength=size)[rows]
            columns[f"revenue{suffix}_cents"] = np.bincount(person[these], cents[these], size)[rows]
        made.append(pl.DataFrame(columns).select(pl.col(name).cast(kind) for name, kind in OUTCOMES.items()))
    return pl.concat(made)


def takings(run: Run) -> pl.DataFrame:
    """What each day brought (``TAKINGS``)."""
    counts_on, cents = np.concatenate(run.log.counts_on), np.concatenate(run.log.cents)
    inside = (counts_on >= 0) & (counts_on < run.number)
    columns: dict[str, object] = {
        "date": np.datetime64(run.config.first_day) + np.arange(run.number),
        "conversions": np.bincount(counts_on[inside], minlength=run.number),
        "revenue": np.bincount(counts_on[inside], cents[inside] / 100, run.number),
        "expected_revenue": np.array(run.log.worth),
    }
    return pl.DataFrame(columns).select(pl.col(name).cast(kind) for name, kind in TAKINGS.items())


def spend(run: Run) -> pl.DataFrame:
    """What each campaign cost on each day (``SPEND``)."""
    size = len(run.campaigns)
    by_campaign = [np.bincount(run.stage.campaign_of, by_ad, size) for by_ad in run.log.cost]
    columns: dict[str, object] = {
        "date": np.repeat(np.datetime64(run.config.first_day) + np.arange(run.number), size),
        "campaign_id": [campaign.id for campaign in run.campaigns] * run.number,
        "channel": [campaign.channel for campaign in run.campaigns] * run.number,
        "cost": np.concatenate(by_campaign),
    }
    return pl.DataFrame(columns).select(pl.col(name).cast(kind) for name, kind in SPEND.items())


def surroundings(run: Run) -> pl.DataFrame:
    """What else each day was like (``CONTROLS``)."""
    return pl.concat([controls(run.seasons[number]) for number in range(run.number)])


_BEFORE = 56  # days


def _shares(held: int) -> list[float]:
    return [1.0 - held / len(REGIONS), held / len(REGIONS)]


def _day(run: Run, share: float, *, last: bool = False) -> date:
    """The first day at or after this share of the planned period; ``last``: the one before it."""
    number = -int(-share * run.config.days // 1) - (1 if last else 0)
    return run.config.first_day + timedelta(days=min(max(number, 0), run.config.days - 1))


def _life(run: Run, campaign: float, start: float, stop: float) -> tuple[date, date]:
    """First and last day of an ad, whose life is a share of its campaign's."""
    return _day(run, campaign + (1.0 - campaign) * start), _day(run, campaign + (1.0 - campaign) * stop, last=True)
