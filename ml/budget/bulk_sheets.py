"""A plan as the sheets that ad platforms take in bulk: each campaign's budget of a day.

A channel's money is split over its campaigns in proportion to what they spent lately, in each account's own currency.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from types import MappingProxyType
from typing import Final

from ml.budget.channels import CENT
from warehouse.queries.budget_inputs import CampaignSpend
from warehouse.queries.formats import harmless

DAYS: Final = 28  # whose spend says how a channel's money is split


@dataclass(frozen=True, slots=True)
class CampaignBudget:
    """What a campaign may spend in a day, rounded down to the cent so that a week never costs more than planned."""

    campaign: CampaignSpend
    week: Decimal
    day: Decimal


@dataclass(frozen=True, slots=True)
class Sheet:
    """The file of one platform."""

    platform: str
    text: str
    campaigns: int


@dataclass(frozen=True, slots=True)
class Sheets:
    """One sheet for each platform, and in ``words`` what is in none of them."""

    sheets: tuple[Sheet, ...]
    words: str


def sheets_of(spends: Mapping[str, Decimal], campaigns: Sequence[CampaignSpend], period_days: int) -> Sheets:
    """Sheets for spends of one period by channel."""
    budgets = list(_budgets(spends, campaigns, period_days))
    platforms = sorted({one.campaign.platform for one in budgets})
    found = []
    for platform in platforms:
        mine = [one for one in budgets if one.campaign.platform == platform]
        found.append(Sheet(platform, _SHAPES.get(platform, _plain)(mine), len(mine)))
    bought = {one.campaign.channel for one in budgets}
    left = [channel.replace("_", " ") for channel, spend in spends.items() if spend > 0 and channel not in bought]
    words = f"No campaign of {', '.join(left)} spent anything in the last {DAYS} days: set it by hand." if left else ""
    return Sheets(tuple(found), words)


def _budgets(
    spends: Mapping[str, Decimal], campaigns: Sequence[CampaignSpend], period_days: int
) -> Sequence[CampaignBudget]:
    found = []
    for channel, spend in spends.items():
        mine = [one for one in campaigns if one.channel == channel]
        total = sum((one.spend for one in mine), Decimal(0))
        for one in mine:
            week = spend * one.own_spend / total  # in the currency of its account
            day = (week / period_days).quantize(CENT, ROUND_DOWN)
            found.append(CampaignBudget(one, week.quantize(CENT, ROUND_DOWN), day))
    return found


def _google_ads(budgets: Sequence[CampaignBudget]) -> str:
    """As bulk uploads of Google Ads edit campaigns."""
    rows = [["Action", "Customer ID", "Campaign ID", "Campaign", "Budget"]]
    rows += [["Edit", one.campaign.account_id, _id(one), _name(one), f"{one.day:f}"] for one in budgets]
    return _csv(rows)


def _microsoft_ads(budgets: Sequence[CampaignBudget]) -> str:
    """As bulk files of Microsoft Advertising have it: the version of the format, then campaigns."""
    rows = [["Type", "Id", "Parent Id", "Campaign", "Budget", "Budget Type", "Name"]]
    rows.append(["Format Version", "", "", "", "", "", "6.0"])
    rows += [
        ["Campaign", _id(one), one.campaign.account_id, _name(one), f"{one.day:f}", "DailyBudgetStandard", ""]
        for one in budgets
    ]
    return _csv(rows)


def _meta_ads(budgets: Sequence[CampaignBudget]) -> str:
    """As Meta's Ads Manager imports campaigns with a budget of their own."""
    rows = [["Campaign ID", "Campaign Name", "Campaign Daily Budget"]]
    rows += [[_id(one), _name(one), f"{one.day:f}"] for one in budgets]
    return _csv(rows)


def _plain(budgets: Sequence[CampaignBudget]) -> str:
    """For platforms without a sheet of their own."""
    rows = [["Account ID", "Channel", "Campaign ID", "Campaign", "Daily budget", "Weekly budget", "Currency"]]
    rows += [
        [
            one.campaign.account_id, one.campaign.channel, _id(one), _name(one), f"{one.day:f}", f"{one.week:f}",
            one.campaign.account_currency,
        ]
        for one in budgets
    ]  # fmt: skip
    return _csv(rows)


def _id(one: CampaignBudget) -> str:
    """Empty where an export named campaigns without their ids."""
    return "" if one.campaign.campaign_id == one.campaign.campaign_name else one.campaign.campaign_id


def _name(one: CampaignBudget) -> str:
    return harmless(one.campaign.campaign_name)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()


_SHAPES: Final[Mapping[str, Callable[[Sequence[CampaignBudget]], str]]] = MappingProxyType(
    {"google_ads": _google_ads, "microsoft_ads": _microsoft_ads, "meta_ads": _meta_ads}
)
