"""Commands about audiences: create, list, export, verify."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.console import open_warehouse, say, show

if TYPE_CHECKING:
    from api.identity import Identity
    from warehouse.engine import ReadSession
    from warehouse.queries.audiences import Audience
    from warehouse.sessions import Warehouse

commands = typer.Typer(help="Audiences: whom to treat, and what came of it.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The audience's name.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@commands.command("list")
def list_audiences(json_: Json = False) -> None:
    """List audiences: what was predicted of each, and what came of it."""
    from warehouse.queries import tables

    warehouse, identity = _opened()
    with warehouse.reading(identity.reader) as session:
        show(tables.ask(session, tables.audiences_query(briefly=not json_)), as_json=json_)


@commands.command()
def create(
    name: Name,
    experiment: Annotated[str, typer.Option(help="The experiment whose scores choose.")],
    metric: Annotated[str | None, typer.Option(help="The outcome, where it has several.")] = None,
    arm: Annotated[str | None, typer.Option(help="The treatment, where it has several.")] = None,
    value: Annotated[
        str | None, typer.Option(help="What one unit of the outcome is worth; else as in the run.")
    ] = None,
    cost: Annotated[str | None, typer.Option(help="What treating one customer costs; else as in the run.")] = None,
    most: Annotated[int | None, typer.Option(help="The best so many at most.", min=1)] = None,
    holdout: Annotated[str, typer.Option(help="The part to hold out of the treatment.")] = "0.1",
    seed: Annotated[int, typer.Option(help="Chance: the same seed holds the same people out.")] = 1,
    json_: Json = False,
) -> None:
    """Save everybody worth treating, with a part held out by which the audience is verified afterwards."""
    import json
    from dataclasses import asdict

    from api.actions import audiences

    warehouse, identity = _opened()
    with warehouse.reading(identity.reader) as session:
        readout_key = _readout(session, experiment, metric, arm)
    terms = audiences.Terms(
        _amount("value", value), _amount("cost", cost), most, _amount("holdout", holdout) or Decimal(0), seed
    )
    saved = audiences.save_audience(warehouse, identity, readout_key=readout_key, name=name, terms=terms)
    if json_:
        say(json.dumps(asdict(saved)))
        return
    say(f"{saved.name}: treat {saved.treat:,} customers, and leave {saved.held_out:,} alone who are held out.")
    say(f"Expected of each: {saved.predicted:.3g}. `causeway audience export` writes whom to treat.")


@commands.command()
def export(
    name: Name,
    output: Annotated[Path, typer.Option("-o", "--output", help="The CSV file to write; it must not be there yet.")],
) -> None:
    """Write whom to treat, those held out left out, with the digests by which your own systems find them."""
    from api.actions import audiences
    from warehouse.errors import LoadRefused

    warehouse, identity = _opened()
    treated = audiences.export_audience(warehouse, identity, audience_key=_key(warehouse, identity, name))
    try:
        with output.open("x", encoding="utf-8", newline="") as file:
            file.writelines(audiences.csv_lines(treated))
    except OSError as error:
        raise LoadRefused(
            f"{output} cannot be written: {error}.", remedy="Name a file that is not there yet."
        ) from error
    say(f"{len(treated):,} customers to treat are in {output}.")


@commands.command()
def verify(
    name: Name,
    since: Annotated[
        dt.datetime | None, typer.Option(help="When treatment began; else the day after saving.", formats=["%Y-%m-%d"])
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="A CSV file of what every customer did, if not counted here.")
    ] = None,
    unit: Annotated[str, typer.Option(help="The file's column of customer keys.")] = "customer_key",
    outcome: Annotated[str, typer.Option(help="The file's column of what they did.")] = "outcome",
    level: Annotated[float, typer.Option(help="Level of the interval.")] = 0.9,
    json_: Json = False,
) -> None:
    """Hold what an audience was predicted to do against what it did, by those held out of it."""
    from api.actions import audiences

    warehouse, identity = _opened()
    found = audiences.verify_audience(
        warehouse,
        identity,
        audience_key=_key(warehouse, identity, name),
        since=since.date() if since else None,
        level=level,
        outcomes=None if data is None else _outcomes(data, unit, outcome),
    )
    if json_:
        say(_as_json(found))
    else:
        say(found.words or "")


def _opened() -> tuple[Warehouse, Identity]:
    from api.auth import owner_identity

    warehouse = open_warehouse()
    return warehouse, owner_identity(warehouse)


def _key(warehouse: Warehouse, identity: Identity, named: str) -> int:
    from warehouse.queries.audiences import find_audience

    with warehouse.reading(identity.reader) as session:
        return find_audience(session, named)


def _readout(session: ReadSession, experiment: str, metric: str | None, arm: str | None) -> int:
    """The one read-out that is meant. Raises :class:`NotFound` and :class:`BadSetting`."""
    from warehouse.errors import BadSetting, NotFound
    from warehouse.queries.uplift import uplift_readouts

    found = [
        one
        for one in uplift_readouts(session)
        if one.experiment_id == experiment and metric in (None, one.metric) and arm in (None, one.arm_id)
    ]
    if not found:
        raise NotFound(
            f"No run tells of {experiment!r} whom to treat.", remedy="`causeway run uplift --account PLATFORM/ID` does."
        )
    if len(found) > 1:
        told = ", ".join(f"{one.metric} of {one.arm_id}" for one in found)
        raise BadSetting(f"{experiment!r} tells of {told}.", remedy="Choose one with --metric and --arm.")
    return found[0].readout_key


def _amount(name: str, said: str | None) -> Decimal | None:
    from decimal import InvalidOperation

    from warehouse.errors import BadSetting

    if said is None:
        return None
    try:
        return Decimal(said)
    except InvalidOperation as error:
        raise BadSetting(f"{name} == {said!r} is no number.", remedy="Write it as 0.5.") from error


def _outcomes(data: Path, unit: str, outcome: str) -> dict[int, float]:
    """What a file says of every customer. Raises :class:`LoadRefused`."""
    from ml.customer_file import numbers, read_texts
    from warehouse.errors import LoadRefused

    table = read_texts(data, (unit, outcome))
    twice = table.filter(table[unit].is_duplicated())
    if twice.height:
        raise LoadRefused(
            f"{data.name}, row {twice['row'][1]}: {twice[unit][0]!r} was there before; a customer has one row.",
            remedy="Add up what the customer did.",
        )
    keys = numbers(data.name, table, unit).astype(int)
    return dict(zip(keys.tolist(), numbers(data.name, table, outcome).tolist(), strict=True))


def _as_json(found: Audience) -> str:
    import dataclasses

    import orjson

    told: dict[str, Any] = dataclasses.asdict(found)
    return orjson.dumps(told, default=str).decode()
