"""The rows that every warehouse begins with: platforms, channels, and which campaign type belongs to which channel.

The taxonomy is a starting point: people edit it (an action), and what they changed is never overwritten.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

PLATFORMS = {
    "google_ads": "Google Ads",
    "meta_ads": "Meta Ads",
    "microsoft_ads": "Microsoft Ads",
    "linkedin_ads": "LinkedIn Ads",
    "tiktok_ads": "TikTok Ads",
    "pinterest_ads": "Pinterest Ads",
    "snapchat_ads": "Snapchat Ads",
    "reddit_ads": "Reddit Ads",
    "x_ads": "X Ads",
    "amazon_ads": "Amazon Ads",
    "apple_search_ads": "Apple Search Ads",
    "other_ads": "Other ads",
    "shopify": "Shopify",
    "other_shop": "Other shop",
    "hubspot": "HubSpot",
    "salesforce": "Salesforce",
    "offline": "Offline conversions",
    "klaviyo": "Klaviyo",
    "mailchimp": "Mailchimp",
    "other_mail": "Other e-mail",
    "search_console": "Google Search Console",
    "organic": "Organic traffic",
    "ga4": "Google Analytics 4",
    "web": "Web servers",
    "dsp": "Demand-side platforms",
    "experiments": "Experiments",
    "fx": "Exchange rates",
}

CHANNELS = {
    "paid_search": "Paid search",
    "shopping": "Shopping",
    "performance_max": "Performance Max",
    "paid_social": "Paid social",
    "video": "Video",
    "display": "Display",
    "app": "App",
    "retail_media": "Retail media",
    "affiliate": "Affiliate",
    "email": "Email",
    "sms": "SMS",
    "organic_search": "Organic search",
    "organic_social": "Organic social",
    "organic_shopping": "Organic shopping",
    "organic_video": "Organic video",
    "referral": "Referral",
    "direct": "Direct",
    "other": "Other",
}

# By type key (see warehouse/schema/entities.py); the empty one is the platform's default.
_RULES = {
    "google_ads": {
        "": "paid_search",
        "search": "paid_search",
        "searchnetwork": "paid_search",
        "suche": "paid_search",
        "suchnetzwerk": "paid_search",
        "réseauderecherche": "paid_search",
        "reddebúsqueda": "paid_search",
        "rededepesquisa": "paid_search",
        "retediricerca": "paid_search",
        "siećwyszukiwania": "paid_search",
        "zoeknetwerk": "paid_search",
        "dsa": "paid_search",
        "shopping": "shopping",
        "performancemax": "performance_max",
        "crossnetwork": "performance_max",
        "display": "display",
        "displaynetwork": "display",
        "displaynetzwerk": "display",
        "réseaudisplay": "display",
        "reddedisplay": "display",
        "rededisplay": "display",
        "redededisplay": "display",
        "retedisplay": "display",
        "siećreklamowa": "display",
        "displaynetwerk": "display",
        "video": "video",
        "youtube": "video",
        "demandgen": "video",
        "discovery": "display",
        "multichannel": "app",
        "app": "app",
    },
    "microsoft_ads": {
        "": "paid_search",
        "search": "paid_search",
        "search&content": "paid_search",
        "dynamicsearchads": "paid_search",
        "shopping": "shopping",
        "performancemax": "performance_max",
        "audience": "display",
    },
    "meta_ads": {"": "paid_social"},
    "linkedin_ads": {"": "paid_social"},
    "tiktok_ads": {"": "paid_social"},
    "pinterest_ads": {"": "paid_social"},
    "snapchat_ads": {"": "paid_social"},
    "reddit_ads": {"": "paid_social"},
    "x_ads": {"": "paid_social"},
    "amazon_ads": {"": "retail_media"},
    "apple_search_ads": {"": "app"},
    "other_ads": {"": "other"},
}


def seed(connection: Connection) -> None:
    """Add what is missing; change nothing that is there."""
    connection.execute(
        text("INSERT INTO core.platform (platform, name) VALUES (:platform, :name) ON CONFLICT DO NOTHING"),
        [{"platform": p, "name": n} for p, n in PLATFORMS.items()],
    )
    connection.execute(
        text("INSERT INTO core.channel (channel, name, position) VALUES (:channel, :name, :i) ON CONFLICT DO NOTHING"),
        [{"channel": c, "name": n, "i": i} for i, (c, n) in enumerate(CHANNELS.items())],
    )
    connection.execute(
        text("INSERT INTO core.channel_rule (platform, type_key, channel) VALUES (:p, :t, :c) ON CONFLICT DO NOTHING"),
        [{"p": p, "t": t, "c": c} for p, rules in _RULES.items() for t, c in rules.items()],
    )
    connection.execute(
        text(
            """INSERT INTO core.day
            SELECT d, extract(isodow from d), extract(week from d), extract(isoyear from d),
                   date_trunc('week', d), date_trunc('month', d), date_trunc('quarter', d), extract(year from d)
            FROM generate_series(date '2015-01-01', date '2035-12-31', interval '1 day') AS d
            ON CONFLICT DO NOTHING"""
        )
    )
