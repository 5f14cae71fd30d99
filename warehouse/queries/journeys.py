"""What journeys tell: their totals, the paths gone most, how long they are, how long they take, and their steps.

A path's conversions are those that its touches came before. Nothing here says that a touch caused one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.filters import Filter
from warehouse.queries.amounts import RATES, refuse_missing_rates
from warehouse.queries.scope import Choice
from warehouse.schema.commerce import ConversionKind

MOST_PATHS = 500
FEWEST_STEPS, MOST_STEPS = 2, 6

# Hours at which the classes of the time to convert end; the last class has no end.
HOURS = (1, 6, 24, 72, 168, 336, 720)


@dataclass(frozen=True, slots=True)
class JourneyState:
    """What there is to be asked about.

    ``goals`` are the kinds of conversions that have journeys, those of orders first; ``channels`` are those of paths,
    ``currencies`` those of the accounts whose conversions they are.
    ``is_loaded`` says whether there are touchpoints or conversions at all, ``waiting`` of how many customers the latest
    changes are not built in yet, ``hidden`` how many advertisers have accounts that the reader sees, and others that
    the reader does not.
    """

    goals: tuple[ConversionKind, ...]
    lookback_days: int | None
    touches: tuple[str, ...]
    channels: tuple[Choice, ...]
    currencies: tuple[str, ...]
    built_at: dt.datetime | None
    first_day: dt.date | None
    last_day: dt.date | None
    is_loaded: bool
    waiting: int
    hidden: int

    def with_currency(self, filter_: Filter, usual: str) -> Filter:
        """The filter with its currency settled: stated, else what the conversions share, else the ``usual`` one."""
        return replace(
            filter_, currency=filter_.currency or (self.currencies[0] if len(self.currencies) == 1 else usual)
        )


@dataclass(frozen=True, slots=True)
class JourneyTotals:
    """Journeys of a period. ``touched`` conversions have a known touch, ``several`` touches of several channels.

    ``nobodys`` are conversions on top of ``conversions``, of whom nobody is known. ``seconds`` is from the first touch
    to the conversion, on average over the touched.
    """

    conversions: int
    touched: int
    several: int
    new_customers: int
    value: Decimal | None
    touches: int
    seconds: float | None
    null_paths: int
    nobodys: int


@dataclass(frozen=True, slots=True)
class Path:
    """A path with its journeys. ``value`` is None where no conversion's is known; ``seconds`` as in the totals."""

    channels: tuple[str, ...]
    conversions: int
    new_customers: int
    value: Decimal | None
    seconds: float | None
    null_paths: int

    @property
    def conversion_share(self) -> float:
        """The share of the journeys along this path that led to a conversion."""
        return self.conversions / (self.conversions + self.null_paths)


@dataclass(frozen=True, slots=True)
class PathLength:
    """Journeys of so many touches; those of paths as long as a path can be, of that many or more."""

    touches: int
    conversions: int
    null_paths: int


@dataclass(frozen=True, slots=True)
class TimeClass:
    """Conversions whose first touch lay between ``from_hours`` and ``to_hours`` (None: without end) before them."""

    from_hours: int
    to_hours: int | None
    conversions: int


@dataclass(frozen=True, slots=True)
class StepFlow:
    """Conversions whose journey went from the ``position``-th channel to the next; repetitions count once.

    ``target`` is None where the conversion came next, and empty where steps follow that are not told apart.
    """

    position: int
    source: str
    target: str | None
    conversions: int


def journey_state(session: ReadSession, filter_: Filter) -> JourneyState:
    """What the reader can ask about journeys of the filter's accounts, whatever its period."""
    where, values = _accounts(filter_)
    row = session.execute(text(_STATE.format(where=where)), values).one()
    return JourneyState(
        goals=tuple(ConversionKind(kind) for kind in row.goals or ()),
        lookback_days=row.lookback_days,
        touches=tuple(row.touches or ()),
        channels=tuple(Choice(key, name) for key, name in zip(row.channels or (), row.names or (), strict=True)),
        currencies=tuple(row.currencies or ()),
        built_at=row.built_at,
        first_day=row.first_day,
        last_day=row.last_day,
        is_loaded=row.is_loaded,
        waiting=row.waiting,
        hidden=row.hidden,
    )


def journey_totals(
    session: ReadSession, filter_: Filter, goal: ConversionKind
) -> tuple[JourneyTotals, JourneyTotals | None]:
    """Totals of the period and of the compared one. Raises :class:`~warehouse.errors.MissingRate`."""
    where, values = _paths(filter_, goal)
    sql = _TOTALS.format(rates=RATES, where=where, accounts=_accounts(filter_, "c")[0])
    rows = session.execute(text(sql), values).all()
    refuse_missing_rates(rows, filter_)
    found = {row.is_current: row for row in rows}
    return _totals_of(found[True]), _totals_of(found[False]) if filter_.compared else None


def top_paths(session: ReadSession, filter_: Filter, goal: ConversionKind, *, limit: int = 100) -> list[Path]:
    """The paths with the most conversions, then with the most null paths; at most :data:`MOST_PATHS`.

    Conversions without a known touch have no path. Raises :class:`~warehouse.errors.MissingRate`.
    """
    where, values = _paths(filter_, goal)
    sql = _TOP.format(rates=RATES, where=where)
    rows = session.execute(text(sql), {**values, "limit": min(limit, MOST_PATHS)}).all()
    refuse_missing_rates(rows, filter_)
    names = _channels(session)
    return [
        Path(tuple(names[step] for step in row.path), row.conversions, row.new_customers, row.value, row.seconds,
             row.null_paths)
        for row in rows
    ]  # fmt: skip


def path_lengths(session: ReadSession, filter_: Filter, goal: ConversionKind) -> list[PathLength]:
    """Journeys by their number of touches, in order; a conversion without a known touch has none."""
    where, values = _paths(filter_, goal)
    return [PathLength(*row) for row in session.execute(text(_LENGTHS.format(where=where)), values)]


def time_to_convert(session: ReadSession, filter_: Filter, goal: ConversionKind) -> list[TimeClass]:
    """Conversions by the time from their first known touch, every class in order; empty without any."""
    where, values = _paths(filter_, goal)
    rows = session.execute(text(_TIMES.format(where=where)), {**values, "hours": list(HOURS)})
    found = {int(row.place): int(row.conversions) for row in rows}
    if not found:
        return []
    ends = (0, *HOURS, None)
    return [TimeClass(begin or 0, end, found.get(place, 0)) for place, (begin, end) in enumerate(pairwise(ends))]


def step_flows(session: ReadSession, filter_: Filter, goal: ConversionKind, *, steps: int = 4) -> list[StepFlow]:
    """How converting journeys went on from each of their first ``steps`` channels, the largest flows first."""
    where, values = _paths(filter_, goal)
    steps = min(max(steps, FEWEST_STEPS), MOST_STEPS)
    rows = session.execute(text(_FLOWS.format(where=where)), {**values, "steps": steps}).all()
    names = {**_channels(session), "": ""}
    return [
        StepFlow(row.position, names[row.source], None if row.target is None else names[row.target], row.conversions)
        for row in rows
    ]


def _totals_of(row: Any) -> JourneyTotals:
    return JourneyTotals(
        row.conversions, row.touched, row.several, row.new_customers, row.value, row.touches, row.seconds,
        row.null_paths, row.nobodys,
    )  # fmt: skip


def _channels(session: ReadSession) -> dict[str, str]:
    """The channel that each character stands for."""
    found = session.execute(text("SELECT DISTINCT step, channel FROM core.journey_step"))
    return {row.step: row.channel for row in found}


def _accounts(filter_: Filter, alias: str = "a") -> tuple[str, dict[str, Any]]:
    """The condition that a filter means for accounts."""
    if not filter_.accounts:
        return "true", {}
    return f"{alias}.account_key = ANY (:accounts)", {"accounts": list(filter_.accounts)}


def _paths(filter_: Filter, goal: ConversionKind) -> tuple[str, dict[str, Any]]:
    """The condition that a filter means for journeys (p), and the values of every question.

    Journeys belong to an advertiser: accounts narrow to their advertisers. Channels narrow to the journeys that any of
    them is part of. What a journey does not tell of (platform, campaign type, campaign) narrows nothing.
    """
    compared = filter_.compared or (filter_.start, filter_.start - dt.timedelta(days=1))
    conditions = ["p.kind = CAST(:goal AS core.conversion_kind)"]
    values: dict[str, Any] = {
        "goal": goal.value, "start": filter_.start, "end": filter_.end, "before_start": compared[0],
        "before_end": compared[1], "currency": filter_.currency,
    }  # fmt: skip
    if filter_.accounts:
        conditions.append(
            "p.advertiser_key IN (SELECT a.advertiser_key FROM core.account a WHERE a.account_key = ANY (:accounts))"
        )
        values["accounts"] = list(filter_.accounts)
    if filter_.channels:
        conditions.append("EXISTS (SELECT FROM core.journey_step s WHERE s.channel = ANY (:channels) "
                          "AND s.advertiser_key = p.advertiser_key AND strpos(p.path, s.step) > 0)")  # fmt: skip
        values["channels"] = list(filter_.channels)
    return " AND ".join(conditions), values


_STATE = """
WITH mine AS (
    SELECT DISTINCT a.advertiser_key FROM core.account a
    JOIN core.advertiser v ON v.advertiser_key = a.advertiser_key WHERE {where}),
build AS (SELECT b.* FROM core.journey_build b JOIN mine USING (advertiser_key)),
span AS (
    SELECT min(s.first_day) AS first_day, max(s.last_day) AS last_day
    FROM build b CROSS JOIN unnest(b.goals) AS g (kind)
    CROSS JOIN LATERAL (
        SELECT min(p.date) AS first_day, max(p.date) AS last_day FROM core.journey p
        WHERE p.advertiser_key = b.advertiser_key AND p.kind = g.kind) s),
channel AS (
    SELECT array_agg(s.channel ORDER BY s.name) AS channels, array_agg(s.name ORDER BY s.name) AS names
    FROM (SELECT DISTINCT t.channel, coalesce(c.name, t.channel) AS name
          FROM core.journey_step t JOIN mine USING (advertiser_key)
          LEFT JOIN core.channel c ON c.channel = t.channel) s)
SELECT (SELECT array_agg(k::text ORDER BY k) FROM (SELECT DISTINCT unnest(goals) AS k FROM build) x) AS goals,
       (SELECT max(lookback_days) FROM build) AS lookback_days,
       (SELECT array_agg(t::text ORDER BY t) FROM (SELECT DISTINCT unnest(touches) AS t FROM build) x) AS touches,
       channel.channels, channel.names,
       (SELECT array_agg(DISTINCT a.currency) FROM core.account a JOIN mine USING (advertiser_key)
        WHERE EXISTS (SELECT FROM core.conversion c WHERE c.account_key = a.account_key)) AS currencies,
       (SELECT max(built_at) FROM build) AS built_at, span.first_day, span.last_day,
       EXISTS (SELECT FROM core.touchpoint) OR EXISTS (SELECT FROM core.conversion) AS is_loaded,
       (SELECT count(DISTINCT t.customer_key) FROM core.touched_customer t JOIN mine USING (advertiser_key)) AS waiting,
       (SELECT count(*) FROM (
            SELECT FROM core.account a WHERE {where} GROUP BY a.advertiser_key
            HAVING a.advertiser_key NOT IN (SELECT v.advertiser_key FROM core.advertiser v)) x) AS hidden
FROM span CROSS JOIN channel
"""

_MISSING = "p.value IS NOT NULL AND p.currency <> :currency AND fx.rate IS NULL"
_SUMS = f"""
    count(*) FILTER (WHERE p.ending > 0) AS conversions,
    count(*) FILTER (WHERE p.is_new_customer) AS new_customers,
    sum(CASE WHEN p.currency = :currency THEN p.value ELSE p.value * fx.rate END) AS value,
    (avg(extract(epoch FROM p.ended_at - p.began_at)) FILTER (WHERE p.ending > 0))::float8 AS seconds,
    count(*) FILTER (WHERE p.ending < 0) AS null_paths,
    min(p.date) FILTER (WHERE {_MISSING}) AS rate_missing_from,
    max(p.date) FILTER (WHERE {_MISSING}) AS rate_missing_to,
    min(p.currency) FILTER (WHERE {_MISSING}) AS rate_missing_currency
"""

_TOTALS = f"""
WITH fx AS ({{rates}}),
nobody AS (
    SELECT d.date >= :start AS is_current, count(*) AS conversions
    FROM core.conversion c JOIN core.account a ON a.account_key = c.account_key
    CROSS JOIN LATERAL (SELECT (c.at AT TIME ZONE a.time_zone)::date) AS d (date)
    WHERE c.customer_key IS NULL AND c.counts AND c.kind = CAST(:goal AS core.conversion_kind) AND {{accounts}}
      AND c.at >= CAST(least(:start, :before_start) AS date) - 2 AND c.at < CAST(:end AS date) + 2
      AND (d.date BETWEEN :start AND :end OR d.date BETWEEN :before_start AND :before_end)
    GROUP BY 1)
SELECT w.is_current, {_SUMS},
       count(*) FILTER (WHERE p.ending > 0 AND p.touches > 0) AS touched,
       count(*) FILTER (WHERE p.ending > 0 AND p.touches > 1 AND p.path !~ '^(.)\\1*$') AS several,
       coalesce(sum(p.touches) FILTER (WHERE p.ending > 0), 0) AS touches,
       coalesce(min(n.conversions), 0) AS nobodys
FROM (VALUES (true, CAST(:start AS date), CAST(:end AS date)),
             (false, CAST(:before_start AS date), CAST(:before_end AS date))) AS w (is_current, first_day, last_day)
LEFT JOIN core.journey p ON p.date BETWEEN w.first_day AND w.last_day AND {{where}}
LEFT JOIN fx ON fx.currency = p.currency AND fx.date = p.date
LEFT JOIN nobody n ON n.is_current = w.is_current
GROUP BY w.is_current
"""

_TOP = f"""
WITH fx AS ({{rates}})
SELECT p.path, {_SUMS}
FROM core.journey p LEFT JOIN fx ON fx.currency = p.currency AND fx.date = p.date
WHERE p.touches > 0 AND p.date BETWEEN :start AND :end AND {{where}}
GROUP BY p.path
ORDER BY conversions DESC, null_paths DESC, p.path LIMIT :limit
"""

_LENGTHS = """
SELECT length(p.path) AS touches, count(*) FILTER (WHERE p.ending > 0), count(*) FILTER (WHERE p.ending < 0)
FROM core.journey p WHERE p.date BETWEEN :start AND :end AND {where}
GROUP BY length(p.path) ORDER BY length(p.path)
"""

_TIMES = """
SELECT width_bucket(extract(epoch FROM p.ended_at - p.began_at) / 3600, CAST(:hours AS numeric[])) AS place,
       count(*) AS conversions
FROM core.journey p
WHERE p.ending > 0 AND p.began_at IS NOT NULL AND p.date BETWEEN :start AND :end AND {where}
GROUP BY 1
"""

_FLOWS = """
WITH gone AS (
    SELECT regexp_replace(p.path, '(.)\\1+', '\\1', 'g') AS path, count(*) AS conversions
    FROM core.journey p WHERE p.ending > 0 AND p.touches > 0 AND p.date BETWEEN :start AND :end AND {where}
    GROUP BY 1)
SELECT i AS position, substr(g.path, i, 1) AS source,
       CASE WHEN i = length(g.path) THEN NULL WHEN i = :steps THEN '' ELSE substr(g.path, i + 1, 1) END AS target,
       sum(g.conversions)::bigint AS conversions
FROM gone g CROSS JOIN LATERAL generate_series(1, least(length(g.path), :steps)) AS i
GROUP BY 1, 2, 3 ORDER BY conversions DESC, 1, 2, 3
"""
