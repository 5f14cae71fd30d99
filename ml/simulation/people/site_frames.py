"""The site's tracker and its tests: sessions, who entered which A/B test, the search console; frames of one day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.simulation.people.chance import Floats, identifiers, of_the_day
from ml.simulation.people.ledger import Kind, Ledger, frame, masked, named, stacked
from ml.simulation.people.population import DEVICES, NEVER, REGIONS
from ml.simulation.people.records import ASSIGNMENTS, SEARCH_DAYS, SESSIONS, empty
from ml.simulation.people.today import Causes, Purpose, Route
from ml.simulation.people.touch_frames import click_numbers, passing_clicks
from ml.simulation.people.trials import SiteTest
from ml.simulation.people.visits import arms

_Whole = NDArray[np.int64]

# By channel of the campaign: GA4's channel group, source (None: the search engine), medium.
_PAID = {
    "brand_search": ("Paid Search", None, "cpc"),
    "generic_search": ("Paid Search", None, "cpc"),
    "shopping": ("Paid Shopping", None, "cpc"),
    "performance_max": ("Cross-network", "google", "cpc"),
    "video": ("Paid Video", "youtube.com", "cpv"),
    "display": ("Display", "google", "display"),
    "paid_social": ("Paid Social", "facebook", "paid_social"),
    "social_retargeting": ("Paid Social", "instagram", "paid_social"),
    "social_video": ("Paid Social", "tiktok", "paid_social"),
    "email": ("Email", "newsletter", "email"),
}
_PARTNERS = ("runnersblog.example", "hikewiki.example", "pricewatch.example")


def sessions(ledger: Ledger) -> pl.DataFrame:
    """The visits that the tracker saw (``SESSIONS``), those of passers-by among them; none while it is broken."""
    if not ledger.today.around.tracking:
        return empty(SESSIONS)
    visits, people, number = ledger.visits, ledger.people, ledger.today.number
    row, slip = visits.row, visits.route == Route.SLIP
    luck = ledger.number(row, Purpose.STAY, visits.route)
    pages = 1 + visits.step.astype(np.int64) + (luck * 3.5 * ~slip).astype(np.int64)
    stay = np.where(slip, 1 + luck * 6, (4 + 70 * luck) * pages).astype(np.int64)
    bought = visits.step == 4
    known = (people.orders[row] > 0) | (people.known_since[row] != NEVER)
    logged_in = bought | (visits.route == Route.MAIL) | (known & (ledger.number(row, Purpose.LOGGED_IN) < 0.22))
    logged_in &= people.consented[row] & ~slip
    order_id, revenue = np.zeros(len(row), np.int64), np.zeros(len(row), np.int64)
    order_id[ledger.orders.visit] = ledger.first_order + np.arange(len(ledger.orders.row))
    revenue[ledger.orders.visit] = ledger.orders.cents
    ours = _Visits(
        visits.second,
        session_ids(ledger),
        people.customer[row],
        ledger.browser(row),
        people.consented[row],
        logged_in,
        visits.ad.astype(np.int64),
        visits.route,
        people.microsoft[row],
        luck,
        click_numbers(ledger),
        ledger.device(row).astype(np.int64),
        people.region[row].astype(np.int64),
        pages,
        stay,
        (pages > 1) | (stay >= 10) | bought,
        visits.step.astype(np.int64),
        order_id,
        revenue,
    )
    both = stacked([ours, _passing(ledger, number)])
    shop = (both.order_id > 0) & (not ledger.config.temper.business)
    return frame(
        SESSIONS,
        {
            "at": ledger.at(both.second),
            "session_id": both.session_id,
            "customer": both.customer,
            "client": masked(both.client, both.consented),
            "user": masked(both.customer, both.logged_in),
            **_origins(ledger, both),
            "click_id": masked(both.click_id, both.ad >= 0),
            "landing_page": _landings(ledger, both),
            "device": named(DEVICES, both.device),
            "region": named(REGIONS, both.region),
            "page_views": both.pages,
            "duration_seconds": both.stay,
            "engaged": both.engaged,
            "funnel_step": both.step,
            "order_id": masked(both.order_id, shop),
            "revenue_cents": masked(both.revenue, shop),
        },
    )


@dataclass(frozen=True, slots=True)
class _Visits:
    """Visits as the tracker sees them, one array element each."""

    second: _Whole
    session_id: NDArray[np.uint64]
    customer: NDArray[np.uint32]
    client: NDArray[np.uint64]
    consented: NDArray[np.bool_]
    logged_in: NDArray[np.bool_]
    ad: _Whole  # -1: none
    route: NDArray[np.uint8]
    microsoft: NDArray[np.bool_]
    luck: Floats
    click_id: NDArray[np.uint64]
    device: _Whole
    region: _Whole
    pages: _Whole
    stay: _Whole
    engaged: NDArray[np.bool_]
    step: _Whole
    order_id: _Whole  # 0: none
    revenue: _Whole


def session_ids(ledger: Ledger) -> NDArray[np.uint64]:
    """The number of each visit."""
    slot = (ledger.visits.route == Route.SLIP).astype(np.int64)
    customer = ledger.people.customer[ledger.visits.row]
    return identifiers(ledger.config.seed, Kind.SESSION, customer, ledger.today.number, slot)


def entries(ledger: Ledger, tests: tuple[SiteTest, ...], causes: Causes) -> pl.DataFrame:
    """Who entered an A/B test today and in which arm (``ASSIGNMENTS``, and ``EXPOSURES`` alike), as it was logged."""
    made = []
    for place, test in enumerate(tests):
        entered = np.flatnonzero(ledger.visits.entered[:, place])
        if not len(entered):
            continue
        row = ledger.visits.row[entered]
        arm = arms(ledger.people, causes, row, place)
        luck = ledger.number(row, Purpose.PAGES)
        logged = ~((arm == 1) & (ledger.people.device[row] == 0) & (luck < test.lost))
        row, arm = row[logged], arm[logged]
        made.append(
            frame(
                ASSIGNMENTS,
                {
                    "at": ledger.at(ledger.visits.second[entered][logged]),
                    "experiment_id": named((test.id,), np.zeros(len(row), np.int64)),
                    "customer": ledger.people.customer[row],
                    "client": ledger.client(row),
                    "arm": named(("control", "treatment"), arm),
                },
            )
        )
    return pl.concat(made) if made else empty(ASSIGNMENTS)


def search_days(ledger: Ledger) -> pl.DataFrame:
    """What the search console shows of the day (``SEARCH_DAYS``): free results by query, page and device."""
    visits, rng = ledger.visits, of_the_day(ledger.config.seed, ledger.today.number, 5)
    google = ~ledger.people.microsoft[visits.row]
    made: dict[str, list[object]] = {name: [] for name in SEARCH_DAYS}
    for route, queries, share, position in (
        (Route.ORGANIC_BRAND, _BRAND_QUERIES, 0.55, 1.1),
        (Route.ORGANIC, _QUERIES, 0.06, 7.5),
    ):
        device = ledger.device(visits.row[(visits.route == route) & google])
        for number, name in enumerate(DEVICES):
            clicks = rng.multinomial(int((device == number).sum()), [weight for _, _, weight in queries])
            shown = clicks + rng.poisson((clicks + 0.3) * (1 / share - 1))
            for (query, page, _), clicked, seen in zip(queries, clicks, shown, strict=True):
                if seen:
                    values = (query, page, name, int(clicked), int(seen), round(position + rng.random(), 1))
                    for column, value in zip(list(SEARCH_DAYS)[1:], values, strict=True):
                        made[column].append(value)
    made["date"] = [ledger.today.around.day] * len(made["query"])
    return pl.DataFrame(made, schema=dict(SEARCH_DAYS))


_BRAND_QUERIES = (("simulated outfitters", "/", 0.78), ("simulated outfitters shoes", "/collections/shoes", 0.22))
_QUERIES = (
    ("waterproof trail shoes", "/collections/shoes", 0.28),
    ("light hiking jacket", "/collections/jackets", 0.24),
    ("how to wash a rain jacket", "/guides/care", 0.22),
    ("trail running for beginners", "/guides/trail-running", 0.16),
    ("shoe size chart", "/guides/sizes", 0.10),
)


def _origins(ledger: Ledger, visits: _Visits) -> dict[str, pl.Series]:
    """Channel group, source, medium, campaign and ad of visits: those of the ad, or of the free route."""
    stage = ledger.stage
    paid = [stage.campaigns[each.campaign] for each in stage.ads]
    engines = {"google_ads": "google", "microsoft_ads": "bing"}
    channels = [_PAID[each.channel][0] for each in paid]
    sources = [_PAID[each.channel][1] or engines[each.platform] for each in paid]
    mediums = [_PAID[each.channel][2] for each in paid]
    partner = 2 + (visits.luck * 997).astype(np.int64) % 3
    searched = np.where(visits.microsoft, 5, 1)
    free = np.select([visits.route == Route.DIRECT, visits.route == Route.REFERRAL], [0, partner], searched)
    place = np.where(visits.ad >= 0, visits.ad, len(paid) + free)
    nothing = [None] * 6
    organic, referral = "Organic Search", "Referral"
    return {
        "channel": named([*channels, "Direct", organic, referral, referral, referral, organic], place),
        "source": named([*sources, "(direct)", "google", *_PARTNERS, "bing"], place),
        "medium": named([*mediums, "(none)", "organic", "referral", "referral", "referral", "organic"], place),
        "campaign_id": named([*[each.id for each in paid], *nothing], place),
        "ad_id": named([*[each.ad_id for each in stage.ads], *nothing], place),
    }


_PAGES = ("/", "/collections/shoes", "/collections/jackets", "/products/trail-one", "/guides/care", "/guides/sizes")


def _landings(ledger: Ledger, visits: _Visits) -> pl.Series:
    ads, luck = [each.landing_page for each in ledger.stage.ads], (visits.luck * 991).astype(np.int64)
    free = np.where(np.isin(visits.route, (Route.DIRECT, Route.ORGANIC_BRAND)), luck % 2, 1 + luck % 5)
    return named([*ads, *_PAGES], np.where(visits.ad >= 0, visits.ad, len(ads) + free))


def _passing(ledger: Ledger, number: int) -> _Visits:
    """The visits of passers-by, each by the click of an ad."""
    ad, region, customer, second, device = passing_clicks(ledger)
    rng = of_the_day(ledger.config.seed, number, 6)
    size, seed = len(ad), ledger.config.seed
    pages = 1 + rng.geometric(0.75, size) - 1
    stay = (rng.exponential(14, size) * pages).astype(np.int64)
    nobody, none = np.zeros(size, np.bool_), np.zeros(size, np.int64)
    return _Visits(
        second + 3,
        identifiers(seed, Kind.SESSION, customer, number),
        customer,
        identifiers(seed, Kind.CLIENT, customer, 0),
        ~nobody,
        nobody,
        ad,
        np.full(size, Route.AD, np.uint8),
        nobody,
        np.zeros(size, np.float32),
        identifiers(seed, Kind.CLICK_ID, customer, number, ad),
        device,
        region,
        pages,
        stay,
        (pages > 1) | (stay >= 10),
        (pages > 2).astype(np.int64),
        none,
        none,
    )
