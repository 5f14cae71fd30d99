"""What a reader may narrow by, once: the value, its URL form, and its key for caches.

GraphQL's input, the pages' controls and the command line all become this :class:`Filter`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from warehouse.errors import BadFilter

Compare = Literal["none", "previous", "year"]
Grain = Literal["day", "week", "month"]
Dimension = Literal["platform", "channel", "campaign_type", "campaign", "account", "day"]

LONGEST_PERIOD_DAYS = 366 * 10


@dataclass(frozen=True, slots=True)
class Filter:
    """A period, what it is compared with, and which part of the data.

    ``end`` is included. Empty tuples mean "all". ``currency`` None means: the accounts' own if they share one,
    otherwise the reporting currency. ``accounts`` and ``campaigns`` hold Causeway's keys.
    """

    start: dt.date
    end: dt.date
    compare: Compare = "previous"
    grain: Grain = "day"
    currency: str | None = None
    platforms: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    campaign_types: tuple[str, ...] = ()
    accounts: tuple[int, ...] = ()
    campaigns: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise BadFilter(f"The period ends ({self.end}) before it begins ({self.start}).", remedy="Swap the dates.")
        if (self.end - self.start).days >= LONGEST_PERIOD_DAYS:
            raise BadFilter("The period is longer than ten years.", remedy="Choose a shorter one.")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def shift(self) -> dt.timedelta | None:
        """How far back the compared period lies: whole weeks, so that weekdays match. None without comparison."""
        if self.compare == "none":
            return None
        if self.compare == "year":
            return dt.timedelta(days=364 * -(-self.days // 364))
        return dt.timedelta(days=7 * -(-self.days // 7))

    @property
    def compared(self) -> tuple[dt.date, dt.date] | None:
        """First and last day of the compared period."""
        return None if self.shift is None else (self.start - self.shift, self.end - self.shift)

    def narrowed(self, dimension: Dimension, key: str) -> Filter:
        """This filter, narrowed to one value of a dimension (a click on a bar)."""
        if dimension == "day":
            day = _date("day", key)
            return replace(self, start=day, end=day)
        value = _integer(dimension, key) if dimension in ("account", "campaign") else key
        return self._with(dimension, (value,))

    def without(self, dimension: Dimension) -> Filter:
        """This filter with nothing chosen in a dimension (a chip removed)."""
        return self if dimension == "day" else self._with(dimension, ())

    def _with(self, dimension: Dimension, values: tuple[str | int, ...]) -> Filter:
        change: dict[str, Any] = {_PLURAL[dimension]: values}
        return replace(self, **change)

    def chosen(self) -> Mapping[Dimension, tuple[str, ...]]:
        """The dimensions in which something is chosen, with the keys as text."""
        return {d: tuple(map(str, getattr(self, name))) for d, name in _PLURAL.items() if getattr(self, name)}

    def to_query(self) -> dict[str, str]:
        """The URL form. ``from_query`` reads it back to an equal filter."""
        query = {"from": self.start.isoformat(), "to": self.end.isoformat()}
        if self.compare != "previous":
            query["compare"] = self.compare
        if self.grain != "day":
            query["grain"] = self.grain
        if self.currency:
            query["currency"] = self.currency
        for dimension, name in _PLURAL.items():
            values = getattr(self, name)
            if values:
                query[dimension] = ",".join(_escaped(str(v)) for v in values)
        return query

    def cache_key(self) -> str:
        """A text that is equal exactly for equal filters."""
        return urlencode(self.to_query())

    @staticmethod
    def from_query(query: Mapping[str, str], *, last_day: dt.date) -> Filter:
        """Read the URL form. What is absent takes its default: the 28 days up to ``last_day``.

        Raises :class:`BadFilter` naming the parameter.
        """
        end = _date("to", query["to"]) if query.get("to") else last_day
        start = _date("from", query["from"]) if query.get("from") else end - dt.timedelta(days=27)
        return Filter(
            start=start,
            end=end,
            compare=_choice("compare", query.get("compare") or "previous", get_args(Compare)),  # type: ignore[arg-type]
            grain=_choice("grain", query.get("grain") or "day", get_args(Grain)),  # type: ignore[arg-type]
            currency=_currency(query.get("currency")),
            platforms=_texts(query.get("platform")),
            channels=_texts(query.get("channel")),
            campaign_types=_texts(query.get("campaign_type")),
            accounts=tuple(_integer("account", v) for v in _texts(query.get("account"))),
            campaigns=tuple(_integer("campaign", v) for v in _texts(query.get("campaign"))),
        )


_PLURAL: Mapping[Dimension, str] = {
    "platform": "platforms",
    "channel": "channels",
    "campaign_type": "campaign_types",
    "account": "accounts",
    "campaign": "campaigns",
}


_NO_VALUE = "~"  # the empty value, which "no campaign type" is
_PART = re.compile(r"((?:[^\\,]|\\.)*),", re.DOTALL)


def _escaped(value: str) -> str:
    if value == _NO_VALUE:
        return f"\\{_NO_VALUE}"
    return value.replace("\\", "\\\\").replace(",", "\\,") or _NO_VALUE


def _texts(value: str | None) -> tuple[str, ...]:
    parts = _PART.findall(f"{value},") if value else ()
    return tuple("" if part == _NO_VALUE else re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts)


def _date(name: str, value: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise BadFilter(f"{name} == {value!r} is not a date.", remedy="Write it as 2026-09-30.") from error


def _integer(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise BadFilter(f"{name} == {value!r} is not a key.", remedy=f"Choose the {name} on the page again.") from error


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise BadFilter(f"{name} == {value!r}, must be one of {', '.join(allowed)}.")
    return value


def _currency(value: str | None) -> str | None:
    if not value:
        return None
    if len(value) != 3 or not value.isascii() or not value.isalpha() or not value.isupper():
        raise BadFilter(f"currency == {value!r} is not an ISO 4217 code.", remedy="Write it as USD.")
    return value
