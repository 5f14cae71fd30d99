"""Plan today's money by the newest mix model, and publish the plan with what other budgets would bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ml.job import Job, Outcome, Task
from warehouse.engine import ReadSession, WriteSession
from warehouse.errors import BadSetting, Infeasible, NotEnoughData
from warehouse.following import Follow
from warehouse.queries import budget_inputs as inputs

if TYPE_CHECKING:
    from ml.budget.planning import Planner
    from ml.budget.proposal import Proposal
    from warehouse.changes.budget import BudgetPoint, StoredAllocation

MOST_POINTS: Final = 25
TWICE: Final = 2  # as much as today: up to here other budgets are tried, as far as the data stand behind


def settle(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with their defaults.

    ``caution``: the weight of the worst draws against the mean; ``change``: by which part a channel may change against
    today at most, null for as much as the data stand behind; ``points``: how many other budgets are tried.
    """
    unknown = sorted(set(parameters) - set(_DEFAULTS))
    if unknown:
        raise BadSetting(f"budget has no parameter {unknown[0]!r}.", remedy=f"It has: {', '.join(_DEFAULTS)}.")
    said = {**_DEFAULTS, **parameters}
    if type(said["caution"]) not in (int, float) or not 0 <= said["caution"] <= 1:
        raise BadSetting(f"caution == {said['caution']!r}, must be from 0 to 1.")
    change = said["change"]
    if change is not None and (type(change) not in (int, float) or not 0 < change <= 10):
        raise BadSetting(f"change == {change!r}, must be a part above 0, such as 0.3.")
    if type(said["points"]) is not int or not 2 <= said["points"] <= MOST_POINTS:
        raise BadSetting(f"points == {said['points']!r}, must be a whole number from 2 to {MOST_POINTS}.")
    return {**said, "caution": float(said["caution"]), "change": None if change is None else float(change)}


def compute(task: Task) -> Outcome:
    """Plan by each published fit. Raises :class:`NotFound` without one, and :class:`NotEnoughData` without spend."""
    from ml.budget.live import planner_of
    from warehouse.changes.budget import write_allocation

    task.report("reading what the mix model knows", 0.05)
    with task.warehouse.reading(task.reader) as session:
        fits = _fits(session, task.account_key)
        planners = [planner_of(task.warehouse, session, fit) for fit in fits]
    found: list[StoredAllocation] = []
    reasons: list[str] = []
    for place, planner in enumerate(planners):
        task.report(f"planning for {planner.known.fit.outcome}", 0.1 + 0.8 * place / len(planners))
        try:
            found.append(_planned(planner, task.parameters))
        except (NotEnoughData, Infeasible) as error:
            reasons.append(f"{planner.known.fit.outcome}: {error}")
    if not found:
        raise NotEnoughData(" ".join(reasons))
    task.report("writing", 0.95)

    def write(session: WriteSession, run_key: int) -> None:
        for one in found:
            write_allocation(session, one, run_key=run_key)

    return Outcome(write=write, words=" ".join([found[0].figures.words, *reasons]))


_DEFAULTS: Final[Mapping[str, Any]] = {"caution": 0.0, "change": None, "points": 13}


def _fits(session: ReadSession, account_key: int) -> list[inputs.StoredFit]:
    """The published fits of the account's advertiser, one of each outcome."""
    first = inputs.fit_of_account(session, account_key)
    mine = [fit for fit in inputs.published_fits(session) if fit.advertiser_key == first.advertiser_key]
    newest: dict[tuple[str, str], inputs.StoredFit] = {}
    for fit in mine:
        newest.setdefault((fit.outcome, fit.goal), fit)
    return list(newest.values())


def _planned(planner: Planner, said: Mapping[str, Any]) -> StoredAllocation:
    from ml.budget.proposal import Asked
    from ml.budget.rules import Bounds, OfToday
    from ml.budget.storing import bounds_of, figures_of, lines_of
    from ml.budget.value_of_information import value_of_information
    from warehouse.changes.budget import StoredAllocation

    rules: tuple[Bounds, ...] = ()
    if said["change"] is not None:
        change = Decimal(repr(said["change"]))
        rules = (Bounds(low=OfToday(max(-change, Decimal(-1))), high=OfToday(change)),)
    proposal = planner.propose(Asked(rules=rules, caution=said["caution"]))
    draws = planner.draws_of(rules)
    worth = value_of_information(
        draws, {line.channel: float(line.proposed) for line in proposal.lines}, bounds_of(draws, proposal)
    )
    fit = planner.known.fit
    return StoredAllocation(
        fit.advertiser_key, fit.fit_key, "withheld" if fit.status == "red" else "proposed",
        figures_of(planner, proposal), lines_of(proposal), {one.channel: one.worth for one in worth},
        list(_budgets(planner, proposal, said["points"])),
    )  # fmt: skip


def _budgets(planner: Planner, today: Proposal, points: int) -> Iterator[BudgetPoint]:
    """The best plans for other budgets, from a part of today's to twice as much, as far as channels may spend it."""
    from dataclasses import replace

    from warehouse.changes.budget import BudgetPoint

    most = sum((max(each.trusted, each.current) for each in planner.known.channels), Decimal(0))
    last = min(most, TWICE * today.budget)
    for place in range(1, points + 1):
        budget = (last * place / points).quantize(Decimal("0.01"))
        try:
            found = planner.propose(replace(today.asked, amount=budget))
        except Infeasible:
            continue  # a change of at most so much against today leaves no room for it
        yield BudgetPoint(
            found.spent, found.outcome.estimate, found.outcome.low, found.outcome.high, found.price.estimate
        )


BUDGET = Job(
    name="budget",
    words="Where the next unit of money goes: the best plan for today's money by the mix model, with its interval.",
    version=1,
    settle=settle,
    compute=compute,
    is_due=inputs.is_behind,
    follows={"mix": Follow.always},
)
