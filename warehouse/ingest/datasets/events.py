"""What people met and did on the web: the columns of the frames of touchpoints and web events."""

from __future__ import annotations

from typing import Final

import polars as pl

from warehouse.ingest.contract import LINE, MOMENT, Dataset

_TEXT: Final = pl.String()
_DECIMAL: Final = pl.String()  # exact, as text

TOUCHPOINT: Final = Dataset(
    "touchpoint",
    {
        LINE: pl.UInt32(),
        "at": MOMENT,
        "kind": _TEXT,  # in words; store/touch_kinds.py knows which
        "touch_id": _TEXT,  # the source's own id of the event; without one the row itself tells it from others
        # Whose touch it is.
        "user_id": _TEXT,
        "email": _TEXT,
        "phone": _TEXT,
        "client_id": _TEXT,
        "device_id": _TEXT,
        "click_id": _TEXT,
        # Where it happened.
        "platform": _TEXT,
        "account_id": _TEXT,
        "account_name": _TEXT,
        "currency": _TEXT,
        "channel": _TEXT,
        "utm_source": _TEXT,
        "utm_medium": _TEXT,
        "utm_campaign": _TEXT,
        "referrer": _TEXT,
        "campaign_id": _TEXT,
        "campaign_name": _TEXT,
        "campaign_type": _TEXT,
        "ad_group_id": _TEXT,
        "ad_group_name": _TEXT,
        "ad_id": _TEXT,
        "ad_name": _TEXT,
        "creative_id": _TEXT,
        "cost": _DECIMAL,
        "device": _TEXT,
        "region": _TEXT,
        "status": _TEXT,  # of a web server's answer; only pages that were there are visits
        "agent": _TEXT,  # a browser's name of itself; robots are no visitors
        "page": _TEXT,
    },
    decimals=frozenset({"cost"}),
    long=frozenset({"referrer", "page", "agent"}),
    needed=("at", "kind"),
)

WEB_EVENT: Final = Dataset(
    "web_event",
    {
        LINE: pl.UInt32(),
        "at": MOMENT,
        "name": _TEXT,
        "day": _TEXT,  # the property's own day, YYYYMMDD
        "table": _TEXT,  # "intraday" for rows that the daily table replaces
        "account_id": _TEXT,
        "stream_id": _TEXT,
        "client_id": _TEXT,  # user_pseudo_id; null without consent
        "user_id": _TEXT,
        "session_number": _TEXT,  # ga_session_id: unique with the client only
        "bundle": _TEXT,
        "batch": _TEXT,
        "batch_event": _TEXT,
        "batch_page": _TEXT,
        "page": _TEXT,
        "referrer": _TEXT,
        "engaged": pl.Boolean(),
        "engagement_ms": pl.Int64(),
        # This event's own source, the session's by last click, and what the page's address says.
        "event_source": _TEXT,
        "event_medium": _TEXT,
        "event_campaign": _TEXT,
        "session_source": _TEXT,
        "session_medium": _TEXT,
        "session_campaign": _TEXT,
        "gclid": _TEXT,
        "click_id": _TEXT,
        "device": _TEXT,
        "country": _TEXT,
        "region": _TEXT,
        "value": _DECIMAL,
        "event_currency": _TEXT,  # of the value; a property may see several, and its own is the account's
        "transaction_id": _TEXT,
        "consent": _TEXT,
    },
    decimals=frozenset({"value"}),
    signed=frozenset({"value"}),
    long=frozenset({"page", "referrer"}),
    needed=("at", "name"),
)
