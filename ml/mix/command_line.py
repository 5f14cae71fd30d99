"""The command that fits a mix model from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ml.plain import plain
from warehouse.console import say, show

if TYPE_CHECKING:
    from ml.mix.answer import MixAnswer
    from ml.mix.results import Estimate

commands = typer.Typer()


@commands.command()
def mix(
    data: Annotated[Path, typer.Option(help="A CSV file with a row per day, week or month.")],
    date: Annotated[str, typer.Option(help="The column with the first day of the period.")],
    outcome: Annotated[str, typer.Option(help="The column with what advertising is for: revenue, orders, sign-ups.")],
    media: Annotated[str, typer.Option(help="The columns with spend, with commas between them.")],
    controls: Annotated[
        str, typer.Option(help="Columns that move the outcome too; price:precision states a role, else a confounder.")
    ] = "",
    exposure: Annotated[
        str, typer.Option(help="Where impressions work and not money: spend_TV=impressions_TV, and so on.")
    ] = "",
    organic: Annotated[str, typer.Option(help="Columns of what works and costs nothing, such as newsletters.")] = "",
    lifts: Annotated[
        Path | None, typer.Option(help="A CSV file of experiments: channel, start, end, lift, se.")
    ] = None,
    families: Annotated[
        str, typer.Option(help="Pairs such as geometric+exponential; without it all are averaged.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Chance: the same seed gives the same answer.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what each channel brought, from a file of spend and outcome; no warehouse is needed."""
    from ml.mix.answer import mix_answer
    from ml.mix.mix import ALL_FAMILIES
    from ml.mix.mix_file import read_lifts, read_mix

    told = read_mix(
        data,
        date=date,
        outcome=outcome,
        media=_names(media),
        controls=_names(controls),
        exposures=dict(_pair(part, "=", "--exposure") for part in _names(exposure)),
        organic=_names(organic),
    )
    tests = read_lifts(lifts, [channel.name for channel in told.channels]) if lifts is not None else ()
    chosen = tuple(_pair(part, "+", "--families") for part in _names(families)) or ALL_FAMILIES
    answer = mix_answer(told, lifts=tests, families=chosen, seed=seed)
    if json_:
        _print_json(answer)
    else:
        _print_table(answer)


def _names(text: str) -> list[str]:
    """Names with commas between them; a name that has one stands in quotes."""
    import csv

    return [name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip()]


def _pair(text: str, mark: str, option: str) -> tuple[str, str]:
    one, found, other = text.partition(mark)
    if not found:
        raise typer.BadParameter(f"{text!r} is not two names with {mark} between them.", param_hint=option)
    return one.strip(), other.strip()


def _print_json(answer: MixAnswer) -> None:
    import json

    from warehouse.queries.formats import jsonable

    told: dict[str, Any] = {
        "trust": {"status": answer.trust.status, "findings": [jsonable(finding) for finding in answer.trust.findings]},
        "baseline": {
            **_ends("contribution", answer.baseline.contribution),
            **_ends("share", answer.baseline.share, "share"),
        },
        "channels": [
            {
                "channel": channel.channel,
                **_ends("contribution", channel.contribution),
                **_ends("roi", channel.roi, "roi"),
                **_ends("marginal_roi", channel.marginal_roi, "marginal_roi"),
                **_ends("share", channel.share, "share"),
                **_ends("half_life", channel.half_life, "half_life"),
                **_ends("carried", channel.carried, "carried"),
                "learnt": channel.learnt,
            }
            for channel in answer.channels
        ],
        "families": {family.name: family.weight for family in answer.families},
        "experiments": [jsonable(effect) for effect in answer.experiments],
    }
    say(json.dumps(jsonable(told)))


def _ends(name: str, estimate: Estimate | None, prefix: str = "") -> dict[str, float | None]:
    """An estimate with its interval; the ends carry the name too where ``prefix`` is given."""
    low, high = (f"{prefix}_{end}".lstrip("_") for end in ("low", "high"))
    if estimate is None:
        return {name: None, low: None, high: None}
    return {name: estimate.estimate, low: estimate.low, high: estimate.high}


def _print_table(answer: MixAnswer) -> None:
    from ml.mix.answer import Line
    from warehouse.queries.formats import answer_of

    def told(estimate: Estimate | None) -> str:
        if estimate is None:
            return ""
        return f"{plain(estimate.estimate)} ({plain(estimate.low)} to {plain(estimate.high)})"

    share = answer.baseline.share
    say(
        f"Advertising brought {1 - share.estimate:.1%} of the outcome ({1 - share.high:.1%} to {1 - share.low:.1%} "
        f"at 90%) from {answer.first} to {answer.last}."
    )
    lines = [
        Line(
            channel.channel, told(channel.contribution), told(channel.roi), told(channel.marginal_roi),
            f"{channel.half_life.estimate:.1f} weeks",
        )
        for channel in answer.channels
    ]  # fmt: skip
    show(answer_of([*lines, Line("(baseline)", told(answer.baseline.contribution), "", "", "")]), as_json=False)
    for effect in answer.experiments:
        say(effect.words)
    say(f"Trust: {answer.trust.status}.")
    for finding in answer.trust.findings:
        if finding.status != "green":
            say(f"  {finding.status}, {finding.name}: {finding.words} {finding.help}".rstrip())
    fine = [finding.name for finding in answer.trust.findings if finding.status == "green"]
    say(f"  green: {', '.join(fine)}.")
