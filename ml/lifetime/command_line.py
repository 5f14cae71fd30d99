"""The command that says who comes again and what customers will be worth, from a file of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warehouse.console import say, show

if TYPE_CHECKING:
    from ml.lifetime.answer import Answer

commands = typer.Typer()


@commands.command()
def lifetime(
    data: Annotated[Path, typer.Option(help="A CSV file with a row per customer.")],
    horizon: Annotated[float, typer.Option(help="How far ahead, in the file's unit of time.")],
    frequency: Annotated[str, typer.Option(help="The column of purchases after the first.")] = "frequency",
    recency: Annotated[
        str, typer.Option(help="The column of the time from the first purchase to the last.")
    ] = "recency",
    age: Annotated[str, typer.Option(help="The column of the time from the first purchase to now.")] = "age",
    amount: Annotated[
        str | None, typer.Option(help="The column of what these purchases were worth on average.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="The column that tells customers apart.")] = None,
    later: Annotated[str | None, typer.Option(help="The column of purchases within the horizon, to judge by.")] = None,
    arm: Annotated[str | None, typer.Option(help="The column that says who was treated.")] = None,
    treated: Annotated[str, typer.Option(help="The name of the treated arm.")] = "1",
    control: Annotated[str, typer.Option(help="The name of the untreated arm.")] = "0",
    discount: Annotated[float, typer.Option(help="What a unit of time takes off the worth of money.")] = 0.0,
    values: Annotated[Path | None, typer.Option(help="Write every customer's prospects to this file.")] = None,
    level: Annotated[float, typer.Option(help="Level of the intervals.")] = 0.9,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say who will buy again and what for, from how often and how lately customers bought."""
    import json
    from dataclasses import asdict

    import polars as pl

    from ml.lifetime.answer import answer_of
    from ml.lifetime.purchase_file import Columns, read_purchases
    from ml.lifetime.value import Horizon
    from warehouse.errors import BadSetting

    file = read_purchases(data, Columns(frequency, recency, age, amount, unit, later, arm))
    arms = None if arm is None else (treated, control)
    answer, each = answer_of(file, Horizon(horizon, discount), arms=arms, level=level)
    if values is not None:
        columns = {"unit": list(file.units), "alive": each.alive, "expected": each.expected}
        frame = pl.DataFrame(columns if each.value is None else {**columns, "value": each.value})
        try:
            frame.write_csv(values)
        except OSError as error:
            raise BadSetting(f"{values} cannot be written: {error}.") from error
    if json_:
        say(json.dumps(asdict(answer)))
    else:
        _print(answer, horizon)


def _print(answer: Answer, horizon: float) -> None:
    from dataclasses import replace

    from warehouse.queries.formats import answer_of as rows_of

    parameters = [
        replace(each, estimate=round(each.estimate, 5), se=round(each.se, 5))
        for each in (*answer.models[0].parameters, *answer.spending)
    ]
    show(rows_of(parameters), as_json=False)
    say(f"{answer.repeaters:,} of {answer.customers:,} customers came again; {answer.alive:.0%} are still there.")
    said = ", ".join(f"{model.expected:,.0f} by {model.model}" for model in answer.models)
    say(f"Purchases within {horizon:g}: {said}.")
    if answer.value is not None:
        say(f"A customer will bring {answer.value.estimate:.2f} ({answer.value.low:.2f} to {answer.value.high:.2f}).")
    if answer.calibration is not None:
        judged = answer.calibration
        say(f"Of {judged.found:,.0f} purchases that came, {judged.predicted:,.0f} were predicted.")
    if answer.difference is not None:
        say(answer.difference.words)
