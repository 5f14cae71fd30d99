"""What attribution runs found, as readers see it: one published run per advertiser, and the runs before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, get_args

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import BadFilter, NotFound
from warehouse.filters import Filter
from warehouse.schema.commerce import ConversionKind

Grain = Literal["channel", "campaign", "ad_group", "ad", "creative", "device", "region", "customer"]
Dated = Literal["conversion", "touch"]
GRAINS: Final[tuple[Grain, ...]] = get_args(Grain)
MOST_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True)
class AttributionRun:
    """What a run is about, for one kind of conversion.

    ``untouched`` conversions came after no known touch and are credited to nobody; ``capped`` journeys are as long as a
    path can be. ``total`` is incremental, with its interval, ``baseline`` what would have come anyway; None without
    experiments. ``has_paths`` is whether its path counts are kept, so that it can be compared and asked otherwise.
    """

    run_key: int
    advertiser_key: int
    advertiser: str
    goal: ConversionKind
    first_day: dt.date
    last_day: dt.date
    currency: str
    lookback_days: int
    built_at: dt.datetime
    level: float
    markov_order: int
    conversions: int
    untouched: int
    null_paths: int
    capped: int
    value: Decimal | None
    total: float | None
    total_low: float | None
    total_high: float | None
    words: str
    models: tuple[str, ...]
    parameters: Mapping[str, Any]
    finished_at: dt.datetime | None
    is_published: bool
    has_paths: bool

    @property
    def baseline(self) -> float | None:
        """Conversions that would have come without any channel."""
        return None if self.total is None else self.conversions - self.total


@dataclass(frozen=True, slots=True)
class CreditRow:
    """One row of ``mart.attribution``: what a model credits to a channel, or to a part of it.

    ``item`` is the part's name, None where the touches tell nothing. ``cost`` is the spend of the same days, None where
    none is known. Only where ``is_incremental`` conversions are those that the channel caused.
    """

    model: str
    channel: str
    item_key: int | None
    item: str | None
    is_incremental: bool
    conversions: float
    low: float | None
    high: float | None
    value: Decimal
    value_low: Decimal | None
    value_high: Decimal | None
    removal_effect: float | None
    cost: Decimal | None
    cpa: Decimal | None
    roas: Decimal | None


@dataclass(frozen=True, slots=True)
class CreditDay:
    """One row of ``mart.attribution_daily``."""

    date: dt.date
    channel: str
    conversions: float
    value: Decimal


@dataclass(frozen=True, slots=True)
class CreditedPath:
    """A path with its journeys, and what one model gives to the channels on it."""

    channels: tuple[str, ...]
    conversions: int
    new_customers: int
    value: Decimal
    null_paths: int
    credit: Mapping[str, float]

    @property
    def conversion_share(self) -> float:
        """The share of the journeys along this path that led to a conversion."""
        return self.conversions / (self.conversions + self.null_paths)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One row of ``mart.attribution_agreement``. ``kind`` is model, experiment, sampling, consent or lookback."""

    model: str
    kind: str
    other: str
    channel: str | None
    distance: float | None
    rank_correlation: float | None
    credited: float | None
    lift: float | None
    se: float | None
    errors: float | None
    agrees: bool | None


def published_attribution(session: ReadSession, filter_: Filter) -> list[AttributionRun]:
    """What readers see: of every advertiser of the filter's accounts its published run, one entry per goal.

    Orders first, and the advertiser with the most conversions.
    """
    narrowed = "q.run_key IS NOT NULL"
    values: dict[str, Any] = {}
    if filter_.accounts:
        narrowed += (
            " AND r.advertiser_key IN (SELECT a.advertiser_key FROM core.account a WHERE a.account_key = ANY (:k))"
        )
        values["k"] = list(filter_.accounts)
    return _runs(session, f"WHERE {narrowed} ORDER BY r.goal, r.conversions DESC", values)


def attribution_runs(
    session: ReadSession, *, advertiser_key: int | None = None, goal: ConversionKind | None = None, limit: int = 50
) -> list[AttributionRun]:
    """Finished runs, newest first, one entry per goal; of one advertiser or goal, or of all."""
    narrowed = """WHERE (CAST(:advertiser AS int) IS NULL OR r.advertiser_key = :advertiser)
        AND (CAST(:goal AS text) IS NULL OR r.goal::text = :goal)
        ORDER BY r.run_key DESC, r.goal LIMIT :limit"""
    given = {"advertiser": advertiser_key, "goal": None if goal is None else goal.value, "limit": min(limit, MOST_ROWS)}
    return _runs(session, narrowed, given)


def attribution_run(session: ReadSession, run_key: int, goal: ConversionKind) -> AttributionRun:
    """One run. Raises :class:`NotFound`, also when the reader may not see it."""
    narrowed = "WHERE r.run_key = :run AND r.goal = CAST(:goal AS core.conversion_kind)"
    found = _runs(session, narrowed, {"run": run_key, "goal": goal.value})
    if not found:
        raise NotFound(
            f"There is no attribution of {goal}s in run {run_key}.", remedy="`causeway runs` lists the runs."
        )
    return found[0]


def credited(
    session: ReadSession, run: AttributionRun, *, grain: Grain = "channel", models: Collection[str] = ()
) -> list[CreditRow]:
    """Credits of a published run at one grain, by every model or some, the largest first.

    Raises :class:`BadFilter` for a grain that does not exist.
    """
    if grain not in GRAINS:
        raise BadFilter(f"grain == {grain!r}, must be one of {', '.join(GRAINS)}.")
    given = {**_key(run), "grain": grain, "models": list(models) or list(run.models), "limit": MOST_ROWS}
    return [CreditRow(*row) for row in session.execute(text(_CREDITS), given)]


def credit_days(
    session: ReadSession, run: AttributionRun, model: str, *, dated: Dated = "conversion"
) -> list[CreditDay]:
    """Credits of a published run by day and channel, in order."""
    given = {**_key(run), "model": model, "dated": dated}
    return [CreditDay(*row) for row in session.execute(text(_DAYS), given)]


def credited_paths(session: ReadSession, run: AttributionRun, model: str, *, limit: int = 100) -> list[CreditedPath]:
    """The paths with the most conversions of a run, with what a model gives on them."""
    given = {**_key(run), "model": model, "limit": min(limit, MOST_ROWS)}
    return [
        CreditedPath(
            tuple(row.channels), row.conversions, row.new_customers, row.value, row.null_paths, row.credit or {}
        )
        for row in session.execute(text(_PATHS), given)
    ]


def agreement(session: ReadSession, run: AttributionRun, *, kinds: Sequence[str] = ()) -> list[Agreement]:
    """How far the models of a published run can be believed; every kind of comparison or some."""
    given = {**_key(run), "kinds": list(kinds) or ["model", "experiment", "sampling", "lookback", "consent"]}
    return [Agreement(*row) for row in session.execute(text(_AGREEMENT), given)]


def _runs(session: ReadSession, narrowed: str, given: dict[str, Any]) -> list[AttributionRun]:
    return [
        AttributionRun(
            row.run_key, row.advertiser_key, row.advertiser, ConversionKind(row.goal), row.first_day, row.last_day,
            row.currency, row.lookback_days, row.built_at, float(row.level), row.markov_order, row.conversions,
            row.untouched, row.null_paths, row.capped, row.value, row.total, row.total_low, row.total_high, row.words,
            tuple(row.models), row.parameters, row.finished_at, row.is_published, row.has_paths,
        )
        for row in session.execute(text(_RUNS.format(narrowed=narrowed)), given)
    ]  # fmt: skip


def _key(run: AttributionRun) -> dict[str, Any]:
    return {"run": run.run_key, "goal": run.goal.value}


_RUNS = """
WITH followed AS (
    SELECT DISTINCT ON (a.advertiser_key) a.advertiser_key, p.run_key
    FROM results.publication p JOIN core.account a ON a.account_key = p.account_key
    WHERE p.job = 'attribution' ORDER BY a.advertiser_key, p.published_at DESC)
SELECT r.run_key, r.advertiser_key, v.name AS advertiser, r.goal::text AS goal, r.first_day, r.last_day, r.currency,
       r.lookback_days, r.built_at, r.level, r.markov_order, r.conversions, r.untouched,
       r.null_paths, r.capped, r.value, r.total, r.total_low, r.total_high, r.words,
       ARRAY(SELECT t.model FROM results.attribution t WHERE t.run_key = r.run_key AND t.goal = r.goal
             GROUP BY t.model ORDER BY min(t.place)) AS models,
       x.parameters, x.finished_at, q.run_key IS NOT NULL AS is_published,
       EXISTS (SELECT FROM results.attribution_input i WHERE i.run_key = r.run_key AND i.goal = r.goal) AS has_paths
FROM results.attribution_result r
JOIN results.run x ON x.run_key = r.run_key AND x.state = 'done'
JOIN core.advertiser v ON v.advertiser_key = r.advertiser_key
LEFT JOIN followed q ON q.run_key = r.run_key
{narrowed}
"""

_CREDITS = """
SELECT t.model, t.channel, t.item_key, t.item, t.is_incremental, t.conversions, t.low, t.high, t.value, t.value_low,
       t.value_high, t.removal_effect, t.cost, t.cpa, t.roas
FROM mart.attribution t
WHERE t.run_key = :run AND t.goal = :goal AND t.grain = :grain AND t.model = ANY (:models)
ORDER BY array_position(CAST(:models AS text[]), t.model), t.conversions DESC, t.channel, t.item LIMIT :limit
"""

_DAYS = """
SELECT t.date_day, t.channel, t.conversions, t.value FROM mart.attribution_daily t
WHERE t.run_key = :run AND t.goal = :goal AND t.model = :model AND t.dated = :dated
ORDER BY t.date_day, t.channel
"""

_PATHS = """
SELECT t.channels, t.conversions, t.new_customers, t.value, t.null_paths, t.credit -> :model AS credit
FROM results.attribution_path t WHERE t.run_key = :run AND t.goal = CAST(:goal AS core.conversion_kind)
ORDER BY t.rank LIMIT :limit
"""

_AGREEMENT = """
SELECT t.model, t.kind, t.other, t.channel, t.distance, t.rank_correlation, t.credited, t.lift, t.se, t.errors, t.agrees
FROM mart.attribution_agreement t
WHERE t.run_key = :run AND t.goal = :goal AND t.kind = ANY (:kinds)
ORDER BY t.kind, t.model, t.other
"""
