"""The command that analyses an experiment from a file of units; no warehouse is needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import ml.experiments.design_command_line
from warehouse.console import say, show

if TYPE_CHECKING:
    from ml.experiments.readout import Report, Row

commands = typer.Typer(help="Experiments: design one, put units into arms, analyse it.", no_args_is_help=True)
commands.add_typer(ml.experiments.design_command_line.commands)


@commands.command()
def analyse(
    data: Annotated[Path, typer.Option(help="A CSV file, one row a unit; with --date, one row for each thing done.")],
    unit: Annotated[str, typer.Option(help="The column that names the unit.")],
    arm: Annotated[str, typer.Option(help="The column that names the unit's arm.")],
    metrics: Annotated[
        str, typer.Option(help="Primary metrics: spend, revenue/orders, share:visit, p90:spend, with commas between.")
    ],
    control: Annotated[str | None, typer.Option(help="The arm to compare with; else the one named like one.")] = None,
    secondary: Annotated[str, typer.Option(help="Secondary metrics, written alike.")] = "",
    guardrails: Annotated[
        str,
        typer.Option(help="Metrics that may lose a part at most: returns=0.02; lower:returns=0.02 if less is good."),
    ] = "",
    covariates: Annotated[str, typer.Option(help="Columns known before the start, to adjust for (CUPED).")] = "",
    cluster: Annotated[
        str | None, typer.Option(help="The column of what was put into arms, if units are in it.")
    ] = None,
    strata: Annotated[str | None, typer.Option(help="A column known before the start, to post-stratify by.")] = None,
    segments: Annotated[str, typer.Option(help="Columns known before the start, to tell effects apart by.")] = "",
    winsorise: Annotated[float | None, typer.Option(help="Cap means and ratios at this quantile above 0.")] = None,
    cap: Annotated[str, typer.Option(help="Cap values at amounts that were settled before: spend=500.")] = "",
    shares: Annotated[str, typer.Option(help="The planned shares: control=0.5,green=0.5; else alike.")] = "",
    planned_units: Annotated[int | None, typer.Option(help="Units of all arms at the planned end.", min=1)] = None,
    method: Annotated[str, typer.Option(help="sequential, fixed or group.")] = "sequential",
    looks: Annotated[str, typer.Option(help="For group: parts of the plan at which was looked, the last now.")] = "",
    level: Annotated[float, typer.Option(help="Level of the intervals.")] = 0.95,
    date: Annotated[str | None, typer.Option(help="The column of the row's day; rows of a unit are added up.")] = None,
    assigned: Annotated[str | None, typer.Option(help="The column of the day of assignment.")] = None,
    exposed: Annotated[str | None, typer.Option(help="The column of the first day of treatment.")] = None,
    empty_is_zero: Annotated[bool, typer.Option(help="An empty cell of a metric is 0, and not unknown.")] = False,
    prior_sd: Annotated[
        float | None,
        typer.Option(help="For the Bayesian read-out: how far from none effects were believed to be: 0.05."),
    ] = None,
    value: Annotated[str | None, typer.Option(help="Money that one more of the first metric is worth.")] = None,
    rollout: Annotated[int, typer.Option(help="With --value: units that the decision is for.", min=1)] = 1,
    cost: Annotated[str, typer.Option(help="With --value: money that treating one unit costs.")] = "0",
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the arms of an experiment, unless a guard says that nothing can be compared."""
    import json

    from ml.experiments.arms import control_of
    from ml.experiments.options import listed, method_said, metrics_said, numbers_said, stakes_said
    from ml.experiments.questions import Design
    from ml.experiments.readout import told
    from ml.experiments.report import report_of
    from ml.experiments.trial import Plan
    from ml.experiments.unit_file import Layout, read_units

    asked = metrics_said(metrics, secondary, guardrails, prior_sd)
    chosen_method = method_said(method, level, planned_units, looks)
    planned_shares = numbers_said(shares, "--shares")
    stakes = stakes_said(value, rollout, cost)
    design = Design(listed(covariates), strata, cluster is not None, winsorise, numbers_said(cap, "--cap"))
    layout = Layout(
        unit,
        arm,
        numbers=tuple(dict.fromkeys(column for metric in asked for column in metric.columns)),
        covariates=design.covariates,
        labels=tuple(dict.fromkeys([*([strata] if strata else []), *listed(segments)])),
        cluster=cluster,
        day=date,
        assigned=assigned,
        exposed=exposed,
        is_empty_zero=empty_is_zero,
    )
    table = read_units(data, layout)
    compared_with, words = control_of(table.arms, control)
    if words:
        say(words, error=True)
    plan = Plan(asked, compared_with, chosen_method, planned_shares or None, planned_units)
    found = report_of(table, plan, design, segments=listed(segments), stakes=stakes)
    if json_:
        say(json.dumps(told(found), allow_nan=False))
    else:
        _print(found)


def _print(found: Report) -> None:
    from ml.experiments.readout import rows_of
    from warehouse.queries.formats import answer_of

    analysis = found.analysis
    for guard in analysis.guards:
        if guard.status != "passed":
            say(f"{guard.status}: {guard.name}. {guard.words}")
    if analysis.withheld:
        say("The results are withheld until this is explained.")
        return
    rows = rows_of(analysis.results)
    show(answer_of([_shown(row) for row in rows]), as_json=False)
    if found.segments:
        parts = rows_of([each.result for each in found.segments])
        named = [
            replace(row, metric=f"{each.segment}: {row.metric}")
            for each, row in zip(found.segments, parts, strict=True)
        ]
        show(answer_of([_shown(row) for row in named]), as_json=False)
    for each in found.differing:
        verdict = "differs" if each.p_value < 0.05 else "is not known to differ"
        say(f"{each.arm}: the effect on {each.metric} {verdict} by {each.column} (p {each.p_value:.3g}).")
    for change in found.changes:
        say(f"{change.arm}, {change.metric}: {change.words}")
    for (metric, arm), value in found.value.items():
        say(f"{arm}, {metric}: rolled out it is worth {value.estimate:,} ({value.low:,} to {value.high:,}).")
    for words in dict.fromkeys(f"{row.metric}: {row.words}" for row in rows if row.words):
        say(words)
    for method in dict.fromkeys(row.method for row in rows):
        say(f"By: {method}.")


@dataclass(frozen=True, slots=True)
class _Shown:
    metric: str
    arm: str
    control: str
    difference: str
    interval: str
    relative: str
    p_value: str
    better: str
    guardrail: str


def _shown(row: Row) -> _Shown:
    def written(number: float | None, form: str = ".5g") -> str:
        return "" if number is None else format(number, form)

    def between(low: float | None, high: float | None, form: str) -> str:
        return "" if low is None else f"{written(low, form)} to {written(high, form)}"

    relative = f"{written(row.relative, '+.2%')} ({between(row.relative_low, row.relative_high, '+.2%')})"
    return _Shown(
        row.metric,
        row.arm,
        row.control,
        written(row.difference),
        between(row.low, row.high, ".5g"),
        "" if row.relative is None else relative,
        written(row.p_value, ".3g"),
        written(row.probability, ".1%"),
        row.verdict or "",
    )
