"""The channel of a visit from where it came: Google Analytics' default channel grouping, in our names.

Source: "Default channel group" in Google Analytics' help, rules for manual traffic, in the order in which they are
tried. Its *cross-network* is our ``performance_max``; what it calls paid other, audio and push is ``other``.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from warehouse.taxonomy import CHANNELS

_PAID: Final = r"^(?:.*cp.*|ppc|retargeting|paid.*)$"
_SHOP_CAMPAIGN: Final = r"^(?:.*(?:(?:[^a-df-z]|^)shop|shopping).*)$"
_SEARCH: Final = (
    r"(?:^|\.)(?:google|bing|yahoo|duckduckgo|ecosia|baidu|yandex|qwant|startpage|ask|aol|seznam|naver|daum|brave|sogou"
    r"|search\.brave|presearch)(?:\.|$)"
)
_SOCIAL: Final = (
    r"(?:^|\.)(?:facebook|fb|instagram|ig|linkedin|lnkd|twitter|t\.co|x|tiktok|pinterest|reddit|snapchat|threads|mastodon"
    r"|bsky|quora|tumblr|vk|weibo|wechat|whatsapp|telegram|meta|messenger|xing)(?:\.|$)"
)
_SHOPPING: Final = (
    r"(?:^|\.)(?:amazon|ebay|etsy|walmart|aliexpress|alibaba|idealo|mercadolibre|shop\.app|shopzilla)(?:\.|$)"
)
_VIDEO: Final = r"(?:^|\.)(?:youtube|vimeo|twitch|dailymotion|netflix|hulu|disneyplus)(?:\.|$)"
_EMAIL: Final = ("email", "e-mail", "e_mail", "e mail", "newsletter")
_NOTHING: Final = ("", "(not set)", "(none)", "(direct)", "(data not available)")

# What others call a channel: Google Analytics' groups, and the words of common exports.
_NAMES: Final = {
    "crossnetwork": "performance_max",
    "pmax": "performance_max",
    "paidshopping": "shopping",
    "paidvideo": "video",
    "paidother": "other",
    "unassigned": "other",
    "ppc": "paid_search",
    "sem": "paid_search",
    "search": "paid_search",
    "seo": "organic_search",
    "social": "paid_social",
    "affiliates": "affiliate",
    "mail": "email",
    "newsletter": "email",
    "programmatic": "display",
    "audio": "other",
    "mobilepushnotifications": "other",
    **{name.replace("_", ""): name for name in CHANNELS},
    **{label.casefold().replace(" ", ""): name for name, label in CHANNELS.items()},
}


def named_channel(words: pl.Series) -> pl.Series:
    """The channel that a source names in its own words; null for words that mean none."""
    keys = words.str.to_lowercase().str.replace_all(r"[\s_\-/]+", "")
    return keys.replace_strict(_NAMES, default=None, return_dtype=pl.String)


def channel_of_visit(source: pl.Series, medium: pl.Series, campaign: pl.Series) -> pl.Series:
    """The channel of every visit from its utm source, medium and campaign; ``direct`` where it says none."""
    frame = pl.DataFrame(
        {
            name: pl.Series(values, dtype=pl.String).str.strip_chars().str.to_lowercase().fill_null("")
            for name, values in (("source", source), ("medium", medium), ("campaign", campaign))
        }
    )
    return frame.select(_grouped().alias("channel")).to_series()


def _grouped() -> pl.Expr:
    came, medium, campaign = pl.col("source"), pl.col("medium"), pl.col("campaign")
    paid = medium.str.contains(_PAID)
    shop = came.str.contains(_SHOPPING) | campaign.str.contains(_SHOP_CAMPAIGN)
    social, search, video = (came.str.contains(sites) for sites in (_SOCIAL, _SEARCH, _VIDEO))
    mail = came.is_in(_EMAIL) | medium.is_in(_EMAIL)
    rules: tuple[tuple[pl.Expr, str], ...] = (
        (came.is_in(_NOTHING) & medium.is_in(_NOTHING), "direct"),
        (campaign.str.contains("cross-network", literal=True) | medium.eq("cross-network"), "performance_max"),
        (shop & paid, "shopping"),
        (search & paid, "paid_search"),
        (social & (paid | medium.is_in(["paidsocial", "paid_social", "paid-social"])), "paid_social"),
        (video & paid, "video"),
        (medium.is_in(["display", "banner", "expandable", "interstitial", "cpm"]), "display"),
        (paid, "other"),
        (shop, "organic_shopping"),
        (social | medium.is_in(["social", "social-network", "social-media", "sm", "social network", "social media"]),
         "organic_social"),
        (video | medium.str.contains("video", literal=True), "organic_video"),
        (search | medium.eq("organic"), "organic_search"),
        (mail, "email"),
        (medium.is_in(["referral", "app", "link"]), "referral"),
        (medium.is_in(["affiliate", "affiliates"]), "affiliate"),
        (came.eq("sms") | medium.eq("sms"), "sms"),
    )  # fmt: skip
    return pl.coalesce(*(pl.when(condition).then(pl.lit(channel)) for condition, channel in rules), pl.lit("other"))
