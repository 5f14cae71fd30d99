"""Who advertises what in a world: campaigns and how each meets people, their ads, and the platforms' ids.

Everything is invented. Economics are typical of a shop with orders of about 75 dollars.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ml.simulation.people.presets import WorldConfig

Way = Literal["push", "brand", "generic", "shopping", "pmax", "email"]
Audience = Literal["all", "lookalike", "visitors", "cart", "new"]

PLATFORMS = ("google_ads", "meta_ads", "tiktok_ads", "microsoft_ads")  # those that claim orders
ACCOUNTS = {
    "google_ads": ("5550200001", "Simulated Outfitters"),
    "meta_ads": ("555020000000002", "Simulated Outfitters"),
    "tiktok_ads": ("7555020000000000003", "Simulated Outfitters"),
    "microsoft_ads": ("155502004", "Simulated Outfitters"),
    "email": ("simulated-outfitters", "Simulated Outfitters"),
}


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign and how it meets people.

    ``budget`` is a day's, in dollars, for ``PEOPLE_OF_BUDGET`` people. ``price`` is the median of the highest competing
    bid for one contact (impression, or click where ``way`` is a search). ``slots`` is how often a day an average person
    of the audience has room for such an ad. ``boost`` is how much higher (in logarithms) the platform bids for people
    whom it believes to be in the market. ``strangers`` is how many passers-by it reaches for one person who could ever
    buy. ``attention`` is the chance that the ad is noticed, ``recall`` for about how many days it is then remembered,
    ``impulse`` how often it makes somebody want something, ``clicks`` how often it is clicked when noticed (searches:
    when shown).
    """

    platform: str
    channel: str
    name: str
    kind: str  # as the platform writes it
    way: Way
    budget: float
    price: float
    slots: float = 0.0
    boost: float = 0.0
    strangers: float = 0.0
    attention: float = 0.0
    recall: float = 0.0
    impulse: float = 0.0
    clicks: float = 0.0
    audience: Audience = "all"
    theme: int = -1  # of generic search: which kind of goods
    start: float = 0.0  # shares of the period
    stop: float = 1.0
    pulses: bool = False  # runs in flights: six weeks on, three off
    id: str = ""


PEOPLE_OF_BUDGET = 60_000
CLICK_THROUGH_OF_STRANGERS = 0.6  # of what interested people do


def campaigns(config: WorldConfig) -> tuple[Campaign, ...]:
    """The campaigns of this world, in a stable order; position is what arrays elsewhere count by."""
    temper = config.temper
    return tuple(
        replace(
            campaign,
            id=_campaign_id(campaign.platform, number),
            start=max(campaign.start, temper.tiktok_starts) if campaign.platform == "tiktok_ads" else campaign.start,
            budget=campaign.budget * (temper.brand_budget if campaign.way == "brand" else 1.0),
            boost=campaign.boost * temper.targeting,
            pulses=campaign.pulses and temper.tests,
        )
        for number, campaign in enumerate(_CAMPAIGNS)
    )


def ad_group_id(campaign: Campaign, group: int) -> str:
    """The id of a campaign's ad group, in the platform's shape."""
    return _below(campaign, 100 + group)


def ad_id(campaign: Campaign, number: int) -> str:
    """The id of a campaign's ad, in the platform's shape."""
    return _below(campaign, 500 + number)


def creative_id(campaign: Campaign, number: int) -> str:
    """The id of what the ad shows, in the platform's shape."""
    return _below(campaign, 800 + number)


def _search(
    platform: str,
    channel: str,
    name: str,
    kind: str,
    way: Way,
    budget: float,
    price: float,
    clicks: float,
    *,
    strangers: float = 0.5,
    theme: int = -1,
    audience: Audience = "all",
    start: float = 0.0,
) -> Campaign:
    return Campaign(platform, channel, name, kind, way, budget, price, strangers=strangers, clicks=clicks, theme=theme,
                    audience=audience, start=start)  # fmt: skip


def _pushed(
    platform: str,
    channel: str,
    name: str,
    kind: str,
    budget: float,
    price: float,
    *,
    slots: float,
    boost: float,
    strangers: float,
    attention: float,
    recall: float,
    impulse: float,
    clicks: float,
    audience: Audience = "all",
    start: float = 0.0,
    pulses: bool = False,
) -> Campaign:
    return Campaign(platform, channel, name, kind, "push", budget, price, slots, boost, strangers, attention, recall,
                    impulse, clicks, audience, start=start, pulses=pulses)  # fmt: skip


_G, _M, _T, _B = PLATFORMS
_CAMPAIGNS = (
    _search(_G, "brand_search", "Search | Brand | Exact", "Search", "brand", 34, 0.55, 0.62, strangers=0.1),
    _search(_G, "generic_search", "Search | Generic | Running Shoes", "Search", "generic", 62, 1.30, 0.30, theme=0),
    _search(_G, "generic_search", "Search | Generic | Hiking Jackets", "Search", "generic", 44, 1.20, 0.30, theme=1),
    _search(_G, "shopping", "Shopping | Bestsellers", "Shopping", "shopping", 42, 0.85, 0.22),
    _search(_G, "performance_max", "PMax | All Products", "Performance Max", "pmax", 62, 1.00, 0.26),
    _search(_G, "performance_max", "PMax | New Customers", "Performance Max", "pmax", 30, 1.15, 0.26, audience="new",
            start=0.25),
    _pushed(_G, "video", "YouTube | Awareness", "Video", 22, 0.0105, slots=0.034, boost=0.2, strangers=11,
            attention=0.42, recall=22, impulse=0.004, clicks=0.006),
    _pushed(_G, "video", "YouTube | Trail Stories", "Video", 13, 0.0105, slots=0.024, boost=0.2, strangers=11,
            attention=0.42, recall=24, impulse=0.004, clicks=0.006, pulses=True),
    _pushed(_G, "display", "Display | Retargeting", "Display", 8, 0.012, slots=0.55, boost=1.2, strangers=1.0,
            attention=0.12, recall=4, impulse=0.001, clicks=0.030, audience="visitors"),
    _pushed(_G, "display", "Display | Prospecting", "Display", 5, 0.0060, slots=0.030, boost=0.9, strangers=15,
            attention=0.10, recall=4, impulse=0.001, clicks=0.020),
    _pushed(_M, "paid_social", "Prospecting | Broad", "Sales", 24, 0.0140, slots=0.080, boost=1.2, strangers=7,
            attention=0.36, recall=11, impulse=0.010, clicks=0.030),
    _pushed(_M, "paid_social", "Prospecting | Lookalike", "Sales", 16, 0.0150, slots=0.068, boost=1.2, strangers=6,
            attention=0.36, recall=11, impulse=0.010, clicks=0.034, audience="lookalike"),
    _pushed(_M, "paid_social", "Advantage+ Shopping", "Sales", 24, 0.0160, slots=0.080, boost=1.8, strangers=6,
            attention=0.28, recall=8, impulse=0.009, clicks=0.040, start=0.15),
    _pushed(_M, "social_retargeting", "Retargeting | Visitors", "Sales", 32, 0.019, slots=0.95, boost=1.5,
            strangers=0.6, attention=0.26, recall=5, impulse=0.001, clicks=0.050, audience="visitors"),
    _pushed(_M, "social_retargeting", "Retargeting | Cart", "Sales", 14, 0.032, slots=1.00, boost=1.2, strangers=0.3,
            attention=0.32, recall=5, impulse=0.001, clicks=0.070, audience="cart"),
    _pushed(_T, "social_video", "TikTok | Prospecting", "Conversions", 18, 0.0085, slots=0.090, boost=1.2, strangers=11,
            attention=0.28, recall=6, impulse=0.010, clicks=0.022),
    _pushed(_T, "social_video", "TikTok | Creators", "Video views", 12, 0.0085, slots=0.060, boost=0.9, strangers=11,
            attention=0.32, recall=10, impulse=0.010, clicks=0.016, start=0.2),
    _search(_B, "brand_search", "Search | Brand", "Search", "brand", 5, 0.42, 0.60, strangers=0.1),
    _search(_B, "generic_search", "Search | Generic", "Search", "generic", 16, 0.95, 0.28),
    _search(_B, "shopping", "Shopping | All Products", "Shopping", "shopping", 12, 0.65, 0.20),
    Campaign("email", "email", "Newsletter", "Newsletter", "email", 0.0, 0.0008, 0.036, attention=0.27, recall=7,
             impulse=0.004, clicks=0.07),
    Campaign("email", "email", "Offers", "Campaign", "email", 0.0, 0.0008, 0.012, attention=0.30, recall=5,
             impulse=0.010, clicks=0.12),
)  # fmt: skip


def _campaign_id(platform: str, number: int) -> str:
    return {
        "google_ads": f"210{34_567_000 + number * 1_117:08d}",
        "meta_ads": f"120210{555_020_000_100 + number * 10_010:012d}",
        "tiktok_ads": f"1789{555_020_000_001_00 + number * 10_010:015d}",
        "microsoft_ads": f"{555_200_100 + number * 101}",
        "email": f"em-{number:02d}",
    }[platform]


def _below(campaign: Campaign, number: int) -> str:
    """The id of something inside the campaign, unlike all others of its platform."""
    if campaign.platform == "email":
        return f"{campaign.id}-{number}"
    if campaign.platform == "google_ads":
        return f"1{int(campaign.id) % 10**8 * 1000 + number:011d}"
    if campaign.platform == "microsoft_ads":
        return f"{int(campaign.id) * 1000 + number}"
    return str(int(campaign.id) + number)
