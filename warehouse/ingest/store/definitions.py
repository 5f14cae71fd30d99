"""A definition of an experiment as somebody wrote it -> one that holds together, or why it does not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from warehouse.ingest.store.definition_cells import (
    MILLIONTH,
    BadDefinition,
    decimal_of,
    entries_of,
    first_of,
    named,
    word_of,
)
from warehouse.ingest.store.experiment_book import is_control
from warehouse.ingest.store.metric_definitions import Metric, metrics_of
from warehouse.ingest.texts import text_list
from warehouse.schema.experiments import (
    Counted,
    ExperimentKind,
    ExperimentStatus,
    Inference,
    Statistic,
    UnitKind,
)


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm; ``share`` is a part of one."""

    arm_id: str
    name: str
    share: Decimal | None
    is_control: bool


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
    kind = word_of(row["kind"], "kind", _KINDS)
    unit = word_of(row["unit"], "unit", _UNITS)
    if unit is None:
        unit = _UNIT_OF.get(ExperimentKind(kind or "ab"), UnitKind.user)
        assumed["unit"] = unit.value
    if kind is None:
        kind = {UnitKind.geo: "geo", UnitKind.time_slot: "switchback"}.get(UnitKind(unit), "ab")
        assumed["kind"] = kind
    starts_at, stops_at = row["starts_at"], row["stops_at"]
    if starts_at and stops_at and stops_at <= starts_at:
        raise BadDefinition("stop", "stops_before_start", "The experiment stops before it starts.")
    status = word_of(row["status"], "status", _STATUSES)
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
        metrics=metrics_of(row["metrics"]),
        inference=Inference(word_of(row["inference"], "inference", _INFERENCES) or Inference.sequential),
        layer=row["layer"],
        counts=Counted(word_of(row["counts"], "counts", _COUNTED) or Counted.assigned),
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
    listed = [_arm(entry) for entry in entries_of(cell, "arms", "share")]
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
    parts = [(share / divisor).quantize(MILLIONTH) for share in shares]
    return tuple(Arm(a.arm_id, a.name, part, a.is_control) for a, part in zip(arms, parts, strict=True))


def _arm(entry: Mapping[str, Any]) -> Arm:
    arm_id = named(entry, "arms", ("id", "arm", "arm_id", "key", "variation_id", "variationId", "name"))
    share = first_of(entry, ("share", "weight", "allocation", "percentage", "traffic"))
    control = first_of(entry, ("control", "is_control", "isControl"))
    name = str(first_of(entry, ("name",)) or arm_id)
    return Arm(arm_id, name, decimal_of(share, "arms", "share"), str(control).lower() in {"true", "1", "yes"})


_TOLERANCE: Final = Decimal("0.005")
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
