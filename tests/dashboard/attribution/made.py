"""A published run, and what it tells, made up so that every word about it can be known."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from dashboard.attribution.read import Shown, Told
from dashboard.state import Days, View
from warehouse.filters import Filter
from warehouse.queries.attribution import Agreement, AttributionRun, CreditRow
from warehouse.queries.journeys import JourneyState
from warehouse.queries.scope import Choice, Scope
from warehouse.schema.commerce import ConversionKind

FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
NOW = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)

RUN = AttributionRun(
    run_key=7, advertiser_key=1, advertiser="A", goal=ConversionKind.order, first_day=FIRST, last_day=LAST,
    currency="EUR", lookback_days=30, built_at=NOW, level=0.9, markov_order=1, conversions=120, untouched=20,
    null_paths=900, capped=0, value=Decimal(1200), total=None, total_low=None, total_high=None, words="",
    models=("last", "markov"), parameters={"first": 0.4, "last": 0.4, "half_life_days": 7.0}, finished_at=NOW,
    is_published=True, has_paths=True,
)  # fmt: skip

_STATE = JourneyState(
    goals=(ConversionKind.order,), lookback_days=30, touches=("click",),
    channels=(Choice("search", "Search"), Choice("video", "Video")), currencies=("EUR",), built_at=NOW, first_day=FIRST,
    last_day=LAST, is_loaded=True, waiting=0, hidden=0,
)  # fmt: skip


def credit(
    channel: str, conversions: float, low: float, high: float, *, model: str = "markov", cost: float | None = None
) -> CreditRow:
    """What a model credits, each conversion worth ten."""
    spent = None if cost is None else Decimal(cost)
    return CreditRow(
        model, channel, None, None, model == "calibrated", conversions, low, high, Decimal(conversions) * 10,
        Decimal(low) * 10, Decimal(high) * 10, None, spent, spent / Decimal(conversions) if spent is not None else None,
        Decimal(conversions) * 10 / spent if spent else None,
    )  # fmt: skip


def experiment(channel: str, credited: float, lift: float, se: float, *, model: str = "markov") -> Agreement:
    errors = abs(credited - lift) / se
    return Agreement(model, "experiment", "geo-1", channel, None, None, credited, lift, se, errors, errors <= 2)


def shown(compared: dict[str, list[CreditRow]], *, model: str = "markov", **more: Any) -> Shown:
    """A view of the run; ``more`` are fields of :class:`Told`."""
    told = Told(
        goal=ConversionKind.order, model=model, is_live=False, conversions=120, untouched=20, compared=compared,
        usual=[], channels=compared[model], rows=compared[model], parts=[], campaign="", daily=[], agreement=[],
        paths=[], steps=[], transitions=[], positions=[], touches=[], days=[], earlier=[], changes=[],
    )  # fmt: skip
    filter_ = Filter(FIRST, LAST, currency="EUR")
    scope = Scope((), (), _STATE.channels, (), 1, "1")
    return Shown(
        View(filter_), scope, Days(FIRST, LAST), filter_, _STATE, RUN, (ConversionKind.order,), replace(told, **more),
        None,
    )  # fmt: skip
