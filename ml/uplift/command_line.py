"""The commands that find out who responds to a treatment, and whether an audience kept what it promised."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.console import say, show

if TYPE_CHECKING:
    from ml.uplift.answer import Answer
    from ml.uplift.sample_file import SampleFile

commands = typer.Typer()


class Learner(StrEnum):
    """Learners by the names that the field has for them."""

    s = "s"
    t = "t"
    x = "x"
    r = "r"
    dr = "dr"


@commands.command()
def uplift(
    data: Annotated[Path, typer.Option(help="A CSV file with a row per customer.")],
    arm: Annotated[str, typer.Option(help="The column that says who was treated: 0 and 1, or names.")],
    outcome: Annotated[str, typer.Option(help="The column of what customers did, a number.")],
    features: Annotated[str, typer.Option(help="Columns that were known before, with commas between them.")],
    unit: Annotated[str | None, typer.Option(help="The column that tells customers apart.")] = None,
    treated: Annotated[str | None, typer.Option(help="The name of the treated arm.")] = None,
    control: Annotated[str | None, typer.Option(help="The name of the untreated arm.")] = None,
    propensity: Annotated[
        str,
        typer.Option(
            help="The chance of treatment: a number, a column, `randomised` for the same chance for all, or "
            "`estimated` from the features."
        ),
    ] = "randomised",
    learner: Annotated[Learner, typer.Option(help="How uplift is learned.")] = Learner.dr,
    value: Annotated[float, typer.Option(help="What one unit of the outcome is worth.")] = 1.0,
    cost: Annotated[float, typer.Option(help="What treating one customer costs.")] = 0.0,
    margin: Annotated[
        float | None, typer.Option(help="The uplift that makes a persuadable; by itself what pays for a treatment.")
    ] = None,
    holdout: Annotated[float, typer.Option(help="The share of customers that the learner is judged on.")] = 0.5,
    scores: Annotated[
        Path | None, typer.Option(help="Write every customer's score and its parts to this file.")
    ] = None,
    audience: Annotated[Path | None, typer.Option(help="Write whom to treat, and whom to hold out, here.")] = None,
    audience_holdout: Annotated[float, typer.Option(help="The share of the audience to hold out.")] = 0.1,
    level: Annotated[float, typer.Option(help="Level of the intervals.")] = 0.9,
    draws: Annotated[int, typer.Option(help="Draws of the bootstrap.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="Chance: the same seed gives the same answer.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find out whom a treatment changes, from a test of it, and what choosing them is worth."""
    from ml.uplift.answer import Terms, answer_of
    from ml.uplift.score_file import write_audience, write_scores

    file = _read(data, arm, outcome, features, unit, treated, control, propensity)
    answer = answer_of(
        file.sample,
        learner.value,
        terms=Terms(value, cost, margin),
        holdout=holdout,
        draws=draws,
        level=level,
        seed=seed,
    )
    for remark in file.remarks:
        say(remark, error=True)
    if scores is not None:
        write_scores(scores, file.units, answer, file.sample)
    chosen = None
    if audience is not None:
        chosen = write_audience(audience, file.units, answer, holdout=audience_holdout, salt=str(seed))
    told = _told(file, answer, propensity)
    if chosen is not None:
        told["audience"] = {"treat": int(chosen.treat.sum()), "held_out": int(chosen.held_out.sum())}
    if json_:
        import json

        say(json.dumps(told, allow_nan=False))
    else:
        _print(file, answer)


@commands.command()
def verify_audience(
    audience: Annotated[Path, typer.Option(help="The file that `causeway uplift --audience` wrote.")],
    data: Annotated[Path, typer.Option(help="A CSV file of what these customers did since.")],
    outcome: Annotated[str, typer.Option(help="The column of what customers did, a number.")],
    unit: Annotated[str, typer.Option(help="The column that tells customers apart.")],
    level: Annotated[float, typer.Option(help="Level of the intervals.")] = 0.9,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Hold what an audience was predicted to do against what it did, by those held out of it."""
    import json
    from dataclasses import asdict

    from ml.uplift.audience import verify_audience as verify
    from ml.uplift.score_file import read_audience

    predicted, held_out, did = read_audience(audience, data, unit=unit, outcome=outcome)
    found = verify(predicted, held_out, did, level=level)
    if json_:
        say(json.dumps({**asdict(found), "kept": found.kept, "words": found.words}, allow_nan=False))
        return
    say(found.words)
    say(f"{found.treated:,} treated, {found.held_out:,} held out; an effect of {found.provable:.3g} would be found.")


def _read(
    data: Path,
    arm: str,
    outcome: str,
    features: str,
    unit: str | None,
    treated: str | None,
    control: str | None,
    propensity: str,
) -> SampleFile:
    from dataclasses import replace

    import numpy as np

    from ml.uplift.sample_file import Columns, read_sample

    named = tuple(name.strip() for name in features.split(",") if name.strip())
    known = _number(propensity)
    column = None if known is not None or propensity in {"randomised", "estimated"} else propensity
    columns = Columns(arm, outcome, named, unit, column)
    file = read_sample(data, columns, treated=treated, control=control, propensity=known)
    if propensity != "randomised":
        return file
    share = float(file.sample.treated.mean())
    return replace(file, sample=replace(file.sample, propensity=np.full(file.sample.size, share)))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _told(file: SampleFile, answer: Answer, propensity: str) -> dict[str, Any]:
    """The answer as JSON has it; what is not known is null."""
    from dataclasses import asdict

    sample, ranking = file.sample, answer.ranking
    told = {
        "customers": sample.size,
        "treated": int(sample.treated.sum()),
        "untreated": int((~sample.treated).sum()),
        "held_out": int(answer.held_out.sum()),
        "arms": {"treated": file.treated, "control": file.control},
        "propensity": propensity,
        "level": ranking.level,
        "effect": asdict(ranking.effect),
        "qini": asdict(ranking.qini),
        "autoc": asdict(ranking.autoc),
        "auuc": asdict(ranking.auuc),
        "tops": [asdict(top) for top in ranking.tops],
        "conventions": asdict(answer.conventions),
        "policy": asdict(answer.policy),
        "margin": answer.margin,
        "kinds": [asdict(kind) for kind in answer.kinds],
        "drivers": [asdict(driver) for driver in answer.drivers],
        "remarks": list(file.remarks),
        "words": answer.words,
    }
    return {name: _known(value) for name, value in told.items()}


def _known(value: Any) -> Any:
    """The value with None for every number that is none."""
    if isinstance(value, dict):
        return {name: _known(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_known(inner) for inner in value]
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124  (nan alone differs from itself)


def _print(file: SampleFile, answer: Answer) -> None:
    from ml.uplift.lines import driver_lines, kind_lines, top_lines
    from warehouse.queries.formats import answer_of as rows_of

    sample = file.sample
    say(f"{sample.treated.sum():,} customers were treated, {(~sample.treated).sum():,} were not; "
        f"judged on {answer.held_out.sum():,} that the learner did not see.")  # fmt: skip
    for lines in (top_lines(answer.ranking), kind_lines(answer.kinds), driver_lines(answer.drivers)):
        show(rows_of(lines), as_json=False)
    say(answer.words)
