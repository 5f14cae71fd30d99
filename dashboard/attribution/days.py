"""Credits over time, on the day of the conversion or on that of the touch."""

from __future__ import annotations

from typing import Final

import pandas as pd
from dash.development.base_component import Component

from dashboard.attribution.read import Shown, Told
from dashboard.attribution.settings import dated_pills
from dashboard.attribution.words import mark_of, name_of
from dashboard.components import cards
from dashboard.figures.split import split_trend
from dashboard.journeys.words import GOALS
from ml.attribution.answer import CALIBRATED
from warehouse.metrics import METRICS

LONGEST_BY_DAY: Final = 45  # days; a longer period is drawn by week


def days_card(shown: Shown, told: Told) -> Component | None:
    """Credits over time, by channel; None where they cannot be told apart by day."""
    if not told.daily:
        return None
    many, is_long = GOALS[told.goal][1], shown.filter.days > LONGEST_BY_DAY
    kind = "Incremental" if told.model == CALIBRATED else "Credited"
    frame = pd.DataFrame(
        [(one.date, one.channel, name_of(shown, one.channel), True, one.conversions) for one in told.daily],
        columns=["date", "key", "label", "is_final", "conversions"],
    )
    if is_long:
        frame["date"] = pd.to_datetime(frame["date"]).dt.to_period("W").dt.start_time
        frame = frame.groupby(["date", "key", "label", "is_final"])["conversions"].sum().reset_index()
    drawn = split_trend(frame, METRICS["conversions"], "Channel", granularity="week" if is_long else "day")
    by = "touch, which may lie before the period" if shown.asked.dated == "touch" else "conversion"
    summary = f"{drawn.summary} Each credit stands on the day of the {by}."
    return cards.figure_card(
        "credit-days", f"{kind} {many} over time", drawn._replace(summary=summary), mark_name=mark_of(told),
        controls=[dated_pills(shown)], file_name="attribution_days",
    )  # fmt: skip
