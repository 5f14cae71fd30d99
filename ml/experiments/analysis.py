"""Every arm against the control by every metric; or, where a guard fires, the reason why there is no answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ml.experiments.contrast import Contrast, Quantity, Strata, mean_contrast
from ml.experiments.effect import Effect, effect_of
from ml.experiments.guards import Guard, Status
from ml.experiments.methods import Method
from ml.experiments.metrics import Kind, Metric, Role
from ml.experiments.moments import Distribution, Moments
from ml.experiments.multiplicity import benjamini_hochberg, holm
from ml.experiments.non_inferiority import Guardrail, guardrail
from ml.experiments.posterior import Posterior, Prior, posterior
from ml.experiments.quantile import quantile_contrast
from ml.experiments.share import Shares
from warehouse.errors import BadSetting, NotEnoughData

Sample = Moments | Strata | Distribution  # of one metric in one arm: see moments.py for what each kind needs


@dataclass(frozen=True, slots=True)
class Question:
    """A metric with its samples by arm.

    ``covariates`` are columns of the moments that were known before the start. Where the moments are of clusters,
    ``units`` is the column that counts the units of each. ``note`` goes with the method: what was done to the values.
    """

    metric: Metric
    samples: Mapping[str, Sample]
    covariates: tuple[str, ...] = ()
    units: str | None = None
    note: str = ""

    @property
    def outcome(self) -> Quantity:
        """The metric as a mean or a ratio of means over what the moments are of."""
        return Quantity(self.metric.column, self.metric.denominator or self.units)


@dataclass(frozen=True, slots=True)
class Result:
    """An arm against the control by one metric.

    ``effect`` is None where there is none to tell, and ``words`` say why. ``p_adjusted`` counts how many questions of
    the same role were asked: Holm for primary metrics, Benjamini and Hochberg for secondary ones. Guardrails have
    none, since all of them must hold. ``belief`` is None where the metric's prior is a part of nothing.
    """

    metric: Metric
    arm: str
    control: str
    method: str
    level: float
    effect: Effect | None
    p_adjusted: float | None = None
    belief: Posterior | None = None
    guardrail: Guardrail | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the guards say, and if none has failed, the results."""

    guards: tuple[Guard, ...]
    results: tuple[Result, ...]

    @property
    def withheld(self) -> bool:
        """Whether a guard has failed, so that there are no results."""
        return any(guard.status is Status.failed for guard in self.guards)


def analyse(questions: Sequence[Question], control: str, method: Method, guards: Sequence[Guard] = ()) -> Analysis:
    """Compare every arm with the control, unless a guard has failed.

    A metric that cannot be told does not keep the others from being told. Raises :class:`BadSetting` where an arm or
    a sample is not what the metric needs.
    """
    if any(guard.status is Status.failed for guard in guards):
        return Analysis(tuple(guards), ())
    results = [_result(question, arm, control, method) for question in questions for arm in _arms(question, control)]
    return Analysis(tuple(guards), tuple(_adjusted(results)))


def compared(question: Question, arm: str, control: str) -> Contrast | Shares:
    """What two arms were by a metric. Raises :class:`NotEnoughData`; :class:`BadSetting` for another kind of sample."""
    one, other, metric = question.samples[arm], question.samples[control], question.metric
    if metric.kind is Kind.quantile:
        if not isinstance(one, Distribution) or not isinstance(other, Distribution) or metric.probability is None:
            raise BadSetting(f"{metric.name} needs a distribution of each arm.")
        return quantile_contrast(one, other, metric.probability)
    treated, untreated = strata_of(one), strata_of(other)
    if metric.kind is Kind.share:
        if len(treated) > 1 or question.covariates or question.units:
            raise BadSetting(
                f"{metric.name} is neither adjusted nor stratified nor clustered.",
                remedy=f"Take the mean for that: {metric.column}.",
            )
        return Shares.of(treated[0], untreated[0], metric.column)
    covariates = [Quantity(name, question.units) for name in question.covariates]
    return mean_contrast(treated, untreated, question.outcome, covariates)


def strata_of(sample: Sample) -> Strata:
    """The moments of a sample by stratum. Raises :class:`BadSetting` for a distribution, which has none."""
    if isinstance(sample, Distribution):
        raise BadSetting("a distribution has no moments.", remedy="Give the moments of each arm.")
    return sample if isinstance(sample, tuple) else (sample,)


def _arms(question: Question, control: str) -> list[str]:
    if control not in question.samples or len(question.samples) < 2:
        raise BadSetting(
            f"There is nothing to compare {control!r} with." if control in question.samples
            else f"There is no arm {control!r}.",
            remedy=f"There are: {', '.join(question.samples)}.",
        )  # fmt: skip
    return [arm for arm in question.samples if arm != control]


def _result(question: Question, arm: str, control: str, method: Method) -> Result:
    metric = question.metric
    result = Result(metric, arm, control, _method_said(question, method), method.level, None)
    try:
        found = compared(question, arm, control)
        effect = effect_of(found, method)
    except NotEnoughData as error:
        return replace(result, words=str(error))
    held = None
    if metric.role is Role.guardrail:
        levels = found.contrast if isinstance(found, Shares) else found
        held = guardrail(levels, method, metric.margin, higher_is_better=metric.higher_is_better)
    return replace(result, effect=effect, belief=_belief(effect, metric, method.level), guardrail=held)


def _belief(effect: Effect, metric: Metric, level: float) -> Posterior | None:
    prior = None
    if metric.prior_sd is not None:
        if not effect.control:
            return None
        prior = Prior(0.0, metric.prior_sd * abs(effect.control))
    better = metric.higher_is_better
    return posterior(effect.difference.estimate, effect.se, prior=prior, level=level, higher_is_better=better)


def _adjusted(results: Sequence[Result]) -> list[Result]:
    found: dict[int, float] = {}
    for role, correct in _CORRECTIONS.items():
        places = [i for i, result in enumerate(results) if result.effect and result.metric.role is role]
        given = correct([effect.p_value for i in places if (effect := results[i].effect)])
        found.update(zip(places, given, strict=True))
    return [replace(result, p_adjusted=found.get(place)) for place, result in enumerate(results)]


_CORRECTIONS: Mapping[Role, Callable[[Sequence[float]], tuple[float, ...]]] = {
    Role.primary: holm,
    Role.secondary: benjamini_hochberg,
}


def _method_said(question: Question, method: Method) -> str:
    said = [method.words]
    if question.metric.kind is Kind.quantile:
        said.append("standard errors by ranks")
    if question.metric.kind is Kind.share:
        said.append("on the score")
    if question.covariates:
        said.append(f"adjusted for {', '.join(question.covariates)}")
    if any(isinstance(sample, tuple) and len(sample) > 1 for sample in question.samples.values()):
        said.append("post-stratified")
    if question.units:
        said.append("by cluster")
    if question.note:
        said.append(question.note)
    return "; ".join(said)
