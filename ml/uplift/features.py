"""Features of customers in words: what each is called, and what a value of it says of somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Feature:
    """``label`` stands in lists; ``one`` and ``many`` say a count of it, ``absent`` that there is none."""

    label: str
    one: str
    many: str
    absent: str


WORDS: Final[Mapping[str, Feature]] = {
    "visits": Feature("Visits", "1 visit", "{:,.0f} visits", "no visit"),
    "days_since_visit": Feature("Days since the last visit", "visited yesterday", "visited {:,.0f} days ago",
                                "never visited"),
    "ad_clicks": Feature("Clicks on ads", "1 click on an ad", "{:,.0f} clicks on ads", "no click on an ad"),
    "ad_views": Feature("Ads seen", "1 ad seen", "{:,.0f} ads seen", "no ad seen"),
    "days_since_touch": Feature("Days since the last ad", "met an ad yesterday", "met an ad {:,.0f} days ago",
                                "met no ad"),
    "emails_opened": Feature("E-mails opened", "1 e-mail opened", "{:,.0f} e-mails opened", "no e-mail opened"),
    "emails_clicked": Feature("Clicks in e-mails", "1 click in an e-mail", "{:,.0f} clicks in e-mails",
                              "no click in an e-mail"),
    "channels": Feature("Channels met", "1 channel met", "{:,.0f} channels met", "no channel met"),
    "mobile_share": Feature("Share on mobiles", "on mobiles only", "{:.0%} on mobiles", "device not known"),
    "orders": Feature("Orders", "1 order", "{:,.0f} orders", "no order"),
    "spent": Feature("Amount ordered", "ordered for 1", "ordered for {:,.0f}", "ordered for nothing"),
    "items": Feature("Pieces ordered", "1 piece ordered", "{:,.0f} pieces ordered", "no piece ordered"),
    "days_since_order": Feature("Days since the last order", "ordered yesterday", "ordered {:,.0f} days ago",
                                "never ordered"),
    "leads": Feature("Leads and sign-ups", "1 lead", "{:,.0f} leads", "no lead"),
    "page_views": Feature("Pages a visit", "1 page a visit", "{:,.1f} pages a visit", "no page known"),
    "furthest_step": Feature("Furthest step", "saw a product", "came to step {:.0f} of 4", "saw no product"),
}  # fmt: skip


def label_of(feature: str) -> str:
    """What a feature is called."""
    known = WORDS.get(feature)
    return feature.replace("_", " ").capitalize() if known is None else known.label


def said_of(feature: str, value: float | None) -> str:
    """What a value of a feature says of a customer; None: it has none."""
    known = WORDS.get(feature)
    if known is None:
        return f"{label_of(feature)} {'unknown' if value is None else format(value, 'g')}"
    if value is None or (value == 0 and not feature.startswith(("days_", "mobile_"))):
        return known.absent
    rounded = value if feature in ("mobile_share", "page_views") else round(value)
    return known.one if rounded == 1 else known.many.format(value)
