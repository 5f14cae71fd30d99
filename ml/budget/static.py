"""One spend a channel: channels, rules and a budget as a problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import scipy.sparse as sp

from ml.budget.channels import Channel, Interval
from ml.budget.curves import Floats
from ml.budget.problem import Floors, Problem, Rows
from ml.budget.rules import Cpa, Flight, Group, MinimumBuy, Pacing, PeriodBudget, Roas, Rule, Target
from warehouse.errors import BadSetting


def problem_of(
    channels: Sequence[Channel],
    intervals: Sequence[Interval],
    rules: Sequence[Rule],
    budget: Decimal,
    *,
    weights: Mapping[str, float] | None = None,
) -> Problem:
    """Maximise the outcome with the whole budget.

    ``weights`` says what a unit of a channel's response is worth, 1 where it does not. Raises :class:`BadSetting` for
    rules over periods.
    """
    names = [channel.name for channel in channels]
    for rule in rules:
        if isinstance(rule, Pacing | Flight | PeriodBudget):
            raise BadSetting(f"A rule is about periods, and there are none: {rule.words}.", remedy="Leave it out.")
    n = len(names)
    low = np.array([float(each.low) for each in intervals])
    return Problem(
        curves=tuple(channel.curve for channel in channels),
        mixing=sp.csr_array(sp.eye_array(n)),
        carried=np.zeros(n),
        low=low,
        high=np.array([float(each.high) for each in intervals]),
        least=least_of(names, rules, low),
        worth=np.array([(weights or {}).get(name, 1.0) for name in names]),
        price=np.zeros(n),
        at_most=Rows.of(n, [row for rule in rules if isinstance(rule, Group) for row in group_rows(names, rule)]),
        equal=Rows.of(n, [(f"the budget is {budget:,f}", np.ones(n), float(budget))]),
        floors=Floors.of(n, n, [row for rule in rules for row in floor_rows(names, rule)]),
    )


def least_of(names: Sequence[str], rules: Sequence[Rule], low: Floats) -> Floats:
    """(n,) minimum buys, 0 where there is none or where the lower bound is above it."""
    least = np.zeros(len(names))
    for rule in rules:
        if isinstance(rule, MinimumBuy):
            least = np.maximum(least, float(rule.least) * mask(names, rule.channels))
    return np.where(low > 0, 0.0, least)


def group_rows(names: Sequence[str], group: Group) -> Iterator[tuple[str, Floats, float]]:
    """A row for each of its ends."""
    inside, each = mask(names, group.channels), np.ones(len(names))
    bare = Group(group.name, group.channels)
    if group.low is not None:
        yield replace(bare, low=group.low).words, -inside, -float(group.low)
    if group.high is not None:
        yield replace(bare, high=group.high).words, inside, float(group.high)
    if group.low_share is not None:
        yield replace(bare, low_share=group.low_share).words, float(group.low_share) * each - inside, 0.0
    if group.high_share is not None:
        yield replace(bare, high_share=group.high_share).words, inside - float(group.high_share) * each, 0.0


def floor_rows(names: Sequence[str], rule: Rule) -> Iterator[tuple[str, Floats, Floats, float]]:
    """What a rule asks of responses."""
    nothing = np.zeros(len(names))
    if isinstance(rule, Roas):
        inside = mask(names, rule.channels)
        yield rule.words, inside, rule.least * inside, 0.0
    elif isinstance(rule, Cpa):
        inside = mask(names, rule.channels)
        yield rule.words, float(rule.most) * inside, inside, 0.0
    elif isinstance(rule, Target):
        yield rule.words, mask(names, rule.channels), nothing, rule.least


def mask(names: Sequence[str], channels: Sequence[str]) -> Floats:
    """(n,) 1 for these channels, for all where none is named."""
    return np.array([1.0 if not channels or name in channels else 0.0 for name in names])
