"""What runs found of who responds to a treatment: read-outs of tests, and customers' scores by date.

A read-out belongs to an experiment, one metric of it and one arm against the control, and is for who may read the
experiment's account. Scores tell of people: they are for who may read every account of the advertiser.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, GeneratedKey, SmallKey

_READOUT = "results.uplift_readout.readout_key"
_EXPERIMENT = "core.experiment.experiment_key"


class UpliftReadout(Base):
    """What a run says of one arm and metric. Effects are for the better: of a metric to be lowered, how much lower.

    ``state``: ``proven`` that some respond more than others; ``open``: not proven; ``withheld``: the test or a feature
    cannot be believed; ``too_little`` data. Only of the first there are scores; figures are NULL where nothing could
    be judged.
    """

    __tablename__ = "uplift_readout"
    __table_args__ = (
        UniqueConstraint("run_key", "experiment_key", "metric", "arm_id"),
        CheckConstraint("state IN ('proven', 'open', 'withheld', 'too_little')", name="state"),
        {"schema": "results"},
    )

    readout_key: Mapped[GeneratedKey]
    run_key: Mapped[SmallKey] = mapped_column(ForeignKey("results.run.run_key"))
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT))
    metric: Mapped[str]
    arm_id: Mapped[str]
    control_id: Mapped[str]
    state: Mapped[str]
    better: Mapped[str]  # higher or lower, as the metric is registered
    learner: Mapped[str]
    first_day: Mapped[dt.date | None] = mapped_column(Date)  # of the test; features are of the days before
    days: Mapped[SmallKey | None]  # over which outcomes were counted
    lookback_days: Mapped[SmallKey | None]  # before the first day, and before the day of the scores
    scored_on: Mapped[dt.date | None] = mapped_column(Date)
    watermark: Mapped[int]  # the newest load of the advertiser that features know
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    treated: Mapped[int]
    untreated: Mapped[int]
    judged: Mapped[int]  # customers whom the learner did not see
    scored: Mapped[int]
    value: Mapped[Amount]  # of one unit of the outcome
    cost: Mapped[Amount]  # of treating one customer
    currency: Mapped[str | None]  # NULL: the outcome is counted in its own units
    margin: Mapped[float | None] = mapped_column(Float)  # the uplift that makes a persuadable
    usual: Mapped[float | None] = mapped_column(Float)  # what a customer does without treatment, on average
    effect: Mapped[float | None] = mapped_column(Float)
    effect_low: Mapped[float | None] = mapped_column(Float)
    effect_high: Mapped[float | None] = mapped_column(Float)
    qini: Mapped[float | None] = mapped_column(Float)
    qini_low: Mapped[float | None] = mapped_column(Float)
    qini_high: Mapped[float | None] = mapped_column(Float)
    autoc: Mapped[float | None] = mapped_column(Float)
    autoc_low: Mapped[float | None] = mapped_column(Float)
    autoc_high: Mapped[float | None] = mapped_column(Float)
    auuc: Mapped[float | None] = mapped_column(Float)
    auuc_low: Mapped[float | None] = mapped_column(Float)
    auuc_high: Mapped[float | None] = mapped_column(Float)
    words: Mapped[str]


class UpliftCurve(Base):
    """Treating the best ``share`` of customers by score: what it gains per customer of all, and what the rest would.

    ``least`` is the lowest score among them. Times the value less the cost, these are the profit of any policy.
    """

    __tablename__ = "uplift_curve"
    __table_args__ = ({"schema": "results"},)

    readout_key: Mapped[SmallKey] = mapped_column(ForeignKey(_READOUT), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT))
    share: Mapped[float] = mapped_column(Float)
    least: Mapped[float] = mapped_column(Float)
    gain: Mapped[float] = mapped_column(Float)
    gain_low: Mapped[float] = mapped_column(Float)
    gain_high: Mapped[float] = mapped_column(Float)
    rest: Mapped[float] = mapped_column(Float)
    rest_low: Mapped[float] = mapped_column(Float)
    rest_high: Mapped[float] = mapped_column(Float)


class UpliftKind(Base):
    """Persuadables, sure things, lost causes and sleeping dogs among the judged: predicted, and found."""

    __tablename__ = "uplift_kind"
    __table_args__ = ({"schema": "results"},)

    readout_key: Mapped[SmallKey] = mapped_column(ForeignKey(_READOUT), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT))
    customers: Mapped[int]
    share: Mapped[float] = mapped_column(Float)
    predicted: Mapped[float] = mapped_column(Float)
    untreated: Mapped[float] = mapped_column(Float)
    found: Mapped[float | None] = mapped_column(Float)
    found_low: Mapped[float | None] = mapped_column(Float)
    found_high: Mapped[float | None] = mapped_column(Float)


class UpliftDriver(Base):
    """A feature: how far it moves uplift on average, and whether more of it goes with more (1) or less (-1)."""

    __tablename__ = "uplift_driver"
    __table_args__ = ({"schema": "results"},)

    readout_key: Mapped[SmallKey] = mapped_column(ForeignKey(_READOUT), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT))
    feature: Mapped[str]
    contribution: Mapped[float] = mapped_column(Float)
    direction: Mapped[float | None] = mapped_column(Float)


class UpliftCheck(Base):
    """One check of a read-out: whether it holds, and in words what to look at."""

    __tablename__ = "uplift_check"
    __table_args__ = (
        CheckConstraint("status IN ('passed', 'warned', 'failed')", name="status"),
        {"schema": "results"},
    )

    readout_key: Mapped[SmallKey] = mapped_column(ForeignKey(_READOUT), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    experiment_key: Mapped[SmallKey] = mapped_column(ForeignKey(_EXPERIMENT))
    name: Mapped[str]
    status: Mapped[str]
    words: Mapped[str]


class UpliftScore(Base):
    """What treatment is expected to change in a customer, in units of the outcome, and why.

    ``identifier_key`` is who it was when it was scored, ``customer_key`` who that is by now. The three features that
    moved the score most stand in ``reasons``, with what each was and what it adds.
    """

    __tablename__ = "uplift_score"
    __table_args__ = (Index(None, "customer_key"), {"schema": "results"})

    readout_key: Mapped[SmallKey] = mapped_column(ForeignKey(_READOUT), primary_key=True)
    identifier_key: Mapped[int] = mapped_column(primary_key=True)
    customer_key: Mapped[int]
    advertiser_key: Mapped[SmallKey]
    effect: Mapped[float] = mapped_column(Float)
    untreated: Mapped[float] = mapped_column(Float)
    kind: Mapped[str]
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reason_values: Mapped[list[float | None]] = mapped_column(ARRAY(Float))
    reason_effects: Mapped[list[float]] = mapped_column(ARRAY(Float))
