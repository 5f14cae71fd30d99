"""The command that credits channels with conversions, from a file of paths."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.console import say, show

if TYPE_CHECKING:
    from ml.attribution.answer import Answer
    from ml.attribution.path_file import PathFile

commands = typer.Typer()


@commands.command()
def attribution(
    paths: Annotated[
        Path,
        typer.Option(help="A CSV file of paths: path (touches between >), conversions, and if known value and null."),
    ],
    model: Annotated[
        str,
        typer.Option(
            help="first, last, last_non_direct, linear, position, time_decay, markov, shapley, shapley_ordered, "
            "shapley_rate, fractional, or calibrated."
        ),
    ] = "markov",
    order: Annotated[int, typer.Option(help="Touches that markov remembers.", min=1)] = 1,
    lifts: Annotated[
        Path | None,
        typer.Option(help="For calibrated: a CSV file of tests with channel, lift (conversions) and se."),
    ] = None,
    first: Annotated[float, typer.Option(help="Weight of the first touch in position.")] = 0.4,
    last: Annotated[float, typer.Option(help="Weight of the last touch in position.")] = 0.4,
    half_life: Annotated[float, typer.Option(help="Touches after which time_decay gives half.")] = 1.0,
    level: Annotated[float, typer.Option(help="Level of the intervals.")] = 0.9,
    draws: Annotated[int, typer.Option(help="Draws of the bootstrap.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="Chance of the bootstrap: the same seed gives the same intervals.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Credit channels with conversions, from a file of paths; no warehouse is needed."""
    from ml.attribution.answer import CALIBRATED, answer_of
    from ml.attribution.lift_file import read_lifts
    from ml.attribution.models import Model
    from ml.attribution.path_file import read_paths

    if (model == CALIBRATED) != (lifts is not None):
        raise typer.BadParameter("calibrated needs --lifts FILE.csv, and no other model takes it.")
    chosen = Model(
        "markov" if model == CALIBRATED else model, order=order, first=first, last=last, half_life_touches=half_life
    )
    file = read_paths(paths)
    tests = None if lifts is None else read_lifts(lifts)
    answer = answer_of(file.paths, chosen, lifts=tests, draws=draws, level=level, seed=seed)
    _tell_oddities(file)
    if json_:
        _print_json(answer)
    else:
        _print_table(answer)


def _tell_oddities(file: PathFile) -> None:
    from ml.attribution.path_file import MOST_TOUCHES, UNKNOWN

    if file.capped:
        say(f"{file.capped:,} paths have more than {MOST_TOUCHES} touches; the newest of them count.", error=True)
    if file.unknown_touches:
        say(f"{file.unknown_touches:,} touches have no name and stand under {UNKNOWN}.", error=True)


def _print_json(answer: Answer) -> None:
    import json
    from dataclasses import asdict

    told = asdict(answer)
    kept = ["model", "order", "total_conversions", "credits"] + ["baseline"] * (answer.baseline is not None)
    say(json.dumps({name: told[name] for name in kept}))


def _print_table(answer: Answer) -> None:
    from dataclasses import replace

    from warehouse.queries.formats import answer_of as rows_of

    rounded = [
        replace(
            row,
            conversions=round(row.conversions, 2),
            low=round(row.low, 2),
            high=round(row.high, 2),
            value=round(row.value, 2),
            removal_effect=None if row.removal_effect is None else round(row.removal_effect, 4),
        )
        for row in answer.credits
    ]
    if rounded:
        show(rows_of(rounded), as_json=False)
    say(f"{answer.total_conversions:,.0f} conversions, {answer.untouched:,.0f} of them without a known touch.")
    if answer.baseline is None:
        say("Credit says who was there before conversions, not who caused them.")
    else:
        base = answer.baseline
        say(f"{answer.words} {base.estimate:,.0f} ({base.low:,.0f} to {base.high:,.0f}) would have come anyway.")
