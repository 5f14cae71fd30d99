"""What an experiment is judged by, as somebody wrote it -> metrics that hold together, or why they do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from warehouse.experiments.written import statistic_of
from warehouse.ingest.store.definition_cells import (
    MILLIONTH,
    BadDefinition,
    decimal_of,
    entries_of,
    first_of,
    named,
    word_of,
)
from warehouse.ingest.texts import text_list
from warehouse.schema.experiments import MetricRole, Statistic


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; ``better`` is higher or lower, ``margin`` a part of the control's mean, ``denominator`` an outcome.

    It is a ``statistic`` of an ``outcome``, which is None where it has the metric's name. Values above ``cap`` count as
    it, or above the quantile ``winsorise`` of what was before. ``covariates`` are outcomes, None all that are known.
    """

    metric: str
    role: MetricRole
    better: str
    margin: Decimal | None
    denominator: str | None = None
    outcome: str | None = None
    statistic: Statistic = Statistic.mean
    quantile: Decimal | None = None
    cap: Decimal | None = None
    winsorise: Decimal | None = None
    covariates: tuple[str, ...] | None = None

    @property
    def of(self) -> str:
        """The outcome that it is told of."""
        return self.outcome or self.metric

    @property
    def is_plain(self) -> bool:
        """Whether it is the mean or ratio of outcomes as they are, adjusted for all that is known."""
        chosen = (self.quantile, self.cap, self.winsorise, self.covariates)
        return self.statistic is Statistic.mean and all(choice is None for choice in chosen)


def metrics_of(cell: str | None) -> tuple[Metric, ...]:
    """The metrics that stand in a cell. Raises :class:`BadDefinition`."""
    entries = entries_of(cell, "metrics", "role", _ROLES)
    if entries and not any("role" in entry for entry in entries):
        entries = [{**entry, "role": "secondary" if i else "primary"} for i, entry in enumerate(entries)]
    metrics = [_metric(entry) for entry in entries]
    names = [metric.metric for metric in metrics]
    if len(set(names)) < len(names):
        raise BadDefinition("metrics", "repeated_metric", "Two metrics have the same name.")
    return tuple(metrics)


def _metric(entry: Mapping[str, Any]) -> Metric:
    name = named(entry, "metrics", ("metric", "id", "name", "key"))
    role = word_of(first_of(entry, ("role", "kind")), "metrics", _ROLES) or "secondary"
    better = word_of(first_of(entry, ("better", "direction", "good")), "metrics", _BETTER) or "higher"
    margin = decimal_of(first_of(entry, ("margin", "non_inferiority_margin")), "metrics", "margin")
    if margin is not None and not 0 <= margin < 1:
        raise BadDefinition("metrics", "bad_margin", f"The margin of {name} is {margin:.6g}; it is a part from 0 to 1.")
    metric = Metric(
        name.casefold(),
        MetricRole(role),
        better,
        None if margin is None else margin.quantize(MILLIONTH),
        _outcome(entry, ("denominator", "per", "divided_by")),
    )
    return _told(_of_what(metric, entry), entry)


def _of_what(metric: Metric, entry: Mapping[str, Any]) -> Metric:
    """With the statistic that is told and its outcome, which the metric's name may say: ``p90:revenue``."""
    outcome, chosen = _outcome(entry, ("outcome", "of")), word_of(entry.get("statistic"), "metrics", _STATISTICS)
    quantile = _part(first_of(entry, ("quantile", "percentile")), metric.metric, "quantile")
    if chosen == "median":
        chosen, quantile = Statistic.quantile.value, Decimal("0.5")
    statistic = Statistic(chosen) if chosen else Statistic.quantile if quantile is not None else Statistic.mean
    said = statistic_of(metric.metric)
    if said is not None and chosen is None and quantile is None:
        statistic, of, quantile = said
        outcome = outcome or of
    if (statistic is Statistic.quantile) != (quantile is not None):
        words = f"{metric.metric} is to be told as a {statistic}; a quantile, and only that, says which: quantile: 0.9."
        raise BadDefinition("metrics", "bad_quantile", words)
    if statistic is not Statistic.mean and metric.denominator is not None:
        words = f"{metric.metric} is a {statistic}, which is not divided by anything. Take the mean for a ratio."
        raise BadDefinition("metrics", "statistic", words)
    return replace(
        metric, outcome=None if outcome == metric.metric else outcome, statistic=statistic, quantile=quantile
    )


def _told(metric: Metric, entry: Mapping[str, Any]) -> Metric:
    """With its cap and its covariates, which only means and ratios have."""
    cap = decimal_of(first_of(entry, ("cap", "capped_at")), "metrics", "cap")
    winsorise = _part(first_of(entry, ("winsorise", "winsorize")), metric.metric, "winsorise")
    covariates = first_of(entry, ("covariates", "adjusted_for"))
    found = replace(
        metric,
        cap=None if cap is None else cap.quantize(MILLIONTH),
        winsorise=winsorise,
        covariates=None if covariates is None else _listed(covariates),
    )
    if cap is not None and cap <= 0:
        raise BadDefinition("metrics", "bad_cap", f"The cap of {metric.metric} is {cap:.6g}; it is above 0.")
    if cap is not None and winsorise is not None:
        raise BadDefinition("metrics", "bad_cap", f"{metric.metric} has a cap and a quantile to cap at; give one.")
    if metric.statistic is not Statistic.mean and not replace(found, statistic=Statistic.mean, quantile=None).is_plain:
        words = f"{metric.metric} is neither capped nor adjusted. Take the mean of {metric.of} for that."
        raise BadDefinition("metrics", "statistic", words)
    return found


def _outcome(entry: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    found = first_of(entry, names)
    return None if found is None else str(found).strip().casefold()


def _part(value: Any, metric: str, what: str) -> Decimal | None:
    """A number between 0 and 1, which may be written in per cent."""
    number = decimal_of(value, "metrics", what)
    if number is None:
        return None
    number = number / 100 if str(value).strip().endswith("%") else number
    if not 0 < number < 1:
        raise BadDefinition("metrics", f"bad_{what}", f"{what} of {metric} is {number:.6g}; it is between 0 and 1.")
    return number.quantize(MILLIONTH)


def _listed(value: Any) -> tuple[str, ...]:
    names = value if isinstance(value, list | tuple) else text_list(str(value), "|;,")
    return tuple(dict.fromkeys(str(name).strip().casefold() for name in names if str(name).strip()))


_ROLES: Final = {
    **{role.value: role.value for role in MetricRole},
    **dict.fromkeys(("goal", "main", "success"), "primary"),
    **dict.fromkeys(("guard", "guardrails", "do_no_harm"), "guardrail"),
}
_STATISTICS: Final = {
    **{statistic.value: statistic.value for statistic in Statistic},
    "average": "mean",
    **dict.fromkeys(("proportion", "binomial", "rate"), "share"),
    "percentile": "quantile",
    "median": "median",
}
_BETTER: Final = {
    **dict.fromkeys(("higher", "up", "increase", "more"), "higher"),
    **dict.fromkeys(("lower", "down", "decrease", "less"), "lower"),
}
