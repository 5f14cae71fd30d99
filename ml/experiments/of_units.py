"""An experiment over users or sessions, read from its kept moments: guards, effects, parts of the units, the course."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ml.experiments.analysis import Result, analyse, compared
from ml.experiments.effect import effect_of
from ml.experiments.guards import Guard, Status
from ml.experiments.kept import UpTo, days_of, units_in
from ml.experiments.kept_guards import LOOKS, guards_of, looks_of, untold_guard
from ml.experiments.kept_novelty import novelty_rows
from ml.experiments.kept_questions import Asked, Distributions, asked_of, questions_of, untold
from ml.experiments.methods import PLANNED_UNITS, ConfidenceSequence, FixedHorizon, GroupSequential, Method
from ml.experiments.metrics import Role
from ml.experiments.multiplicity import benjamini_hochberg
from ml.experiments.non_inferiority import Verdict
from ml.experiments.registered import Registered
from warehouse.changes.experiment_results import EffectDay, EffectRow, Evidence, ExperimentFindings, GuardRow, Readout
from warehouse.errors import NotEnoughData
from warehouse.queries import experiments as registry
from warehouse.queries.experiment_moments import NO_DAY, HalfRow, KeptMoments

MOST_DAYS: Final = 120  # of the course; of longer ones the newest


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What is known of an experiment beside its moments.

    ``everybody`` has by metric how much of it all people did in these days, whether in the test or not; without it a
    test of ads is no evidence. ``distributions`` are by outcome, for quantiles; ``halves`` tell how effects change.
    """

    everybody: Mapping[str, int] = field(default_factory=dict)
    distributions: Mapping[str, Distributions] = field(default_factory=dict)
    halves: Sequence[HalfRow] = ()


def read_units(
    registered: Registered, kept: KeptMoments, level: float, beside: Beside | None = None
) -> ExperimentFindings:
    """All that is to be told of an experiment over units. Raises :class:`NotEnoughData` where nobody is in the test."""
    beside = beside or Beside()
    days = list(days_of(kept))
    if not days:
        raise NotEnoughData("Nobody is in an arm.", remedy="Load who was put where: causeway load FILE.")
    now, experiment = days[-1], registered.experiment
    control = registered.control
    units = sum(map(units_in, now.by_arm().values()))
    method = _method(experiment, looks_of(experiment.planned_units, units), level)
    asked = [asked_of(metric, kept.totals, beside.distributions) for metric in registered.judged_by(kept.metrics)]
    guards = list(guards_of(registered, kept, now))
    found = analyse(list(questions_of(asked, now, control)), control, method, guards)
    effects = [] if found.withheld else [*_effect_rows(found.results, now, ""), *_of_parts(asked, now, control, method)]
    if not found.withheld:
        guards += [untold_guard(*said) for said in untold(asked, now, control)]
        guards += [untold_guard(result.metric.name, result.words) for result in found.results if not result.effect]
    dated = [day for day in days if day.date != NO_DAY]
    course = [] if found.withheld else _course(asked, dated[-MOST_DAYS:], control, level, experiment.planned_units)
    return ExperimentFindings(
        experiment.experiment_key,
        Readout(
            first_day=dated[0].date if dated else None,
            last_day=dated[-1].date if dated else None,
            units=units,
            looks=len(dated) or 1,
            level=level,
            inference=experiment.inference,
            withheld=found.withheld,
            health=_health(guards),
            verdict="withheld" if found.withheld else _verdict(effects),
            words=_in_words(effects, guards),
        ),
        guards=[GuardRow(guard.name, guard.status.value, guard.p_value, guard.words) for guard in guards],
        effects=effects,
        days=list(course),
        novelty=[] if found.withheld else list(novelty_rows(asked, beside.halves, control, method)),
        evidence=[] if found.withheld else list(_evidence(registered, found.results, now, level, beside.everybody)),
    )


def _evidence(
    registered: Registered, results: Sequence[Result], now: UpTo, level: float, everybody: Mapping[str, int]
) -> Iterator[Evidence]:
    """What a finished test in which some people got no ads of a channel says of it, by metrics that everybody has."""
    experiment, dark = registered.experiment, registered.dark_arm
    first, last = experiment.starts_at, experiment.stops_at
    if dark is None or len(experiment.channels) != 1 or not registered.is_over or first is None or last is None:
        return
    units = units_in(now.by_arm()[dark])
    for result in results:
        # Of a capped outcome, or of a part of it, not all is known.
        total = everybody.get(result.metric.name) if result.metric.name == result.metric.column else None
        if result.effect is None or not total:
            continue
        # What the ads would have brought among the people who got none.
        sign = -units if result.arm == dark else units
        ends = sorted((sign * result.effect.difference.low, sign * result.effect.difference.high))
        mean = result.effect.treated if result.arm == dark else result.effect.control
        yield Evidence(
            channel=experiment.channels[0],
            campaign_id=experiment.campaigns[0] if len(experiment.campaigns) == 1 else None,
            metric=result.metric.name,
            first_day=first.date(),
            last_day=last.date(),
            share=min(mean * units / total, 1.0),
            is_dark=True,
            against="no_ads",
            lift=sign * result.effect.difference.estimate,
            se=units * result.effect.se,
            low=ends[0],
            high=ends[1],
            level=level,
            method=result.method,
            identifies="What the ads would have brought among the people who got none.",
        )


def _method(experiment: registry.Experiment, looks: tuple[float, ...], level: float) -> Method:
    """How it is read. Before the first planned look a guard withholds what would be read."""
    if experiment.inference == "fixed":
        return FixedHorizon(level)
    if experiment.inference == "group_sequential":
        return GroupSequential(looks or LOOKS[:1], level)
    return ConfidenceSequence(level, experiment.planned_units or PLANNED_UNITS)


def _effect_rows(results: Sequence[Result], now: UpTo, cut: str) -> list[EffectRow]:
    arms = now.by_arm(cut or None)
    rows = []
    for result in results:
        if result.effect is None:
            continue
        effect, belief = result.effect, result.belief
        relative = effect.relative
        rows.append(
            EffectRow(
                metric=result.metric.name,
                role=result.metric.role.value,
                arm_id=result.arm,
                control_id=result.control,
                cut="" if not cut else f"before={cut}",
                units=units_in(arms[result.arm]),
                control_units=units_in(arms[result.control]),
                mean=effect.treated,
                control_mean=effect.control,
                difference=effect.difference.estimate,
                low=effect.difference.low,
                high=effect.difference.high,
                relative=None if relative is None else relative.estimate,
                relative_low=None if relative is None else relative.low,
                relative_high=None if relative is None else relative.high,
                p_value=effect.p_value,
                adjusted_p=result.p_adjusted,
                chance_to_beat=None if belief is None else belief.probability,
                expected_loss=None if belief is None else belief.loss_of_treating,
                method=result.method,
                verdict=_verdict_of(result),
            )
        )
    return rows


def _verdict_of(result: Result) -> str:
    """Of one arm and metric, by its interval; a guardrail wins nothing, and may only do harm."""
    effect = result.effect
    if effect is None:
        return "open"
    if result.guardrail is not None:
        return {Verdict.holds: "harmless", Verdict.broken: "lost"}.get(result.guardrail.verdict, "open")
    sign = 1 if result.metric.higher_is_better else -1
    if sign * effect.difference.low > 0 and sign * effect.difference.high > 0:
        return "won"
    return "lost" if sign * effect.difference.low < 0 and sign * effect.difference.high < 0 else "open"


def _of_parts(asked: Sequence[Asked], now: UpTo, control: str, method: Method) -> list[EffectRow]:
    """Effects among units that did something before and among those that did not; counted as that many questions."""
    primary = [one for one in asked if one.metric.role is Role.primary]
    parts = {cut: now.by_arm(cut) for cut in now.cuts} if len(now.cuts) > 1 else {}
    found = [
        (cut, result)
        for cut, arms in parts.items()
        if control in arms and len(arms) > 1
        for result in analyse(list(questions_of(primary, now, control, cut)), control, method).results
    ]
    told = [(cut, result) for cut, result in found if result.effect is not None]
    adjusted = benjamini_hochberg([result.effect.p_value for _, result in told if result.effect])
    rows = [row for cut, result in told for row in _effect_rows([result], now, cut)]
    return [replace(row, adjusted_p=p) for row, p in zip(rows, adjusted, strict=True)]


def _course(
    asked: Sequence[Asked], days: Sequence[UpTo], control: str, level: float, planned: int | None
) -> Iterator[EffectDay]:
    """Effects as they were known day by day, with intervals that hold at every look whatever was chosen for the end.

    Quantiles of earlier days are not known any more.
    """
    by_moments = [one for one in asked if not one.distributions]
    method = ConfidenceSequence(level, planned or PLANNED_UNITS)
    for day in days:
        arms = day.by_arm()
        if control not in arms or len(arms) < 2:
            continue
        for question in questions_of(by_moments, day, control):
            for arm in question.samples:
                if arm == control:
                    continue
                try:
                    effect = effect_of(compared(question, arm, control), method)
                except NotEnoughData:
                    continue  # too few units yet; later days tell
                yield EffectDay(question.metric.name, arm, day.date, units_in(arms[arm]) + units_in(arms[control]),
                                effect.difference.estimate, effect.difference.low, effect.difference.high)  # fmt: skip


def _health(guards: Sequence[Guard]) -> str:
    statuses = {guard.status for guard in guards}
    return "red" if Status.failed in statuses else "amber" if Status.warned in statuses else "green"


def _verdict(effects: Sequence[EffectRow]) -> str:
    """Of the experiment: harm to a guardrail outweighs what was won."""
    whole = [row for row in effects if not row.cut]
    verdicts = {row.verdict for row in whole if row.role == Role.primary.value}
    harmed = any(row.verdict == "lost" for row in whole if row.role == Role.guardrail.value)
    if harmed or "lost" in verdicts:
        return "lost"
    return "won" if "won" in verdicts else "open"


def _in_words(effects: Sequence[EffectRow], guards: Sequence[Guard]) -> str:
    failed = next((guard for guard in guards if guard.status is Status.failed), None)
    if failed is not None:
        return f"The effect is withheld. {failed.words}"
    primary = [row for row in effects if not row.cut and row.role == Role.primary.value]
    return " ".join(_sentence(row) for row in primary) or "No primary metric was measured."


def _sentence(row: EffectRow) -> str:
    if row.relative is not None and row.relative_low is not None and row.relative_high is not None:
        size = f"{row.relative:+.1%} ({row.relative_low:+.1%} to {row.relative_high:+.1%})"
    else:
        size = f"{row.difference:+.4g} ({row.low:+.4g} to {row.high:+.4g})"
    meaning = {"won": "better", "lost": "worse"}.get(row.verdict, "no difference is proven")
    return f"{row.metric} in {row.arm_id} against {row.control_id}: {size}, {meaning}."
