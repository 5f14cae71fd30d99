"""Commands about the registry of experiments: list, create, start, stop, decide."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import ml.experiments.command_line
from warehouse.console import open_warehouse, say, show

if TYPE_CHECKING:
    from api.identity import Identity
    from warehouse.changes.experiments import Standing
    from warehouse.sessions import Warehouse

commands = typer.Typer(help="Experiments: design, register, run and analyse them.", no_args_is_help=True)
commands.add_typer(ml.experiments.command_line.commands)

Experiment = Annotated[str, typer.Argument(help="The experiment's id.")]
At = Annotated[
    dt.datetime | None,
    typer.Option(help="The moment, UTC; now when left out.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@commands.command("list")
def list_experiments(json_: Json = False) -> None:
    """List experiments: where each stands, and what was found."""
    from warehouse.queries import tables

    warehouse, identity = _opened()
    with warehouse.reading(identity.reader) as session:
        show(tables.ask(session, tables.experiments_query()), as_json=json_)


@commands.command()
def propose(json_: Json = False) -> None:
    """Say which test of a channel comes next: what its answer is worth, and what it costs."""
    from warehouse.queries import tables
    from warehouse.queries.next_tests import next_tests

    warehouse, identity = _opened()
    with warehouse.reading(identity.reader) as session:
        if json_:
            show(tables.ask(session, tables.next_tests_query()), as_json=True)
            return
        found = next_tests(session)
    for test in found:
        under_way = f" ({test.experiment_id} is planned or running.)" if test.experiment_id else ""
        say(f"{test.rank}. {test.words}{under_way}")
    if not found:
        say("Nothing is proposed yet. It follows attribution: causeway run attribution --account ACCOUNT")


@commands.command()
def create(
    file: Annotated[Path, typer.Argument(help="A YAML file with definitions below experiments.")],
    account: Annotated[
        str | None, typer.Option(help="The account that they belong to, as PLATFORM/ID; else that of experiments.")
    ] = None,
    json_: Json = False,
) -> None:
    """Register experiments; each is a draft until it is started, or its start has come."""
    from api.actions import experiments
    from warehouse.ingest.read.yaml_definitions import definitions
    from warehouse.queries.accounts import find_account

    warehouse, identity = _opened()
    key = None
    if account is not None:
        with warehouse.reading(identity.reader) as session:
            key = find_account(session, account)
    for definition in definitions(file):
        _tell(experiments.create_experiment(warehouse, identity, definition, account_key=key), json_)


@commands.command()
def start(experiment: Experiment, at: At = None, json_: Json = False) -> None:
    """Let a draft run. How it will be read is fixed from then on."""
    from api.actions import experiments

    warehouse, identity = _opened()
    key = _key(warehouse, identity, experiment)
    _tell(experiments.start_experiment(warehouse, identity, experiment_key=key, at=_utc(at)), json_)


@commands.command()
def stop(experiment: Experiment, at: At = None, json_: Json = False) -> None:
    """Stop what runs."""
    from api.actions import experiments

    warehouse, identity = _opened()
    key = _key(warehouse, identity, experiment)
    _tell(experiments.stop_experiment(warehouse, identity, experiment_key=key, at=_utc(at)), json_)


@commands.command()
def decide(
    experiment: Experiment,
    decision: Annotated[str, typer.Argument(help="What is done, and for which reason.")],
    json_: Json = False,
) -> None:
    """Say what was decided of a stopped experiment."""
    from api.actions import experiments

    warehouse, identity = _opened()
    key = _key(warehouse, identity, experiment)
    _tell(experiments.decide_experiment(warehouse, identity, experiment_key=key, decision=decision), json_)


def _opened() -> tuple[Warehouse, Identity]:
    from api.auth import owner_identity

    warehouse = open_warehouse()
    return warehouse, owner_identity(warehouse)


def _key(warehouse: Warehouse, identity: Identity, named: str) -> int:
    from warehouse.queries.experiments import find_experiment

    with warehouse.reading(identity.reader) as session:
        return find_experiment(session, named)


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    return None if moment is None else moment.replace(tzinfo=dt.UTC)


def _tell(standing: Standing, as_json: bool) -> None:
    import dataclasses

    import orjson

    if as_json:
        say(orjson.dumps(dataclasses.asdict(standing)).decode())
        return
    since = {"running": standing.starts_at, "stopped": standing.stops_at}.get(standing.status.value)
    moment = "" if since is None else f" since {since:%Y-%m-%d %H:%M} UTC"
    say(f"{standing.experiment_id} is {standing.status.value}{moment}.")
