"""Everything that one view of the journeys shows, read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.reading import Reading
from dashboard.state import Days, View
from warehouse.errors import MissingRate
from warehouse.filters import Filter
from warehouse.queries.cohorts import CohortMonth, cohort_retention
from warehouse.queries.funnel import ChannelFunnel, channel_funnel
from warehouse.queries.journeys import (
    JourneyState,
    JourneyTotals,
    Path,
    PathLength,
    StepFlow,
    TimeClass,
    journey_state,
    journey_totals,
    path_lengths,
    step_flows,
    time_to_convert,
    top_paths,
)
from warehouse.queries.scope import Scope
from warehouse.schema.commerce import ConversionKind

MOST_PATHS = 100  # in the table; the page shows fewer
COHORTS = 12


@dataclass(frozen=True, slots=True)
class Told:
    """What journeys tell of one goal. ``previous`` is None without comparison."""

    goal: ConversionKind
    totals: JourneyTotals
    previous: JourneyTotals | None
    paths: list[Path]
    lengths: list[PathLength]
    times: list[TimeClass]
    flows: list[StepFlow]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a view shows. ``filter`` is the view's with its currency settled.

    ``told`` is None where there is no journey to be asked about, or where amounts cannot be added (``withheld``);
    ``cohorts`` is empty where they cannot either.
    """

    view: View
    scope: Scope
    days: Days
    filter: Filter
    state: JourneyState
    told: Told | None
    withheld: MissingRate | None
    funnel: list[ChannelFunnel]
    cohorts: list[CohortMonth]

    @property
    def currency(self) -> str:
        return self.filter.currency or ""

    @property
    def names(self) -> dict[str, str]:
        """What the keys of channels are called."""
        return {choice.key: choice.label for choice in (*self.scope.channels, *self.state.channels)}


def read_journeys(reading: Reading, query: dict[str, str]) -> Shown:
    """Read what an address shows. Raises :class:`~warehouse.errors.BadFilter` for one that means nothing."""
    days = reading.days
    view = View.from_query(query, days)
    state = journey_state(reading.session, view.filter)
    if reading.scope.last_day is None and state.last_day is not None:
        # Without campaign-days the newest days are those of the journeys.
        days = Days(state.first_day or state.last_day, state.last_day)
        view = View.from_query(query, days)
    filter_ = state.with_currency(view.filter, reading.settled(view.filter).currency or "")
    goals = state.goals
    told, withheld = None, None
    if goals:
        goal = ConversionKind(view.goal) if view.goal in goals else goals[0]
        try:
            told = _told(reading, filter_, goal, state)
        except MissingRate as error:
            withheld = error
    return Shown(
        view=view,
        scope=replace(reading.scope, channels=state.channels),
        days=days,
        filter=filter_,
        state=state,
        told=told,
        withheld=withheld,
        funnel=channel_funnel(reading.session, filter_),
        cohorts=_cohorts(reading, filter_),
    )


def _told(reading: Reading, filter_: Filter, goal: ConversionKind, state: JourneyState) -> Told:
    """What is kept is kept until the next build."""
    built = f"{goal} {state.built_at}"
    totals, previous = reading.kept(f"journeys {built}", filter_, lambda s, f: journey_totals(s, f, goal))
    return Told(
        goal,
        totals,
        previous,
        paths=reading.kept(f"paths {built}", filter_, lambda s, f: top_paths(s, f, goal, limit=MOST_PATHS)),
        lengths=reading.kept(f"lengths {built}", filter_, lambda s, f: path_lengths(s, f, goal)),
        times=reading.kept(f"times {built}", filter_, lambda s, f: time_to_convert(s, f, goal)),
        flows=reading.kept(f"steps {built}", filter_, lambda s, f: step_flows(s, f, goal)),
    )


def _cohorts(reading: Reading, filter_: Filter) -> list[CohortMonth]:
    currency = filter_.currency or reading.shared.warehouse.settings.reporting_currency
    try:
        return cohort_retention(reading.session, currency, cohorts=COHORTS, months=COHORTS)
    except MissingRate:
        return []
