"""Who advertises what in the demo: accounts, campaigns, and how each kind of campaign behaves.

Everything here is invented. Economics are typical of a small shop with orders of about 75 units: a click on the
brand's own name is cheap and converts, a video view is cheap and does not, a business lead is dear.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Platform = Literal["google_ads", "meta_ads", "microsoft_ads", "linkedin_ads", "tiktok_ads", "pinterest_ads"]
Rhythm = Literal["shop", "business"]


@dataclass(frozen=True, slots=True)
class Account:
    """An advertiser's account. ``conversion_decimals`` is how finely its platform reports conversions."""

    platform: Platform
    id: str
    name: str
    currency: str
    conversion_decimals: int = 0


@dataclass(frozen=True, slots=True)
class Economics:
    """What a click costs and brings, before season, promotion and noise.

    ``cpc`` and ``order_value`` are in the account's currency; ``ctr`` and ``cvr`` are shares; ``impression_share``
    is the share of eligible searches won, where the kind has one.
    """

    cpc: float
    ctr: float
    cvr: float
    order_value: float
    impression_share: float | None = None
    rhythm: Rhythm = "shop"


@dataclass(frozen=True, slots=True)
class Line:
    """The finest thing that an account reports daily: a campaign, or one ad (group) of it.

    ``daily_spend`` is at the start of the plan; ``start`` and ``stop`` are shares of the simulated period;
    ``growth`` multiplies spend over a year; ``shift`` multiplies it after budget was moved between campaigns.
    """

    account: Account
    campaign_id: str
    campaign_name: str
    campaign_type: str
    economics: Economics
    daily_spend: float
    start: float = 0.0
    stop: float = 1.0
    growth: float = 1.0
    shift: float = 1.0
    ad_group_id: str | None = None
    ad_group_name: str | None = None
    ad_id: str | None = None
    ad_name: str | None = None


def demo_plan() -> tuple[Line, ...]:
    """Every line of the demo advertiser, about 60 campaigns in eight accounts, in a stable order."""
    return tuple(_lines())


GOOGLE_US = Account("google_ads", "5550100001", "Demo Store US", "USD", conversion_decimals=2)
GOOGLE_OUTLET = Account("google_ads", "5550100002", "Demo Store Outlet", "USD", conversion_decimals=6)
GOOGLE_GERMANY = Account("google_ads", "5550100003", "Demo Store Deutschland", "EUR", conversion_decimals=2)
META_EUROPE = Account("meta_ads", "555010000000004", "Demo Store Europe", "EUR")
MICROSOFT_US = Account("microsoft_ads", "155501005", "Demo Store US", "USD", conversion_decimals=2)
LINKEDIN = Account("linkedin_ads", "555010006", "Demo Store Business", "USD")
TIKTOK = Account("tiktok_ads", "7555010000000000007", "Demo Store TikTok", "USD")
PINTEREST = Account("pinterest_ads", "549755500008", "Demo Store Pinterest", "USD")

_BRAND = Economics(0.62, 0.120, 0.0850, 76, impression_share=0.91)
_GENERIC = Economics(1.38, 0.048, 0.0260, 82, impression_share=0.34)
_COMPETITOR = Economics(2.05, 0.031, 0.0140, 82, impression_share=0.085)
_DYNAMIC = Economics(0.92, 0.044, 0.0220, 78, impression_share=0.22)
_SHOPPING = Economics(0.58, 0.0110, 0.0230, 74)
_PMAX = Economics(0.71, 0.0130, 0.0290, 77)
_YOUTUBE = Economics(0.34, 0.0042, 0.0038, 79)
_DEMAND = Economics(0.52, 0.0085, 0.0090, 76)
_RETARGETING = Economics(0.46, 0.0052, 0.0190, 71)
_SOCIAL_PROSPECTING = Economics(0.88, 0.0105, 0.0155, 69)
_SOCIAL_ADVANTAGE = Economics(0.79, 0.0125, 0.0235, 70)
_SOCIAL_RETARGETING = Economics(0.94, 0.0155, 0.0410, 72)
_SOCIAL_VIDEO = Economics(0.48, 0.0095, 0.0065, 66)
_PINS = Economics(0.39, 0.0058, 0.0095, 68)
_BUSINESS = Economics(7.40, 0.0056, 0.0310, 210, rhythm="business")

# name, type as the Google and Microsoft ads managers write it, economics, daily spend, start, stop, growth, shift
_Row = tuple[str, str, Economics, float, float, float, float, float]

_GOOGLE_US_ROWS: tuple[_Row, ...] = (
    ("Search | Brand | Exact", "Search", _BRAND, 118, 0.0, 1.0, 1.12, 1.0),
    ("Search | Brand | Broad", "Search", _BRAND, 46, 0.0, 1.0, 1.05, 1.0),
    ("Search | Generic | Running Shoes", "Search", _GENERIC, 210, 0.0, 1.0, 1.0, 0.62),
    ("Search | Generic | Trail Shoes", "Search", _GENERIC, 125, 0.0, 1.0, 1.1, 0.70),
    ("Search | Generic | Hiking Jackets", "Search", _GENERIC, 96, 0.0, 1.0, 0.9, 0.75),
    ("Search | Competitor", "Search", _COMPETITOR, 58, 0.0, 0.71, 1.0, 1.0),
    ("Search | Dynamic, all pages", "Search", _DYNAMIC, 64, 0.0, 1.0, 1.0, 1.0),
    ("PMax | All Products", "Performance Max", _PMAX, 320, 0.0, 1.0, 1.2, 1.38),
    ("PMax | New Customers", "Performance Max", _PMAX, 140, 0.33, 1.0, 1.3, 1.30),
    ("Shopping | Bestsellers", "Shopping", _SHOPPING, 150, 0.0, 1.0, 0.95, 0.85),
    ("Total Look | Shopping", "Shopping", _SHOPPING, 82, 0.0, 1.0, 1.0, 1.0),  # looks like a total row, is none
    ("YouTube | Awareness", "Video", _YOUTUBE, 70, 0.18, 1.0, 1.0, 1.0),
    ("YouTube | Retargeting", "Video", _YOUTUBE, 38, 0.0, 0.80, 1.0, 1.0),
    ("Demand Gen | Lookbook", "Demand Gen", _DEMAND, 66, 0.45, 1.0, 1.2, 1.15),
    ("Display | Retargeting", "Display", _RETARGETING, 52, 0.0, 1.0, 0.9, 0.9),
    ("Display | Spring Launch", "Display", _DEMAND, 44, 0.40, 0.56, 1.0, 1.0),
)
_GOOGLE_OUTLET_ROWS: tuple[_Row, ...] = (
    ("Outlet | Search | Brand", "Search", _BRAND, 31, 0.0, 1.0, 1.1, 1.0),
    ("Outlet | Search | Generic", "Search", _GENERIC, 84, 0.0, 1.0, 1.0, 0.8),
    ("Outlet | Search | Last Sizes", "Search", _GENERIC, 42, 0.12, 1.0, 1.0, 1.0),
    ("Outlet | PMax", "Performance Max", _PMAX, 130, 0.0, 1.0, 1.15, 1.2),
    ("Outlet | Shopping", "Shopping", _SHOPPING, 77, 0.0, 1.0, 1.0, 1.0),
    ("Outlet | Display | Retargeting", "Display", _RETARGETING, 25, 0.0, 0.63, 1.0, 1.0),
    ("Outlet | YouTube", "Video", _YOUTUBE, 28, 0.55, 1.0, 1.0, 1.0),
)
_GOOGLE_GERMANY_ROWS: tuple[_Row, ...] = (
    ("Suche | Marke", "Search", _BRAND, 52, 0.0, 1.0, 1.15, 1.0),
    ("Suche | Laufschuhe, allgemein", "Search", _GENERIC, 118, 0.0, 1.0, 1.05, 0.8),
    ("Suche | Wanderjacken für Frühling", "Search", _GENERIC, 61, 0.30, 0.62, 1.0, 1.0),
    ("PMax | Alle Produkte", "Performance Max", _PMAX, 165, 0.0, 1.0, 1.2, 1.2),
    ("Shopping | Bestseller", "Shopping", _SHOPPING, 88, 0.0, 1.0, 1.0, 1.0),
    ("YouTube | Größen-Ratgeber", "Video", _YOUTUBE, 33, 0.25, 1.0, 1.0, 1.0),
    ("Display | Retargeting", "Display", _RETARGETING, 29, 0.0, 1.0, 1.0, 1.0),
)
_MICROSOFT_ROWS: tuple[_Row, ...] = (
    ("Search | Brand", "Search", _BRAND, 27, 0.0, 1.0, 1.0, 1.0),
    ("Search | Generic | Shoes", "Search", _GENERIC, 58, 0.0, 1.0, 1.1, 1.0),
    ("Search | Generic | Jackets", "Search", _GENERIC, 31, 0.10, 1.0, 1.0, 1.0),
    ("Shopping | All Products", "Shopping", _SHOPPING, 44, 0.0, 1.0, 1.05, 1.0),
    ("Audience | Retargeting", "Audience", _RETARGETING, 16, 0.0, 0.77, 1.0, 1.0),
    ("Performance Max | Feed", "Performance max", _PMAX, 36, 0.50, 1.0, 1.2, 1.0),
)

# campaign, objective, economics, daily spend, start, stop, growth, shift, then (ad set, ads)
_SocialRow = tuple[str, str, Economics, float, float, float, float, float, tuple[tuple[str, tuple[str, ...]], ...]]

_META_ROWS: tuple[_SocialRow, ...] = (
    ("Prospecting | Broad", "Sales", _SOCIAL_PROSPECTING, 130, 0.0, 1.0, 1.1, 1.25,
     (("Women 25-54", ("Carousel bestsellers", "Video founder story")), ("Men 25-54", ("Carousel bestsellers",)))),
    ("Prospecting | Lookalike", "Sales", _SOCIAL_PROSPECTING, 84, 0.0, 1.0, 0.9, 0.7,
     (("Lookalike 1%", ("Static new arrivals", "Video trail run")),)),
    ("Advantage+ Shopping", "Sales", _SOCIAL_ADVANTAGE, 170, 0.22, 1.0, 1.25, 1.25,
     (("Advantage+", ("Catalogue", "Collection lookbook")),)),
    ("Retargeting | Cart", "Sales", _SOCIAL_RETARGETING, 48, 0.0, 1.0, 1.0, 1.0,
     (("Cart 14 days", ("Dynamic products",)),)),
    ("Retargeting | Visitors", "Sales", _SOCIAL_RETARGETING, 36, 0.0, 1.0, 1.0, 1.0,
     (("Visitors 30 days", ("Dynamic products", "Reviews")),)),
    ("Video | Awareness", "Awareness", _SOCIAL_VIDEO, 45, 0.30, 0.78, 1.0, 1.0,
     (("Everyone 18-44", ("Video trail run",)),)),
    ("Engagement | Reels", "Engagement", _SOCIAL_VIDEO, 24, 0.60, 1.0, 1.2, 1.0,
     (("Creators", ("Reel unboxing", "Reel city run")),)),
    ("Winter Sale", "Sales", _SOCIAL_ADVANTAGE, 90, 0.12, 0.26, 1.0, 1.0,
     (("Past buyers", ("Sale countdown",)),)),
)  # fmt: skip
_LINKEDIN_ROWS: tuple[_SocialRow, ...] = (
    ("Corporate Gifts", "Website conversions", _BUSINESS, 96, 0.0, 1.0, 1.1, 1.0,
     (("HR leaders, US", ()), ("Office managers, US", ()))),
    ("Team Sports", "Website conversions", _BUSINESS, 52, 0.35, 1.0, 1.0, 1.0, (("Clubs and schools", ()),)),
    ("Brand Video", "Video views", _BUSINESS, 34, 0.10, 0.55, 1.0, 1.0, (("Founders", ()),)),
)  # fmt: skip
_TIKTOK_ROWS: tuple[_SocialRow, ...] = (
    ("TopView Launch", "Sales", _SOCIAL_VIDEO, 62, 0.0, 0.50, 1.0, 1.0, (("18-34 US", ()),)),
    ("Spark Ads | Creators", "Sales", _SOCIAL_VIDEO, 71, 0.15, 1.0, 1.3, 1.1, (("Runners", ()), ("Hikers", ()))),
    ("Video Shopping Ads", "Sales", _SOCIAL_VIDEO, 58, 0.40, 1.0, 1.2, 1.0, (("Catalogue", ()),)),
)  # fmt: skip
_PINTEREST_ROWS: tuple[_Row, ...] = (
    ("Pins | Outdoor Style", "AWARENESS", _PINS, 27, 0.0, 1.0, 1.0, 1.0),
    ("Pins | Catalogue", "CATALOG_SALES", _PINS, 41, 0.0, 1.0, 1.1, 1.0),
    ("Pins | Gift Ideas", "CONSIDERATION", _PINS, 22, 0.08, 0.27, 1.0, 1.0),
    ("Pins | Retargeting", "WEB_CONVERSION", _RETARGETING, 18, 0.30, 1.0, 1.0, 1.0),
)

_AD_SPLIT = (0.6, 0.4)  # of a campaign's spend between its first and second ad (group); one alone takes all


def _lines() -> Iterator[Line]:
    yield from _campaign_lines(GOOGLE_US, 21_555_010_001, _GOOGLE_US_ROWS)
    yield from _campaign_lines(GOOGLE_OUTLET, 21_555_020_001, _GOOGLE_OUTLET_ROWS)
    yield from _campaign_lines(GOOGLE_GERMANY, 21_555_030_001, _GOOGLE_GERMANY_ROWS)
    yield from _social_lines(META_EUROPE, 120_215_550_100_000_001, _META_ROWS)
    yield from _campaign_lines(MICROSOFT_US, 355_501_001, _MICROSOFT_ROWS)
    yield from _social_lines(LINKEDIN, 655_501_001, _LINKEDIN_ROWS)
    yield from _social_lines(TIKTOK, 1_785_550_100_000_000_001, _TIKTOK_ROWS)
    yield from _campaign_lines(PINTEREST, 626_755_500_001, _PINTEREST_ROWS)


def _campaign_lines(account: Account, first_id: int, rows: tuple[_Row, ...]) -> Iterator[Line]:
    for number, (name, kind, economics, spend, start, stop, growth, shift) in enumerate(rows):
        yield Line(account, str(first_id + number), name, kind, economics, spend, start, stop, growth, shift)


def _social_lines(account: Account, first_id: int, rows: tuple[_SocialRow, ...]) -> Iterator[Line]:
    """One line an ad, or an ad group where the platform's export stops there. Ids of one account never collide."""
    for number, (name, kind, economics, spend, start, stop, growth, shift, ad_groups) in enumerate(rows):
        for group, (group_name, ads) in enumerate(ad_groups):
            leaves = ads or (None,)
            for leaf, ad_name in enumerate(leaves):
                yield Line(
                    account,
                    campaign_id=str(first_id + number),
                    campaign_name=name,
                    campaign_type=kind,
                    economics=economics,
                    daily_spend=spend * _share(group, len(ad_groups)) * _share(leaf, len(leaves)),
                    start=start,
                    stop=stop,
                    growth=growth,
                    shift=shift,
                    ad_group_id=str(first_id + 1_000 + 10 * number + group),
                    ad_group_name=group_name,
                    ad_id=str(first_id + 2_000 + 100 * number + 10 * group + leaf) if ad_name else None,
                    ad_name=ad_name,
                )


def _share(position: int, of: int) -> float:
    return _AD_SPLIT[position] if of > 1 else 1.0
