"""Experiments registered and taken from step to step: by whom, in which order, and what the audit keeps."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Engine, text

from api.actions import experiments
from api.auth import owner_identity
from api.identity import Identity, Role
from api.refusals import Invalid
from tests.api.actions.test_actions import add_account, somebody
from warehouse.errors import Conflict, NotAllowed, NotFound
from warehouse.queries import experiments as registry
from warehouse.sessions import Warehouse

DEFINITION = {
    "id": "green_button",
    "name": "Green button",
    "hypothesis": "Green sells more.",
    "arms": [{"arm": "control", "share": 0.5}, {"arm": "green", "share": 0.5}],
    "metrics": {"primary": ["orders"], "guardrail": ["revenue"]},
    "channels": ["paid_search"],
}


@pytest.fixture(scope="module")
def owner(warehouse: Warehouse) -> Identity:
    return owner_identity(warehouse)


def test_from_draft_to_decision(warehouse: Warehouse, owner: Identity, engine: Engine) -> None:
    made = experiments.create_experiment(warehouse, owner, DEFINITION)
    assert (made.status, made.units) == ("draft", False)
    key = made.experiment_key
    started = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    assert experiments.start_experiment(warehouse, owner, experiment_key=key, at=started).starts_at == started
    with pytest.raises(Conflict, match="would stop before it starts"):
        experiments.stop_experiment(warehouse, owner, experiment_key=key, at=started)
    with pytest.raises(Conflict, match="is running; it cannot become decided"):
        experiments.decide_experiment(warehouse, owner, experiment_key=key, decision="Too early.")
    stopped = experiments.stop_experiment(warehouse, owner, experiment_key=key)
    assert stopped.stops_at
    decided = experiments.decide_experiment(warehouse, owner, experiment_key=key, decision=" Green, it sold more. ")
    assert (decided.status, decided.decision) == ("decided", "Green, it sold more.")
    with pytest.raises(Conflict):
        experiments.start_experiment(warehouse, owner, experiment_key=key)
    with warehouse.reading(owner.reader) as session:
        found = registry.experiment(session, key)
        assert (found.account_id, found.experiment_name) == ("experiments", "Green button")
        assert [(arm.arm_id, arm.is_control) for arm in registry.arms(session, key)] == [
            ("control", True),
            ("green", False),
        ]
    with engine.connect() as connection:
        audit = connection.execute(
            text("SELECT action FROM ops.audit WHERE subject = :subject ORDER BY audit_key"),
            {"subject": f"experiment:{key}"},
        ).scalars()
        assert list(audit) == [f"experiment.{step}" for step in ("create", "running", "stopped", "decided")]


def test_an_id_is_taken_once(warehouse: Warehouse, owner: Identity) -> None:
    experiments.create_experiment(warehouse, owner, DEFINITION | {"id": "twice"})
    with pytest.raises(Conflict, match="already"):
        experiments.create_experiment(warehouse, owner, DEFINITION | {"id": "twice"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "green"}, "no field 'colour'"),
        ({"arms": []}, "names no arms"),
        ({"start": "soon"}, "is no moment"),
        ({"planned_units": -4}, "no number of units"),
        ({"inference": "lucky"}, "is none of: fixed, group_sequential, sequential"),
        ({"start": "2026-09-02", "stop": "2026-09-01"}, "stops before it starts"),
    ],
)
def test_a_definition_holds_together(warehouse: Warehouse, owner: Identity, change: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        experiments.create_experiment(warehouse, owner, DEFINITION | {"id": "bad"} | change)


def test_for_managers_of_its_account(warehouse: Warehouse, owner: Identity, engine: Engine) -> None:
    account = add_account(engine, "X-1")
    other = somebody(Role.manager, add_account(engine, "X-2"))
    with pytest.raises(NotFound):
        experiments.create_experiment(warehouse, other, DEFINITION, account_key=account)
    with pytest.raises(NotAllowed):
        experiments.create_experiment(warehouse, somebody(Role.analyst, account), DEFINITION, account_key=account)
    made = experiments.create_experiment(warehouse, somebody(Role.manager, account), DEFINITION, account_key=account)
    for step in (experiments.start_experiment, experiments.stop_experiment):
        with pytest.raises(NotFound):
            step(warehouse, other, experiment_key=made.experiment_key)
        with pytest.raises(NotAllowed):
            step(warehouse, somebody(Role.analyst, account), experiment_key=made.experiment_key)
