"""The command that measures what treatment of markets brought, from a file with a panel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.console import say, show

if TYPE_CHECKING:
    from ml.lift.methods import Method
    from ml.lift.panel import Panel
    from ml.lift.results import Lift
    from ml.lift.worth import Worth

commands = typer.Typer()


@commands.command()
def lift(
    panel: Annotated[Path, typer.Option(help="A CSV file with a row per market and period.")],
    unit: Annotated[str, typer.Option(help="The column with the market.")],
    time: Annotated[str, typer.Option(help="The column with the day, or with a year or another whole number.")],
    outcome: Annotated[str, typer.Option(help="The column with what is measured.")],
    treated: Annotated[str, typer.Option(help="The treated markets, with commas between them.")] = "",
    start: Annotated[str | None, typer.Option(help="The first day with treatment.")] = None,
    end: Annotated[str | None, typer.Option(help="The last day with treatment; the last of the file.")] = None,
    exclude: Annotated[str, typer.Option(help="Markets that must not stand for the treated ones.")] = "",
    method: Annotated[
        str, typer.Option(help="synthetic, augmented, sdid, did, its, go_dark, holdout or switchback.")
    ] = "synthetic",
    match: Annotated[
        str | None, typer.Option(help="level, or path about the mean; path with 25 periods or more before treatment.")
    ] = None,
    inference: Annotated[str | None, typer.Option(help="placebo, conformal, or for sdid jackknife.")] = None,
    predictors: Annotated[
        str | None, typer.Option(help="For synthetic: columns to match, such as income@1980..1988,price@1985.")
    ] = None,
    fit_window: Annotated[
        str | None, typer.Option(help="With predictors: where the outcome is to be matched, such as 1960..1969.")
    ] = None,
    search: Annotated[
        str, typer.Option(help="With predictors: global, or one descent from equal importances.")
    ] = "global",
    on: Annotated[str | None, typer.Option(help="For switchback: the column that is 1 with treatment, else 0.")] = None,
    washout: Annotated[int, typer.Option(help="For switchback: periods after a switch that do not count.", min=0)] = 0,
    level: Annotated[float, typer.Option(help="Level of the intervals.")] = 0.9,
    spend: Annotated[str | None, typer.Option(help="What was spent on the treated markets, in money.")] = None,
    value: Annotated[str, typer.Option(help="With spend: what one unit of the outcome is worth.")] = "1",
    seed: Annotated[int, typer.Option(help="Chance: the same seed gives the same answer.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure what treatment of some markets brought, from a file; no warehouse is needed."""
    from ml.lift.case import Treatment
    from ml.lift.lift import lift_of, switchback_lift
    from ml.lift.panel_file import names_of, predictor_columns, read_panel, time_of
    from ml.lift.worth import amount_of, worth_of

    if (method == "switchback") != (on is not None):
        raise typer.BadParameter("switchback needs --on COLUMN, and no other method takes it.")
    if on is not None and (treated or exclude or start is not None or end is not None):
        raise typer.BadParameter("switchback compares times of all markets; leave --treated, --start and the like out.")
    if on is None and (start is None or not treated):
        raise typer.BadParameter(f"{method} needs --treated and --start.")
    columns = predictor_columns(predictors, outcome) if predictors else []
    read = read_panel(panel, unit, time, outcome, columns if on is None else [on])
    chosen = _method(read, method, match, inference, predictors, fit_window, search, washout, outcome)
    if on is not None:
        found = switchback_lift(read, _switched(read, on), chosen, level=level, seed=seed)
    else:
        treatment = Treatment(
            names_of(treated),
            time_of(start or "", read),
            None if end is None else time_of(end, read),
            names_of(exclude),
        )
        found = lift_of(read, treatment, chosen, level=level, seed=seed)
    worth = None if spend is None else worth_of(found, amount_of("spend", spend), value=amount_of("value", value))
    if json_:
        _print_json(found, worth)
    else:
        _print_table(found, worth)


def _method(
    panel: Panel, name: str, match: str | None, inference: str | None, predictors: str | None, window: str | None,
    search: str, washout: int, outcome: str,
) -> Method:  # fmt: skip
    from typing import cast

    from ml.lift.methods import Method
    from ml.lift.panel_file import predictors_of, time_of

    fitted = None
    if window is not None:
        first, _, last = window.partition("..")
        fitted = (time_of(first, panel), time_of(last or first, panel))
    return Method(
        name,
        cast("Any", match),  # what it may be is said by Method itself
        inference,
        predictors_of(predictors, panel, outcome) if predictors else (),
        fitted,
        cast("Any", search),
        washout,
    )


def _switched(panel: Panel, column: str) -> Any:
    import numpy as np

    from warehouse.errors import BadSetting

    values = panel.traits[column]
    if not np.isin(values, (0, 1)).all():
        raise BadSetting(
            f"The column {column!r} is not 0 or 1 everywhere.", remedy="Write 1 with treatment, 0 without."
        )
    return values == 1


def _print_json(found: Lift, worth: Worth | None) -> None:
    import json

    told: dict[str, Any] = {
        "method": found.method,
        "att": found.att.estimate,
        "low": found.att.low,
        "high": found.att.high,
        "incremental": found.incremental.estimate,
        "lift": found.lift.estimate,
        "p_value": found.p_value,
        "weights": _weights(found),
        "checks": [
            {"name": check.name, "status": check.status, "value": check.value, "words": check.words}
            for check in found.checks
        ],
        "status": found.status,
        "inference": found.inference,
        "level": found.level,
        "se": found.se,
        "incremental_low": found.incremental.low,
        "incremental_high": found.incremental.high,
        "lift_low": found.lift.low,
        "lift_high": found.lift.high,
        "treated": list(found.treated),
        "first": str(found.first),
        "last": str(found.last),
        "rmspe": found.rmspe,
        "l2": found.l2,
        "identifies": found.identifies,
    }
    if worth is not None:
        told |= {
            "cost_per_incremental": worth.cost,
            "cost_per_incremental_low": worth.cost_low,
            "cost_per_incremental_high": worth.cost_high,
            "iroas": worth.iroas.estimate,
            "iroas_low": worth.iroas.low,
            "iroas_high": worth.iroas.high,
        }
    say(json.dumps({name: _finite(value) for name, value in told.items()}))


def _finite(value: Any) -> Any:
    """JSON has neither infinity nor what is no number; both are null."""
    import math

    return None if isinstance(value, float) and not math.isfinite(value) else value


def _weights(found: Lift) -> dict[str, float]:
    """Those that there are, the largest first."""
    known = ((name, weight) for name, weight in found.weights.items() if abs(weight) > 1e-9)
    return dict(sorted(known, key=lambda item: (-item[1], item[0])))


def _print_table(found: Lift, worth: Worth | None) -> None:
    from warehouse.queries.formats import answer_of

    say(
        f"{found.incremental.estimate:,.6g} incremental from {found.first} to {found.last} "
        f"({found.incremental.low:,.6g} to {found.incremental.high:,.6g} at {found.level:.0%}), "
        f"a lift of {found.lift.estimate:.1%} ({found.lift.low:.1%} to {found.lift.high:.1%})."
    )
    say(f"{found.att.estimate:,.6g} per market and period; p = {found.p_value:.3g} by {found.inference}.")
    if not found.is_proven:
        say("Nothing is proven: the interval holds zero.")
    if worth is not None:
        say(_worth_words(worth))
    say(found.identifies)
    if found.checks:
        show(answer_of(found.checks), as_json=False)
    heavy = [f"{name} {weight:.4f}" for name, weight in _weights(found).items() if abs(weight) >= 1e-4]
    if heavy:
        say(f"Weights: {', '.join(heavy)}.")


def _worth_words(worth: Worth) -> str:
    cost = "no cost buys an outcome" if worth.cost is None else f"{worth.cost:,.4g} for each incremental outcome"
    ends = [f"{end:,.4g}" if end is not None else "without end" for end in (worth.cost_low, worth.cost_high)]
    back = f"{worth.iroas.estimate:,.3g} for each 1 spent ({worth.iroas.low:,.3g} to {worth.iroas.high:,.3g})"
    return f"Of {worth.spend:,} spent: {cost} ({' to '.join(ends)}), {back}."
