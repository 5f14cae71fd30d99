"""Commands about scenarios: list, show, save, approve, archive, score, export."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.console import open_warehouse, say, show

if TYPE_CHECKING:
    from api.identity import Identity
    from warehouse.queries.budget import Scenario
    from warehouse.sessions import Warehouse

commands = typer.Typer(help="Scenarios: plans that are saved, approved, exported and scored.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The scenario's name.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Day = Annotated[dt.datetime | None, typer.Option(help="First day of a week; else the first one.", formats=["%Y-%m-%d"])]


@commands.command("list")
def list_scenarios(json_: Json = False) -> None:
    """List scenarios: what was predicted of each, and what came of it."""
    from warehouse.queries import tables

    warehouse, identity = _opened()
    with warehouse.reading(identity.reader) as session:
        show(tables.ask(session, tables.scenarios_query(briefly=not json_)), as_json=json_)


@commands.command("show")
def show_scenario(name: Name, json_: Json = False) -> None:
    """Show a scenario: what it does, channel by channel, and which rules bind."""
    from warehouse.queries import budget, formats

    warehouse, identity = _opened()
    with warehouse.reading(identity.reader) as session:
        key = budget.find_scenario(session, name)
        found, lines = budget.scenario(session, key), budget.scenario_lines(session, key)
        rules = budget.scenario_rules(session, key)
    if json_:
        show(formats.answer_of(lines), as_json=True)
        return
    say(f"{found.scenario_name} ({found.state}), {found.weeks} weeks from {found.first_week}: {found.words}")
    for line in lines:
        say(line.words)
    for rule in rules:
        say(f"Binding: {rule.rule}; easing it by one unit would bring {rule.shadow_price:,.4g} a week.")
    if found.scored_words:
        say(found.scored_words)


@commands.command()
def save(
    name: Name,
    account: Annotated[str, typer.Option(help="The account, as PLATFORM/ID.")],
    budget: Annotated[str | None, typer.Option(help="Money of a week; else today's.")] = None,
    rules: Annotated[Path | None, typer.Option(help="What the plan must keep, a file in JSON or YAML.")] = None,
    rule: Annotated[
        list[str] | None, typer.Option(help="One more rule, as in a file: '{rule: locked, channel: tv}'.")
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="The outcome, where the mix knows several.")] = None,
    caution: Annotated[float, typer.Option(help="Weight of the worst draws against the mean, 0 to 1.")] = 0.0,
    weeks: Annotated[int, typer.Option(help="For how many weeks.")] = 13,
    start: Day = None,
) -> None:
    """Save a plan as a scenario."""
    from api.actions import budget as actions
    from ml.budget.rule_file import rules_as_said
    from ml.lift.worth import amount_of
    from warehouse.queries.accounts import find_account

    warehouse, identity = _opened()
    with warehouse.reading(identity.reader) as session:
        account_key = find_account(session, account)
    question = actions.Question(
        account_key=account_key,
        outcome=outcome,
        amount=None if budget is None else amount_of("budget", budget),
        rules=rules_as_said(rules, rule or ()),
        caution=caution,
        weeks=weeks,
    )
    saved = actions.save_scenario(
        warehouse, identity, question=question, name=name, first_week=None if start is None else start.date()
    )
    say(f"{saved.scenario_name} is saved for {saved.weeks} weeks from {saved.first_week}. {saved.words}")


@commands.command()
def approve(name: Name) -> None:
    """Approve a scenario: from then on it is what is acted on."""
    from api.actions import budget as actions

    warehouse, identity = _opened()
    done = actions.approve_scenario(warehouse, identity, scenario_key=_key(warehouse, identity, name))
    say(_standing(done))


@commands.command()
def archive(name: Name) -> None:
    """Put a scenario away; it stays readable."""
    from api.actions import budget as actions

    warehouse, identity = _opened()
    done = actions.archive_scenario(warehouse, identity, scenario_key=_key(warehouse, identity, name))
    say(_standing(done))


@commands.command()
def score(name: Name) -> None:
    """Hold an approved scenario against what came of it, by the newest mix model."""
    from api.actions import budget as actions

    warehouse, identity = _opened()
    done = actions.score_scenario(warehouse, identity, scenario_key=_key(warehouse, identity, name))
    say(done.scored_words or "")


@commands.command()
def export(
    name: Name,
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write the platforms' sheets into.")],
    week: Day = None,
) -> None:
    """Write a week's plan as the sheets that ad platforms take in bulk, a file for each platform."""
    from api.actions import budget as actions
    from warehouse.errors import LoadRefused

    warehouse, identity = _opened()
    key = _key(warehouse, identity, name)
    found = actions.export_scenario(warehouse, identity, scenario_key=key, week=None if week is None else week.date())
    try:
        output.mkdir(parents=True, exist_ok=True)
        for sheet in found.sheets:
            with (output / f"{sheet.platform}.csv").open("x", encoding="utf-8", newline="") as file:
                file.write(sheet.text)
            say(f"{sheet.campaigns:,} campaigns are in {output / sheet.platform}.csv.")
    except OSError as error:
        raise LoadRefused(
            f"{output} cannot be written: {error}.", remedy="Name a folder without these files."
        ) from error
    if found.words:
        say(found.words)


def _opened() -> tuple[Warehouse, Identity]:
    from api.auth import owner_identity

    warehouse = open_warehouse()
    return warehouse, owner_identity(warehouse)


def _key(warehouse: Warehouse, identity: Identity, named: str) -> int:
    from warehouse.queries.budget import find_scenario

    with warehouse.reading(identity.reader) as session:
        return find_scenario(session, named)


def _standing(found: Scenario) -> str:
    return f"{found.scenario_name} is {found.state}."
