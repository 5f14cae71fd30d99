"""A definition of an experiment as somebody wrote it -> one that holds together, or why it does not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from warehouse.experiments.written import statistic_of
from warehouse.ingest.store.experiment_book import is_control
from warehouse.ingest.texts import text_list
from warehouse.schema.experiments import (
    Counted,
    ExperimentKind,
    ExperimentStatus,
    Inference,
    MetricRole,
    Statistic,
    UnitKind,
)


class BadDefinition(Exception):
    """A definition contradicts itself. ``column`` is the field, ``code`` a short name for what is wrong."""

    def __init__(self, column: str, code: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.code, self.reason = column, code, reason


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm; ``share`` is a part of one."""

    arm_id: str
    name: str
    share: Decimal | None
    is_control: bool


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


@dataclass(frozen=True, slots=True)
class Definition:
    """An experiment as it is to be registered. ``status`` is None where it follows from the dates."""

    experiment_id: str
    name: str
    hypothesis: str | None
    owner: str | None
    kind: ExperimentKind
    unit: UnitKind
    status: ExperimentStatus | None
    starts_at: dt.datetime | None
    stops_at: dt.datetime | None
    exposure_rule: str | None
    planned_units: int | None
    decision: str | None
    channels: tuple[str, ...]
    campaigns: tuple[str, ...]
    arms: tuple[Arm, ...]
    metrics: tuple[Metric, ...]
    inference: Inference = Inference.sequential
    layer: str | None = None
    counts: Counted = Counted.assigned
    strata: str | None = None
    cluster: str | None = None
    assumed: Mapping[str, str] = field(default_factory=dict)  # field -> value that the definition does not say


def read_definition(row: Mapping[str, Any]) -> Definition:
    """The definition in one row of ``EXPERIMENT``. Raises :class:`BadDefinition`."""
    assumed: dict[str, str] = {}
    kind = _word(row["kind"], "kind", _KINDS)
    unit = _word(row["unit"], "unit", _UNITS)
    if unit is None:
        unit = _UNIT_OF.get(ExperimentKind(kind or "ab"), UnitKind.user)
        assumed["unit"] = unit.value
    if kind is None:
        kind = {UnitKind.geo: "geo", UnitKind.time_slot: "switchback"}.get(UnitKind(unit), "ab")
        assumed["kind"] = kind
    starts_at, stops_at = row["starts_at"], row["stops_at"]
    if starts_at and stops_at and stops_at <= starts_at:
        raise BadDefinition("stop", "stops_before_start", "The experiment stops before it starts.")
    status = _word(row["status"], "status", _STATUSES)
    name = row["name"] or row["experiment_id"]
    definition = Definition(
        experiment_id=row["experiment_id"] or re.sub(r"\W+", "_", str(row["name"]).casefold()).strip("_"),
        name=name,
        hypothesis=row["hypothesis"],
        owner=row["owner"],
        kind=ExperimentKind(kind),
        unit=UnitKind(unit),
        status=None if status is None else ExperimentStatus(status),
        starts_at=starts_at,
        stops_at=stops_at,
        exposure_rule=row["exposure_rule"],
        planned_units=row["planned_units"],
        decision=row["decision"],
        channels=tuple(text_list(row["channels"] or "", "|;,")),
        campaigns=tuple(text_list(row["campaigns"] or "", "|;,")),
        arms=_arms(row["arms"], assumed),
        metrics=_metrics(row["metrics"]),
        inference=Inference(_word(row["inference"], "inference", _INFERENCES) or Inference.sequential),
        layer=row["layer"],
        counts=Counted(_word(row["counts"], "counts", _COUNTED) or Counted.assigned),
        strata=row["strata"],
        cluster=row["cluster"],
        assumed=assumed,
    )
    _hold_together(definition)
    return definition


def _hold_together(definition: Definition) -> None:
    """Raises :class:`BadDefinition` where metrics are to be told as their experiment cannot tell them."""
    for_units = definition.counts is Counted.exposed or definition.strata or definition.cluster
    is_of_regions = definition.unit in (UnitKind.geo, UnitKind.time_slot)
    if is_of_regions and (for_units or not all(metric.is_plain for metric in definition.metrics)):
        words = (
            "Statistics, caps, covariates, strata, clusters and who counts are chosen for tests over users or sessions."
        )
        raise BadDefinition("unit", "of_regions", words)
    for metric in definition.metrics:
        if metric.statistic is not Statistic.mean and (definition.strata or definition.cluster):
            words = f"{metric.metric} is neither stratified nor clustered. Take the mean of {metric.of} for that."
            raise BadDefinition("metrics", "statistic", words)


def _arms(cell: str | None, assumed: dict[str, str]) -> tuple[Arm, ...]:
    listed = [_arm(entry) for entry in _entries(cell, "arms", "share")]
    if not listed:
        raise BadDefinition("arms", "no_arms", "The definition names no arms.")
    ids = [arm.arm_id.casefold() for arm in listed]
    if len(set(ids)) < len(ids):
        raise BadDefinition("arms", "repeated_arm", "Two arms have the same id.")
    controls = [arm.is_control for arm in listed]
    if sum(controls) > 1:
        raise BadDefinition("arms", "several_controls", "More than one arm is the control.")
    if not any(controls):
        named = next((i for i, arm in enumerate(listed) if is_control(arm.arm_id) or is_control(arm.name)), 0)
        assumed["control arm"] = listed[named].arm_id
        listed = [Arm(a.arm_id, a.name, a.share, i == named) for i, a in enumerate(listed)]
    return _with_parts(listed)


def _with_parts(arms: list[Arm]) -> tuple[Arm, ...]:
    """The arms with shares that are parts of one: per cents are divided, and none at all are equal."""
    shares = [arm.share for arm in arms if arm.share is not None]
    if not shares:
        return tuple(arms)
    if len(shares) < len(arms):
        raise BadDefinition("arms", "missing_share", "Some arms have a share and others have none.")
    whole = sum(shares, Decimal(0))
    divisor = Decimal(100) if abs(whole - 100) <= 1 else Decimal(1)
    if min(shares) <= 0 or abs(whole / divisor - 1) > _TOLERANCE:
        words = f"The arms' shares add up to {whole:.6g}; they must be above zero and add up to 1 (or to 100)."
        raise BadDefinition("arms", "bad_shares", words)
    parts = [(share / divisor).quantize(_MILLIONTH) for share in shares]
    return tuple(Arm(a.arm_id, a.name, part, a.is_control) for a, part in zip(arms, parts, strict=True))


def _arm(entry: Mapping[str, Any]) -> Arm:
    arm_id = _named(entry, "arms", ("id", "arm", "arm_id", "key", "variation_id", "variationId", "name"))
    share = _first(entry, ("share", "weight", "allocation", "percentage", "traffic"))
    control = _first(entry, ("control", "is_control", "isControl"))
    name = str(_first(entry, ("name",)) or arm_id)
    return Arm(arm_id, name, _decimal(share, "arms", "share"), str(control).lower() in {"true", "1", "yes"})


def _metrics(cell: str | None) -> tuple[Metric, ...]:
    entries = _entries(cell, "metrics", "role")
    if entries and not any("role" in entry for entry in entries):
        entries = [{**entry, "role": "secondary" if i else "primary"} for i, entry in enumerate(entries)]
    metrics = [_metric(entry) for entry in entries]
    names = [metric.metric for metric in metrics]
    if len(set(names)) < len(names):
        raise BadDefinition("metrics", "repeated_metric", "Two metrics have the same name.")
    return tuple(metrics)


def _metric(entry: Mapping[str, Any]) -> Metric:
    name = _named(entry, "metrics", ("metric", "id", "name", "key"))
    role = _word(_first(entry, ("role", "kind")), "metrics", _ROLES) or "secondary"
    better = _word(_first(entry, ("better", "direction", "good")), "metrics", _BETTER) or "higher"
    margin = _decimal(_first(entry, ("margin", "non_inferiority_margin")), "metrics", "margin")
    if margin is not None and not 0 <= margin < 1:
        raise BadDefinition("metrics", "bad_margin", f"The margin of {name} is {margin:.6g}; it is a part from 0 to 1.")
    metric = Metric(
        name.casefold(),
        MetricRole(role),
        better,
        None if margin is None else margin.quantize(_MILLIONTH),
        _outcome(entry, ("denominator", "per", "divided_by")),
    )
    return _told(_of_what(metric, entry), entry)


def _of_what(metric: Metric, entry: Mapping[str, Any]) -> Metric:
    """With the statistic that is told and its outcome, which the metric's name may say: ``p90:revenue``."""
    outcome, chosen = _outcome(entry, ("outcome", "of")), _word(entry.get("statistic"), "metrics", _STATISTICS)
    quantile = _part(_first(entry, ("quantile", "percentile")), metric.metric, "quantile")
    statistic = Statistic(chosen) if chosen else Statistic.quantile if quantile is not None else Statistic.mean
    said = statistic_of(metric.metric)
    if said is not None and chosen is None and quantile is None:
        statistic, named, quantile = said
        outcome = outcome or named
    if chosen == "median":
        statistic, quantile = Statistic.quantile, Decimal("0.5")
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
    cap = _decimal(_first(entry, ("cap", "capped_at")), "metrics", "cap")
    winsorise = _part(_first(entry, ("winsorise", "winsorize")), metric.metric, "winsorise")
    covariates = _first(entry, ("covariates", "adjusted_for"))
    found = replace(
        metric,
        cap=None if cap is None else cap.quantize(_MILLIONTH),
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
    found = _first(entry, names)
    return None if found is None else str(found).strip().casefold()


def _part(value: Any, metric: str, what: str) -> Decimal | None:
    """A number between 0 and 1, which may be written in per cent."""
    number = _decimal(value, "metrics", what)
    if number is None:
        return None
    number = number / 100 if str(value).strip().endswith("%") else number
    if not 0 < number < 1:
        raise BadDefinition("metrics", f"bad_{what}", f"{what} of {metric} is {number:.6g}; it is between 0 and 1.")
    return number.quantize(_MILLIONTH)


def _listed(value: Any) -> tuple[str, ...]:
    names = value if isinstance(value, list | tuple) else text_list(str(value), "|;,")
    return tuple(dict.fromkeys(str(name).strip().casefold() for name in names if str(name).strip()))


def _entries(cell: str | None, column: str, value: str) -> list[dict[str, Any]]:
    """What stands in a cell: objects, or texts (``a|b``), or an object of names and values."""
    if not cell:
        return []
    try:
        found = orjson.loads(cell)
    except orjson.JSONDecodeError:
        found = text_list(cell, "|;,")
    if isinstance(found, dict):
        # {"control": 0.5, "treatment": 0.5}, {"orders": "primary"}, or {"primary": ["orders"], "guardrail": "margin"}
        return [
            {"id": one, value: name} if value == "role" and name.casefold() in _ROLES else {"id": name, value: one}
            for name, inner in found.items()
            for one in (inner if isinstance(inner, list) else [inner])
        ]
    if not isinstance(found, list):
        raise BadDefinition(column, "bad_list", f"{column} is no list.")
    return [one if isinstance(one, dict) else {"id": str(one)} for one in found]


def _named(entry: Mapping[str, Any], column: str, names: tuple[str, ...]) -> str:
    found = _first(entry, names)
    if found is None or not str(found).strip():
        raise BadDefinition(column, "missing_id", f"One of {column} has no id.")
    return str(found).strip()


def _first(entry: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def _decimal(value: Any, column: str, what: str) -> Decimal | None:
    if value is None or value == "":
        return None
    text = str(value).strip()
    try:
        number = Decimal(text.removesuffix("%"))
    except InvalidOperation as error:
        raise BadDefinition(column, "bad_number", f'The {what} "{text}" is no number.') from error
    if not number.is_finite():
        raise BadDefinition(column, "bad_number", f'The {what} "{text}" is no number.')
    return number


def _word(value: Any, column: str, words: Mapping[str, str]) -> str | None:
    if value is None or not str(value).strip():
        return None
    key = re.sub(r"[\s/_-]+", "_", str(value).strip().casefold())
    if key not in words:
        known = ", ".join(sorted(set(words.values())))
        raise BadDefinition(column, "unknown_word", f'"{value}" is none of: {known}.')
    return words[key]


_TOLERANCE: Final = Decimal("0.005")
_MILLIONTH: Final = Decimal("0.000001")
_KINDS: Final = {
    **{kind.value: kind.value for kind in ExperimentKind},
    **dict.fromkeys(("a_b", "abn", "ab_test", "a_b_test", "standard", "split", "multi_armed"), "ab"),
    **dict.fromkeys(("geo_test", "geo_lift", "geolift", "geo_experiment"), "geo"),
    **dict.fromkeys(("hold_out", "geo_holdout", "geo_hold_out"), "holdout"),
    **dict.fromkeys(("godark", "dark", "blackout"), "go_dark"),
    "switch_back": "switchback",
}
_UNITS: Final = {
    **{unit.value: unit.value for unit in UnitKind},
    **dict.fromkeys(("user_id", "users", "customer", "id", "visitor", "anonymous_id", "client_id", "device"), "user"),
    **dict.fromkeys(("region", "market", "dma", "geos"), "geo"),
    **dict.fromkeys(("slot", "time", "period", "timeslot"), "time_slot"),
    "sessions": "session",
}
_UNIT_OF: Final = {
    ExperimentKind.geo: UnitKind.geo,
    ExperimentKind.go_dark: UnitKind.geo,
    ExperimentKind.switchback: UnitKind.time_slot,
}
_STATUSES: Final = {
    **{status.value: status.value for status in ExperimentStatus},
    **dict.fromkeys(("planned", "new", "scheduled"), "draft"),
    **dict.fromkeys(("active", "live", "started"), "running"),
    **dict.fromkeys(("completed", "ended", "finished", "done", "paused"), "stopped"),
    **dict.fromkeys(("shipped", "archived", "concluded"), "decided"),
}
_ROLES: Final = {
    **{role.value: role.value for role in MetricRole},
    **dict.fromkeys(("goal", "main", "success"), "primary"),
    **dict.fromkeys(("guard", "guardrails", "do_no_harm"), "guardrail"),
}
_INFERENCES: Final = {
    **{inference.value: inference.value for inference in Inference},
    **dict.fromkeys(("always_valid", "confidence_sequence"), "sequential"),
    **dict.fromkeys(("fixed_horizon", "frequentist"), "fixed"),
    **dict.fromkeys(("obrien_fleming", "alpha_spending"), "group_sequential"),
}
_COUNTED: Final = {
    **{counted.value: counted.value for counted in Counted},
    **dict.fromkeys(("all", "everybody", "intention_to_treat"), "assigned"),
    **dict.fromkeys(("treated", "triggered"), "exposed"),
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
