"""What a page shows, as one value: read from the URL, changed by the controls, written back to the URL.

The URL is the only place where it is kept, so a shared address shows the same view and the browser's back button
undoes a click. ``warehouse/filters.py`` has the codec of the filter; this adds what is the page's own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast, get_args
from urllib.parse import urlencode

from dashboard.attribution.asked import SETTINGS, Asked
from warehouse.errors import BadFilter
from warehouse.filters import Compare, Dimension, Filter, Grain
from warehouse.metrics import METRICS
from warehouse.schema.commerce import ConversionKind

# The claim ratio needs the shop's orders, which belong to no campaign and no day's trend.
SHOWABLE: tuple[str, ...] = tuple(name for name in METRICS if name != "claim_ratio")

By = Dimension | Literal["rows"]

DIMENSIONS: Mapping[By, str] = {
    "platform": "Platform",
    "channel": "Channel",
    "campaign_type": "Campaign type",
    "campaign": "Campaign",
    "day": "Day",
    "rows": "Row",
    "account": "Account",
}
# Where a click on a value leads: what is looked at next within it.
NEXT: Mapping[By, By] = {
    "platform": "channel",
    "account": "channel",
    "channel": "campaign_type",
    "campaign_type": "campaign",
    "campaign": "rows",
    "day": "campaign",
}
PERIODS: Mapping[str, str] = {
    "last7": "Last 7 days",
    "last28": "Last 28 days",
    "last90": "Last 90 days",
    "this_month": "This month",
    "last_month": "Last month",
    "this_year": "This year",
    "all": "All days",
}
USUAL_PERIOD = "last28"


@dataclass(frozen=True, slots=True)
class Days:
    """First and last day with data. What has no data yet counts from today."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class View:
    """A filter, the metric that the main figure shows, and by what the period is broken down.

    ``goal`` is the kind of conversion whose journeys are looked at; empty for the usual one. ``asked`` is how they are
    credited.
    """

    filter: Filter
    metric: str = "spend"
    by: By = "channel"
    goal: str = ""
    asked: Asked = field(default_factory=Asked)

    @staticmethod
    def from_query(query: Mapping[str, str], days: Days) -> View:
        """Read the URL's query. ``period`` names a preset; what is absent takes its default.

        Raises :class:`BadFilter` naming the parameter.
        """
        metric, by = query.get("metric") or "spend", query.get("by") or "channel"
        if metric not in SHOWABLE:
            raise BadFilter(f"metric == {metric!r} cannot be shown.", remedy=f"Choose one of {', '.join(SHOWABLE)}.")
        if by not in DIMENSIONS:
            raise BadFilter(f"by == {by!r}, must be one of {', '.join(DIMENSIONS)}.")
        goal = query.get("goal") or ""
        if goal and goal not in set(ConversionKind):
            raise BadFilter(f"goal == {goal!r}, must be one of {', '.join(ConversionKind)}.")
        dated = dict(query)
        if query.get("period"):
            first, last = period_days(query["period"], days)
            dated |= {"from": first.isoformat(), "to": last.isoformat()}
        return View(Filter.from_query(dated, last_day=days.last), metric, cast("By", by), goal, Asked.from_query(query))

    def to_query(self) -> dict[str, str]:
        """The URL form; ``from_query`` reads it back to an equal view, whatever is loaded meanwhile."""
        query = self.filter.to_query()
        if self.metric != "spend":
            query["metric"] = self.metric
        if self.by != "channel":
            query["by"] = self.by
        if self.goal:
            query["goal"] = self.goal
        return query | self.asked.to_query()

    def search(self, **more: str) -> str:
        """The URL's part from the question mark on."""
        return "?" + urlencode({**self.to_query(), **more})

    def moving_query(self, days: Days) -> str:
        """The query with the preset's name instead of its days where there is one, so that it moves with the data."""
        query = self.to_query()
        period = self.period(days)
        if period is not None:
            del query["from"], query["to"]
            query = {"period": period, **query}
        return urlencode(query)

    def period(self, days: Days) -> str | None:
        """The name of the preset whose days these are."""
        mine = (self.filter.start, self.filter.end)
        return next((name for name in PERIODS if period_days(name, days) == mine), None)

    def changed(self, name: str, value: Any, days: Days) -> View:
        """This view after a control got a value. Raises :class:`BadFilter` for one that means nothing."""
        match name:
            case "period" if value:
                first, last = period_days(str(value), days)
                return self._filtered(start=first, end=last)
            case "metric":
                return replace(self, metric=str(value))
            case "goal":
                return replace(self, goal=str(value or ""))
            case "by":
                return replace(self, by=value)
            case "compare" | "grain" if value in (*get_args(Compare), *get_args(Grain)):
                return self._filtered(**{name: value})
            case "currency":
                return self._filtered(currency=value or None)
            case "account":
                return self._filtered(accounts=tuple(int(key) for key in value or ()))
            case setting if setting in SETTINGS:
                return replace(self, asked=self.asked.changed(setting, value))
            case _:
                return self

    def dated(self, first: dt.date, last: dt.date) -> View:
        """This view on other days."""
        return self._filtered(start=first, end=last)

    def into(self, key: str) -> View:
        """One step down: narrowed to a value of what it is broken down by, and broken down by what comes next."""
        if self.by == "rows":
            return self
        return replace(self, filter=self.filter.narrowed(self.by, key), by=NEXT[self.by])

    def narrowed(self, dimension: Dimension, key: str) -> View:
        """Narrowed to one value of a dimension, broken down as before."""
        return replace(self, filter=self.filter.narrowed(dimension, key))

    def without(self, dimension: Dimension) -> View:
        """With nothing chosen in a dimension."""
        by: By = "campaign" if dimension == "campaign" and self.by == "rows" else self.by
        return replace(self, filter=self.filter.without(dimension), by=by)

    def cleared(self) -> View:
        """With nothing chosen in any dimension; days, comparison and currency stay."""
        kept = self.filter
        filter_ = Filter(kept.start, kept.end, kept.compare, kept.grain, kept.currency)
        return View(filter_, self.metric, goal=self.goal, asked=self.asked)

    def _filtered(self, **change: Any) -> View:
        return replace(self, filter=replace(self.filter, **change))


def period_days(name: str, days: Days) -> tuple[dt.date, dt.date]:
    """First and last day of a preset, counted from the last day with data. Raises :class:`BadFilter`."""
    last = days.last
    match name:
        case "last7" | "last28" | "last90":
            return last - dt.timedelta(days=int(name.removeprefix("last")) - 1), last
        case "this_month":
            return last.replace(day=1), last
        case "last_month":
            end = last.replace(day=1) - dt.timedelta(days=1)
            return end.replace(day=1), end
        case "this_year":
            return last.replace(month=1, day=1), last
        case "all":
            return min(days.first, last), last
        case _:
            raise BadFilter(f"period == {name!r}, must be one of {', '.join(PERIODS)}.")


def usual_grain(filter_: Filter) -> Grain:
    """The length of a point at which a trend of this period is best read."""
    if filter_.days > 400:
        return "month"
    return "week" if filter_.days > 120 else "day"
