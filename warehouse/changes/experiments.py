"""The registry of experiments: definitions entered and changed, and where each experiment stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.errors import Conflict, NotFound
from warehouse.ingest.store.definition_cells import BadDefinition
from warehouse.ingest.store.definitions import Definition
from warehouse.ingest.store.metric_definitions import Metric
from warehouse.ingest.texts import as_json
from warehouse.schema.experiments import ExperimentStatus

Became = Literal["fresh", "changed", "known"]

BY_HAND: Final = 0  # in place of a load


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an experiment stands. ``units``: whether any unit is known."""

    experiment_key: int
    account_key: int
    experiment_id: str
    status: ExperimentStatus
    starts_at: dt.datetime | None
    stops_at: dt.datetime | None
    decision: str | None
    units: bool


def enter(session: WriteSession, account_key: int, definition: Definition, load_key: int, today: dt.date) -> Became:
    """Register an experiment, or change it as a whole to what the definition says.

    Raises :class:`BadDefinition` where it contradicts the units that are there.
    """
    known = session.execute(
        text(_KNOWN), {"account": account_key, "id": definition.experiment_id}
    ).mappings().one_or_none()  # fmt: skip
    said = _columns(definition, known, load_key, today)
    if known is None:
        key = int(session.execute(text(_INSERT), said | {"account": account_key}).scalar_one())
        before: tuple[Any, Any] = ([], [])
    else:
        key, before = int(known["experiment_key"]), (known["arms"], known["metrics"])
        if known["units"] and known["unit"] != definition.unit.value:
            words = f"Units of the experiment are known as {known['unit']}s; the definition says {definition.unit}s."
            raise BadDefinition("unit", "other_units", words)
        _keep_arms_with_units(session, key, definition)
        _keep_reading(known, definition)
    arms = [[a.arm_id, a.name, str(a.share) if a.share is not None else None, a.is_control] for a in definition.arms]
    metrics = [_metric_row(m) for m in sorted(definition.metrics, key=lambda m: m.metric)]
    plain = said | {"channels": list(definition.channels), "campaigns": list(definition.campaigns)}
    if known is not None and before == (arms, metrics) and all(known[n] == plain[n] for n in _COMPARED):
        return "known"
    if known is not None:
        session.execute(text(_UPDATE), said | {"key": key})
    for statement, rows in ((_WRITE_ARMS, arms), (_WRITE_METRICS, metrics)):
        for sql in statement:
            session.execute(text(sql), {"key": key, "rows": as_json(rows)})
    return "fresh" if known is None or not known["is_registered"] else "changed"


def standing(session: WriteSession, experiment_key: int) -> Standing:
    """Where an experiment stands, locked until the transaction ends. Raises :class:`NotFound`."""
    row = session.execute(text(_STANDING), {"key": experiment_key}).one_or_none()
    if row is None:
        raise NotFound(f"There is no experiment {experiment_key}.")
    return Standing(row.experiment_key, row.account_key, row.experiment_id, ExperimentStatus(row.status),
                    row.starts_at, row.stops_at, row.decision, row.units)  # fmt: skip


def experiment_key_of(session: WriteSession, account_key: int, experiment_id: str) -> int:
    """The key of an account's experiment. Raises :class:`NotFound`."""
    sql = "SELECT experiment_key FROM core.experiment WHERE account_key = :account AND experiment_id = :id"
    key = session.execute(text(sql), {"account": account_key, "id": experiment_id}).scalar_one_or_none()
    if key is None:
        raise NotFound(f"There is no experiment {experiment_id!r}.", remedy="`causeway experiment list` shows them.")
    return int(key)


def is_registered(session: WriteSession, account_key: int, experiment_id: str) -> bool:
    """Whether an account has a definition of that id; rows may speak of one that nobody defined."""
    sql = """SELECT EXISTS (SELECT FROM core.experiment
        WHERE account_key = :account AND experiment_id = :id AND is_registered)"""
    return bool(session.execute(text(sql), {"account": account_key, "id": experiment_id}).scalar_one())


def move(
    session: WriteSession, before: Standing, status: ExperimentStatus, at: dt.datetime, decision: str | None = None
) -> Standing:
    """Take an experiment one step on: it runs from ``at``, stops at ``at``, or is decided.

    Raises :class:`Conflict` for a step that does not follow.
    """
    if status is not _NEXT.get(before.status):
        raise Conflict(
            f"The experiment is {before.status.value}; it cannot become {status.value}.",
            remedy="A draft is started, what runs is stopped, what is stopped is decided.",
        )
    if status is ExperimentStatus.stopped and before.starts_at is not None and at <= before.starts_at:
        raise Conflict("The experiment would stop before it starts.", remedy="Give a later moment.")
    session.execute(text(_MOVE), {"key": before.experiment_key, "status": status.value, "at": at, "decision": decision})
    return standing(session, before.experiment_key)


_NEXT: Final = {
    ExperimentStatus.draft: ExperimentStatus.running,
    ExperimentStatus.running: ExperimentStatus.stopped,
    ExperimentStatus.stopped: ExperimentStatus.decided,
}


def _columns(definition: Definition, known: Any, load_key: int, today: dt.date) -> dict[str, Any]:
    status = definition.status or _status(definition, known, today)
    return {
        "id": definition.experiment_id,
        "name": definition.name,
        "hypothesis": definition.hypothesis,
        "owner": definition.owner,
        "kind": definition.kind.value,
        "unit": definition.unit.value,
        "status": status.value,
        "starts_at": definition.starts_at,
        "stops_at": definition.stops_at,
        "exposure_rule": definition.exposure_rule,
        "planned_units": definition.planned_units,
        "decision": definition.decision,
        "channels": as_json(list(definition.channels)),
        "campaigns": as_json(list(definition.campaigns)),
        "inference": definition.inference.value,
        "layer": definition.layer,
        "counts": definition.counts.value,
        "strata": definition.strata,
        "cluster": definition.cluster,
        "is_registered": True,
        "load": load_key,
    }


def _status(definition: Definition, known: Any, today: dt.date) -> ExperimentStatus:
    """Where the experiment stands by its dates; what was decided stays decided."""
    if definition.decision or (known is not None and known["status"] == "decided"):
        return ExperimentStatus.decided
    now = dt.datetime.combine(today, dt.time(), dt.UTC)
    if definition.stops_at is not None and definition.stops_at <= now:
        return ExperimentStatus.stopped
    if definition.starts_at is not None and definition.starts_at <= now:
        return ExperimentStatus.running
    return ExperimentStatus.draft


def _keep_arms_with_units(session: WriteSession, key: int, definition: Definition) -> None:
    named = [arm.arm_id for arm in definition.arms]
    lost = session.execute(text(_LOST_ARMS), {"key": key, "arms": named}).scalars().all()
    if lost:
        words = f"Units are in arm {', '.join(lost)}, which the definition does not have."
        raise BadDefinition("arms", "arm_with_units", words)


def _keep_reading(known: Any, definition: Definition) -> None:
    """How an experiment is read is chosen before anybody could have looked."""
    if not known["is_registered"] or known["status"] == "draft":
        return
    if known["inference"] != definition.inference.value:
        words = f"The experiment has started, to be read by {known['inference']} intervals; that is chosen before."
        raise BadDefinition("inference", "started", words)
    for field, said in (("counts", definition.counts.value), ("strata", definition.strata),
                        ("cluster", definition.cluster)):  # fmt: skip
        if known[field] != said:
            words = f"The experiment has started with {field}: {known[field] or 'none'}; that is chosen before."
            raise BadDefinition(field, "started", words)
    before = {row[0]: row[_CHOICES:] for row in known["metrics"]}
    for metric in definition.metrics:
        row = _metric_row(metric)
        if before.get(metric.metric, row[_CHOICES:]) != row[_CHOICES:]:
            words = f"The experiment has started; how {metric.metric} is told is chosen before. Register another one."
            raise BadDefinition("metrics", "started", words)


def _metric_row(metric: Metric) -> list[Any]:
    """A metric as the database says it: what it is first, then how it is told."""
    numbers = [None if n is None else str(n) for n in (metric.quantile, metric.cap, metric.winsorise)]
    return [
        metric.metric, metric.role.value, metric.better, None if metric.margin is None else str(metric.margin),
        metric.denominator, metric.outcome, metric.statistic.value, *numbers,
        None if metric.covariates is None else list(metric.covariates),
    ]  # fmt: skip


_CHOICES: Final = 5  # where in a metric's row that begins which is chosen before the start

_COMPARED: Final = (
    "is_registered", "name", "hypothesis", "owner", "kind", "unit", "status", "starts_at", "stops_at", "exposure_rule",
    "planned_units", "decision", "channels", "campaigns", "inference", "layer", "counts", "strata", "cluster",
)  # fmt: skip


_KNOWN: Final = """
SELECT e.experiment_key, e.name, e.hypothesis, e.owner, e.kind::text, e.unit::text, e.status::text, e.starts_at,
       e.stops_at, e.exposure_rule, e.planned_units, e.decision, e.channels, e.campaigns, e.is_registered,
       e.inference::text, e.layer, e.counts::text, e.strata, e.cluster,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(a.arm_id, a.name, a.share::text, a.is_control) ORDER BY a.arm_key),
                        '[]')
        FROM core.experiment_arm a WHERE a.experiment_key = e.experiment_key) AS arms,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(m.metric, m.role, m.better, m.margin::text, m.denominator,
                                                    m.outcome, m.statistic, m.quantile::text, m.cap::text,
                                                    m.winsorise::text, m.covariates) ORDER BY m.metric),
                        '[]')
        FROM core.experiment_metric m WHERE m.experiment_key = e.experiment_key) AS metrics,
       EXISTS (SELECT FROM core.experiment_unit u WHERE u.experiment_key = e.experiment_key) AS units
FROM core.experiment e WHERE e.account_key = :account AND e.experiment_id = :id
"""

_STANDING: Final = """
SELECT e.experiment_key, e.account_key, e.experiment_id, e.status::text AS status, e.starts_at, e.stops_at, e.decision,
       EXISTS (SELECT FROM core.experiment_unit u WHERE u.experiment_key = e.experiment_key) AS units
FROM core.experiment e WHERE e.experiment_key = :key FOR UPDATE
"""

# A plan for the other end that the new moment overtakes is no plan any more.
_MOVE: Final = """
UPDATE core.experiment SET
    status = CAST(:status AS core.experiment_status),
    starts_at = CASE WHEN :status = 'running' THEN CAST(:at AS timestamptz) ELSE starts_at END,
    stops_at = CASE WHEN :status = 'stopped' THEN CAST(:at AS timestamptz)
                    WHEN :status = 'running' AND stops_at <= CAST(:at AS timestamptz) THEN NULL ELSE stops_at END,
    decision = coalesce(:decision, decision)
WHERE experiment_key = :key
"""

_INSERT: Final = """
INSERT INTO core.experiment (account_key, experiment_id, name, hypothesis, owner, kind, unit, status, starts_at,
                             stops_at, exposure_rule, planned_units, decision, channels, campaigns, inference,
                             layer, counts, strata, cluster, is_registered, load_key)
VALUES (:account, :id, :name, :hypothesis, :owner, CAST(:kind AS core.experiment_kind), CAST(:unit AS core.unit_kind),
        CAST(:status AS core.experiment_status), :starts_at, :stops_at, :exposure_rule, :planned_units, :decision,
        CAST(:channels AS jsonb), CAST(:campaigns AS jsonb), CAST(:inference AS core.inference), :layer,
        CAST(:counts AS core.counted), :strata, :cluster, true, :load)
RETURNING experiment_key
"""

_UPDATE: Final = """
UPDATE core.experiment
SET name = :name, hypothesis = :hypothesis, owner = :owner, kind = CAST(:kind AS core.experiment_kind),
    unit = CAST(:unit AS core.unit_kind), status = CAST(:status AS core.experiment_status), starts_at = :starts_at,
    stops_at = :stops_at, exposure_rule = :exposure_rule, planned_units = :planned_units, decision = :decision,
    channels = CAST(:channels AS jsonb), campaigns = CAST(:campaigns AS jsonb),
    inference = CAST(:inference AS core.inference), layer = :layer, counts = CAST(:counts AS core.counted),
    strata = :strata, cluster = :cluster, is_registered = true, load_key = :load
WHERE experiment_key = :key
"""

_LOST_ARMS: Final = """
SELECT a.arm_id FROM core.experiment_arm a
WHERE a.experiment_key = :key AND lower(a.arm_id) <> ALL (SELECT lower(n) FROM unnest(CAST(:arms AS text[])) AS n)
  AND EXISTS (SELECT FROM core.assignment s WHERE s.experiment_key = a.experiment_key AND s.arm_key = a.arm_key
              UNION ALL SELECT FROM core.exposure x WHERE x.experiment_key = a.experiment_key AND x.arm_key = a.arm_key)
ORDER BY 1
"""

_SAID: Final = "SELECT r.v FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS r (v)"
_WRITE_ARMS: Final = (
    f"""DELETE FROM core.experiment_arm a WHERE a.experiment_key = :key
        AND NOT EXISTS (SELECT FROM ({_SAID}) r WHERE lower(r.v ->> 0) = lower(a.arm_id))""",
    f"""UPDATE core.experiment_arm a SET arm_id = r.v ->> 0, name = r.v ->> 1, share = (r.v ->> 2)::numeric,
               is_control = (r.v ->> 3)::boolean
        FROM ({_SAID}) r WHERE a.experiment_key = :key AND lower(r.v ->> 0) = lower(a.arm_id)""",
    f"""INSERT INTO core.experiment_arm (experiment_key, arm_id, name, share, is_control)
        SELECT :key, r.v ->> 0, r.v ->> 1, (r.v ->> 2)::numeric, (r.v ->> 3)::boolean FROM ({_SAID}) r
        ON CONFLICT DO NOTHING""",
)
_WRITE_METRICS: Final = (
    "DELETE FROM core.experiment_metric WHERE experiment_key = :key",
    f"""INSERT INTO core.experiment_metric (experiment_key, metric, role, better, margin, denominator, outcome,
                                            statistic, quantile, cap, winsorise, covariates)
        SELECT :key, r.v ->> 0, (r.v ->> 1)::core.metric_role, r.v ->> 2, (r.v ->> 3)::numeric, r.v ->> 4, r.v ->> 5,
               (r.v ->> 6)::core.statistic, (r.v ->> 7)::numeric, (r.v ->> 8)::numeric, (r.v ->> 9)::numeric,
               CASE WHEN jsonb_typeof(r.v -> 10) = 'array'
                    THEN ARRAY(SELECT jsonb_array_elements_text(r.v -> 10)) END
        FROM ({_SAID}) r""",
)
