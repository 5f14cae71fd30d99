"""The filter as an input: the same as the pages' controls and the URL."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Annotated, Any

import strawberry

from api.schema.context import Context
from api.schema.described import choice
from warehouse.errors import BadFilter
from warehouse.filters import Filter

MOST_VALUES = 1_000
_DAYS = 28


@strawberry.enum(description="What a period is compared with.")
class Compare(Enum):
    NONE = choice("none", "Nothing.")
    PREVIOUS = choice("previous", "The period before it, on matched weekdays.")
    YEAR = choice("year", "The same period a year earlier, on matched weekdays.")


@strawberry.enum(description="The length of one point of a trend.")
class Grain(Enum):
    DAY = choice("day", "A day.")
    WEEK = choice("week", "An ISO week, which begins on Monday.")
    MONTH = choice("month", "A calendar month.")


def _field(words: str, **more: Any) -> Any:
    return strawberry.field(description=words, **more)


@strawberry.input(description="A period, what it is compared with, and which part of the data. Empty lists mean all.")
class FilterInput:
    from_: dt.date | None = _field("First day; 27 days before the last one when omitted.", name="from", default=None)
    to: dt.date | None = _field("Last day, included; the newest day with data when omitted.", default=None)
    compare: Compare = _field("What the period is compared with.", default=Compare.PREVIOUS)
    grain: Grain = _field("The length of one point of a trend.", default=Grain.DAY)
    currency: str | None = _field(
        "Currency of all amounts; the accounts' own if they share one, otherwise the reporting currency.", default=None
    )
    platforms: list[str] = _field("Platforms, e.g. google_ads.", default_factory=list)
    channels: list[str] = _field("Channels of the taxonomy.", default_factory=list)
    campaign_types: list[str] = _field("Campaign types as the platforms write them.", default_factory=list)
    accounts: list[int] = _field("Keys of accounts.", default_factory=list)
    campaigns: list[int] = _field("Keys of campaigns.", default_factory=list)


FilterArgument = Annotated[
    FilterInput | None,
    strawberry.argument(name="filter", description="What to look at; the last 28 days of everything when omitted."),
]


def settled(given: FilterInput | None, context: Context) -> Filter:
    """The filter with its period and currency settled. Raises :class:`BadFilter`."""
    filter_ = unsettled(given, context)
    return (
        filter_
        if filter_.currency
        else context.scope.with_currency(filter_, context.warehouse.settings.reporting_currency)
    )


def unsettled(given: FilterInput | None, context: Context) -> Filter:
    """The filter with its period settled. Raises :class:`BadFilter`."""
    given = given or FilterInput()
    for name in ("platforms", "channels", "campaign_types", "accounts", "campaigns"):
        if len(getattr(given, name)) > MOST_VALUES:
            raise BadFilter(f"{name} has more than {MOST_VALUES} values.", remedy="Leave it out for all.")
    end = given.to or context.scope.last_day or dt.datetime.now(dt.UTC).date()
    return Filter(
        start=given.from_ or end - dt.timedelta(days=_DAYS - 1),
        end=end,
        compare=given.compare.value,
        grain=given.grain.value,
        currency=_currency(given.currency),
        platforms=tuple(given.platforms),
        channels=tuple(given.channels),
        campaign_types=tuple(given.campaign_types),
        accounts=tuple(given.accounts),
        campaigns=tuple(given.campaigns),
    )


def _currency(value: str | None) -> str | None:
    if value is not None and (len(value) != 3 or not value.isascii() or not value.isalpha() or not value.isupper()):
        raise BadFilter(f"currency == {value!r} is not an ISO 4217 code.", remedy="Write it as USD.")
    return value
