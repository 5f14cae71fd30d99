"""The registry of experiments: definitions entered, changed, and kept from contradicting the rows that came before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl
from sqlalchemy import text

from warehouse.ingest.contract import LINE, Assumption, RejectedRow
from warehouse.ingest.store.definitions import BadDefinition, Definition, read_definition
from warehouse.ingest.store.outcome import Stored
from warehouse.ingest.store.writer import Ground
from warehouse.ingest.texts import as_json
from warehouse.schema.experiments import ExperimentStatus


@dataclass(slots=True)
class ExperimentsWriter:
    """Writes one parsed table of ``EXPERIMENT``. A definition replaces the earlier one of the same id as a whole."""

    at: Ground
    stored: Stored = field(default_factory=Stored)

    def add(self, frame: pl.DataFrame) -> None:
        """Enter the definitions of a frame."""
        frame = frame.with_columns(account_key=self.at.accounts.keys(frame))
        self.stored.note_accounts(frame)
        for row in frame.iter_rows(named=True):
            try:
                definition = read_definition(row)
                became = self._enter(row["account_key"], definition)
            except BadDefinition as error:
                said = as_json({name: row[name] for name in _SHOWN if row[name] is not None})
                self.stored.rejected.append(RejectedRow(row[LINE], error.column, error.code, error.reason, said))
                continue
            for name, value in definition.assumed.items():
                why = f"experiment {definition.experiment_id} does not say"
                self.at.parsed.assumptions.append(Assumption(name, value, why))
            for day in (definition.starts_at, definition.stops_at):
                if day is not None:
                    self.stored.note_days(pl.Series([day.date()]))
            if became == "known":
                self.stored.skipped["already known"] = self.stored.skipped.get("already known", 0) + 1
                continue
            self.stored.accepted += 1
            self.stored.restated += became == "changed"

    def finish(self) -> Stored:
        """Everything is entered already; what it came to."""
        return self.stored

    def _enter(self, account_key: int, definition: Definition) -> str:
        session = self.at.session
        known = (
            session.execute(text(_KNOWN), {"account": account_key, "id": definition.experiment_id})
            .mappings()
            .one_or_none()
        )
        said = self._columns(definition, known)
        if known is None:
            key = int(session.execute(text(_INSERT), said | {"account": account_key}).scalar_one())
            before: tuple[Any, Any] = ([], [])
        else:
            key, before = int(known["experiment_key"]), (known["arms"], known["metrics"])
            if known["units"] and known["unit"] != definition.unit.value:
                words = (
                    f"Units of the experiment are known as {known['unit']}s; the definition says {definition.unit}s."
                )
                raise BadDefinition("unit", "other_units", words)
            self._keep_arms_with_units(key, definition)
        arms = [
            [a.arm_id, a.name, str(a.share) if a.share is not None else None, a.is_control] for a in definition.arms
        ]
        metrics = [
            [m.metric, m.role.value, m.better, str(m.margin) if m.margin is not None else None]
            for m in sorted(definition.metrics, key=lambda m: m.metric)
        ]
        plain = said | {"channels": list(definition.channels), "campaigns": list(definition.campaigns)}
        if known is not None and before == (arms, metrics) and all(known[n] == plain[n] for n in _COMPARED):
            return "known"
        if known is not None:
            session.execute(text(_UPDATE), said | {"key": key})
        for statement, rows in ((_WRITE_ARMS, arms), (_WRITE_METRICS, metrics)):
            for sql in statement:
                session.execute(text(sql), {"key": key, "rows": as_json(rows)})
        return "fresh" if known is None or not known["is_registered"] else "changed"

    def _columns(self, definition: Definition, known: Any) -> dict[str, Any]:
        status = definition.status or self._status(definition, known)
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
            "is_registered": True,
            "load": self.at.load_key,
        }

    def _status(self, definition: Definition, known: Any) -> ExperimentStatus:
        """Where the experiment stands by its dates; what was decided stays decided."""
        if definition.decision or (known is not None and known["status"] == "decided"):
            return ExperimentStatus.decided
        now = dt.datetime.combine(self.at.today, dt.time(), dt.UTC)
        if definition.stops_at is not None and definition.stops_at <= now:
            return ExperimentStatus.stopped
        if definition.starts_at is not None and definition.starts_at <= now:
            return ExperimentStatus.running
        return ExperimentStatus.draft

    def _keep_arms_with_units(self, key: int, definition: Definition) -> None:
        named = [arm.arm_id for arm in definition.arms]
        lost = self.at.session.execute(text(_LOST_ARMS), {"key": key, "arms": named}).scalars().all()
        if lost:
            words = f"Units are in arm {', '.join(lost)}, which the definition does not have."
            raise BadDefinition("arms", "arm_with_units", words)


_SHOWN: Final = ("experiment_id", "name", "kind", "unit", "starts_at", "stops_at", "arms", "metrics")
_COMPARED: Final = (
    "is_registered", "name", "hypothesis", "owner", "kind", "unit", "status", "starts_at", "stops_at", "exposure_rule",
    "planned_units",
    "decision", "channels", "campaigns",
)  # fmt: skip


_KNOWN: Final = """
SELECT e.experiment_key, e.name, e.hypothesis, e.owner, e.kind::text, e.unit::text, e.status::text, e.starts_at,
       e.stops_at, e.exposure_rule, e.planned_units, e.decision, e.channels, e.campaigns, e.is_registered,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(a.arm_id, a.name, a.share::text, a.is_control) ORDER BY a.arm_key),
                        '[]')
        FROM core.experiment_arm a WHERE a.experiment_key = e.experiment_key) AS arms,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(m.metric, m.role, m.better, m.margin::text) ORDER BY m.metric),
                        '[]')
        FROM core.experiment_metric m WHERE m.experiment_key = e.experiment_key) AS metrics,
       EXISTS (SELECT FROM core.experiment_unit u WHERE u.experiment_key = e.experiment_key) AS units
FROM core.experiment e WHERE e.account_key = :account AND e.experiment_id = :id
"""

_INSERT: Final = """
INSERT INTO core.experiment (account_key, experiment_id, name, hypothesis, owner, kind, unit, status, starts_at,
                             stops_at, exposure_rule, planned_units, decision, channels, campaigns, is_registered,
                             load_key)
VALUES (:account, :id, :name, :hypothesis, :owner, CAST(:kind AS core.experiment_kind), CAST(:unit AS core.unit_kind),
        CAST(:status AS core.experiment_status), :starts_at, :stops_at, :exposure_rule, :planned_units, :decision,
        CAST(:channels AS jsonb), CAST(:campaigns AS jsonb), true, :load)
RETURNING experiment_key
"""

_UPDATE: Final = """
UPDATE core.experiment
SET name = :name, hypothesis = :hypothesis, owner = :owner, kind = CAST(:kind AS core.experiment_kind),
    unit = CAST(:unit AS core.unit_kind), status = CAST(:status AS core.experiment_status), starts_at = :starts_at,
    stops_at = :stops_at, exposure_rule = :exposure_rule, planned_units = :planned_units, decision = :decision,
    channels = CAST(:channels AS jsonb), campaigns = CAST(:campaigns AS jsonb), is_registered = true, load_key = :load
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
    f"""INSERT INTO core.experiment_metric (experiment_key, metric, role, better, margin)
        SELECT :key, r.v ->> 0, (r.v ->> 1)::core.metric_role, r.v ->> 2, (r.v ->> 3)::numeric FROM ({_SAID}) r""",
)
