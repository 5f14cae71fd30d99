"""The command that plans a test of markets, from a file with their past."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from warehouse.console import say

if TYPE_CHECKING:
    from ml.lift.markets import Design

commands = typer.Typer()

_LIFTS: Final = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2)


@commands.command("lift-design")
def lift_design(
    panel: Annotated[Path, typer.Option(help="A CSV file with a row per market and period, without any test in it.")],
    unit: Annotated[str, typer.Option(help="The column with the market.")],
    time: Annotated[str, typer.Option(help="The column with the day, or with a year or another whole number.")],
    outcome: Annotated[str, typer.Option(help="The column with what is measured.")],
    periods: Annotated[int, typer.Option(help="How long the test is to be, in periods of the file.", min=1)],
    treated: Annotated[str, typer.Option(help="Markets to treat; left out, they are searched for.")] = "",
    sizes: Annotated[str, typer.Option(help="How many markets to treat, such as 1,2,4.")] = "1,2,3",
    cells: Annotated[int, typer.Option(help="Cells beside each other, each of as many markets.", min=1)] = 1,
    exclude: Annotated[str, typer.Option(help="Markets that take no part at all.")] = "",
    require: Annotated[str, typer.Option(help="Markets that must be treated.")] = "",
    untreated: Annotated[str, typer.Option(help="Markets that must not be treated.")] = "",
    cost: Annotated[str | None, typer.Option(help="What an incremental outcome costs, in money.")] = None,
    budget: Annotated[str | None, typer.Option(help="With cost: the most that the test may cost.")] = None,
    share: Annotated[float, typer.Option(help="The largest part of the outcome that may be treated.")] = 0.5,
    method: Annotated[
        str, typer.Option(help="synthetic, augmented, sdid, did, go_dark, or with treated its.")
    ] = "synthetic",
    level: Annotated[float, typer.Option(help="Level of the intervals.")] = 0.9,
    power: Annotated[float, typer.Option(help="The chance with which an effect is to be found.")] = 0.8,
    simulations: Annotated[int, typer.Option(help="Simulated tests of each set.", min=20)] = 200,
    seed: Annotated[int, typer.Option(help="Chance: the same seed gives the same answer.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Plan a test of markets: which to treat, and how small an effect it would find; no warehouse is needed."""
    from ml.lift.markets import Limits, design_of, select_cells, select_markets
    from ml.lift.methods import Method
    from ml.lift.panel_file import names_of, read_panel
    from ml.lift.worth import amount_of

    if budget is not None and cost is None:
        raise typer.BadParameter("--budget needs --cost, what an incremental outcome costs.")
    read = read_panel(panel, unit, time, outcome)
    limits = Limits(
        names_of(exclude),
        names_of(require),
        names_of(untreated),
        None if budget is None else amount_of("budget", budget),
        None if cost is None else amount_of("cost", cost),
        share,
    )
    how: dict[str, Any] = {
        "method": Method(method), "level": level, "target": power, "simulations": simulations, "seed": seed
    }  # fmt: skip
    if treated:
        designs: tuple[Design, ...] = (design_of(read, names_of(treated), periods, limits, **how),)
    elif cells > 1:
        designs = select_cells(read, cells, max(_sizes(sizes)), periods, limits, **how)
    else:
        designs = select_markets(read, _sizes(sizes), periods, limits, **how)
    if json_:
        _print_designs_json(designs)
    else:
        _print_designs(designs)


def _sizes(text: str) -> list[int]:
    from warehouse.errors import BadSetting

    try:
        sizes = [int(each) for each in text.split(",")]
    except ValueError as error:
        raise BadSetting(f"--sizes {text!r} are no numbers.", remedy="Write them like 1,2,4.") from error
    if min(sizes) < 1:
        raise BadSetting(f"--sizes {text!r} must be 1 or more each.")
    return sizes


def _print_designs_json(designs: Sequence[Design]) -> None:
    import json

    told = [
        {
            "treated": list(each.power.treated),
            "minimum_detectable_effect": each.power.mde,
            "incremental": each.incremental,
            "share": each.share,
            "cost": None if each.cost is None else str(each.cost),
            "false_positives": each.power.false_positives,
            "power": {f"{lift:.2f}": each.power.at(lift) for lift in _LIFTS},
        }
        for each in designs
    ]
    say(json.dumps({"designs": told}))


def _print_designs(designs: Sequence[Design]) -> None:
    for each in designs:
        cost = "" if each.cost is None else f", at a cost of {each.cost:,}"
        chance = f"finds a lift of {each.power.mde:.1%} with chance {each.power.target:.0%}"
        say(
            f"{', '.join(each.power.treated)}: {chance} ({each.incremental:,.4g} incremental{cost}); "
            f"{each.share:.0%} of the outcome is treated."
        )
    say("Where there is nothing to find, the first one still finds something in "
        f"{designs[0].power.false_positives:.0%} of simulated tests.")  # fmt: skip
