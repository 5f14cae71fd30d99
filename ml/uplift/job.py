"""Find out from every test over users of an account whom its treatment changes, and score all customers by it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ml.job import Job, Outcome, Task
from warehouse.changes.uplift_results import UpliftFindings, write_uplift
from warehouse.engine import ReadSession, WriteSession
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.following import Follow
from warehouse.queries import experiments as registry
from warehouse.queries import uplift_inputs as inputs
from warehouse.queries.experiment_moments import currency_of, experiments_of
from warehouse.queries.experiment_readouts import readouts

if TYPE_CHECKING:
    import polars as pl

    from ml.uplift.trial import Asked, Trial, When

LEARNERS: Final = ("s", "t", "x", "r", "dr")
FEWEST_DAYS: Final = 28  # before a test, of which customers must be known
MOST_DAYS: Final = 730
MOST_DRAWS: Final = 2_000


def settle(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with their defaults.

    ``learner``; ``metrics``: the primary ones when null; ``value`` of one unit of the outcome, null: what an order is
    worth, 1 of an amount; ``cost`` of treating a customer; ``lookback_days`` of features; ``holdout``: the part of the
    test that judges; ``level``, ``draws`` and ``seed`` of the intervals.
    """
    unknown = sorted(set(parameters) - set(_DEFAULTS))
    if unknown:
        raise BadSetting(f"uplift has no parameter {unknown[0]!r}.", remedy=f"It has: {', '.join(_DEFAULTS)}.")
    said = {**_DEFAULTS, **parameters}
    if said["learner"] not in LEARNERS:
        raise BadSetting(f"learner == {said['learner']!r}, must be one of {', '.join(LEARNERS)}.")
    metrics = said["metrics"]
    if metrics is not None and not (isinstance(metrics, list) and metrics and all(isinstance(m, str) for m in metrics)):
        raise BadSetting(f"metrics == {metrics!r}, must be a list of names.")
    for name, least, most in (("lookback_days", FEWEST_DAYS, MOST_DAYS), ("draws", 20, MOST_DRAWS),
                              ("seed", 1, 2**32 - 1)):  # fmt: skip
        if type(said[name]) is not int or not least <= said[name] <= most:
            raise BadSetting(f"{name} == {said[name]!r}, must be a whole number from {least} to {most}.")
    for name in ("holdout", "level"):
        if not isinstance(said[name], int | float) or not 0 < said[name] < 1:
            raise BadSetting(f"{name} == {said[name]!r}, must be between 0 and 1.")
    for name in ("value", "cost"):
        amount = said[name]
        if amount is not None and (type(amount) not in (int, float) or not math.isfinite(amount) or amount < 0):
            raise BadSetting(f"{name} == {amount!r} is no amount.", remedy="Write it as 0.5.")
    if said["value"] == 0:
        raise BadSetting("value == 0, must be above 0: what one unit of the outcome is worth.")
    return {**said, "holdout": float(said["holdout"]), "level": float(said["level"]), "cost": float(said["cost"] or 0)}


def compute(task: Task) -> Outcome:
    """Learn from the account's tests one after the other. Raises :class:`NotEnoughData` where there are none."""
    from ml.uplift.finding import Manner, find, withheld

    said = task.parameters
    task.report("reading tests and customers", 0.02)
    with task.warehouse.reading(task.reader) as session:
        advertiser = inputs.advertiser_of(session, task.account_key)
        read = _read(session, task, advertiser)
    manner = Manner(said["learner"], said["holdout"], said["draws"], said["level"], said["seed"])
    found = []
    for place, (asked, when, trial) in enumerate(read.trials):
        task.report(f"learning from {asked.name}", 0.2 + 0.7 * place / len(read.trials))
        found.append(
            withheld(asked, when, manner, read.watermark, trial)
            if isinstance(trial, str)
            else find(asked, trial, when, manner, read.watermark)
        )
    if not found:
        raise NotEnoughData(" ".join(read.reasons) or _NO_METRIC, remedy="Load assignments, outcomes, and customers.")
    task.report("writing", 0.95)

    def write(session: WriteSession, run_key: int) -> None:
        write_uplift(session, found, run_key=run_key, account_key=task.account_key, advertiser_key=advertiser)

    return Outcome(write=write, words=" ".join([_said(found), *read.reasons]))


_DEFAULTS: Final[Mapping[str, Any]] = {
    "learner": "dr",
    "metrics": None,
    "value": None,
    "cost": 0.0,
    "lookback_days": 180,
    "holdout": 0.5,
    "level": 0.9,
    "draws": 200,
    "seed": 1,
}
_NO_METRIC: Final = "No test over users has a metric of its own that was measured."


@dataclass(frozen=True, slots=True)
class _Known:
    """A test over users: its arms, its metrics, and the words of its guards where they withhold it."""

    experiment: registry.Experiment
    arms: list[registry.PlannedArm]
    metrics: list[registry.Metric]
    withheld: str | None


def _known(session: ReadSession, account_key: int) -> list[_Known]:
    """The account's tests over users that have begun. Raises :class:`NotEnoughData` where there are none."""
    keys = experiments_of(session, account_key)
    read = readouts(session, keys)
    found = []
    for key in keys:
        experiment = registry.experiment(session, key)
        if experiment.unit == "user":
            withheld = read[key].words if key in read and read[key].withheld else None
            found.append(
                _Known(experiment, registry.planned_arms(session, key), registry.metrics(session, key), withheld)
            )
    if not found:
        raise NotEnoughData(
            "No test over users has begun in this account, and only such a test tells whom a treatment changes.",
            remedy="Load one, or start one: causeway experiment.",
        )
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """What was read: each question with the test's customers, or why the test is withheld; and what cannot be asked."""

    trials: list[tuple[Asked, When, Trial | str]]
    reasons: list[str]
    watermark: int


def _read(session: ReadSession, task: Task, advertiser_key: int) -> _Read:
    """Everything that is learned from. Raises :class:`NotEnoughData` where there is no test, or no customer."""
    known = _known(session, task.account_key)
    reading = _Reading(session, task, advertiser_key)
    read = _Read([], [], inputs.newest_load(session, advertiser_key))
    for one in known:
        for asked in reading.questions(one):
            try:
                read.trials.append(reading.trial(one, asked))
            except NotEnoughData as error:
                read.reasons.append(f"{asked.name}: {error}")
    return read


class _Reading:
    """What is read once for all tests: the days that are known, and features as of each day that is asked for."""

    def __init__(self, session: ReadSession, task: Task, advertiser_key: int) -> None:
        self._session, self._said = session, task.parameters
        self._spans = inputs.source_spans(session, advertiser_key)
        if not self._spans:
            raise NotEnoughData(
                "Nothing is known of this advertiser's customers: no visit, no contact with an ad, no order.",
                remedy="Load touchpoints or orders: causeway load FILE.",
            )
        today = dt.datetime.now(dt.UTC).date()
        self._scored_on = min(max(span.last for span in self._spans.values()), today)
        self._now = inputs.Before(
            advertiser_key,
            self._scored_on + dt.timedelta(days=1),
            self._said["lookback_days"],
            currency_of(session, task.account_key),
        )
        self._order = inputs.worth_of_order(session, self._now)
        self._features: dict[tuple[dt.date, int], pl.DataFrame] = {}

    def questions(self, known: _Known) -> Iterator[Asked]:
        """Every asked metric of a test, and every arm against the control."""
        from ml.uplift.trial import Asked
        from ml.uplift.worth import worth_of

        said, experiment = self._said, known.experiment
        control = next((arm.arm_id for arm in known.arms if arm.is_control), known.arms[0].arm_id if known.arms else "")
        for metric in known.metrics:
            wanted = metric.role == "primary" if said["metrics"] is None else metric.metric in said["metrics"]
            is_of_units = metric.denominator is None and metric.statistic != "quantile"
            if not is_of_units or metric.outcome != metric.metric or not wanted:
                continue
            worth, is_money = worth_of(metric.metric, self._order)
            value = worth if said["value"] is None else Decimal(str(said["value"]))
            currency = self._now.currency if is_money or said["value"] is not None else None
            for arm in known.arms:
                if arm.arm_id != control:
                    yield Asked(
                        experiment.experiment_key, experiment.experiment_name, metric.metric, metric.better,
                        arm.arm_id, control, value, Decimal(str(said["cost"])), currency,
                    )  # fmt: skip

    def trial(self, known: _Known, asked: Asked) -> tuple[Asked, When, Trial | str]:
        """The customers of a test, or why it is withheld. Raises :class:`NotEnoughData`."""
        from ml.uplift.trial import Trial

        when, names = self._when(asked)
        if known.withheld is not None:
            return asked, when, known.withheld
        customers = inputs.trial_customers(self._session, asked.experiment_key, asked.metric)
        tested, everybody = self._before(when.first_day, when), self._before(self._now.day, when)
        return asked, when, Trial(customers, tested, everybody, names)

    def _when(self, asked: Asked) -> tuple[When, tuple[str, ...]]:
        """The days of a test, and the features of sources that know enough days before it."""
        from ml.uplift.trial import When

        span = inputs.trial_span(self._session, asked.experiment_key)
        if span.first is None:
            raise NotEnoughData("Nobody says when it began.", remedy="Register its start.")
        history = {source: (span.first - known.first).days for source, known in self._spans.items()}
        enough = {source: days for source, days in history.items() if days >= FEWEST_DAYS}
        if not enough:
            raise NotEnoughData(
                f"Customers are known for {max(0, *history.values())} days before it began, and features need "
                f"{FEWEST_DAYS}.",
                remedy="Load touchpoints or orders from before it.",
            )
        lookback = min(self._now.lookback_days, *enough.values())
        last = span.last if span.last is not None else self._scored_on
        names = tuple(name for source in enough for name in inputs.SOURCES[source])
        return When(span.first, max((last - span.first).days + 1, 1), lookback, self._scored_on), names

    def _before(self, day: dt.date, when: When) -> pl.DataFrame:
        place = (day, when.lookback_days)
        if place not in self._features:
            before = replace(self._now, day=day, lookback_days=when.lookback_days)
            self._features[place] = inputs.customer_features(self._session, before)
        return self._features[place]


def _said(found: list[UpliftFindings]) -> str:
    proven = [one.readout for one in found if one.readout.state == "proven"]
    scored = max((readout.scored for readout in proven), default=0)
    said = f"Learned from {len(found):,} tests"
    if not proven:
        return f"{said}: in none of them some customers are proven to respond more than others."
    return f"{said}, {len(proven):,} of which tell whom to treat; {scored:,} customers are scored."


UPLIFT = Job(
    name="uplift",
    words="Whom a treatment changes, by tests over users: a ranking judged on a hold-out, and scores by date.",
    version=1,
    settle=settle,
    compute=compute,
    is_due=inputs.is_behind,
    follows={"experiments": Follow.where_done_before},
)
