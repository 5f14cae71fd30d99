"""The site's tracker and its tests: sessions, who entered which A/B test, the search console; frames of one day."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.simulation.people.chance import identifiers, of_the_day
from ml.simulation.people.ledger import Kind, Ledger, frame, masked, named
from ml.simulation.people.population import DEVICES, NEVER, REGIONS
from ml.simulation.people.records import ASSIGNMENTS, SEARCH_DAYS, SESSIONS, empty
from ml.simulation.people.today import Causes, Purpose, Route
from ml.simulation.people.touch_frames import click_ids, passing_clicks
from ml.simulation.people.trials import SiteTest
from ml.simulation.people.visits import arms

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
    order_id, revenue = np.zeros(len(row), np.uint64), np.zeros(len(row), np.int64)
    order_id[ledger.orders.visit] = ledger.first_order + np.arange(len(ledger.orders.row))
    revenue[ledger.orders.visit] = ledger.orders.cents
    shop = bought & (not ledger.config.temper.business)
    session_id = session_ids(ledger)
    ours = frame(
        SESSIONS,
        {
            "at": ledger.at(visits.second),
            "session_id": session_id,
            "customer": people.customer[row],
            "client": ledger.client(row),
            "user": masked(people.customer[row], logged_in),
            **_origins(ledger, visits.ad, visits.route, people.microsoft[row], (luck * 997).astype(np.int64)),
            "click_id": click_ids(ledger),
            "landing_page": _landings(ledger, visits.ad, visits.route, (luck * 991).astype(np.int64)),
            "device": ledger.device_name(row),
            "region": ledger.region(row),
            "page_views": pages,
            "duration_seconds": stay,
            "engaged": (pages > 1) | (stay >= 10) | bought,
            "funnel_step": visits.step,
            "order_id": masked(order_id, shop),
            "revenue_cents": masked(revenue, shop),
        },
    )
    return pl.concat([ours, _passing(ledger, number)]).sort("at", maintain_order=True)


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
    return pl.concat(made)


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


def _origins(
    ledger: Ledger,
    ad: NDArray[np.integer],
    route: NDArray[np.integer],
    microsoft: NDArray[np.bool_],
    luck: NDArray[np.int64],
) -> dict[str, pl.Series]:
    """Channel group, source, medium, campaign and ad of visits: those of the ad, or of the free route."""
    stage = ledger.stage
    paid = [stage.campaigns[each.campaign] for each in stage.ads]
    engines = {"google_ads": "google", "microsoft_ads": "bing"}
    channels = [_PAID[each.channel][0] for each in paid]
    sources = [_PAID[each.channel][1] or engines[each.platform] for each in paid]
    mediums = [_PAID[each.channel][2] for each in paid]
    free = np.select([route == Route.DIRECT, route == Route.REFERRAL], [0, 2 + luck % 3], np.where(microsoft, 5, 1))
    place = np.where(ad >= 0, ad, len(paid) + free)
    nothing = [None] * 6
    organic, partner = "Organic Search", "Referral"
    return {
        "channel": named([*channels, "Direct", organic, partner, partner, partner, organic], place),
        "source": named([*sources, "(direct)", "google", *_PARTNERS, "bing"], place),
        "medium": named([*mediums, "(none)", "organic", "referral", "referral", "referral", "organic"], place),
        "campaign_id": named([*[each.id for each in paid], *nothing], place),
        "ad_id": named([*[each.ad_id for each in stage.ads], *nothing], place),
    }


_PAGES = ("/", "/collections/shoes", "/collections/jackets", "/products/trail-one", "/guides/care", "/guides/sizes")


def _landings(
    ledger: Ledger, ad: NDArray[np.integer], route: NDArray[np.integer], luck: NDArray[np.int64]
) -> pl.Series:
    ads = [each.landing_page for each in ledger.stage.ads]
    free = np.where(np.isin(route, (Route.DIRECT, Route.ORGANIC_BRAND)), luck % 2, 1 + luck % 5)
    return named([*ads, *_PAGES], np.where(ad >= 0, ad, len(ads) + free))


def _passing(ledger: Ledger, number: int) -> pl.DataFrame:
    ad, region, customer, second, device = passing_clicks(ledger)
    rng = of_the_day(ledger.config.seed, number, 6)
    size, seed = len(ad), ledger.config.seed
    pages = 1 + rng.geometric(0.75, size) - 1
    stay = (rng.exponential(14, size) * pages).astype(np.int64)
    return frame(
        SESSIONS,
        {
            "at": ledger.at(second + 3),
            "session_id": identifiers(seed, Kind.SESSION, customer, number),
            "customer": customer,
            "client": identifiers(seed, Kind.CLIENT, customer, 0),
            "user": pl.Series([None], dtype=pl.UInt32).new_from_index(0, size),
            **_origins(ledger, ad, np.full(size, Route.AD), np.zeros(size, np.bool_), np.zeros(size, np.int64)),
            "click_id": identifiers(seed, Kind.CLICK_ID, customer, number, ad),
            "landing_page": _landings(ledger, ad, np.full(size, Route.AD), np.zeros(size, np.int64)),
            "device": named(DEVICES, device),
            "region": named(REGIONS, region),
            "page_views": pages,
            "duration_seconds": stay,
            "engaged": (pages > 1) | (stay >= 10),
            "funnel_step": (pages > 2).astype(np.int64),
            "order_id": pl.Series([None], dtype=pl.UInt64).new_from_index(0, size),
            "revenue_cents": pl.Series([None], dtype=pl.Int64).new_from_index(0, size),
        },
        order=None,
    )
