"""Experiments registered, started, stopped and decided: by people who manage the account that they belong to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import orjson

from api.actions.acting import named, note
from api.identity import Identity, Role, Scope
from api.refusals import Invalid
from warehouse.changes import entities
from warehouse.changes import experiments as registry
from warehouse.changes.experiments import BY_HAND, Standing
from warehouse.engine import WriteSession
from warehouse.errors import Conflict, NotFound
from warehouse.ingest.store.definition_cells import BadDefinition
from warehouse.ingest.store.definitions import read_definition
from warehouse.schema.experiments import ExperimentStatus
from warehouse.sessions import Warehouse

ACCOUNT: Final = "experiments"  # of experiments that belong to no other
MOST_WORDS: Final = 4_000


def create_experiment(
    warehouse: Warehouse, identity: Identity, definition: Mapping[str, Any], *, account_key: int | None = None
) -> Standing:
    """Register an experiment as a draft, or as running or stopped where its dates say so.

    ``definition`` has the fields of a file (docs/creatives-and-experiments.md): id, name, arms, metrics and so on.
    Without an account it belongs to that of experiments. Raises :class:`Invalid`, and :class:`Conflict` where the
    account has one of that id.
    """
    row = _row(definition)
    try:
        read = read_definition(row)
    except BadDefinition as error:
        raise Invalid(f"{error.column}: {error.reason}") from error
    named(read.experiment_id, "The experiment's id")
    with warehouse.writing() as session:
        key = _account(session, identity) if account_key is None else account_key
        _require_manager(identity, key)
        if registry.is_registered(session, key, read.experiment_id):
            raise Conflict(
                f"There is an experiment {read.experiment_id!r} already.", remedy="Give this one another id."
            )
        try:
            registry.enter(session, key, read, BY_HAND, dt.datetime.now(dt.UTC).date())
        except BadDefinition as error:
            raise Conflict(error.reason, remedy="Correct the definition.") from error
        made = registry.standing(session, registry.experiment_key_of(session, key, read.experiment_id))
        note(session, identity, "experiment.create", _subject(made), after=_said(definition))
        return made


def start_experiment(
    warehouse: Warehouse, identity: Identity, *, experiment_key: int, at: dt.datetime | None = None
) -> Standing:
    """Let a draft run, from now or another moment. How it will be read is fixed from then on."""
    return _move(warehouse, identity, experiment_key, ExperimentStatus.running, at)


def stop_experiment(
    warehouse: Warehouse, identity: Identity, *, experiment_key: int, at: dt.datetime | None = None
) -> Standing:
    """Stop what runs, now or at another moment."""
    return _move(warehouse, identity, experiment_key, ExperimentStatus.stopped, at)


def decide_experiment(warehouse: Warehouse, identity: Identity, *, experiment_key: int, decision: str) -> Standing:
    """Say what was decided of a stopped experiment, and why."""
    words = decision.strip()
    if not words or len(words) > MOST_WORDS:
        raise Invalid(f"A decision has 1 to {MOST_WORDS} characters.", remedy="Say what is done, and for which reason.")
    return _move(warehouse, identity, experiment_key, ExperimentStatus.decided, None, words)


def _move(
    warehouse: Warehouse, identity: Identity, experiment_key: int, status: ExperimentStatus, at: dt.datetime | None,
    decision: str | None = None,
) -> Standing:  # fmt: skip
    if at is not None and at.tzinfo is None:
        raise Invalid(f"{at} has no zone.", remedy="Write it as 2026-09-30T10:00:00Z.")
    with warehouse.writing() as session:
        before = registry.standing(session, experiment_key)
        if identity.role_on(before.account_key) is None:
            raise NotFound(f"There is no experiment {experiment_key}.")
        _require_manager(identity, before.account_key)
        after = registry.move(session, before, status, at or dt.datetime.now(dt.UTC), decision)
        note(
            session, identity, f"experiment.{status.value}", _subject(after), before=_shown(before), after=_shown(after)
        )
        return after


def _account(session: WriteSession, identity: Identity) -> int:
    """The account of experiments that belong to no other; an administrator's first one makes it."""
    key = entities.find_account_key(session, platform=ACCOUNT, account_id=ACCOUNT)
    if key is not None:
        return key
    identity.require_administrator()
    made, _ = entities.ensure_account(
        session, platform=ACCOUNT, account_id=ACCOUNT, currency="USD", time_zone="UTC"
    )  # fmt: skip
    return made.account_key


def _row(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition as a row of a file. Raises :class:`Invalid` for fields that there are not."""
    said = {key: value for key, value in definition.items() if value is not None}
    unknown = sorted(set(said) - set(_FIELDS))
    if unknown:
        raise Invalid(f"An experiment has no field {unknown[0]!r}.", remedy=f"It has: {', '.join(_FIELDS)}.")
    row: dict[str, Any] = dict.fromkeys(_FIELDS.values())
    for name, field in _FIELDS.items():
        if name not in said:
            continue
        value = said[name]
        if name in ("start", "stop"):
            row[field] = _moment(name, value)
        elif name in ("arms", "metrics"):
            row[field] = orjson.dumps(value, default=str).decode()
        elif name in ("channels", "campaigns"):
            row[field] = "|".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        elif name == "planned_units":
            row[field] = _count(value)
        else:
            row[field] = str(value)
    if row["experiment_id"] is None and row["name"] is None:
        raise Invalid("An experiment needs an id or a name.")
    return row


def _moment(name: str, value: Any) -> dt.datetime:
    try:
        moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise Invalid(f"{name} == {value!r} is no moment.", remedy="Write it as 2026-09-30T10:00:00Z.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _count(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise Invalid(f"planned_units == {value!r} is no number of units.")
    return value


def _require_manager(identity: Identity, account_key: int) -> None:
    if identity.role_on(account_key) is None:
        raise NotFound(f"There is no account {account_key}.")
    identity.require(Role.manager, account_key=account_key, scope=Scope.write)


def _subject(standing: Standing) -> str:
    return f"experiment:{standing.experiment_key}"


def _shown(standing: Standing) -> dict[str, Any]:
    return {name: value if value is None or isinstance(value, bool | int) else str(value)
            for name, value in asdict(standing).items()}  # fmt: skip


def _said(definition: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(orjson.dumps(dict(definition), default=str))
    return found


# How a definition calls its fields, and how a row of a file does.
_FIELDS: Final = {
    "id": "experiment_id", "name": "name", "hypothesis": "hypothesis", "owner": "owner", "kind": "kind",
    "unit": "unit", "status": "status", "start": "starts_at", "stop": "stops_at", "exposure": "exposure_rule",
    "planned_units": "planned_units", "decision": "decision", "channels": "channels", "campaigns": "campaigns",
    "arms": "arms", "metrics": "metrics", "inference": "inference", "layer": "layer",
    "counts": "counts", "strata": "strata", "cluster": "cluster",
}  # fmt: skip
