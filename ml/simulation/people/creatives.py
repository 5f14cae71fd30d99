"""What ads show, and what that does to people: the true effects of traits.

``appeal`` multiplies how often an ad is noticed and remembered, ``lure`` how often it is clicked. Both differ between
segments of people. Fatigue is not here: it comes from people who have seen the same ad before (exposure.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.simulation.people.campaigns import Campaign, ad_group_id, ad_id, creative_id
from ml.simulation.people.chance import of_the_day
from ml.simulation.people.records import SEGMENTS


@dataclass(frozen=True, slots=True)
class Ad:
    """One ad, its place, its creative and how long it runs (shares of its campaign's life)."""

    campaign: int  # position in campaigns()
    ad_group_id: str
    ad_group_name: str
    ad_id: str
    ad_name: str
    creative_id: str
    format: str
    headline: str
    body: str
    call_to_action: str | None
    offer: str | None
    colour: str | None
    face: bool | None
    duration_seconds: int | None
    landing_page: str
    start: float
    stop: float


# What a trait does: (appeal, lure) where it is there, against where it is not. The truth that creative models look for.
TRAIT_EFFECTS = {
    "face": (1.22, 1.06),
    "warm_colour": (1.10, 1.03),
    "call_to_action": (1.00, 1.25),
    "offer": (1.04, 1.30),
    "long_text": (0.86, 0.90),
}
# The same for people of one segment, on top.
SEGMENT_EFFECTS = {
    ("bargain_hunter", "offer"): (1.15, 1.45),
    ("loyal", "offer"): (0.95, 0.85),
    ("explorer", "face"): (1.15, 1.10),
}
WARM = ("red", "orange", "yellow")
LONG_TEXT = 12  # words of the body from which it is long


def ads(campaigns: tuple[Campaign, ...], seed: int) -> tuple[Ad, ...]:
    """Every ad of the world, by campaign; position is what arrays elsewhere count by."""
    rng = of_the_day(seed, 0, 40)
    return tuple(ad for position, campaign in enumerate(campaigns) for ad in _ads_of(position, campaign, rng))


def traits(ad: Ad) -> dict[str, bool]:
    """Which traits of TRAIT_EFFECTS the ad has."""
    return {
        "face": bool(ad.face),
        "warm_colour": ad.colour in WARM,
        "call_to_action": ad.call_to_action is not None,
        "offer": ad.offer is not None,
        "long_text": len(ad.body.split()) >= LONG_TEXT,
    }


def effects(all_ads: tuple[Ad, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Appeal and lure of every ad for every segment, each ads x segments."""
    both = np.ones((2, len(all_ads), len(SEGMENTS)), np.float32)
    for number, ad in enumerate(all_ads):
        for trait in (name for name, there in traits(ad).items() if there):
            for column, segment in enumerate(SEGMENTS):
                further = SEGMENT_EFFECTS.get((segment, trait), (1.0, 1.0))
                both[:, number, column] *= np.multiply(TRAIT_EFFECTS[trait], further)
    return both[0], both[1]


_RUNS = ((0.0, 0.55), (0.0, 1.0), (0.3, 1.0), (0.5, 1.0))  # of four ads: one is retired, two come later
_GROUPS = {"all": ("Broad 18-54", "Outdoor interests"), "lookalike": ("Lookalike 1%", "Lookalike 3%"),
           "visitors": ("Visitors 14 days", "Visitors of product pages"), "cart": ("Cart 10 days", "Cart, high value"),
           "new": ("New customers", "New customers")}  # fmt: skip
_COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "grey", "black", "white")
_HEADLINES = ("Made for mud", "Walk further", "The jacket that stays dry", "Your next run", "Every trail, one shoe",
              "Light as a breath", "Ready before the rain", "Out of the door", "Warm where it counts",
              "Go slow, go far")  # fmt: skip
_SHORT = ("Tested for 800 kilometres.", "Free returns for 60 days.", "New colours are here.", "Repairs for life.")
_LONG = (
    "Six layers keep the water out and let the heat go, and the seams are welded by hand in a small town.",
    "We asked two hundred runners what they would change, changed it, and asked them again until they stopped.",
    "A shoe that is as good on the way to work as it is on the way up, in every weather you will meet.",
)
_CALLS = ("Shop now", "See the range", "Find your size")
_OFFERS = ("-15 %", "-20 %", "Free shipping")
_SEARCHES = {
    "brand": ("Simulated Outfitters | Official Shop", "Simulated Outfitters: Shoes and Jackets"),
    "generic": ("Trail Shoes and Jackets", "Gear That Lasts"),
    "shopping": ("Product feed",),
    "pmax": ("All formats",),
}
_SUBJECTS = {
    "Newsletter": ("What to wear in the wet", "Five trails for a short day"),
    "Offers": ("Two days only", "For you: a little off"),
}


def _ads_of(position: int, campaign: Campaign, rng: np.random.Generator) -> list[Ad]:
    if campaign.way == "push":
        return [_pushed(position, campaign, number, rng) for number in range(4)]
    texts = _SUBJECTS[campaign.name] if campaign.way == "email" else _SEARCHES[campaign.way]
    return [
        Ad(
            campaign=position,
            ad_group_id=ad_group_id(campaign, 0),
            ad_group_name=campaign.name.rsplit("| ", 1)[-1],
            ad_id=ad_id(campaign, number),
            ad_name=f"{text} {number + 1}",
            creative_id=creative_id(campaign, number),
            format="email" if campaign.way == "email" else "text",
            headline=text,
            body=(_SHORT, _LONG)[number % 2][position % 3],
            call_to_action="Shop now" if number % 2 == 0 else None,
            offer="-10 %" if campaign.name == "Offers" else None,
            colour=None,
            face=None,
            duration_seconds=None,
            landing_page="/" if campaign.way in {"brand", "email"} else "/collections/shoes",
            start=0.0,
            stop=1.0,
        )
        for number, text in enumerate(texts)
    ]


def _pushed(position: int, campaign: Campaign, number: int, rng: np.random.Generator) -> Ad:
    video = campaign.channel in {"video", "social_video"} or (campaign.channel == "paid_social" and number == 3)
    headline = str(rng.choice(_HEADLINES))
    start, stop = _RUNS[number]
    return Ad(
        campaign=position,
        ad_group_id=ad_group_id(campaign, number // 2),
        ad_group_name=_GROUPS[campaign.audience][number // 2],
        ad_id=ad_id(campaign, number),
        ad_name=f"{headline} {'video' if video else 'image'} {number + 1}",
        creative_id=creative_id(campaign, number),
        format="video" if video else "image",
        headline=headline,
        body=str(rng.choice(_LONG if rng.random() < 0.4 else _SHORT)),
        call_to_action=str(rng.choice(_CALLS)) if rng.random() < 0.6 else None,
        offer=str(rng.choice(_OFFERS)) if rng.random() < 0.35 else None,
        colour=str(rng.choice(_COLOURS)),
        face=bool(rng.random() < 0.5),
        duration_seconds=int(rng.choice((6, 15, 30))) if video else None,
        landing_page=str(rng.choice(("/collections/shoes", "/collections/jackets", "/products/trail-one"))),
        start=start,
        stop=stop,
    )
