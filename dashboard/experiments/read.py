"""Everything that one view of the experiments shows: all of them, or one with what was found of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.identity import Role
from dashboard.experiments.asked import Asked
from dashboard.reading import Reading
from dashboard.state import View
from ml.experiments.past import Past, pasts_of
from ml.experiments.registered import control_of
from warehouse.queries.attribution import Agreement, agreement, published_attribution
from warehouse.queries.experiment_moments import kept_moments
from warehouse.queries.experiment_readouts import (
    Effect,
    EffectDay,
    Evidence,
    Guard,
    Headline,
    Lift,
    LiftDay,
    Novelty,
    Readout,
    effect_days,
    effects,
    guards,
    headlines,
    lift_days,
    lift_evidence,
    lifts,
    novelty,
    readouts,
)
from warehouse.queries.experiments import Arm, Experiment, Metric, arms, experiment, experiments, metrics, planned_arms
from warehouse.queries.next_tests import NextTest, next_tests

MOST_EXPERIMENTS = 1_000
MOST_DAYS = 5_000
MOST_KNOWN = 5


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list; without a read-out no run has read it yet."""

    experiment: Experiment
    readout: Readout | None
    headline: Headline | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a finished test says of a channel, and how the credit of models goes with it."""

    evidence: Evidence
    name: str
    credits: Sequence[Agreement]


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one experiment. ``may`` is whether the reader may start, stop and decide it."""

    experiment: Experiment
    arms: Sequence[Arm]
    metrics: Sequence[Metric]
    readout: Readout | None
    guards: Sequence[Guard]
    effects: Sequence[Effect]
    days: Sequence[EffectDay]
    novelty: Sequence[Novelty]
    lifts: Sequence[Lift]
    lift_days: Sequence[LiftDay]
    proofs: Sequence[Proof]
    currency: str
    may: bool

    def arm_name(self, arm_id: str) -> str:
        """What an arm is called."""
        return next((arm.arm_name for arm in self.arms if arm.arm_id == arm_id), arm_id)

    def outcome_of(self, metric: str) -> str:
        """The outcome that a metric is told of, of a ratio the one that is divided; its name where it is no other."""
        registered = {each.metric: each for each in self.metrics}
        found = registered.get(metric) or registered.get(metric.partition("/")[0])
        return metric if found is None or found.statistic == "share" else found.outcome

    @property
    def is_withheld(self) -> bool:
        """Whether no number may be shown: a guard fired, or the counterfactual is none."""
        return self.readout is not None and self.readout.withheld

    @property
    def is_of_regions(self) -> bool:
        """Whether it is read as a test over regions or days."""
        return self.experiment.unit in ("geo", "time_slot")


@dataclass(frozen=True, slots=True)
class Known:
    """What an experiment tells of its metrics for the next one."""

    name: str
    pasts: Sequence[Past]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a view shows: ``told`` is the experiment that is read, ``known`` what a plan may start from."""

    asked: Asked
    listed: Sequence[Listed]
    next_tests: Sequence[NextTest]
    proofs: Sequence[Proof]
    told: Told | None
    known: Sequence[Known]
    channels: Mapping[str, str]


def read_experiments(reading: Reading, query: Mapping[str, str]) -> Shown:
    """Read what an address shows. Raises :class:`BadFilter` where it means nothing, and :class:`NotFound`."""
    asked = Asked.from_query(query)
    channels = {choice.key: choice.label for choice in reading.scope.channels}
    if asked.key is not None:
        return Shown(asked, [], [], [], _told(reading, asked.key), [], channels)
    if asked.show:
        return Shown(asked, [], [], [], None, read_known(reading), channels)
    registered = experiments(reading.session, limit=MOST_EXPERIMENTS)
    keys = [one.experiment_key for one in registered]
    read, surest = readouts(reading.session, keys), headlines(reading.session, keys)
    listed = [Listed(one, read.get(one.experiment_key), surest.get(one.experiment_key)) for one in registered]
    names = {one.experiment_key: one.experiment_name for one in registered}
    proofs = _proofs(reading, lift_evidence(reading.session), names)
    return Shown(asked, listed, next_tests(reading.session), proofs, None, [], channels)


def _told(reading: Reading, key: int) -> Told:
    session = reading.session
    found = experiment(session, key)
    account = next(
        (a for a in reading.scope.accounts if (a.platform, a.account_id) == (found.platform, found.account_id)), None
    )
    readout = readouts(session, [key]).get(key)
    of_regions = found.unit in ("geo", "time_slot")
    evidence = lift_evidence(session, experiment_key=key)
    return Told(
        experiment=found,
        arms=arms(session, key),
        metrics=metrics(session, key),
        readout=readout,
        guards=guards(session, key),
        effects=[] if of_regions else effects(session, key),
        days=[] if of_regions else effect_days(session, key, limit=MOST_DAYS),
        novelty=[] if of_regions else novelty(session, key),
        lifts=lifts(session, key) if of_regions else [],
        lift_days=lift_days(session, key, limit=MOST_DAYS) if of_regions else [],
        proofs=_proofs(reading, evidence, {key: found.experiment_name}),
        currency=account.currency if account else reading.shared.warehouse.settings.reporting_currency,
        may=account is not None and reading.identity.may(Role.manager, account_key=account.account_key),
    )


def read_known(reading: Reading) -> list[Known]:
    """What the newest experiments over users or sessions tell."""
    session, found = reading.session, []
    begun = [one for one in experiments(session, limit=MOST_EXPERIMENTS) if one.unit in ("user", "session")]
    for one in sorted(begun, key=lambda one: -one.experiment_key):
        kept = kept_moments(session, one.experiment_key)
        control = control_of(planned_arms(session, one.experiment_key))
        if kept is not None and control is not None and (pasts := pasts_of(kept, control)):
            found.append(Known(one.experiment_name, pasts))
        if len(found) == MOST_KNOWN:
            break
    return found


def _proofs(reading: Reading, evidence: Sequence[Evidence], names: Mapping[int, str]) -> list[Proof]:
    """Evidence with the credit that the published attribution compares it with."""
    if not evidence:
        return []
    filter_ = View.from_query({}, reading.days).filter
    runs = published_attribution(reading.session, filter_)
    compared = [(row, f"{run.goal}s") for run in runs for row in agreement(reading.session, run, kinds=["experiment"])]
    return [
        Proof(
            one,
            names.get(one.experiment_key, one.experiment_id),
            [
                row
                for row, counted in compared
                if (row.other, row.channel) == (one.experiment_id, one.channel)
                and one.metric in (counted, "conversions")
            ],
        )
        for one in evidence
    ]
