"""What runs found of experiments: guards, effects and their course, counterfactuals, and the evidence that others use.

Rows belong to an experiment and are for who may read its account.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, SmallKey

_RUN = "results.run.run_key"
_EXPERIMENT = "core.experiment.experiment_key"


class ExperimentReadout(Base):
    """What a run says of an experiment as a whole. ``withheld``: a guard fired, and no effect is shown."""

    __tablename__ = "experiment_readout"
    __table_args__ = ({"schema": "results"},)

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT), primary_key=True)
    first_day: Mapped[dt.date | None] = mapped_column(Date)
    last_day: Mapped[dt.date | None] = mapped_column(Date)
    units: Mapped[int]
    looks: Mapped[int]  # days on which there was something to look at
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    inference: Mapped[str]  # sequential, fixed or group_sequential; of tests over regions the method
    withheld: Mapped[bool]
    health: Mapped[str]  # green, amber or red
    verdict: Mapped[str]  # won, lost, harmless, open, withheld or none
    words: Mapped[str]


class ExperimentGuard(Base):
    """One guard or check: whether it holds, and in words what to look at."""

    __tablename__ = "experiment_guard"
    __table_args__ = (
        CheckConstraint("status IN ('passed', 'warned', 'failed')", name="status"),
        {"schema": "results"},
    )

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    name: Mapped[str]
    status: Mapped[str]
    p_value: Mapped[float | None] = mapped_column(Float)
    words: Mapped[str]


class ExperimentEffect(Base):
    """The effect of an arm on a metric: of all units (``cut`` is empty), or of a part of them."""

    __tablename__ = "experiment_effect"
    __table_args__ = ({"schema": "results"},)

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    metric: Mapped[str]
    role: Mapped[str]
    arm_id: Mapped[str]
    control_id: Mapped[str]
    cut: Mapped[str]
    units: Mapped[int]
    control_units: Mapped[int]
    mean: Mapped[float] = mapped_column(Float)
    control_mean: Mapped[float] = mapped_column(Float)
    difference: Mapped[float] = mapped_column(Float)
    low: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)
    relative: Mapped[float | None] = mapped_column(Float)
    relative_low: Mapped[float | None] = mapped_column(Float)
    relative_high: Mapped[float | None] = mapped_column(Float)
    p_value: Mapped[float | None] = mapped_column(Float)
    adjusted_p: Mapped[float | None] = mapped_column(Float)  # by Holm or Benjamini-Hochberg
    chance_to_beat: Mapped[float | None] = mapped_column(Float)
    expected_loss: Mapped[float | None] = mapped_column(Float)
    method: Mapped[str]
    verdict: Mapped[str]  # won, lost, harmless or open


class ExperimentDay(Base):
    """The effect on a metric as it was known on a day."""

    __tablename__ = "experiment_day"
    __table_args__ = ({"schema": "results"},)

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT), primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    arm_id: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    units: Mapped[int]
    difference: Mapped[float] = mapped_column(Float)
    low: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)


class ExperimentNovelty(Base):
    """The effect of an arm on a metric in the first and the second half of each unit's time, and how it changed.

    ``as_of`` is the day up to which that is read, which happens once a week and at the end.
    """

    __tablename__ = "experiment_novelty"
    __table_args__ = ({"schema": "results"},)

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT), primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    arm_id: Mapped[str] = mapped_column(primary_key=True)
    as_of: Mapped[dt.date] = mapped_column(Date)
    units: Mapped[int]
    early: Mapped[float] = mapped_column(Float)
    early_low: Mapped[float] = mapped_column(Float)
    early_high: Mapped[float] = mapped_column(Float)
    late: Mapped[float] = mapped_column(Float)
    late_low: Mapped[float] = mapped_column(Float)
    late_high: Mapped[float] = mapped_column(Float)
    change: Mapped[float] = mapped_column(Float)
    change_low: Mapped[float] = mapped_column(Float)
    change_high: Mapped[float] = mapped_column(Float)
    p_value: Mapped[float] = mapped_column(Float)
    words: Mapped[str]


class Lift(Base):
    """What a test over regions or time slots found of a metric; ``incremental`` is over the whole test."""

    __tablename__ = "lift"
    __table_args__ = ({"schema": "results"},)

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT), primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    method: Mapped[str]
    first_day: Mapped[dt.date] = mapped_column(Date)
    last_day: Mapped[dt.date] = mapped_column(Date)
    att: Mapped[float] = mapped_column(Float)
    att_low: Mapped[float | None] = mapped_column(Float)
    att_high: Mapped[float | None] = mapped_column(Float)
    incremental: Mapped[float] = mapped_column(Float)
    low: Mapped[float | None] = mapped_column(Float)
    high: Mapped[float | None] = mapped_column(Float)
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    relative: Mapped[float | None] = mapped_column(Float)
    se: Mapped[float | None] = mapped_column(Float)
    p_value: Mapped[float | None] = mapped_column(Float)
    spend: Mapped[Amount | None]  # what the treatment cost, or saved
    currency: Mapped[str | None]
    weights: Mapped[dict[str, Any]] = mapped_column(JSONB)
    identifies: Mapped[str]


class LiftDay(Base):
    """What was, and what would have been, day by day."""

    __tablename__ = "lift_day"
    __table_args__ = ({"schema": "results"},)

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT), primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    actual: Mapped[float] = mapped_column(Float)
    counterfactual: Mapped[float] = mapped_column(Float)
    low: Mapped[float | None] = mapped_column(Float)
    high: Mapped[float | None] = mapped_column(Float)
    is_test: Mapped[bool]


class LiftEvidence(Base):
    """What a finished test says of a channel or campaign, for attribution and the mix model to stand on.

    ``lift`` is how much of the metric the ads caused, or would have, from ``first_day`` to ``last_day`` among the
    people of the test, who make up the part ``share`` of the metric. ``is_dark``: they saw no ads meanwhile, so that
    nothing of this lift is in what was observed. ``channel`` ``*`` is all of them together.
    """

    __tablename__ = "lift_evidence"
    __table_args__ = (CheckConstraint("against IN ('no_ads', 'usual_ads')", name="against"), {"schema": "results"})

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT))
    channel: Mapped[str]
    campaign_id: Mapped[str | None]
    metric: Mapped[str]
    first_day: Mapped[dt.date] = mapped_column(Date)
    last_day: Mapped[dt.date] = mapped_column(Date)
    share: Mapped[float] = mapped_column(Float)
    is_dark: Mapped[bool]
    against: Mapped[str]  # what the ads were compared with: none at all, or those that run anyhow
    lift: Mapped[float] = mapped_column(Float)
    se: Mapped[float] = mapped_column(Float)
    low: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    method: Mapped[str]
    identifies: Mapped[str]
