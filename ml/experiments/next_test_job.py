"""Rank tests of an advertiser's channels by what their answers are worth, and publish the list."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from scipy.special import ndtri

from ml.experiments.next_test import Belief, Proposal, Stakes, rank
from ml.job import Job, Outcome, Task
from warehouse.changes.next_tests import StoredTest, write_next_tests
from warehouse.engine import ReadSession
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.filters import Filter
from warehouse.following import Follow
from warehouse.queries.attribution import AttributionRun, CreditRow, credit_days, credited, published_attribution
from warehouse.queries.next_tests import is_behind, last_tested

LONGEST_HORIZON: Final = 260
CALIBRATED: Final = "calibrated"
_ANY_DAY: Final = dt.date(2000, 1, 1)  # what is published has days of its own
_CENT: Final = Decimal("0.01")


def settle(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with their defaults.

    ``margin``: which part of a conversion's value is earned; ``horizon_weeks``: how long a decision is for.
    """
    unknown = sorted(set(parameters) - set(_DEFAULTS))
    if unknown:
        raise BadSetting(f"next_tests has no parameter {unknown[0]!r}.", remedy=f"It has: {', '.join(_DEFAULTS)}.")
    said = {**_DEFAULTS, **parameters}
    if not isinstance(said["margin"], int | float) or not 0 < said["margin"] <= 1:
        raise BadSetting(f"margin == {said['margin']!r}, must be above 0 and at most 1.")
    weeks = said["horizon_weeks"]
    if type(weeks) is not int or not 1 <= weeks <= LONGEST_HORIZON:
        raise BadSetting(f"horizon_weeks == {weeks!r}, must be a whole number from 1 to {LONGEST_HORIZON}.")
    return {**said, "margin": float(said["margin"])}


def compute(task: Task) -> Outcome:
    """Rank what attribution believes. Raises :class:`NotEnoughData` where nothing is attributed, or nothing is paid."""
    with task.warehouse.reading(task.reader) as session:
        run = _run(session, task.account_key)
        tested = last_tested(session, run.advertiser_key)
        rows = credited(session, run)
        weekly = _weekly(session, run)
    weeks = ((run.last_day - run.first_day).days + 1) / 7
    beliefs, rests_on = _beliefs(rows, weeks, run.level)
    if not beliefs:
        raise NotEnoughData("Nothing is known to be spent on any channel.", remedy="Load what the platforms export.")
    if not run.value:
        raise NotEnoughData("Conversions have no value.", remedy="Load orders with their amounts.")
    earned = float(run.value) / run.conversions * task.parameters["margin"]
    stakes = Stakes(earned, task.parameters["horizon_weeks"])
    ranked = rank(beliefs, weekly, stakes)
    stored = [_stored(proposal, run, stakes, rests_on, tested.get(proposal.belief.channel)) for proposal in ranked]
    return Outcome(
        write=lambda session, run_key: write_next_tests(
            session, stored, run_key=run_key, advertiser_key=run.advertiser_key
        ),
        words=stored[0].words,
    )


_DEFAULTS: Final[Mapping[str, Any]] = {"margin": 1.0, "horizon_weeks": 13}


def _run(session: ReadSession, account_key: int) -> AttributionRun:
    """The published run of the account's advertiser, of the goal with most conversions among orders first."""
    found = published_attribution(session, Filter(_ANY_DAY, _ANY_DAY, accounts=(account_key,)))
    if not found:
        raise NotEnoughData("Nothing is attributed yet.", remedy="causeway run attribution --account ACCOUNT")
    return found[0]


def _weekly(session: ReadSession, run: AttributionRun) -> list[float]:
    """Credited conversions of whole weeks up to the last day, which every model has the same of."""
    sums: dict[int, float] = defaultdict(float)
    for row in credit_days(session, run, run.models[0]):
        sums[(run.last_day - row.date).days // 7] += row.conversions
    whole = ((run.last_day - run.first_day).days + 1) // 7
    return [sums[week] for week in reversed(range(whole))]


def _beliefs(rows: Sequence[CreditRow], weeks: float, level: float) -> tuple[list[Belief], str]:
    """What channels with spend cause a week; and what that rests on.

    Without any experiment nothing says what is caused: anything from nothing to the most that a model credits is as
    likely.
    """
    paid = [row for row in rows if row.cost]
    calibrated = [row for row in paid if row.model == CALIBRATED and row.low is not None and row.high is not None]
    spent = {row.channel: float(row.cost or 0) / weeks for row in paid}
    if calibrated:
        wide = 2 * float(ndtri((1 + level) / 2))
        return [
            Belief(
                row.channel, row.conversions / weeks, ((row.high or 0) - (row.low or 0)) / wide / weeks,
                spent[row.channel],
            )
            for row in calibrated
        ], "tests"  # fmt: skip
    most: dict[str, float] = defaultdict(float)
    for row in paid:
        most[row.channel] = max(most[row.channel], row.conversions)
    return [
        Belief(channel, credit / 2 / weeks, credit / 12**0.5 / weeks, spent[channel])
        for channel, credit in most.items()
    ], "credit"


def _stored(
    proposal: Proposal, run: AttributionRun, stakes: Stakes, rests_on: str, tested: dt.date | None
) -> StoredTest:
    belief, half = proposal.belief, float(ndtri((1 + run.level) / 2))
    return StoredTest(
        attribution_run_key=run.run_key,
        goal=run.goal,
        channel=belief.channel,
        rests_on=rests_on,
        conversions=belief.mean,
        low=max(belief.mean - half * belief.sd, 0.0),
        high=belief.mean + half * belief.sd,
        level=run.level,
        break_even=belief.spend / stakes.value,
        spend=_money(belief.spend),
        currency=run.currency,
        chance_wrong=proposal.chance_wrong,
        weeks=proposal.weeks,
        share=proposal.share,
        precision=half * proposal.precision,
        information=_money(proposal.information),
        test_cost=_money(proposal.cost),
        horizon_weeks=stakes.horizon,
        last_tested=tested,
        words=_in_words(proposal, run, half, stakes.horizon),
    )


def _in_words(proposal: Proposal, run: AttributionRun, half: float, horizon: int) -> str:
    channel, goals = proposal.belief.channel.replace("_", " "), f"{run.goal.value}s"
    worth, cost = f"{proposal.information:,.0f} {run.currency}", f"{proposal.cost:,.0f}"
    if proposal.net <= 0:
        return f"{channel}: no test is worth its cost. What the best would tell is worth {worth}; it costs {cost}."
    return (
        f"{channel}: leave its ads out for {proposal.weeks} weeks in regions with {proposal.share:.0%} of all {goals}. "
        f"What it causes is then known to ±{_few(half * proposal.precision)} {goals} a week (now "
        f"±{_few(half * proposal.belief.sd)}). The decision after it is worth {worth} more over {horizon} weeks; the "
        f"test costs {cost}."
    )


def _few(conversions: float) -> str:
    return f"{conversions:,.1f}" if conversions < 9.95 else f"{conversions:,.0f}"


def _money(number: float) -> Decimal:
    return Decimal(repr(number)).quantize(_CENT)


NEXT_TESTS = Job(
    name="next_tests",
    words="Which test of a channel next: what its answer is worth against what it costs.",
    version=1,
    settle=settle,
    compute=compute,
    is_due=is_behind,
    follows={"attribution": Follow.always},
)
