"""The command that says where the next unit of money goes, from a file of response curves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ml.plain import plain
from warehouse.console import say, show

if TYPE_CHECKING:
    from ml.budget.plan import Plan

commands = typer.Typer()


@commands.command()
def allocate(
    curves: Annotated[
        Path | None,
        typer.Option(help="A CSV file: channel, spend, response; or channel, family, parameters; current, low, high."),
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="In place of curves: an account, PLATFORM/ID, whose mix is modelled; by a week.")
    ] = None,
    budget: Annotated[str | None, typer.Option(help="The money to spend, all of it.")] = None,
    rules: Annotated[Path | None, typer.Option(help="What the plan must keep, a file in JSON or YAML.")] = None,
    rule: Annotated[
        list[str] | None, typer.Option(help="One more rule, as in a file: '{rule: locked, channel: tv}'.")
    ] = None,
    extra: Annotated[str | None, typer.Option(help="In place of a budget: so much more than is spent today.")] = None,
    target: Annotated[
        str | None, typer.Option(help="In place of a budget: the least money that brings this outcome.")
    ] = None,
    value: Annotated[
        str | None,
        typer.Option(
            help="In place of a budget: spend while the next unit of outcome, worth so much, pays for itself."
        ),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(help="Of an account: revenue, margin, conversions or new_customers.")
    ] = None,
    caution: Annotated[
        float, typer.Option(help="Of an account: weight of the worst draws against the mean, 0 to 1.")
    ] = 0.0,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Allocate a budget to channels so that it brings most, with proof: by a file of curves, or by the mix model."""
    import json

    from ml.budget import by_mix
    from ml.budget.curve_file import read_curves
    from ml.budget.goals import break_even, extra_money, least_money
    from ml.budget.plan import allocate as allocated
    from ml.budget.proposal import GOALS, Asked
    from ml.budget.rule_file import read_rules, rule_said
    from warehouse.errors import Infeasible

    if (curves is None) == (account is None):
        raise typer.BadParameter("Say one of --curves and --account.")
    given = [name for name, text in zip(_WAYS, (budget, extra, target, value), strict=True) if text is not None]
    if account is not None and len(given) <= 1:
        said = zip(GOALS, (budget, extra, target, value), strict=True)
        goal, text = next(((goal, text) for goal, text in said if text is not None), (GOALS[0], None))
        amount = None if text is None else _amount(goal, text)
        kept = (*(() if rules is None else read_rules(rules)), *(rule_said(each, "--rule") for each in rule or ()))
        by_mix.allocate_account(account, outcome, Asked(amount, goal, kept, caution), as_json=json_)
        return
    if len(given) != 1 or curves is None:
        raise typer.BadParameter(f"Say one of {', '.join(_WAYS)}.")
    channels = read_curves(curves)
    kept = (*(() if rules is None else read_rules(rules)), *(rule_said(each, "--rule") for each in rule or ()))
    try:
        if budget is not None:
            plan = allocated(channels, _amount("budget", budget), kept)
        elif extra is not None:
            plan = extra_money(channels, _amount("extra", extra), kept)
        elif target is not None:
            plan = least_money(channels, float(_amount("target", target)), kept)
        else:
            plan = break_even(channels, float(_amount("value", value or "")), kept)
    except Infeasible as refused:
        if json_:
            say(json.dumps({"status": "infeasible", "channels": [], "binding": [], "words": [str(refused)]}))
        raise
    (_print_json if json_ else _print_table)(plan)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the table."""

    channel: str
    current: Decimal | None
    proposed: Decimal
    brings: str
    marginal: str


_WAYS = ("--budget", "--extra", "--target", "--value")


def _amount(option: str, text: str) -> Decimal:
    from ml.lift.worth import amount_of

    return amount_of(option, text)


def _print_json(plan: Plan) -> None:
    import json

    told: dict[str, Any] = {
        "status": plan.status,
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap,
        "shadow_price": plan.shadow_price,
        "budget": float(plan.budget),
        "spent": float(plan.spent),
        "today": plan.today,
        "channels": [
            {
                "channel": line.channel,
                "current": _cents(line.current),
                "proposed": _cents(line.proposed),
                "low": _cents(line.low),
                "high": _cents(line.high),
                "marginal": line.marginal,
                "outcome": line.outcome,
                "today": line.today,
                "words": line.words,
            }
            for line in plan.lines
        ],
        "binding": [{"rule": each.rule, "shadow_price": each.price} for each in plan.binding],
        "words": list(plan.words),
    }
    say(json.dumps(told))


def _cents(amount: Decimal | None) -> float | None:
    """JSON has one kind of number; with cents it is read as it was written."""
    return None if amount is None else float(amount)


def _print_table(plan: Plan) -> None:
    from warehouse.queries.formats import answer_of

    rows = [
        Shown(line.channel, line.current, line.proposed, f"{plain(line.outcome, 6)}", f"{plain(line.marginal)}")
        for line in plan.lines
    ]
    show(answer_of(rows), as_json=False)
    say(f"{plain(plan.objective, 8)} in all; no plan under these rules brings more than {plain(plan.bound, 8)}.")
    say(f"One more unit of money would bring {plain(plan.shadow_price)}.")
    for words in plan.words:
        say(words)
    for each in plan.binding:
        say(f"Binding: {each.rule}; easing it by one unit would bring {plain(each.price)}.")
    for line in plan.lines:
        say(line.words)
