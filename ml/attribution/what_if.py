"""Credits otherwise, answered at once: another model, period, weight or lookback, one segment, without a channel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ml.attribution.calibrated import Estimate, calibrate
from ml.attribution.held import Held, journeys_of
from ml.attribution.inputs import Customers, Dimension, Segment, Worth, counted_paths, without_channel
from ml.attribution.job import readings_said
from ml.attribution.models import Credits, Model, attribute
from ml.attribution.parts import Parts, parts_of
from ml.attribution.paths import Floats, Paths
from ml.attribution.readout import lifts_within, readings_of
from ml.attribution.results import CALIBRATED, incremental
from warehouse.engine import ReadSession
from warehouse.errors import BadSetting
from warehouse.queries.attribution import CreditRow
from warehouse.queries.attribution_cost import names_of, spend_by
from warehouse.queries.channel_tests import channel_tests

DRAWS: Final = 100
_SLOW: Final = ("fractional", "shapley_rate")
DIMENSIONS: Final[tuple[Dimension, ...]] = (
    "campaign", "ad_group", "ad", "creative", "device", "region", "customer", "touched", "date",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What to credit otherwise.

    By a model with its settings, of which lookback and weight of views are part; whose conversions, in what worth;
    ``without`` a channel, as if nobody had seen it; ``by`` what channels are split.

    ``calibrated`` turns the model's credit into incremental conversions by what experiments found.
    """

    model: Model
    customers: Customers = "all"
    worth: Worth = "revenue"
    without: str | None = None
    by: tuple[Dimension, ...] = ()
    calibrated: bool = False
    draws: int = DRAWS
    level: float = 0.9

    @property
    def order(self) -> int | None:
        """Of the chain, where there is one."""
        return self.model.order if self.model.name == "markov" else None


@dataclass(frozen=True, slots=True)
class LiveCredits:
    """Credits of a period; ``untouched`` conversions are nobody's. ``order`` is that of the chain where there is one.

    ``baseline``, what would have come anyway, and ``words`` are those of the calibrated model.
    """

    model: str
    order: int | None
    first: dt.date
    last: dt.date
    currency: str
    level: float
    conversions: float
    untouched: float
    null_paths: float
    baseline: Estimate | None
    words: str
    rows: tuple[CreditRow, ...]


def what_if(session: ReadSession, held: Held, asked: WhatIf) -> LiveCredits:
    """Credit otherwise. Raises as :func:`attribute`, :class:`BadSetting` for what cannot be asked together."""
    strange = [name for name in asked.by if name not in DIMENSIONS]
    if strange:
        raise BadSetting(f"credits cannot be split by {strange[0]!r}.", remedy=f"By: {', '.join(DIMENSIONS)}.")
    if asked.without and asked.by:
        raise BadSetting("credits without a channel cannot be split.", remedy="Leave one of the two out.")
    if asked.without and asked.calibrated:
        raise BadSetting(
            "what channels cause is not known for journeys without one of them.",
            remedy="Ask the credit without the channel, or what all channels cause.",
        )
    segment = Segment(held.first, held.last, asked.customers, asked.worth)
    paths = counted_paths(held.inputs, segment)
    if asked.model.name in _SLOW:
        raise BadSetting(
            f"{asked.model.name} takes too long to be asked at once.",
            remedy="Its credits are in the published run, if that was asked for it.",
        )
    timed = asked.model.name == "time_decay" or asked.model.lookback or asked.model.view_weight is not None
    if timed and asked.model.name == "markov":
        raise BadSetting(
            f"{asked.model.name} has no lookback: of journeys that did not convert it is not kept when touches were.",
            remedy="Ask a rule or shapley, or build journeys with another lookback.",
        )
    journeys = journeys_of(session, held, segment, paths) if timed or asked.by else None
    looked_at = journeys.paths if timed and journeys else paths
    if asked.without:
        looked_at = without_channel(looked_at, asked.without)
    credit = attribute(looked_at, asked.model, draws=0 if asked.calibrated else asked.draws, level=asked.level)
    baseline, words, name = None, "", asked.model.name
    if asked.calibrated:
        credit, baseline, words = _calibrated(session, held, paths, credit, asked)
        name = CALIBRATED
    parts = parts_of(journeys, credit, asked.by) if asked.by and journeys else None
    return LiveCredits(
        name, asked.order, held.first, held.last, held.currency, asked.level, float(paths.conversions.sum()),
        float(paths.conversions[paths.lengths == 0].sum()), float(paths.nulls.sum()), baseline, words,
        _rows(session, held, name, credit, asked, parts),
    )  # fmt: skip


def _calibrated(
    session: ReadSession, held: Held, paths: Paths, credit: Credits, asked: WhatIf
) -> tuple[Credits, Estimate, str]:
    readings = readings_of(channel_tests(session, held.store.advertiser_key, held.goal))
    readings += readings_said(held.run.parameters["lifts"]) if held.run else ()
    tests = lifts_within(readings, held.first, held.last, paths.channels)
    found = calibrate(paths, credit.conversions, [lift for _, lift in tests], level=asked.level)
    return incremental(credit, found), found.baseline, found.words


def _rows(
    session: ReadSession, held: Held, name: str, credit: Credits, asked: WhatIf, parts: Parts | None
) -> tuple[CreditRow, ...]:
    """Rows as published credits have them, with what the ads of the period cost; the largest first."""
    grain = "channel" if parts is None else asked.by[0] if len(asked.by) == 1 else "several"
    costs = {} if asked.without else spend_by(session, held.window, grain)
    removal = credit.removal_effect
    if parts is None:
        keys: list[int | None] = [None] * len(credit.channels)
        items: list[str | None] = [None] * len(credit.channels)
        channels = list(credit.channels)
        columns = _columns(credit)
    else:
        said = parts.names.rows()
        keys = [row[0] if grain in _KEYED else None for row in said]
        told = [dimension for dimension in asked.by if dimension in _KEYED]
        named = {name: names_of(session, name, set(parts.names[name].drop_nulls())) for name in told}
        items = [_item(row, asked.by, named) for row in said]
        channels = [parts.channels[place] for place in parts.channel]
        columns = _columns(parts)
    rows = []
    for place, (channel, key, item) in enumerate(zip(channels, keys, items, strict=True)):
        conversions, low, high, value, value_low, value_high = (
            None if column is None else float(column[place]) for column in columns
        )
        cost = costs.get((channel, key)) if parts is None or key is not None else None
        amount = _money(value or 0.0)
        rows.append(
            CreditRow(
                name, channel, key, item, name == CALIBRATED, conversions or 0.0, low, high, amount,
                None if value_low is None else _money(value_low), None if value_high is None else _money(value_high),
                None if removal is None or parts is not None else float(removal[place]), cost,
                cost / Decimal(conversions) if cost is not None and conversions else None,
                amount / cost if cost else None,
            )
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (-row.conversions, row.channel, row.item or "")))


def _columns(found: Credits | Parts) -> tuple[Floats | None, ...]:
    return found.conversions, found.low, found.high, found.value, found.value_low, found.value_high


def _item(row: tuple[Any, ...], by: Sequence[Dimension], named: Mapping[Any, Mapping[int, str]]) -> str | None:
    """What a part is called: of several dimensions, all that is known of it."""
    said = [named[name].get(value, str(value)) if name in named else str(value)
            for name, value in zip(by, row, strict=True) if value is not None]  # fmt: skip
    return " · ".join(said) or None


def _money(amount: float) -> Decimal:
    """As the store rounds."""
    return round(Decimal(amount), 6)


_KEYED: Final = ("campaign", "ad_group", "ad", "creative")
