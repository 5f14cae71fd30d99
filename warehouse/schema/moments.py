"""Moments of experiments: what a read-out needs of outcomes, by arm and day, and what changed since they were added up.

A unit's total over days is not additive in its square. So moments hold what each day added to the sums and products of
units' totals: added up to a day they are those of the totals on that day.
"""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Date, Float, ForeignKey, Identity, Index, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Base, SmallKey
from warehouse.schema.experiments import Counted, counted

_EXPERIMENT = "core.experiment.experiment_key"


class MomentBuild(Base):
    """What an experiment's moments are of: its ``totals``, and of which ``metrics`` values are counted.

    ``centers`` are taken off every total before it is multiplied, so that no digit is lost. A total is an outcome, what
    is added up of it, its cap, and the quantile that the cap is (see warehouse/experiments/totals.py). ``clusters``
    and ``strata``: whether the moments are of clusters, and told apart by stratum.
    """

    __tablename__ = "moment_build"
    __table_args__ = ({"schema": "core"},)

    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT), primary_key=True)
    version: Mapped[SmallKey]  # of the question in warehouse/experiments
    metrics: Mapped[list[str]] = mapped_column(ARRAY(Text))
    totals: Mapped[list[list[Any]]] = mapped_column(JSONB)
    centers: Mapped[list[float]] = mapped_column(ARRAY(Float))
    counts: Mapped[Counted] = mapped_column(counted, server_default="assigned")
    clusters: Mapped[bool] = mapped_column(server_default="false")
    strata: Mapped[bool] = mapped_column(server_default="false")
    units: Mapped[int] = mapped_column(server_default="0")  # that were there when caps were taken
    built_at: Mapped[dt.datetime]


class Moment(Base):
    """What a day added, over the units of an arm and a cut.

    ``arm_key`` 0 is units in several arms, of which only the count is of use. ``cut`` is whether the unit did anything
    before the experiment: active, new, or unknown. ``known`` counts units with a value of each metric.
    """

    __tablename__ = "moment"
    __table_args__ = ({"schema": "core"},)

    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT), primary_key=True)
    arm_key: Mapped[SmallKey] = mapped_column(primary_key=True)
    cut: Mapped[str] = mapped_column(primary_key=True)
    stratum: Mapped[str] = mapped_column(primary_key=True, server_default="")
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    units: Mapped[int]  # or clusters
    known: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))  # by metric
    sums: Mapped[list[float]] = mapped_column(ARRAY(Float))  # by total, less the centers
    products: Mapped[list[float]] = mapped_column(ARRAY(Float))  # of each with itself and those after it


class OutcomeChange(Base):
    """An outcome as it was before it changed, of an experiment that has moments; triggers write it, a build takes it.

    The first of a unit's metric and day since the last build is what the moments stand on. ``existed``: False where
    there was none.
    """

    __tablename__ = "outcome_change"
    __table_args__ = (Index(None, "experiment_key"), {"schema": "core"})

    change_key: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    experiment_key: Mapped[SmallKey]
    unit_key: Mapped[int]
    metric: Mapped[str]
    date: Mapped[dt.date | None] = mapped_column(Date)
    value: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    pre_value: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    existed: Mapped[bool]


class AssignmentChange(Base):
    """An assignment as it was before it changed; as :class:`OutcomeChange`."""

    __tablename__ = "assignment_change"
    __table_args__ = (Index(None, "experiment_key"), {"schema": "core"})

    change_key: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    experiment_key: Mapped[SmallKey]
    unit_key: Mapped[int]
    arm_key: Mapped[SmallKey]
    at: Mapped[dt.datetime | None]
    stratum: Mapped[str | None]
    cluster_digest: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    existed: Mapped[bool]


class ExposureChange(Base):
    """An exposure that came or went, of an experiment in which only exposed units count; as :class:`OutcomeChange`."""

    __tablename__ = "exposure_change"
    __table_args__ = (Index(None, "experiment_key"), {"schema": "core"})

    change_key: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    experiment_key: Mapped[SmallKey]
    unit_key: Mapped[int]
    arm_key: Mapped[SmallKey]
    at: Mapped[dt.datetime]
    existed: Mapped[bool]


class HalfMoment(Base):
    """Moments of what the units of an arm did in the first and in the second half of their time, up to a day.

    ``early`` and ``late`` are means over units, the others sums over units of products of deviations from them.
    """

    __tablename__ = "half_moment"
    __table_args__ = ({"schema": "core"},)

    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT), primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)  # the outcome
    arm_key: Mapped[SmallKey] = mapped_column(primary_key=True)
    as_of: Mapped[dt.date] = mapped_column(Date)
    units: Mapped[int]
    early: Mapped[float] = mapped_column(Float)
    late: Mapped[float] = mapped_column(Float)
    early_squares: Mapped[float] = mapped_column(Float)
    products: Mapped[float] = mapped_column(Float)
    late_squares: Mapped[float] = mapped_column(Float)
