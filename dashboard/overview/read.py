"""Everything that one view of the Overview shows, read in one transaction with as few statements as it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from dashboard.formats import to_float
from dashboard.reading import Reading
from dashboard.state import Days, View
from warehouse.errors import MissingRate
from warehouse.filters import Dimension, Filter
from warehouse.queries import overview as queries
from warehouse.queries.overview import Totals
from warehouse.queries.rows import CampaignDay, campaign_days
from warehouse.queries.scope import Scope

MOST_CAMPAIGNS = 200  # on the page; the export has all
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """What a view shows. ``filter`` is the view's, with its currency settled.

    ``parts`` is the period by the view's dimension, ``campaigns`` by campaign, ``rows`` its newest campaign-days; each
    None where the view does not show it.
    """

    view: View
    scope: Scope
    days: Days
    filter: Filter
    totals: Totals
    trend: pd.DataFrame
    parts: pd.DataFrame | None
    campaigns: pd.DataFrame | None
    rows: list[CampaignDay] | None

    @property
    def currency(self) -> str:
        return self.filter.currency or ""

    @property
    def is_comparable(self) -> bool:
        """Whether the compared period lies wholly in the days with data, so that a change means something."""
        compared = self.filter.compared
        return compared is not None and self.totals.previous is not None and compared[0] >= self.days.first


@dataclass(frozen=True, slots=True)
class Withheld:
    """No numbers: adding them up would leave money out."""

    view: View
    scope: Scope
    days: Days
    filter: Filter
    error: MissingRate


def read_overview(reading: Reading, view: View) -> Shown | Withheld:
    """Read what ``view`` shows, or say why it cannot be shown. At most ten statements, the scope's included."""
    filter_ = reading.settled(view.filter)
    try:
        return _read(reading, view, filter_)
    except MissingRate as error:
        return Withheld(view, reading.scope, reading.days, filter_, error)


def _read(reading: Reading, view: View, filter_: Filter) -> Shown:
    by = view.by
    totals, trend = reading.kept("period", filter_, queries.totals_and_trend)
    return Shown(
        view=view,
        scope=reading.scope,
        days=reading.days,
        filter=filter_,
        totals=totals,
        trend=with_sums(trend),
        parts=None if by == "rows" else _breakdown(reading, filter_, by),
        campaigns=None if by == "rows" else _breakdown(reading, filter_, "campaign"),
        rows=reading.kept("rows", filter_, lambda s, f: campaign_days(s, f, limit=MOST_ROWS)) if by == "rows" else None,
    )


def _breakdown(reading: Reading, filter_: Filter, by: Dimension) -> pd.DataFrame:
    if by == "day":
        return _days(reading, filter_)
    limit = MOST_CAMPAIGNS if by == "campaign" else queries.MOST_ROWS
    found = reading.kept(f"breakdown {by}", filter_, lambda s, f: queries.breakdown(s, f, by, limit=limit))
    # Largest first in the currency shown.
    return with_sums(
        found.sort_values("spend", ascending=False, key=lambda column: column.map(to_float), na_position="last")
    )


def _days(reading: Reading, filter_: Filter) -> pd.DataFrame:
    """The period's days as a breakdown, each beside the day that it is compared with."""
    _, daily = reading.kept("period", replace(filter_, grain="day"), queries.totals_and_trend)
    keys = [day.isoformat() for day in daily["date"]]
    return with_sums(daily.assign(key=keys, label=keys, platform=None, channel=None))


def with_sums(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with revenue also under the name of its sum, from which figures recompute ratios. A copy."""
    if "revenue" not in frame:
        return frame
    return frame.assign(conversion_value=frame["revenue"], previous_conversion_value=frame["previous_revenue"])
