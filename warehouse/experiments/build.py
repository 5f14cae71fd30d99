"""Keeping an experiment's moments: added up whole once, then by the units whose outcomes or arms changed.

A refresh takes the units that changed out as they went in, by the same text, and puts them in anew: it costs what
arrived. What was chosen before the start says of what moments are (choices.py); where that is another thing than what
is kept, everything is added up anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import NotEnoughData
from warehouse.experiments.choices import Choices, choices_of, measured, with_caps, without_caps
from warehouse.experiments.moments import moments
from warehouse.experiments.sources import (
    Sources,
    after_changes,
    before_changes,
    drop_changes,
    everybody,
    take_changes,
)
from warehouse.experiments.totals import Layout, Total, as_rows, from_rows, pairs

VERSION: Final = 1  # grows when the same outcomes would make other moments
GROWN: Final = 2  # times the units that were there when caps were taken: then they are taken anew


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did. ``units`` were added up anew, None: all of them."""

    units: int | None


def refresh_moments(session: WriteSession, experiment_key: int) -> Refreshed:
    """Bring an experiment's moments up to date, in the caller's transaction.

    Another refresh of the same experiment is waited for. Raises :class:`NotEnoughData` where nothing was measured.
    """
    ask = Asking(session, experiment_key)
    # What is written meanwhile would be in the outcomes that are read and not in the changes, or the other way round.
    ask("LOCK TABLE core.assignment, core.unit_outcome, core.exposure IN SHARE MODE")
    build, choices = ask(_BUILD, version=VERSION).one_or_none(), choices_of(ask)
    metrics = measured(ask, build)
    if not metrics:
        raise NotEnoughData("Nothing was measured of this experiment.", remedy="Load its outcomes: causeway load FILE.")
    totals = choices.totals(metrics)
    if build is not None and _stands(ask, build, choices, metrics, totals):
        layout = Layout(
            metrics, from_rows(build.totals), tuple(build.centers), metrics[0], choices.clusters, choices.strata
        )
        return Refreshed(_add_up_changed(ask, layout, choices))
    _add_up_all(ask, metrics, totals, choices)
    return Refreshed(None)


def is_due(session: WriteSession, account_key: int) -> bool:
    """Whether outcomes or arms of the account's experiments changed, or people changed how one stands."""
    return bool(session.execute(text(_DUE), {"account": account_key}).scalar_one())


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks about one experiment, which statements call ``:experiment``."""

    session: WriteSession
    experiment_key: int

    def __call__(self, sql: str, **values: object) -> Any:
        return self.session.execute(text(sql), {"experiment": self.experiment_key, **values})


def _stands(ask: Asking, build: Any, choices: Choices, metrics: Sequence[str], totals: Sequence[Total]) -> bool:
    """Whether what is kept is of the same as what is asked for; caps stand until there are twice as many units."""
    kept = from_rows(build.totals)
    same = (build.counts, build.clusters, build.strata) == (choices.counts.value, choices.clusters, choices.strata)
    if not same or tuple(build.metrics) != tuple(metrics) or without_caps(kept) != tuple(totals):
        return False
    if all(total.winsorise is None for total in kept):
        return True
    return bool(ask(_UNITS).scalar_one() < GROWN * build.units)


def _add_up_all(ask: Asking, metrics: Sequence[str], totals: Sequence[Total], choices: Choices) -> None:
    for table in ("moment", "outcome_change", "assignment_change", "exposure_change", "moment_build"):
        ask(f"DELETE FROM core.{table} WHERE experiment_key = :experiment")
    capped = with_caps(ask, totals)
    layout = Layout(
        tuple(metrics), capped, _centers(ask, capped, choices), metrics[0], choices.clusters, choices.strata
    )
    _add(ask, layout, everybody(ask.experiment_key, choices.counts), 1)
    ask(
        _NOTE, version=VERSION, metrics=list(metrics), totals=json.dumps(as_rows(capped)), centers=list(layout.centers),
        counts=choices.counts.value, clusters=choices.clusters, strata=choices.strata,
    )  # fmt: skip


def _add_up_changed(ask: Asking, layout: Layout, choices: Choices) -> int:
    units, known = take_changes(ask, clusters=choices.clusters)
    if known:
        _add(ask, layout, before_changes(ask.experiment_key, choices.counts), -1)
    if units:
        _add(ask, layout, after_changes(ask.experiment_key, choices.counts), 1)
        ask("UPDATE core.moment_build SET built_at = now() WHERE experiment_key = :experiment")
    drop_changes(ask)
    return units


def _centers(ask: Asking, totals: Sequence[Total], choices: Choices) -> tuple[float, ...]:
    """Near enough to the middle of what is added up; any number would do."""
    means = {row.metric: (float(row.mean or 0), float(row.pre_mean or 0)) for row in ask(_MEANS)}
    size = float(ask(_CLUSTER_SIZE).scalar_one() or 1) if choices.clusters else 1.0
    found = []
    for total in totals:
        mean, before = means.get(total.outcome, (0.0, 0.0))
        usual = min(mean, mean if total.cap is None else total.cap)
        found.append({"value": usual, "before": before, "unknown": 0.0, "units": 1.0}[total.part] * size)
    return tuple(found)


def _add(ask: Asking, layout: Layout, sources: Sources, sign: int) -> None:
    """Add the moments of what stands in ``sources`` to those that are there, or take them off."""
    question, count = moments("postgres", sources, layout), len(layout.totals)
    ask(_ADD.format(
        known=_array("known", len(layout.metrics), sign), sums=_array("sum", count, sign),
        products=_array("product", len(pairs(count)), sign), sign=sign, moments=question.replace(":", r"\:"),
    ))  # fmt: skip


def _array(name: str, count: int, sign: int) -> str:
    return f"ARRAY[{', '.join(f'{sign} * q.{name}_{n + 1}' for n in range(count))}]"


_DUE = """
SELECT EXISTS (
    SELECT FROM core.experiment e WHERE e.account_key = :account AND (
        EXISTS (SELECT FROM core.outcome_change c WHERE c.experiment_key = e.experiment_key)
        OR EXISTS (SELECT FROM core.assignment_change c WHERE c.experiment_key = e.experiment_key)
        OR EXISTS (SELECT FROM core.exposure_change c WHERE c.experiment_key = e.experiment_key)
        OR EXISTS (
            SELECT FROM ops.audit a JOIN results.publication p ON p.job = 'experiments' AND p.account_key = :account
            WHERE a.subject = 'experiment:' || e.experiment_key AND a.at > p.published_at)))
"""

_BUILD = """
SELECT b.metrics, b.totals, b.centers, b.counts::text AS counts, b.clusters, b.strata, b.units
FROM core.moment_build b WHERE b.experiment_key = :experiment AND b.version = :version
"""
_UNITS = "SELECT count(*) FROM core.assignment a WHERE a.experiment_key = :experiment"

_MEANS = """
SELECT o.metric, (sum(o.value) / max(u.units))::float8 AS mean, avg(o.pre_value)::float8 AS pre_mean
FROM core.unit_outcome o
CROSS JOIN (SELECT greatest(count(*), 1) AS units FROM core.assignment WHERE experiment_key = :experiment) u
WHERE o.experiment_key = :experiment GROUP BY o.metric
"""
_CLUSTER_SIZE = """
SELECT count(*)::float8 / nullif(count(DISTINCT coalesce(a.cluster_digest::text, a.unit_key::text)), 0)
FROM core.assignment a WHERE a.experiment_key = :experiment
"""

_ADD = """
INSERT INTO core.moment (experiment_key, arm_key, cut, stratum, date, units, known, sums, products)
SELECT :experiment, q.arm_key, q.cut, q.stratum, q.date, {sign} * q.units, {known}, {sums}, {products}
FROM ({moments}) AS q
ON CONFLICT (experiment_key, arm_key, cut, stratum, date) DO UPDATE SET
    units = moment.units + excluded.units,
    known = ARRAY(SELECT a + b FROM unnest(moment.known, excluded.known) WITH ORDINALITY t (a, b, n) ORDER BY n),
    sums = ARRAY(SELECT a + b FROM unnest(moment.sums, excluded.sums) WITH ORDINALITY t (a, b, n) ORDER BY n),
    products = ARRAY(
        SELECT a + b FROM unnest(moment.products, excluded.products) WITH ORDINALITY t (a, b, n) ORDER BY n)
"""

_NOTE = """
INSERT INTO core.moment_build (experiment_key, version, metrics, totals, centers, counts, clusters, strata, units,
                               built_at)
SELECT :experiment, :version, CAST(:metrics AS text[]), CAST(:totals AS jsonb), CAST(:centers AS float8[]),
       CAST(:counts AS core.counted), :clusters, :strata,
       (SELECT count(*) FROM core.assignment a WHERE a.experiment_key = :experiment), now()
"""
