"""The command that credits channels with conversions: those of the warehouse, or those of a file of paths."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.console import open_warehouse, say

if TYPE_CHECKING:
    from ml.attribution.answer import Answer
    from ml.attribution.path_file import PathFile
    from ml.attribution.report import Report
    from warehouse.schema.commerce import ConversionKind

commands = typer.Typer()

_DAY = ["%Y-%m-%d"]


@commands.command()
def attribution(
    paths: Annotated[
        Path | None,
        typer.Option(help="A CSV file of paths: path (touches between >), conversions, and if known value and null."),
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="Any account of the advertiser: the platform's id, or PLATFORM/ID.")
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            help="first, last, last_non_direct, linear, position, time_decay, markov, shapley, shapley_ordered, "
            "shapley_rate, fractional, or calibrated."
        ),
    ] = "markov",
    by: Annotated[
        str | None,
        typer.Option(
            help="What channels are split by, with commas: campaign, ad_group, ad, creative, device, region, customer, "
            "touched or date."
        ),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(help="Days before a conversion in which touches count: 14, or for one channel 14,email=7."),
    ] = None,
    goal: Annotated[str | None, typer.Option(help="The kind of conversion, such as order.")] = None,
    from_: Annotated[
        dt.datetime | None, typer.Option("--from", formats=_DAY, help="First day of the conversions.")
    ] = None,
    to: Annotated[dt.datetime | None, typer.Option(formats=_DAY, help="Last day of the conversions.")] = None,
    customers: Annotated[str | None, typer.Option(help="Whose conversions: all, new or returning.")] = None,
    worth: Annotated[str | None, typer.Option(help="What they are worth: revenue or margin.")] = None,
    without: Annotated[str | None, typer.Option(help="As if nobody had met this channel.")] = None,
    views: Annotated[float | None, typer.Option(help="What a mere view counts in a rule, from 0 to 1.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of the amounts.")] = None,
    order: Annotated[int | None, typer.Option(help="Touches that markov remembers.", min=1)] = None,
    lifts: Annotated[
        Path | None,
        typer.Option(help="For calibrated: a CSV file of tests with channel, lift (conversions) and se."),
    ] = None,
    first: Annotated[float | None, typer.Option(help="Weight of the first touch in position.")] = None,
    last: Annotated[float | None, typer.Option(help="Weight of the last touch in position.")] = None,
    half_life: Annotated[
        float | None, typer.Option(help="Days, in a file of paths touches, after which time_decay gives half.")
    ] = None,
    level: Annotated[float | None, typer.Option(help="Level of the intervals.")] = None,
    draws: Annotated[int | None, typer.Option(help="Draws of the bootstrap.", min=1)] = None,
    seed: Annotated[
        int | None, typer.Option(help="Chance of a file's bootstrap: the same seed gives the same intervals.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Also write a page to read and print: FILE.html.", dir_okay=False)
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Credit channels with conversions.

    Of the warehouse, what is not said is as in the published run. With --paths of a file, and no warehouse is needed.
    """
    from ml.attribution.printed import print_json, print_table

    settings = _Settings(model, order, first, last, half_life, draws, level)
    of_warehouse = {
        "--account": account, "--by": by, "--window": window, "--goal": goal, "--from": from_, "--to": to,
        "--customers": customers, "--worth": worth, "--without": without, "--views": views, "--currency": currency,
    }  # fmt: skip
    if paths is None:
        _refuse({"--lifts": lifts, "--seed": seed}, "needs a file of paths, --paths FILE.csv.")
        answer = _of_warehouse(settings, {name.strip("-"): value for name, value in of_warehouse.items()}, report)
    else:
        _refuse(of_warehouse, "is asked of the warehouse, and --paths is a file.")
        answer = _of_file(paths, settings, lifts, 1 if seed is None else seed, report)
    (print_json if json_ else print_table)(answer)


@dataclass(frozen=True, slots=True)
class _Settings:
    """What both ways have in common; None where nothing is said."""

    model: str
    order: int | None
    first: float | None
    last: float | None
    half_life: float | None
    draws: int | None
    level: float | None


def _of_file(paths: Path, said: _Settings, lifts: Path | None, seed: int, report: Path | None) -> Answer:
    """Credits of a file of paths; what is odd in it is said."""
    from ml.attribution.answer import CALIBRATED, DRAWS, answer_of
    from ml.attribution.lift_file import read_lifts
    from ml.attribution.models import Model
    from ml.attribution.path_file import read_paths
    from ml.attribution.report import report_of_file

    if (said.model == CALIBRATED) != (lifts is not None):
        raise typer.BadParameter("calibrated needs --lifts FILE.csv, and no other model takes it.")
    asked: dict[str, Any] = {
        "order": said.order, "first": said.first, "last": said.last, "half_life_touches": said.half_life,
    }  # fmt: skip
    model = replace(
        Model("markov" if said.model == CALIBRATED else said.model),
        **{name: value for name, value in asked.items() if value is not None},
    )
    file = read_paths(paths)
    _tell_oddities(file)
    answer = answer_of(
        file.paths,
        model,
        lifts=None if lifts is None else read_lifts(lifts),
        draws=said.draws or DRAWS,
        level=0.9 if said.level is None else said.level,
        seed=seed,
    )
    if report is not None:
        _write(report_of_file(file, paths.name, answer, model), report)
    return answer


def _of_warehouse(said: _Settings, asked: Mapping[str, Any], report: Path | None) -> Answer:
    """Credits of an advertiser's journeys, by the reader's rights of whoever owns the warehouse."""
    from ml.attribution.held import held_journeys
    from ml.attribution.question import Question, as_answer, credits_of, lookback_said
    from ml.attribution.report import report_of
    from warehouse.filters import Filter
    from warehouse.local_owner import local_owner
    from warehouse.queries.accounts import find_account

    by = () if asked["by"] in {None, "channel"} else tuple(name.strip() for name in asked["by"].split(","))
    question = Question(
        said.model,
        said.order,
        said.first,
        said.last,
        said.half_life,
        lookback=lookback_said(asked["window"]) if asked["window"] else None,
        view_weight=asked["views"],
        customers=asked["customers"] or "all",
        worth=asked["worth"] or "revenue",
        without=asked["without"],
        by=by,
        draws=said.draws,
        level=said.level,
    )
    first, last = (None if asked[end] is None else asked[end].date() for end in ("from", "to"))
    goal = _goal(asked["goal"])
    warehouse = open_warehouse()
    with warehouse.reading(local_owner(warehouse)) as session:
        accounts = () if asked["account"] is None else (find_account(session, asked["account"]),)
        day = dt.datetime.now(dt.UTC).date()  # only the accounts and the currency of the filter count
        filter_ = Filter(day, day, currency=asked["currency"], accounts=accounts)
        held = held_journeys(session, filter_, goal=goal, first=first, last=last)
        if report is not None:
            _write(report_of(session, held, question), report)
        return as_answer(credits_of(session, held, question))


def _write(report: Report, file: Path) -> None:
    """The page, whole or not at all."""
    from ml.attribution.report_page import page_of
    from warehouse.queries.formats import replacing

    page = page_of(report)
    with replacing(file) as draft:
        draft.write_text(page, encoding="utf-8")
    say(f"The report is in {file}.", error=True)


def _goal(named: str | None) -> ConversionKind | None:
    from warehouse.schema.commerce import ConversionKind

    if named is not None and named not in set(ConversionKind):
        raise typer.BadParameter(f"{named!r} is none of {', '.join(ConversionKind)}.", param_hint="--goal")
    return None if named is None else ConversionKind(named)


def _refuse(options: Mapping[str, object], why: str) -> None:
    """Options that the chosen way does not have."""
    for name, value in options.items():
        if value is not None:
            raise typer.BadParameter(f"This {why}", param_hint=name)


def _tell_oddities(file: PathFile) -> None:
    from ml.attribution.path_file import MOST_TOUCHES, UNKNOWN

    if file.capped:
        say(f"{file.capped:,} paths have more than {MOST_TOUCHES} touches; the newest of them count.", error=True)
    if file.unknown_touches:
        say(f"{file.unknown_touches:,} touches have no name and stand under {UNKNOWN}.", error=True)
