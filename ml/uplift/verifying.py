"""An audience held to its promise by what its customers did, as it is stored."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

import polars as pl

from ml.uplift.audience import verify_audience
from warehouse.changes.audiences import NewVerification
from warehouse.queries.audiences import Audience


def verified(
    audience: Audience, did: pl.DataFrame, measure: str, days: tuple[dt.date, dt.date] | None, level: float, by: str
) -> NewVerification:
    """Of customers (columns effect, is_held_out, outcome), over days if the warehouse counted.

    Of a metric to be lowered outcomes are turned. Raises as :func:`verify_audience`.
    """
    turned = 1.0 if audience.better == "higher" else -1.0
    found = verify_audience(
        did["effect"].to_numpy(), did["is_held_out"].to_numpy(), did["outcome"].to_numpy() * turned, level=level
    )
    first, last = days or (None, None)
    slope = found.slope
    return NewVerification(
        audience_key=audience.audience_key,
        advertiser_key=audience.advertiser_key,
        verified_by=by,
        measure=measure,
        first_day=first,
        last_day=last,
        level=level,
        treated=found.treated,
        held_out=found.held_out,
        predicted=found.predicted,
        found=found.found.estimate,
        found_low=found.found.low,
        found_high=found.found.high,
        slope=None if slope is None else slope.estimate,
        slope_low=None if slope is None else slope.low,
        slope_high=None if slope is None else slope.high,
        provable=found.provable,
        is_kept=found.kept,
        groups=[asdict(group) for group in found.groups],
        words=found.words,
    )
