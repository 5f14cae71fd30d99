"""Budget: whether the best plan is found.

Channels are made, with curves of Hill; the budget is what they spend today. What is best is known by dynamic
programming over 4,000 steps of money, which is exact but for the step. Beside ours stand two other ways, written anew:
the greedy grid of Meridian 2.1, and SLSQP from equal spends, which PyMC-Marketing 1.3 uses. A share is of what dynamic
programming brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from ml.budget.channels import Channel
from ml.budget.curves import Floats, Sampled
from ml.budget.plan import Plan, allocate
from ml.budget.rules import Bounds, Group, Rule
from validation.allocations import MIXES, best_on_grid, random_channels
from validation.budget_rivals import brings, from_uniform, greedy

INSTANCES: Final = 40
LEAST: Final = 0.999
PUBLISHED: Final = 265.203e6
_STEP: Final = Decimal("0.002")  # of the budget, on either side


def sections(reference: Path | None) -> Iterator[str]:
    """The page's text."""
    yield from _against_dynamic_programming()
    yield from _prices()
    if reference is not None:
        yield from _published(reference / "mix")


def _against_dynamic_programming() -> Iterator[str]:
    yield f"\n### Against dynamic programming\n\n{INSTANCES} allocations of 8 channels each.\n\n"
    yield "| slopes and bounds | share, least | largest gap | below today | greedy: mean (least) | unspent "
    yield "| below today | SLSQP: mean (least) |\n|---|---|---|---|---|---|---|---|\n"
    least = np.inf
    for mix in MIXES:
        ours, others, uniform, gaps, unspent = [], [], [], [], []
        below = [0, 0]
        for seed in range(INSTANCES):
            channels, budget = random_channels(seed, mix)
            plan, best = allocate(channels, budget), best_on_grid(channels, budget)
            bought, local = greedy(channels, budget), from_uniform(channels, budget)
            today = plan.today or 0.0
            ours.append(plan.objective / best)
            others.append(brings(channels, bought) / best)
            uniform.append(brings(channels, local) / best)
            gaps.append(plan.gap)
            unspent.append(1 - bought.sum() / float(budget))
            below[0] += plan.objective < today
            below[1] += brings(channels, bought) < today
        least = min(least, *ours)
        yield f"| {mix} | {min(ours):.6f} | {max(gaps):.1e} | {below[0]} | {np.mean(others):.3f} ({min(others):.3f}) "
        yield f"| {np.mean(unspent):.1%} | {below[1]} | {np.mean(uniform):.3f} ({min(uniform):.3f}) |\n"
    yield f"\nEvery plan brings at least {LEAST} of what is best: {'met' if least >= LEAST else 'missed'}.\n"


def _prices() -> Iterator[str]:
    """Shadow prices against differences."""
    yield "\n### Prices\n\n"
    wrong: dict[str, list[float]] = {"the budget": [], "an upper bound": [], "a group": []}
    for seed in range(INSTANCES):
        channels, budget = random_channels(1_000 + seed, "slopes .6 to 3, from nothing to twice today")
        first = allocate(channels, budget).lines
        most, rest = max(first, key=lambda line: line.proposed), [line for line in first if line.proposed > 0][-2:]
        bound = most.proposed * Decimal("0.8")
        together = sum((line.proposed for line in rest), Decimal(0)) * Decimal("0.8")
        tight = (
            Bounds((most.channel,), None, bound),
            Group("two", tuple(line.channel for line in rest), high=together),
        )
        plan = allocate(channels, budget, tight)
        step = budget * _STEP
        for name, rule, changes in (
            ("the budget", "the budget is", (_moved(channels, budget + way * step, tight) for way in (1, -1))),
            ("an upper bound", tight[0].words, (_eased(channels, budget, tight, 0, way * step) for way in (1, -1))),
            ("a group", "group two", (_eased(channels, budget, tight, 1, way * step) for way in (1, -1))),
        ):
            price = next((each.price for each in plan.binding if each.rule.startswith(rule)), 0.0)
            above, below = (each.objective for each in changes)
            ends = sorted([(above - plan.objective) / float(step), (plan.objective - below) / float(step)])
            # where the best plan jumps, no single price is right: the differences of both sides bound it
            out = max(ends[0] - price, price - ends[1], 0.0)
            wrong[name].append(out / plan.shadow_price)
    yield f"Of {INSTANCES} allocations with a tight bound and a tight group: by how much a price lies outside of what\n"
    yield "a change by .2 % of the budget brings on either side, as a part of the price of money.\n\n"
    yield "| price of | median | largest |\n|---|---|---|\n"
    for name, parts in wrong.items():
        yield f"| {name} | {np.median(parts):.1e} | {max(parts):.1e} |\n"


def _moved(channels: Sequence[Channel], budget: Decimal, rules: Sequence[Rule]) -> Plan:
    return allocate(channels, budget.quantize(Decimal("0.01")), rules)


def _eased(channels: Sequence[Channel], budget: Decimal, rules: tuple[Bounds, Group], which: int, by: Decimal) -> Plan:
    bounds, group = rules
    if which == 0 and isinstance(bounds.high, Decimal):
        bounds = replace(bounds, high=bounds.high + by)
    elif which == 1 and group.high is not None:
        group = replace(group, high=group.high + by)
    return allocate(channels, budget, (bounds, group))


def _published(folder: Path) -> Iterator[str]:
    """Meridian's own response curves and optimum."""
    channels = published_channels(folder)
    budget = sum((channel.current or Decimal(0) for channel in channels), Decimal(0))
    plan = allocate(channels, budget)
    yield "\n### A published optimum\n\nMeridian's response curves and bounds (within 30 % of today): its optimum "
    yield f"brings {PUBLISHED / 1e6:.3f} million, ours\n{plan.objective / 1e6:.3f} million with a gap of {plan.gap:.0e}"
    yield f"; one more unit of money brings {plan.shadow_price:.3f}. Within .01 %: "
    yield f"{'met' if plan.objective >= PUBLISHED * 0.9999 else 'missed'}.\n"


def published_channels(folder: Path) -> tuple[Channel, ...]:
    """The channels of Meridian's executed demo, by their response curves, within 30 % of today."""
    curves = pl.read_csv(folder / "meridian_ref_response_curves.csv")
    optimum = pl.read_csv(folder / "meridian_ref_optimization.csv").filter(pl.col("scenario") == "optimization")
    channels = []
    for name, spent, change in optimum.select("channel", "optimized_spend", "delta_spend").iter_rows():
        rows = curves.filter(pl.col("channel") == name).unique("spend").sort("spend")
        current = Decimal(str(spent - change))
        curve = Sampled.of(_numbers(rows, "spend"), _numbers(rows, "mean"))
        channels.append(Channel(name, curve, current, current * Decimal("0.7"), current * Decimal("1.3")))
    return tuple(channels)


def _numbers(rows: pl.DataFrame, column: str) -> Floats:
    return np.asarray(rows[column].to_numpy(), dtype=float)
