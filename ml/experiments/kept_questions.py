"""From metrics as they are registered, and moments as they are kept, to questions that can be answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ml.experiments.analysis import Question
from ml.experiments.contrast import Strata
from ml.experiments.kept import UpTo, before
from ml.experiments.metrics import Kind, Metric, Role
from ml.experiments.moments import Distribution, Moments
from ml.experiments.share import Shares
from ml.experiments.strata import with_enough
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.experiments.totals import UNITS, Total
from warehouse.queries import experiments as registry

T = TypeVar("T")
Distributions = Mapping[tuple[str, str], Distribution]  # by arm and cut


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A registered metric as it is asked for.

    ``covariates`` are columns of the moments. ``distributions`` are a quantile's. ``note`` says what was done to the
    values, ``untold`` why nothing can be told.
    """

    metric: Metric
    covariates: tuple[str, ...] = ()
    distributions: Distributions = field(default_factory=dict)
    note: str = ""
    untold: str = ""

    @property
    def is_plain_mean(self) -> bool:
        """Whether it is the mean of an outcome as it is."""
        return self.metric.kind is Kind.mean and not self.note


def asked_of(said: registry.Metric, totals: Sequence[Total], distributions: Mapping[str, Distributions]) -> Asked:
    """How a metric is asked for of moments of these totals; ``distributions`` by outcome."""
    name = (
        said.metric if said.denominator is None or said.outcome != said.metric else f"{said.metric}/{said.denominator}"
    )
    kind = Kind.ratio if said.denominator is not None else Kind(said.statistic)
    probability = None if said.quantile is None else float(said.quantile)
    total = _total(said, totals)
    metric = Metric(
        name, kind, total.name, said.denominator, probability, Role(said.role), said.better == "higher",
        float(said.margin or 0),
    )  # fmt: skip
    if kind is Kind.quantile:
        return Asked(metric, distributions=distributions.get(said.outcome, {}))
    if kind is Kind.share:
        return Asked(metric)
    if said.winsorise is not None and total.cap is None:
        words = f"Nothing is known of {said.outcome} before the start, so there is no limit to cap it at."
        return Asked(metric, untold=f"{words} Load pre_value, or register an amount to cap at.")
    strange = [name for name in said.covariates or () if Total(name, "before") not in totals]
    if strange:
        return Asked(metric, untold=f"No unit has a value of {before(strange[0])}. Load pre_value of it.")
    return Asked(metric, tuple(_covariates(said, totals)), note=_note(total))


def questions_of(asked: Sequence[Asked], up_to: UpTo, control: str, cut: str | None = None) -> Iterator[Question]:
    """A question for each metric that can be told up to a day, of all units or of a part; the control first.

    A quantile is told of the last day only. Metrics that :func:`untold` names are left out.
    """
    arms = _ordered(up_to.strata_by_arm(cut), control)
    for one in asked:
        try:
            yield _question(one, arms, control, cut)
        except NotEnoughData:
            continue  # said by untold()


def untold(asked: Sequence[Asked], up_to: UpTo, control: str) -> Iterator[tuple[str, str]]:
    """The metrics that cannot be asked for, each with the reason."""
    arms = _ordered(up_to.strata_by_arm(), control)
    for one in asked:
        try:
            _question(one, arms, control, None)
        except NotEnoughData as error:
            yield one.metric.name, str(error)


def _question(one: Asked, arms: Mapping[str, Strata], control: str, cut: str | None) -> Question:
    if one.untold:
        raise NotEnoughData(one.untold)
    metric = one.metric
    if metric.kind is Kind.quantile:
        return Question(metric, _ordered(_of_cut(one.distributions, cut), control))
    whole = {arm: sum(strata[1:], start=strata[0]) for arm, strata in arms.items()}
    if metric.kind is Kind.share:
        _check_share(metric, whole)
        return Question(metric, whole)
    columns = next(iter(whole.values())).columns
    varying = tuple(name for name in one.covariates if all(_varies(moments, name) for moments in whole.values()))
    clusters = UNITS if UNITS in columns else None
    return Question(metric, with_enough(arms), varying, clusters, one.note)


def _covariates(said: registry.Metric, totals: Sequence[Total]) -> Iterator[str]:
    """What a metric is adjusted for. One of its own that is not known of every unit has a column that says so."""
    if said.covariates is None:
        yield from (total.name for total in totals if total.part == "before")
        return
    for outcome in said.covariates:
        yield before(outcome)
        yield Total(outcome, "unknown").name


def _check_share(metric: Metric, arms: Mapping[str, Moments]) -> None:
    for moments in arms.values():
        try:
            Shares.of(moments, moments, metric.column)
        except BadSetting as error:
            raise NotEnoughData(str(error)) from error


def _of_cut(distributions: Distributions, cut: str | None) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for (arm, of), distribution in distributions.items():
        if cut is None or of == cut:
            found[arm] = found[arm] + distribution if arm in found else distribution
    if len(found) < 2:
        raise NotEnoughData("A quantile is told of two arms with units.", remedy="Wait until every arm has some.")
    return found


def _ordered(arms: Mapping[str, T], control: str) -> dict[str, T]:
    return {arm: arms[arm] for arm in sorted(arms, key=lambda arm: (arm != control, arm))}


def _varies(moments: Moments, column: str) -> bool:
    place = moments.place(column)
    return bool(moments.products[place, place] > 0)


def _total(said: registry.Metric, totals: Sequence[Total]) -> Total:
    """Its column: the capped one, where there is a cap."""
    cap = None if said.cap is None else float(said.cap)
    part = None if said.winsorise is None else float(said.winsorise)
    if said.cap is None and said.winsorise is None:
        return Total(said.outcome, "value")
    return next(
        total
        for total in totals
        if (total.outcome, total.part) == (said.outcome, "value")
        and (total.winsorise == part if part is not None else total.cap == cap and total.winsorise is None)
    )


def _note(total: Total) -> str:
    if total.cap is None:
        return ""
    if total.winsorise is None:
        return f"winsorised at {total.cap:.4g}"
    return f"winsorised at {total.cap:.4g}, below which {total.winsorise:.6g} of what units did before lies"
