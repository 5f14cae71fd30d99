"""Credit an advertiser's channels, campaigns and ads with its conversions, by every model, and publish it at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from ml.attribution.inputs import Inputs, Segment
from ml.attribution.models import MODELS, Model
from ml.attribution.readout import Reading, readings_of
from ml.attribution.results import Findings, Settings, chosen_order, find
from ml.job import Job, Outcome, Task, day_said
from warehouse.changes.attribution import GoalFindings, GoalResult, write_attribution
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.events.build import Rules, build_journeys, is_due
from warehouse.following import Follow
from warehouse.queries.attribution_store import is_behind
from warehouse.queries.channel_tests import channel_tests
from warehouse.queries.path_counts import JourneyStore, Window, converting_touches, journey_store, path_counts
from warehouse.schema.commerce import ConversionKind
from warehouse.schema.events import TouchKind

LONGEST_PERIOD: Final = 3_660
MOST_DRAWS: Final = 2_000
MOST_TOUCHES: Final = 200  # of a path


def settle(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with their defaults.

    ``models``: which; ``goals``: kinds of conversions, all that have journeys when null; ``days``: how many up to the
    newest, or ``from`` and ``to``; ``order`` of markov, null: chosen on held-out days; ``first`` and ``last``, weights
    of position; ``half_life_days`` of time_decay; ``currency``; ``lifts``: tests that the warehouse does not hold, each
    with experiment, channel, first, last, lift and se; ``level``, ``draws`` and ``seed`` of the intervals.
    """
    unknown = sorted(set(parameters) - set(_DEFAULTS))
    if unknown:
        raise BadSetting(f"attribution has no parameter {unknown[0]!r}.", remedy=f"It has: {', '.join(_DEFAULTS)}.")
    said = {**_DEFAULTS, **parameters}
    models, goals = said["models"], said["goals"]
    if not isinstance(models, list) or not models or not set(models) <= set(MODELS):
        raise BadSetting(f"models == {models!r}, must be a list of {', '.join(MODELS)}.")
    if goals is not None and (not isinstance(goals, list) or not goals or not set(goals) <= set(ConversionKind)):
        raise BadSetting(f"goals == {goals!r}, must be a list of {', '.join(ConversionKind)}.")
    for name, most in (("days", LONGEST_PERIOD), ("draws", MOST_DRAWS), ("seed", 2**32 - 1), ("order", 6)):
        if not (name == "order" and said[name] is None) and (
            type(said[name]) is not int or not 1 <= said[name] <= most
        ):
            raise BadSetting(f"{name} == {said[name]!r}, must be a whole number from 1 to {most}.")
    for name, least, most in (("level", 0, 1), ("first", 0, 1), ("last", 0, 1), ("half_life_days", 0, LONGEST_PERIOD)):
        if not isinstance(said[name], int | float) or not least < said[name] < most:
            raise BadSetting(f"{name} == {said[name]!r}, must be between {least} and {most}.")
    if said["first"] + said["last"] > 1:
        raise BadSetting("first and last together must be at most 1.")
    if said["currency"] is not None and not (isinstance(said["currency"], str) and len(said["currency"]) == 3):
        raise BadSetting(f"currency == {said['currency']!r} is not an ISO 4217 code.", remedy="Write it as USD.")
    for name in ("from", "to"):
        day_said(name, said[name])
    readings_said(said["lifts"])
    numbers = {name: float(said[name]) for name in ("level", "first", "last", "half_life_days")}
    return {**said, **numbers, "models": [name for name in MODELS if name in models]}


def compute(task: Task) -> Outcome:
    """Bring journeys up to date, read their path counts, fit the models. Raises :class:`NotEnoughData`."""
    said = task.parameters
    task.report("bringing journeys up to date", 0.05)
    _refresh(task)
    task.report("reading path counts", 0.15)
    with task.warehouse.reading(task.reader) as session:
        store = journey_store(session, task.account_key)
        last = day_said("to", said["to"]) or store.last_day
        first = day_said("from", said["from"]) or max(last - dt.timedelta(days=said["days"] - 1), store.first_day)
        segment, currency = Segment(first, last), said["currency"] or next(iter(store.currencies), "USD")
        goals = [goal for goal in store.goals if said["goals"] is None or goal.value in said["goals"]]
        read = [_read(session, store, Window(store.advertiser_key, goal, first, last, currency)) for goal in goals]
    found, reasons = [], []
    for number, (goal, one) in enumerate(zip(goals, read, strict=True)):
        begin = partial(_report, task, goal, 0.2 + 0.7 * number / len(goals))
        try:
            found.append(_found(goal, one, segment, said, store, currency, begin))
        except NotEnoughData as error:
            reasons.append(f"{goal}: {error}")
    if not found:
        raise NotEnoughData(
            " ".join(reasons) or "There are no journeys of these goals.", remedy="Load a longer period."
        )
    task.report("writing", 0.95)
    return Outcome(
        write=lambda session, run_key: write_attribution(
            session, found, run_key=run_key, advertiser_key=store.advertiser_key
        ),
        words=" ".join([*map(_in_words, found), *reasons]),
    )


_DEFAULTS: Final[Mapping[str, Any]] = {
    "models": [name for name in MODELS if name != "shapley_rate"],
    "goals": None,
    "days": 90,
    "from": None,
    "to": None,
    "order": None,
    "first": 0.4,
    "last": 0.4,
    "half_life_days": 7.0,
    "currency": None,
    "lifts": [],
    "level": 0.9,
    "draws": 200,
    "seed": 1,
}


def _report(task: Task, goal: ConversionKind, progress: float, what: str) -> None:
    task.report(f"{goal}s: {what}", progress)


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    inputs: Inputs
    readings: tuple[Reading, ...]


def _refresh(task: Task) -> None:
    """Build in what was touched, by the rules by which the journeys stand."""
    with task.warehouse.reading(task.reader) as session:
        store = journey_store(session, task.account_key)
    with task.warehouse.writing() as session:
        if is_due(session, task.account_key):
            rules = Rules(store.lookback_days, tuple(map(TouchKind, store.touches)))
            build_journeys(session, store.advertiser_key, rules)


def _read(session: Any, store: JourneyStore, window: Window) -> _Read:
    inputs = Inputs(path_counts(session, window), converting_touches(session, window, store.touches), store.steps)
    tests = channel_tests(session, store.advertiser_key, window.goal)
    return _Read(inputs, readings_of(tests))


def _found(
    goal: ConversionKind, read: _Read, segment: Segment, said: Mapping[str, Any], store: JourneyStore, currency: str,
    begin: Callable[[str], None],
) -> GoalFindings:  # fmt: skip
    order = said["order"] or chosen_order(read.inputs, segment)
    models = tuple(model_said(name, said, order) for name in said["models"])
    readings = read.readings + readings_said(said["lifts"])
    settings = Settings(models, said["level"], said["draws"], said["seed"], readings)
    found = find(read.inputs, segment, settings, begin)
    return GoalFindings(
        _result(goal, found, segment, order, said, store, currency),
        found.credits,
        found.days,
        found.top,
        found.agreement,
        read.inputs.counts,
        read.inputs.touches,
    )


def _result(
    goal: ConversionKind, found: Findings, segment: Segment, order: int, said: Mapping[str, Any], store: JourneyStore,
    currency: str,
) -> GoalResult:  # fmt: skip
    paths, total = found.paths, None if found.calibrated is None else found.calibrated.total
    return GoalResult(
        goal,
        currency,
        segment.first,
        segment.last,
        store.lookback_days,
        store.built_at,
        said["level"],
        order,
        round(float(paths.conversions.sum())),
        round(float(paths.conversions[paths.lengths == 0].sum())),
        round(float(paths.nulls.sum())),
        round(float(paths.journeys[paths.lengths >= MOST_TOUCHES].sum())),
        float(paths.value.sum()),
        None if total is None else total.estimate,
        None if total is None else total.low,
        None if total is None else total.high,
        found.words,
    )


def model_said(name: str, said: Mapping[str, Any], order: int) -> Model:
    """A model with the settings of a run's parameters."""
    return Model(name, order=order, first=said["first"], last=said["last"], half_life_days=said["half_life_days"])


def readings_said(lifts: Any) -> tuple[Reading, ...]:
    """Tests as a run's parameters have them. Raises :class:`BadSetting` for what is none."""
    if not isinstance(lifts, list):
        raise BadSetting(f"lifts == {lifts!r}, must be a list of tests.")
    readings = []
    for test in lifts:
        if not isinstance(test, dict) or set(test) != {"experiment", "channel", "first", "last", "lift", "se"}:
            raise BadSetting(f"{test!r} is no test: it has experiment, channel, first, last, lift and se.")
        first, last = day_said("first", test["first"]), day_said("last", test["last"])
        if first is None or last is None or not all(isinstance(test[name], int | float) for name in ("lift", "se")):
            raise BadSetting(f"{test!r} lacks a day, its lift or its se.")
        name, channel = str(test["experiment"]), str(test["channel"])
        readings.append(Reading(name, channel, first, last, 1.0, test["lift"], test["se"], is_dark=False))
    return tuple(readings)


def _in_words(found: GoalFindings) -> str:
    result, models = found.result, len({credit.model for credit in found.credits})
    return (
        f"Credited {result.conversions - result.untouched:,} {result.goal}s of {result.first_day} to "
        f"{result.last_day} by {models} models. {result.words}"
    )


ATTRIBUTION = Job(
    name="attribution",
    words="Which channels, campaigns and ads conversions are credited to, by every model, with intervals.",
    version=1,
    settle=settle,
    compute=compute,
    is_due=is_behind,
    follows={"experiments": Follow.new_evidence},
)
