"""What was found of a test over regions or days: what was beside what would have been, its cost, its markets."""

from __future__ import annotations

from typing import Final

import pandas as pd
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, controls, tables, tiles
from dashboard.components.tables import Column
from dashboard.experiments.asked import Asked
from dashboard.experiments.pieces import query_of
from dashboard.experiments.read import Told
from dashboard.experiments.readout import ASKED
from dashboard.experiments.words import between, metric_name, percent, proven, unit_of
from dashboard.figures.bands import counterfactual
from dashboard.figures.drawn import Drawn
from dashboard.formats import UNKNOWN
from warehouse.metrics import Unit
from warehouse.queries.experiment_readouts import Lift

MONEY: Final = "money"


def lift_tiles(told: Told, lift: Lift) -> Component:
    """What it brought, and for how much each."""
    unit, name, currency = _whole(lift), metric_name(lift.metric), lift.currency or told.currency
    known = [
        tiles.number_tile(
            f"Incremental {name}", formats.number(lift.incremental, unit, currency, signed=True),
            between(lift.low, lift.high, unit, currency), hint_text=lift.identifies,
        ),
        tiles.number_tile(
            "Relative", percent(lift.relative), "of what would have been without it",
            hint_text="What it brought as a part of what there would have been without it.",
        ),
    ]  # fmt: skip
    if lift.spend is not None:
        spend = formats.number(lift.spend, "money", currency)
        known.append(tiles.number_tile("Spend of the test", spend, "that the treatment cost",
                                       hint_text="What was spent more, or saved, on the treated ones."))  # fmt: skip
        known += _worth(lift, float(lift.spend), currency)
    return tiles.tiles(known)


def counterfactual_card(told: Told, lift: Lift) -> Component:
    """What was against what would have been, with the days of the test shaded."""
    unit, currency, size = unit_of(lift.metric), lift.currency or told.currency, _whole(lift)
    summary = (
        f"{metric_name(lift.metric).capitalize()} of what was treated, beside what would have been. The test is "
        f"{formats.day_range(lift.first_day, lift.last_day)}: "
        f"{formats.number(lift.incremental, size, currency, signed=True)} "
        f"({between(lift.low, lift.high, size, currency)}). {lift.identifies}"
    )
    return cards.figure_card(
        "counterfactual", "What was, and what would have been", _drawn(told, lift.metric, unit, currency, summary),
        span=8 if lift.weights else 12, mark_name="incremental", query=query_of(told),
        file_name=f"causeway_experiment_{told.experiment.experiment_id}_days",
    )  # fmt: skip


def before_card(told: Told) -> Component | None:
    """Of a test that is not to be believed only the days before it: there stands why. None where there are none."""
    metric = next((metric.metric for metric in told.metrics if metric.role == "primary"), None)
    metric = metric or next((day.metric for day in told.lift_days), None)
    if metric is None or not any(day.metric == metric for day in told.lift_days):
        return None
    summary = (
        f"{metric_name(metric).capitalize()} of what was treated, beside what stands for it, before the test. The days "
        "of the test are not shown: what would lie between the two means nothing as long as a check fails."
    )
    return cards.figure_card(
        "counterfactual", "Before the test", _drawn(told, metric, unit_of(metric), told.currency, summary),
        query=query_of(told), file_name=f"causeway_experiment_{told.experiment.experiment_id}_days",
    )  # fmt: skip


def _drawn(told: Told, metric: str, unit: Unit, currency: str, summary: str) -> Drawn:
    """Each day of a metric, beside what stands for it."""
    frame = pd.DataFrame(
        [
            (day.date_day, day.actual, day.counterfactual, day.low, day.high, day.is_test)
            for day in told.lift_days
            if day.metric == metric
        ],
        columns=["date", "actual", "counterfactual", "low", "high", "is_test"],
    )
    name = metric_name(metric).capitalize()
    return counterfactual(frame, unit=unit, currency=currency, what=name, summary=summary)


def weights_card(told: Told, lift: Lift) -> Component | None:
    """The markets of which the counterfactual is made; None where it is made of none."""
    if not lift.weights:
        return None
    ordered = sorted(lift.weights.items(), key=lambda one: -abs(one[1]))
    frame = pd.DataFrame(ordered, columns=["market", "weight"])
    columns = [
        Column("market", "Market", "text", frozen=True, width=150),
        Column("weight", "Weight", "percent", hint="How much of the counterfactual the market is."),
    ]
    table = tables.data_table(
        "weights", frame, columns, label="Weights of the markets", row_id="market",
        file_name=f"causeway_experiment_{told.experiment.experiment_id}_weights",
    )  # fmt: skip
    return cards.card("What it is compared with", table, span=4, flush=True,
                      note="These markets together stand for what would have been.")  # fmt: skip


def metric_pills(told: Told, lift: Lift) -> Component | None:
    """Which metric is looked at, where there are several."""
    options = {one.metric: metric_name(one.metric).capitalize() for one in told.lifts}
    if len(options) < 2:
        return None
    return controls.pills({"type": ASKED, "name": "metric"}, "Metric", options, lift.metric)


def lift_asked(told: Told, asked: Asked) -> Lift | None:
    """The finding that is looked at: of the metric asked for, else of the primary one."""
    chosen = next((one for one in told.lifts if one.metric == asked.metric), None)
    return chosen or next(iter(told.lifts), None)


def _worth(lift: Lift, spend: float, currency: str) -> list[Component]:
    """What one more cost, or for money what each unit of spend brought; bounds only, where zero is not left out."""
    if spend <= 0 or lift.low is None or lift.high is None:
        return []
    if unit_of(lift.metric) == MONEY:
        ratio = formats.number(lift.incremental / spend, "multiple")
        return [
            tiles.number_tile("iROAS", ratio, between(lift.low / spend, lift.high / spend, "multiple"),
                              hint_text="Incremental revenue for each unit of spend.")
        ]  # fmt: skip
    label, hint = "Cost of one more", f"Spend for one incremental of {metric_name(lift.metric)}."
    if lift.high <= 0:
        return [tiles.number_tile(label, UNKNOWN, "nothing was brought", hint_text=hint)]
    least = formats.number(spend / lift.high, "money", currency)
    if not proven(lift.low, lift.high):
        return [tiles.number_tile(label, f"≥ {least}", "it may have brought nothing", hint_text=hint)]
    cost = formats.number(spend / lift.incremental, "money", currency)
    most = formats.number(spend / lift.low, "money", currency)
    return [tiles.number_tile(label, cost, f"{least} to {most}", hint_text=hint)]


def _whole(lift: Lift) -> Unit:
    """The unit of a sum over the test."""
    unit = unit_of(lift.metric)
    return unit if unit == MONEY else "count"
