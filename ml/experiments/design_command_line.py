"""The commands before an experiment: how large it must be, and who is in which arm; no warehouse is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.console import say

if TYPE_CHECKING:
    from ml.experiments.contrast import Level
    from warehouse.experiments.assignment import Assignment

commands = typer.Typer()


@commands.command()
def design(
    data: Annotated[Path | None, typer.Option(help="A CSV file with one row a unit, to take the metric from.")] = None,
    unit: Annotated[str, typer.Option(help="With --data: the column that names the unit.")] = "unit",
    metric: Annotated[str, typer.Option(help="With --data: a mean or a ratio, such as spend or revenue/orders.")] = "",
    covariates: Annotated[str, typer.Option(help="With --data: columns that will be adjusted for.")] = "",
    mean: Annotated[float | None, typer.Option(help="Without --data: the metric's mean.")] = None,
    sd: Annotated[float | None, typer.Option(help="Without --data: its standard deviation between units.")] = None,
    explained: Annotated[float, typer.Option(help="Without --data: the part that covariates explain.")] = 0.0,
    effect: Annotated[float | None, typer.Option(help="The effect to be found, as a part of the mean: 0.05.")] = None,
    units: Annotated[int | None, typer.Option(help="Units in all arms together.", min=2)] = None,
    days: Annotated[int | None, typer.Option(help="With --units-per-day: how long.", min=1)] = None,
    units_per_day: Annotated[float | None, typer.Option(help="New units a day.", min=0.001)] = None,
    arms: Annotated[int, typer.Option(help="How many arms, all alike.", min=2)] = 2,
    method: Annotated[str, typer.Option(help="sequential, fixed or group.")] = "sequential",
    looks: Annotated[int, typer.Option(help="How often will be looked.", min=1)] = 20,
    power: Annotated[float, typer.Option(help="How often the effect is to be found.")] = 0.8,
    level: Annotated[float, typer.Option(help="Level of the intervals.")] = 0.95,
    prior_mean: Annotated[float, typer.Option(help="With --value: the effect that is expected, as a part.")] = 0.0,
    prior_sd: Annotated[float, typer.Option(help="With --value: how far effects usually are from that.")] = 0.05,
    value: Annotated[str | None, typer.Option(help="Money that one more of the metric is worth.")] = None,
    rollout: Annotated[int, typer.Option(help="With --value: units that the decision is for.", min=1)] = 1,
    cost: Annotated[str, typer.Option(help="With --value: money that treating one unit costs.")] = "0",
    cost_of_test: Annotated[str, typer.Option(help="With --value: money that the test itself costs.")] = "0",
    cost_of_unit: Annotated[str, typer.Option(help="With --value: money that a unit in the test costs.")] = "0",
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how many units and days a test needs, what it finds, and which test is worth making."""
    import json
    from dataclasses import asdict

    from ml.experiments.contrast import Level
    from ml.experiments.designing import Asked, designed, proposed
    from ml.experiments.information import Stakes
    from ml.experiments.options import money_said
    from ml.experiments.power import Rule
    from warehouse.errors import BadSetting

    if (data is None) == (mean is None or sd is None):
        raise BadSetting("A design starts from a metric.", remedy="Give --data and --metric, or --mean and --sd.")
    if not 0 <= explained < 1:
        raise BadSetting(f"explained == {explained}, must be from 0 to below 1.", remedy="Write 0.4 for 40 %.")
    base = Level(mean or 0.0, (sd or 0.0) ** 2 * (1 - explained), explained)
    if data is not None:
        base = _level(data, unit, metric, covariates)
    rule = Rule(method, level, power, looks, comparisons=arms - 1)  # type: ignore[arg-type]  # it says what there is
    if value is not None:
        amounts = (money_said(text, "--cost") for text in (cost, cost_of_test, cost_of_unit))
        stakes = Stakes(money_said(value, "--value"), rollout, *amounts)
        proposal = proposed(base, rule, arms, prior_mean, prior_sd, stakes, most=units or 10_000_000)
        say(json.dumps(proposal) if json_ else str(proposal["words"]))
        return
    found = designed(base, rule, arms, Asked(effect, units, days, units_per_day))
    say(json.dumps(asdict(found)) if json_ else found.words)


def _level(data: Path, unit: str, metric: str, covariates: str) -> Level:
    from ml.experiments.analysis import strata_of
    from ml.experiments.contrast import Quantity, level_of
    from ml.experiments.metrics import Kind, metric_of
    from ml.experiments.options import listed
    from ml.experiments.questions import Design, questions_of
    from ml.experiments.unit_file import EVERYBODY, Layout, read_units
    from warehouse.errors import BadSetting

    asked = metric_of(metric)
    if asked.kind not in {Kind.mean, Kind.ratio}:
        raise BadSetting(f"{metric} is neither a mean nor a ratio.", remedy=f"Design for the mean: {asked.column}.")
    table = read_units(data, Layout(unit, None, asked.columns, listed(covariates)))
    (question,) = questions_of(table.units, [EVERYBODY], [asked], Design(listed(covariates)))
    (moments,) = strata_of(question.samples[EVERYBODY])
    return level_of(moments, question.outcome, [Quantity(name) for name in question.covariates])


@commands.command()
def assign(
    salt: Annotated[str, typer.Option(help="What the arms follow from besides the unit: the experiment's id.")],
    shares: Annotated[str, typer.Option(help="The arms' shares: control=0.5,green=0.5; what is left takes no part.")],
    units: Annotated[Path | None, typer.Option(help="A CSV file with one row a unit.")] = None,
    unit: Annotated[str, typer.Option(help="The column that names the unit.")] = "unit",
    strata: Annotated[str | None, typer.Option(help="A column in each of whose values arms are shared out.")] = None,
    balance: Annotated[str, typer.Option(help="Columns to be alike in all arms, by the best of 100 salts.")] = "",
    hold_out: Annotated[float, typer.Option(help="The part of all units that is in no experiment.")] = 0.0,
    hold_out_salt: Annotated[str, typer.Option(help="The salt of the hold-out.")] = "hold-out",
    layer: Annotated[str | None, typer.Option(help="The salt of a layer, whose experiments share no unit.")] = None,
    layer_shares: Annotated[str, typer.Option(help="The shares of the layer's experiments: green=0.5,price=0.5.")] = "",
    part: Annotated[str | None, typer.Option(help="Which of them this is.")] = None,
    sql: Annotated[
        str | None, typer.Option(help="Print SQL instead, of postgres, duckdb, spark, bigquery or snowflake.")
    ] = None,
    function: Annotated[str | None, typer.Option(help="With --sql postgres or duckdb: a function's name.")] = None,
    table: Annotated[str, typer.Option(help="With --sql: the table with the column unit.")] = "unit",
    output: Annotated[Path | None, typer.Option(help="The CSV file to write; else standard output.")] = None,
) -> None:
    """Put units into arms, by their name alone: as a file, or as SQL that says the same."""
    from ml.experiments.options import listed, numbers_said
    from warehouse.errors import BadSetting
    from warehouse.experiments.assignment import Assignment, sliced

    within = _within(hold_out, hold_out_salt, layer, layer_shares, part)
    given = numbers_said(shares, "--shares")
    chosen = Assignment(salt, sliced(given), *within)
    if sql is not None:
        if strata or balance:
            raise BadSetting(
                "Arms that depend on who else is there are a file, not SQL.",
                remedy="Leave --strata out; of --balance, take the salt that it finds.",
            )
        _print_sql(chosen, sql, function, table)
        return
    if units is None:
        raise BadSetting("There are no units.", remedy="Give --units FILE, or --sql for a query.")
    from ml.experiments.assigning import assign_file

    found = assign_file(units, unit, chosen, given, strata=strata, balance=listed(balance))
    for words in found.words:
        say(words, error=True)
    found.write(output)


def _within(
    hold_out: float, hold_out_salt: str, layer: str | None, layer_shares: str, part: str | None
) -> tuple[Assignment | None, str | None]:
    """What the assignment is within, and the part of it that it is in."""
    from ml.experiments.options import numbers_said
    from warehouse.errors import BadSetting
    from warehouse.experiments.assignment import Assignment, sliced

    around: tuple[Assignment | None, str | None] = (None, None)
    if hold_out:
        around = (Assignment(hold_out_salt, sliced({"held out": hold_out, "free": 1 - hold_out})), "free")
    if not (layer or layer_shares or part):
        return around
    if not (layer and layer_shares and part):
        raise BadSetting("A layer has a salt, shares and a part.", remedy="Give --layer, --layer-shares and --part.")
    return Assignment(layer, sliced(numbers_said(layer_shares, "--layer-shares")), *around), part


def _print_sql(assignment: Assignment, dialect: str, function: str | None, table: str) -> None:
    from warehouse.dialects import DIALECTS
    from warehouse.errors import BadSetting
    from warehouse.experiments.carry import FUNCTIONS, as_function, written

    known = next((name for name in DIALECTS if name == dialect), None)
    if known is None:
        raise BadSetting(f"There is no SQL of {dialect!r}.", remedy=f"There are: {', '.join(DIALECTS)}.")
    if function is None:
        say(f"{written(assignment, known, table)};")
        return
    engine = next((name for name in FUNCTIONS if name == dialect), None)
    if engine is None:
        raise BadSetting(f"Functions are written for {', '.join(FUNCTIONS)}.", remedy="Leave --function out.")
    say(f"{as_function(assignment, engine, function)};")
