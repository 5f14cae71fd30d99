"""Plans asked for, saved as scenarios, approved, put away, exported and held to their promise.

Who may read every account of an advertiser may ask for plans of its money; managers of the account change scenarios.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from api.actions.acting import named, note, once
from api.identity import Identity, Role, Scope
from api.refusals import Invalid
from ml.budget.bulk_sheets import DAYS, Sheets, sheets_of
from ml.budget.live import planner_of
from ml.budget.planning import Planner
from ml.budget.proposal import GOALS, Asked, Goal, Proposal
from ml.budget.rule_file import rule_of
from ml.budget.scoring import Planned, Score, ScoredLine, score
from ml.budget.storing import figures_of, lines_of, weeks_of
from warehouse.changes import budget as changes
from warehouse.changes.budget import NewScenario, NewScore, ScoreLine
from warehouse.engine import ReadSession, WriteSession
from warehouse.errors import Conflict, NotFound
from warehouse.queries import budget as queries
from warehouse.queries import budget_inputs as inputs
from warehouse.queries.budget import Scenario
from warehouse.queries.budget_inputs import StoredFit
from warehouse.sessions import Warehouse

MOST_RULES: Final = 100
USUAL_WEEKS: Final = 13


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, as people say it: rules are as in a file of rules.

    Without a fit it is the published one of the account, or of the first advertiser that the reader sees, of the
    ``outcome`` if one is named.
    """

    fit_key: int | None = None
    account_key: int | None = None
    outcome: str | None = None
    goal: str = "budget"
    amount: Decimal | None = None
    rules: Sequence[Mapping[str, Any]] = ()
    caution: float = 0.0
    weeks: int = USUAL_WEEKS


@dataclass(frozen=True, slots=True)
class Answered:
    """A plan, and the fit that it stands on."""

    fit: StoredFit
    planner: Planner
    proposal: Proposal

    @property
    def is_advice(self) -> bool:
        """Whether the fit can be trusted so far that its plan is one to follow."""
        return self.fit.status != "red"


def allocate(warehouse: Warehouse, identity: Identity, question: Question) -> Answered:
    """The best plan; nothing is stored. Raises as :meth:`Planner.propose`, and :class:`Invalid` for rules."""
    with warehouse.reading(identity.reader) as session:
        fit = fit_of(session, question)
        planner = planner_of(warehouse, session, fit)
    return Answered(fit, planner, planner.propose(asked_of(question)))


def fit_of(session: ReadSession, question: Question) -> StoredFit:
    """The fit that a question is about. Raises :class:`NotFound` where there is none."""
    if question.fit_key is not None:
        return inputs.stored_fit(session, question.fit_key)
    if question.account_key is not None:
        return inputs.fit_of_account(session, question.account_key, question.outcome)
    known = [fit for fit in inputs.published_fits(session) if question.outcome in (None, fit.outcome)]
    if not known:
        raise NotFound(
            "No mix model is published that you may read, and without one no plan can be made.",
            remedy="causeway run mix --account PLATFORM/ID",
        )
    return known[0]


def asked_of(question: Question) -> Asked:
    """The question as the planner takes it. Raises :class:`Invalid`, naming the rule by its number."""
    if question.goal not in GOALS:
        raise Invalid(f"There is no goal {question.goal!r}.", remedy=f"There are {', '.join(GOALS)}.")
    if len(question.rules) > MOST_RULES:
        raise Invalid(f"{len(question.rules)} rules are too many.", remedy=f"Give at most {MOST_RULES}.")
    goal: Goal = next(each for each in GOALS if each == question.goal)
    rules = tuple(rule_of(dict(said), f"rule {number}") for number, said in enumerate(question.rules, start=1))
    return Asked(question.amount, goal, rules, question.caution, question.weeks)


def save_scenario(
    warehouse: Warehouse,
    identity: Identity,
    *,
    question: Question,
    name: str,
    first_week: dt.date | None = None,
    key: str | None = None,
) -> Scenario:
    """Save a plan as a draft, with what is predicted of it. Raises :class:`Conflict` where the name is taken.

    It begins with ``first_week``, by itself with the next week after today and after the data.
    """
    name = named(name, "The scenario's name")
    answered = allocate(warehouse, identity, question)
    fit, proposal = answered.fit, answered.proposal
    account = fit.account_key if question.account_key is None else question.account_key
    identity.require(Role.manager, account_key=account, scope=Scope.write)
    begins = _first_week(fit, first_week)
    amount = proposal.budget if question.amount is None else question.amount
    new = NewScenario(
        account, fit.advertiser_key, fit.fit_key, name, question.goal, amount, [dict(rule) for rule in question.rules],
        question.caution, begins, question.weeks, identity.actor,
    )  # fmt: skip

    def create(session: WriteSession) -> _Saved:
        saved = changes.save_scenario(
            session, new, figures_of(answered.planner, proposal), lines=lines_of(proposal),
            binding=[(each.rule, each.price) for each in proposal.binding],
            weeks=list(weeks_of(answered.planner.known, proposal, begins)),
        )  # fmt: skip
        note(session, identity, "scenario.save", f"scenario:{saved}", after=_said(new))
        return _Saved(saved)

    saved = once(
        warehouse, identity, action="scenario.save", body=_said(new), key=key, answer=_Saved, create=create
    )  # fmt: skip
    return _read(warehouse, identity, saved.scenario_key)


def approve_scenario(warehouse: Warehouse, identity: Identity, *, scenario_key: int) -> Scenario:
    """Approve a draft: from then on it is what is acted on.

    Raises :class:`Conflict` where it is no draft, or stands on a fit that is not to be trusted.
    """
    with warehouse.writing() as session:
        before = _changeable(session, identity, scenario_key)
        if before.state != "draft":
            raise Conflict(f"The scenario {before.name!r} is {before.state}, and only drafts are approved.")
        if before.fit_status == "red":
            raise Conflict(
                f"The scenario {before.name!r} stands on a mix model that is not to be trusted.",
                remedy="See on the page Mix what would make it known, such as a test, and save a plan anew after it.",
            )
        changes.approve_scenario(session, scenario_key, identity.actor)
        note(session, identity, "scenario.approve", f"scenario:{scenario_key}", before={"state": before.state},
             after={"state": "approved"})  # fmt: skip
    return _read(warehouse, identity, scenario_key)


def archive_scenario(warehouse: Warehouse, identity: Identity, *, scenario_key: int) -> Scenario:
    """Put a scenario away; it stays readable. Raises :class:`Conflict` where it is put away already."""
    with warehouse.writing() as session:
        before = _changeable(session, identity, scenario_key)
        if before.state == "archived":
            raise Conflict(f"The scenario {before.name!r} is put away already.")
        changes.archive_scenario(session, scenario_key)
        note(session, identity, "scenario.archive", f"scenario:{scenario_key}", before={"state": before.state},
             after={"state": "archived"})  # fmt: skip
    return _read(warehouse, identity, scenario_key)


def score_scenario(warehouse: Warehouse, identity: Identity, *, scenario_key: int) -> Scenario:
    """Hold what an approved scenario promised against what came, by the newest published fit.

    Raises :class:`Conflict` where it was never approved, and :class:`NotEnoughData` where its weeks are not over or
    not in the fit.
    """
    with warehouse.reading(identity.reader) as session:
        scenario = queries.scenario(session, scenario_key)
        identity.require(Role.manager, account_key=scenario.account_key, scope=Scope.write)
        if scenario.approved_at is None:
            raise Conflict(
                f"The scenario {scenario.scenario_name!r} was never approved, so nothing was to come of it.",
                remedy="Approve it when it is acted on.",
            )
        fit = inputs.fit_of_account(session, scenario.account_key, scenario.outcome_kind)
        then = planner_of(warehouse, session, inputs.stored_fit(session, scenario.fit_key)).known
        now = planner_of(warehouse, session, fit).known
        planned = _planned(session, scenario)
        found = score(planned, then, now, inputs.weekly_spends(session, fit.fit_key))
        last = planned.first_week + dt.timedelta(days=fit.period_days * (planned.weeks - 1))
        total = inputs.outcome_between(session, fit.fit_key, planned.first_week, last)
    with warehouse.writing() as session:
        changes.write_score(
            session, _score_of(scenario, fit, found, total, identity.actor), [_score_line(one) for one in found.lines]
        )
        after = {"predicted": found.predicted.estimate, "found": found.found.estimate, "is_kept": found.realised.kept}
        note(session, identity, "scenario.score", f"scenario:{scenario_key}", after=after)
    return _read(warehouse, identity, scenario_key)


def export_scenario(
    warehouse: Warehouse, identity: Identity, *, scenario_key: int, week: dt.date | None = None
) -> Sheets:
    """The plan of a week as the platforms' bulk sheets, the first week where none is named; it is written down.

    Raises :class:`Invalid` for a week that the scenario does not have.
    """
    with warehouse.reading(identity.reader) as session:
        scenario = queries.scenario(session, scenario_key)
        identity.require(Role.manager, account_key=scenario.account_key, scope=Scope.write)
        asked = scenario.first_week if week is None else week
        spends = {one.channel: one.spend for one in queries.scenario_weeks(session, scenario_key) if one.week == asked}
        if not spends:
            raise Invalid(f"The scenario has no week that begins on {asked}.",
                          remedy=f"It has {scenario.weeks} from {scenario.first_week} on.")  # fmt: skip
        fit = inputs.stored_fit(session, scenario.fit_key)
        found = sheets_of(spends, inputs.campaign_spends(session, fit, DAYS), fit.period_days)
    with warehouse.writing() as session:
        after = {"week": str(asked), "campaigns": {sheet.platform: sheet.campaigns for sheet in found.sheets}}
        note(session, identity, "scenario.export", f"scenario:{scenario_key}", after=after)
    return found


@dataclass(frozen=True, slots=True)
class _Saved:
    scenario_key: int


def _read(warehouse: Warehouse, identity: Identity, scenario_key: int) -> Scenario:
    with warehouse.reading(identity.reader) as session:
        return queries.scenario(session, scenario_key)


def _changeable(session: WriteSession, identity: Identity, scenario_key: int) -> changes.ScenarioState:
    before = changes.scenario_state(session, scenario_key)
    if identity.role_on(before.account_key) is None:
        raise NotFound(f"There is no scenario {scenario_key}.", remedy="`causeway scenario list` shows them.")
    identity.require(Role.manager, account_key=before.account_key, scope=Scope.write)
    return before


def _first_week(fit: StoredFit, said: dt.date | None) -> dt.date:
    """When a plan begins: on a first day of a week, after the data."""
    week = dt.timedelta(days=fit.period_days)
    after_data = fit.last_period + week
    if said is None:
        today = dt.datetime.now(dt.UTC).date()
        return after_data + max(-((after_data - today) // week), 0) * week
    if said < after_data or (said - after_data) % week:
        raise Invalid(
            f"The first week == {said} does not begin with a week after the data.",
            remedy=f"Weeks begin on {after_data:%A}, the first one after the data on {after_data}.",
        )
    return said


def _planned(session: ReadSession, scenario: Scenario) -> Planned:
    spends: dict[str, list[Decimal]] = {}
    for one in queries.scenario_weeks(session, scenario.scenario_key):
        spends.setdefault(one.channel, []).append(one.spend)
    current = {line.channel: line.current for line in queries.scenario_lines(session, scenario.scenario_key)}
    return Planned(scenario.first_week, scenario.weeks, spends, current)


def _score_of(scenario: Scenario, fit: StoredFit, found: Score, total: float, by: str) -> NewScore:
    return NewScore(
        scenario.scenario_key, scenario.advertiser_key, fit.fit_key, by, found.planned, found.spent, total,
        found.predicted.estimate, found.predicted.low, found.predicted.high,
        found.found.estimate, found.found.low, found.found.high,
        found.predicted_gain.estimate, found.predicted_gain.low, found.predicted_gain.high,
        found.found_gain.estimate, found.found_gain.low, found.found_gain.high,
        found.efficiency, found.realised.kept, found.words,
    )  # fmt: skip


def _score_line(one: ScoredLine) -> ScoreLine:
    return ScoreLine(
        one.channel, one.planned, one.spent, one.predicted.estimate, one.predicted.low, one.predicted.high,
        one.found.estimate, one.found.low, one.found.high, one.realised.kept,
    )  # fmt: skip


def _said(new: NewScenario) -> dict[str, Any]:
    return {
        name: value if value is None or isinstance(value, int | float | list) else str(value)
        for name, value in asdict(new).items()
    }
