"""Keeping an experiment's moments: added up whole once, then by the units whose outcomes or arms changed.

What changed stands in the logs of changes, as it was when the moments were last brought up to date. So the moments of
the units concerned can be taken out as they went in, and put in anew: a refresh costs what arrived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import NotEnoughData
from warehouse.experiments.moments import MOST_METRICS, moments, pairs

VERSION: Final = 1  # grows when the same outcomes would make other moments


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did. ``units`` were added up anew, None: all of them."""

    units: int | None


def refresh_moments(session: WriteSession, experiment_key: int) -> Refreshed:
    """Bring an experiment's moments up to date, in the caller's transaction.

    Another refresh of the same experiment is waited for. Raises :class:`NotEnoughData` where nothing was measured.
    """
    ask = _Asking(session, experiment_key)
    # What is written meanwhile would be in the outcomes that are read and not in the changes, or the other way round.
    ask("LOCK TABLE core.assignment, core.unit_outcome IN SHARE MODE")
    build = ask(_BUILD).one_or_none()
    standing = build is not None and build.version == VERSION
    metrics = tuple(ask(_METRICS.format(measured=_KNOWN if standing else _MEASURED)).scalars())[:MOST_METRICS]
    if not metrics:
        raise NotEnoughData("Nothing was measured of this experiment.", remedy="Load its outcomes: causeway load FILE.")
    if standing and tuple(build.metrics) == metrics:
        return Refreshed(_add_up_changed(ask, metrics, build.centers))
    _add_up_all(ask, metrics)
    return Refreshed(None)


def is_due(session: WriteSession, account_key: int) -> bool:
    """Whether outcomes or arms of the account's experiments changed, or people changed how one stands."""
    return bool(session.execute(text(_DUE), {"account": account_key}).scalar_one())


@dataclass(frozen=True, slots=True)
class _Asking:
    session: WriteSession
    experiment_key: int

    def __call__(self, sql: str, **values: object) -> Any:
        return self.session.execute(text(sql), {"experiment": self.experiment_key, **values})

    def run(self, sql: str) -> int:
        """A statement in which a colon is a colon, except of :experiment."""
        written = sql.replace(":", r"\:").replace(r"\:experiment", ":experiment")
        count: int = self(written).rowcount
        return count


def _add_up_all(ask: _Asking, metrics: Sequence[str]) -> None:
    for table in ("moment", "outcome_change", "assignment_change", "moment_build"):
        ask(f"DELETE FROM core.{table} WHERE experiment_key = :experiment")
    means = {row.metric: (row.mean, row.pre_mean) for row in ask(_MEANS)}
    centers = [float(means[metric][place] or 0) for place in (0, 1) for metric in metrics]
    sources = {"assignment": _ASSIGNMENT, "outcome": _OUTCOME}
    _add(ask, metrics, centers, sources, 1)
    ask(_NOTE, version=VERSION, metrics=list(metrics), centers=centers)


def _add_up_changed(ask: _Asking, metrics: Sequence[str], centers: Sequence[float]) -> int:
    for statement in _TAKE_CHANGES:
        ask(statement)
    units, known = ask(_CONCERNED).one()
    if known:
        _add(ask, metrics, centers, {"assignment": _ASSIGNMENT_THEN, "outcome": _OUTCOME_THEN}, -1)
    if units:
        _add(ask, metrics, centers, {"assignment": "SELECT * FROM assignment_now", "outcome": _OUTCOME_NOW}, 1)
        ask("UPDATE core.moment_build SET built_at = now() WHERE experiment_key = :experiment")
    ask("DROP TABLE changed_unit, outcome_then, assignment_then, outcome_now, assignment_now")
    return int(units)


def _add(ask: _Asking, metrics: Sequence[str], centers: Sequence[float], sources: Mapping[str, str], sign: int) -> None:
    """Add the moments of what stands in ``sources`` to those that are there, or take them off."""
    experiment = str(ask.experiment_key)
    placed = {name: f"({query.replace(':experiment', experiment)})" for name, query in sources.items()}
    question = moments("postgres", placed, metrics, centers, metrics[0])
    count = len(metrics)
    ask(_ADD.format(
        known=_array("known", count, sign), sums=_array("sum", 2 * count, sign),
        products=_array("product", len(pairs(count)), sign), sign=sign, moments=question.replace(":", r"\:"),
    ))  # fmt: skip


def _array(name: str, count: int, sign: int) -> str:
    return f"ARRAY[{', '.join(f'{sign} * q.{name}_{n + 1}' for n in range(count))}]"


_DUE = """
SELECT EXISTS (
    SELECT FROM core.experiment e WHERE e.account_key = :account AND (
        EXISTS (SELECT FROM core.outcome_change c WHERE c.experiment_key = e.experiment_key)
        OR EXISTS (SELECT FROM core.assignment_change c WHERE c.experiment_key = e.experiment_key)
        OR EXISTS (
            SELECT FROM ops.audit a JOIN results.publication p ON p.job = 'experiments' AND p.account_key = :account
            WHERE a.subject = 'experiment:' || e.experiment_key AND a.at > p.published_at)))
"""

_BUILD = "SELECT version, metrics, centers FROM core.moment_build WHERE experiment_key = :experiment"
_MEASURED = "SELECT DISTINCT o.metric FROM core.unit_outcome o WHERE o.experiment_key = :experiment"
_KNOWN = """
SELECT unnest(b.metrics) AS metric FROM core.moment_build b WHERE b.experiment_key = :experiment
UNION SELECT c.metric FROM core.outcome_change c WHERE c.experiment_key = :experiment
"""
# The primary ones first, then as they are registered, those that nobody registered last.
_METRICS = """
SELECT k.metric FROM ({measured}) k
LEFT JOIN core.experiment_metric m ON m.experiment_key = :experiment AND m.metric = k.metric
ORDER BY m.role NULLS LAST, k.metric
"""

# Near enough to the middle of what is added up; any number would do.
_MEANS = """
SELECT o.metric, (sum(o.value) / max(u.units))::float8 AS mean, avg(o.pre_value)::float8 AS pre_mean
FROM core.unit_outcome o
CROSS JOIN (SELECT greatest(count(*), 1) AS units FROM core.assignment WHERE experiment_key = :experiment) u
WHERE o.experiment_key = :experiment GROUP BY o.metric
"""

# Who came in at a time that nobody says came in before everybody else.
_DATE: Final = "COALESCE(CAST(a.at AT TIME ZONE 'UTC' AS DATE), DATE '1970-01-01') AS date"
_ASSIGNMENT: Final = (
    f"SELECT a.unit_key, a.arm_key, {_DATE} FROM core.assignment AS a WHERE a.experiment_key = :experiment"
)
_OUTCOME: Final = """
SELECT a.unit_key, a.metric, a.date, a.value, a.pre_value FROM core.unit_outcome AS a
WHERE a.experiment_key = :experiment
"""
_OUTCOME_NOW: Final = "SELECT a.unit_key, a.metric, a.date, a.value, a.pre_value FROM outcome_now AS a"
_ASSIGNMENT_THEN: Final = f"""
SELECT a.unit_key, a.arm_key, a.date FROM assignment_now AS a WHERE NOT EXISTS (
    SELECT 1 FROM assignment_then AS t WHERE t.unit_key = a.unit_key AND t.arm_key = a.arm_key)
UNION ALL
SELECT a.unit_key, a.arm_key, {_DATE} FROM assignment_then AS a WHERE a.existed
"""
_OUTCOME_THEN: Final = f"""
{_OUTCOME_NOW} WHERE NOT EXISTS (
    SELECT 1 FROM outcome_then AS t
    WHERE t.unit_key = a.unit_key AND t.metric = a.metric AND t.date IS NOT DISTINCT FROM a.date)
UNION ALL
SELECT a.unit_key, a.metric, a.date, a.value, a.pre_value FROM outcome_then AS a WHERE a.existed
"""
# How many units changed, and how many rows there are to take out before: units that are new were nowhere.
_CONCERNED: Final = f"""
SELECT (SELECT count(*) FROM changed_unit) AS units, (SELECT count(*) FROM ({_ASSIGNMENT_THEN}) AS t) AS known
"""

# Of several changes the first says what was added up.
_TAKE_CHANGES: Final = (
    """
CREATE TEMPORARY TABLE outcome_then ON COMMIT DROP AS
SELECT DISTINCT ON (unit_key, metric, date) unit_key, metric, date, value, pre_value, existed
FROM core.outcome_change WHERE experiment_key = :experiment ORDER BY unit_key, metric, date, change_key
""",
    """
CREATE TEMPORARY TABLE assignment_then ON COMMIT DROP AS
SELECT DISTINCT ON (unit_key, arm_key) unit_key, arm_key, at, existed
FROM core.assignment_change WHERE experiment_key = :experiment ORDER BY unit_key, arm_key, change_key
""",
    """
CREATE TEMPORARY TABLE changed_unit ON COMMIT DROP AS
SELECT unit_key FROM outcome_then UNION SELECT unit_key FROM assignment_then
""",
    "ANALYZE changed_unit",
    f"""
CREATE TEMPORARY TABLE outcome_now ON COMMIT DROP AS {_OUTCOME} AND a.unit_key IN (SELECT unit_key FROM changed_unit)
""",
    f"""
CREATE TEMPORARY TABLE assignment_now ON COMMIT DROP AS
{_ASSIGNMENT} AND a.unit_key IN (SELECT unit_key FROM changed_unit)
""",
    "ANALYZE outcome_then, assignment_then, outcome_now, assignment_now",
    "DELETE FROM core.outcome_change WHERE experiment_key = :experiment",
    "DELETE FROM core.assignment_change WHERE experiment_key = :experiment",
)

_ADD = """
INSERT INTO core.moment (experiment_key, arm_key, cut, date, units, known, sums, products)
SELECT :experiment, q.arm_key, q.cut, q.date, {sign} * q.units, {known}, {sums}, {products} FROM ({moments}) AS q
ON CONFLICT (experiment_key, arm_key, cut, date) DO UPDATE SET
    units = moment.units + excluded.units,
    known = ARRAY(SELECT a + b FROM unnest(moment.known, excluded.known) WITH ORDINALITY t (a, b, n) ORDER BY n),
    sums = ARRAY(SELECT a + b FROM unnest(moment.sums, excluded.sums) WITH ORDINALITY t (a, b, n) ORDER BY n),
    products = ARRAY(
        SELECT a + b FROM unnest(moment.products, excluded.products) WITH ORDINALITY t (a, b, n) ORDER BY n)
"""

_NOTE = """
INSERT INTO core.moment_build (experiment_key, version, metrics, centers, built_at)
VALUES (:experiment, :version, CAST(:metrics AS text[]), CAST(:centers AS float8[]), now())
"""
