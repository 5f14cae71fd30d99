"""Experiments: the registry, who was put into which arm, who met the treatment, and what each unit did.

A unit is a user, a session, a geo or a time slot. Users and sessions are known by a digest only; users also by their
identifier, so that they follow merges and can be deleted. A trigger deletes with a unit what is stored of it: foreign
keys would do the same, and cost a look-up for every row that is loaded.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Date,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Base, GeneratedKey, SmallKey


class ExperimentKind(enum.StrEnum):
    """How an experiment compares."""

    ab = "ab"
    geo = "geo"
    holdout = "holdout"
    go_dark = "go_dark"
    switchback = "switchback"


class UnitKind(enum.StrEnum):
    """What is put into an arm."""

    user = "user"
    session = "session"
    geo = "geo"
    time_slot = "time_slot"


class ExperimentStatus(enum.StrEnum):
    """Where an experiment stands, in this order."""

    draft = "draft"
    running = "running"
    stopped = "stopped"
    decided = "decided"


class MetricRole(enum.StrEnum):
    """What a metric decides: the primary one the question, a guardrail whether harm is done."""

    primary = "primary"
    secondary = "secondary"
    guardrail = "guardrail"


class Statistic(enum.StrEnum):
    """What is told of an outcome: the mean over units, the share of those who did it, or a quantile."""

    mean = "mean"
    share = "share"
    quantile = "quantile"


class Counted(enum.StrEnum):
    """Which units count: all that were put into an arm, or those that met the treatment, from that day on."""

    assigned = "assigned"
    exposed = "exposed"


class Inference(enum.StrEnum):
    """What intervals promise: to hold at every look, at the one at the end, or at a few that were planned."""

    sequential = "sequential"
    fixed = "fixed"
    group_sequential = "group_sequential"


experiment_kind = Enum(ExperimentKind, name="experiment_kind", schema="core")
unit_kind = Enum(UnitKind, name="unit_kind", schema="core")
experiment_status = Enum(ExperimentStatus, name="experiment_status", schema="core")
metric_role = Enum(MetricRole, name="metric_role", schema="core")
inference = Enum(Inference, name="inference", schema="core")
statistic = Enum(Statistic, name="statistic", schema="core")
counted = Enum(Counted, name="counted", schema="core")


class Experiment(Base):
    """One experiment as it is registered."""

    __tablename__ = "experiment"
    __table_args__ = (
        UniqueConstraint("account_key", "experiment_id"),
        CheckConstraint("stops_at > starts_at", name="stops_after_start"),
        {"schema": "core"},
    )

    experiment_key: Mapped[GeneratedKey]
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"))
    experiment_id: Mapped[str]
    name: Mapped[str]
    hypothesis: Mapped[str | None]
    owner: Mapped[str | None]
    kind: Mapped[ExperimentKind] = mapped_column(experiment_kind)
    unit: Mapped[UnitKind] = mapped_column(unit_kind)
    status: Mapped[ExperimentStatus] = mapped_column(experiment_status)
    starts_at: Mapped[dt.datetime | None]
    stops_at: Mapped[dt.datetime | None]
    exposure_rule: Mapped[str | None]  # in words: when a unit has met its treatment
    planned_units: Mapped[int | None]
    decision: Mapped[str | None]
    channels: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    campaigns: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")  # the platforms' ids
    inference: Mapped[Inference] = mapped_column(inference, server_default="sequential")  # chosen before the start
    layer: Mapped[str | None]  # a unit is in at most one experiment of a layer
    counts: Mapped[Counted] = mapped_column(counted, server_default="assigned")
    strata: Mapped[str | None]  # what units are told apart by before the start, and weighed within
    cluster: Mapped[str | None]  # what was put into arms, where units are in it
    is_registered: Mapped[bool]  # False: no definition came yet, only rows that name it
    load_key: Mapped[SmallKey]


class ExperimentArm(Base):
    """One arm. ``share`` is the part of the units that it is meant to get."""

    __tablename__ = "experiment_arm"
    __table_args__ = (
        UniqueConstraint("experiment_key", "arm_id"),
        CheckConstraint("share > 0 AND share <= 1", name="share_is_a_part"),
        {"schema": "core"},
    )

    arm_key: Mapped[GeneratedKey]
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.experiment.experiment_key"))
    arm_id: Mapped[str]
    name: Mapped[str]
    share: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    is_control: Mapped[bool]


class ExperimentMetric(Base):
    """One metric of an experiment. ``margin`` is what a guardrail may lose, as a part of the control's mean.

    It is a statistic of an ``outcome`` (NULL: of the one that has its name). With a ``denominator``, which is another
    outcome, it is the ratio of both. Values above ``cap`` count as it, or above the quantile ``winsorise`` of what
    units did before, other than nothing.
    """

    __tablename__ = "experiment_metric"
    __table_args__ = (
        CheckConstraint("better IN ('higher', 'lower')", name="better"),
        CheckConstraint("(statistic = 'quantile') = (quantile IS NOT NULL)", name="quantile"),
        CheckConstraint("cap IS NULL OR winsorise IS NULL", name="one_cap"),
        {"schema": "core"},
    )

    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.experiment.experiment_key"), primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[MetricRole] = mapped_column(metric_role)
    better: Mapped[str] = mapped_column(server_default="higher")
    margin: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    denominator: Mapped[str | None]
    outcome: Mapped[str | None]
    statistic: Mapped[Statistic] = mapped_column(statistic, server_default="mean")
    quantile: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    cap: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    winsorise: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    covariates: Mapped[list[str] | None] = mapped_column(ARRAY(Text))  # outcomes before; NULL: all that are known


class ExperimentUnit(Base):
    """One unit of an experiment. Users and sessions have a digest alone; geos and time slots also their name."""

    __tablename__ = "experiment_unit"
    __table_args__ = (
        UniqueConstraint("experiment_key", "digest"),
        Index(None, "customer_key"),
        {"schema": "core"},
    )

    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.experiment.experiment_key"), primary_key=True)
    unit_key: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    digest: Mapped[uuid.UUID] = mapped_column(Uuid)
    name: Mapped[str | None]
    identifier_key: Mapped[int | None]
    customer_key: Mapped[int | None]


class Assignment(Base):
    """A unit was put into an arm. A unit in two arms has two rows; it belongs to neither.

    ``until`` ends the treatment of a geo or a time slot. ``stratum`` and ``cluster_digest`` are what the unit was known
    to be in by then.
    """

    __tablename__ = "assignment"
    __table_args__ = ({"schema": "core"},)

    experiment_key: Mapped[SmallKey] = mapped_column(primary_key=True)
    unit_key: Mapped[int] = mapped_column(primary_key=True)
    arm_key: Mapped[SmallKey] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime | None]  # the first time; NULL: no export says it
    until: Mapped[dt.datetime | None]
    stratum: Mapped[str | None]
    cluster_digest: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    load_key: Mapped[SmallKey]


class Exposure(Base):
    """A unit met the treatment of an arm."""

    __tablename__ = "exposure"
    __table_args__ = ({"schema": "core"},)

    experiment_key: Mapped[SmallKey] = mapped_column(primary_key=True)
    unit_key: Mapped[int] = mapped_column(primary_key=True)
    arm_key: Mapped[SmallKey] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    load_key: Mapped[SmallKey]


class UnitOutcome(Base):
    """What a unit did, by metric and day; without a day over the whole experiment.

    ``pre_value`` is the same metric before the experiment (a covariate). ``is_treated`` is what the file says of a
    geo's or a time slot's day; NULL where it follows from the assignment.
    """

    __tablename__ = "unit_outcome"
    __table_args__ = (
        UniqueConstraint("experiment_key", "unit_key", "metric", "date", postgresql_nulls_not_distinct=True),
        {"schema": "core"},
    )

    outcome_key: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    experiment_key: Mapped[SmallKey]
    unit_key: Mapped[int]
    metric: Mapped[str]
    date: Mapped[dt.date | None] = mapped_column(Date)
    value: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    pre_value: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    is_treated: Mapped[bool | None]
    load_key: Mapped[SmallKey]
