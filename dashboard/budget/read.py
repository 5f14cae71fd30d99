"""Everything that one view of budgets shows: the plan as asked, what it stands on, and scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.actions.budget import Answered, asked_of
from api.identity import Role
from dashboard.budget.asked import Asked
from dashboard.reading import Reading
from ml.budget.live import planner_of
from ml.budget.planning import Planner
from warehouse.errors import CausewayError, NotFound
from warehouse.queries.budget import (
    Allocation,
    AllocationLine,
    BudgetPoint,
    Scenario,
    ScenarioLine,
    ScenarioRule,
    ScenarioWeek,
    allocation_lines,
    allocations,
    budget_frontier,
    scenario_lines,
    scenario_rules,
    scenario_weeks,
    scenarios,
)
from warehouse.queries.budget_inputs import StoredFit, published_fits
from warehouse.queries.mix import Finding, mix_findings

MOST_COMPARED = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """The scenario that is looked at, with its channels, weeks and binding rules."""

    scenario: Scenario
    lines: Sequence[ScenarioLine]
    weeks: Sequence[ScenarioWeek]
    rules: Sequence[ScenarioRule]


@dataclass(frozen=True, slots=True)
class Standing:
    """What plans stand on: a fit with the looks that it got, and the published plan for today's money, if there is one.

    ``may`` is whether the reader saves and approves.
    """

    fit: StoredFit
    planner: Planner
    findings: Sequence[Finding]
    published: Allocation | None
    published_lines: Sequence[AllocationLine]
    frontier: Sequence[BudgetPoint]
    may: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What a view shows: the plan as asked, or why there is none."""

    asked: Asked
    fits: Sequence[StoredFit]
    standing: Standing | None
    answered: Answered | None
    refused: CausewayError | None
    scenarios: Sequence[Scenario]
    compared: Mapping[int, Sequence[ScenarioLine]]
    chosen: Chosen | None


def read_budget(reading: Reading, query: Mapping[str, str]) -> Shown:
    """Read what an address shows. Raises :class:`BadFilter` where it means nothing."""
    asked, session = Asked.from_query(query), reading.session
    fits, standing = read_standing(reading, asked)
    saved = scenarios(session)
    answered, refused = (None, None) if standing is None else read_plan(standing, asked)
    key = int(asked.scenario) if asked.scenario else 0
    chosen = next((one for one in saved if one.scenario_key == key), None)
    if asked.scenario and chosen is None:
        raise NotFound(f"There is no scenario {asked.scenario}, or it was put away.")
    chosen = chosen or next((one for one in saved if one.state == "approved"), next(iter(saved), None))
    return Shown(
        asked, fits, standing, answered, refused, saved,
        {one.scenario_key: scenario_lines(session, one.scenario_key) for one in saved[:MOST_COMPARED]},
        None if chosen is None else _chosen(reading, chosen),
    )  # fmt: skip


def read_standing(reading: Reading, asked: Asked) -> tuple[Sequence[StoredFit], Standing | None]:
    """The published fits, and what plans of the outcome that is asked for stand on."""
    fits = published_fits(reading.session)
    fit = next((one for one in fits if asked.outcome in ("", one.outcome)), None)
    return fits, None if fit is None else _standing(reading, fit)


def read_plan(standing: Standing, asked: Asked) -> tuple[Answered | None, CausewayError | None]:
    """The plan as asked, or why no plan keeps the rules."""
    try:
        proposal = standing.planner.propose(asked_of(asked.question()))
    except CausewayError as error:
        return None, error
    return Answered(standing.fit, standing.planner, proposal), None


def _standing(reading: Reading, fit: StoredFit) -> Standing:
    session = reading.session
    published = next((one for one in allocations(session) if one.fit_key == fit.fit_key), None)
    return Standing(
        fit,
        planner_of(reading.shared.warehouse, session, fit),
        mix_findings(session, fit.fit_key),
        published,
        [] if published is None else allocation_lines(session, published.allocation_key),
        [] if published is None else budget_frontier(session, published.allocation_key),
        reading.identity.may(Role.manager, account_key=fit.account_key),
    )


def _chosen(reading: Reading, scenario: Scenario) -> Chosen:
    session, key = reading.session, scenario.scenario_key
    return Chosen(scenario, scenario_lines(session, key), scenario_weeks(session, key), scenario_rules(session, key))
