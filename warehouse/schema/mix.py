"""What mix models found: fits with their channels, series, curves and joint draws, and how far each can be believed.

A fit is of all accounts of an advertiser, in the currency of the account that asked. Amounts of money are spend; what
a channel brought is in units of the outcome: of the same currency, or counted.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, GeneratedKey, SmallKey
from warehouse.schema.commerce import ConversionKind, conversion_kind

_FIT = "results.mix_fit.fit_key"
_STATUSES = "('green', 'amber', 'red')"


class MixFit(Base):
    """One outcome of one run, over whole weeks. The baseline is what would have come without advertising."""

    __tablename__ = "mix_fit"
    __table_args__ = (
        UniqueConstraint("run_key", "outcome", "goal"),
        CheckConstraint("outcome IN ('revenue', 'margin', 'conversions', 'new_customers')", name="outcome"),
        CheckConstraint(f"status IN {_STATUSES}", name="status"),
        {"schema": "results"},
    )

    fit_key: Mapped[GeneratedKey]
    run_key: Mapped[SmallKey] = mapped_column(ForeignKey("results.run.run_key"))
    account_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.account.account_key"))
    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.advertiser.advertiser_key"))
    outcome: Mapped[str]
    goal: Mapped[ConversionKind] = mapped_column(conversion_kind)
    currency: Mapped[str]
    first_period: Mapped[dt.date] = mapped_column(Date)
    last_period: Mapped[dt.date] = mapped_column(Date)  # its first day, as of every period
    periods: Mapped[SmallKey]
    period_days: Mapped[SmallKey]
    status: Mapped[str]
    watermark: Mapped[int]  # the newest load of the advertiser that it knows
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    draws: Mapped[SmallKey]
    seed: Mapped[int]
    outcome_total: Mapped[float] = mapped_column(Float)
    baseline: Mapped[float] = mapped_column(Float)
    baseline_low: Mapped[float] = mapped_column(Float)
    baseline_high: Mapped[float] = mapped_column(Float)
    baseline_share: Mapped[float] = mapped_column(Float)
    baseline_share_low: Mapped[float] = mapped_column(Float)
    baseline_share_high: Mapped[float] = mapped_column(Float)
    words: Mapped[str]


class MixChannel(Base):
    """What a channel brought over all periods; returns are per unit of money, NULL for what costs nothing.

    ``prior_roi`` is what was held before its data spoke. ``current`` is its usual spend per period, ``trusted`` the
    most per period that the data stand behind; both are exposure where the channel is organic. The half-life is in
    weeks.
    """

    __tablename__ = "mix_channel"
    __table_args__ = (UniqueConstraint("fit_key", "channel"), {"schema": "results"})

    fit_key: Mapped[SmallKey] = mapped_column(ForeignKey(_FIT), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    channel: Mapped[str]
    organic: Mapped[bool]
    spend: Mapped[Amount]
    contribution: Mapped[float] = mapped_column(Float)
    contribution_low: Mapped[float] = mapped_column(Float)
    contribution_high: Mapped[float] = mapped_column(Float)
    share: Mapped[float] = mapped_column(Float)
    share_low: Mapped[float] = mapped_column(Float)
    share_high: Mapped[float] = mapped_column(Float)
    roi: Mapped[float | None] = mapped_column(Float)
    roi_low: Mapped[float | None] = mapped_column(Float)
    roi_high: Mapped[float | None] = mapped_column(Float)
    marginal_roi: Mapped[float | None] = mapped_column(Float)
    marginal_roi_low: Mapped[float | None] = mapped_column(Float)
    marginal_roi_high: Mapped[float | None] = mapped_column(Float)
    prior_roi: Mapped[float | None] = mapped_column(Float)
    prior_roi_low: Mapped[float | None] = mapped_column(Float)
    prior_roi_high: Mapped[float | None] = mapped_column(Float)
    half_life: Mapped[float] = mapped_column(Float)
    half_life_low: Mapped[float] = mapped_column(Float)
    half_life_high: Mapped[float] = mapped_column(Float)
    carried: Mapped[float] = mapped_column(Float)
    carried_low: Mapped[float] = mapped_column(Float)
    carried_high: Mapped[float] = mapped_column(Float)
    learnt: Mapped[float] = mapped_column(Float)
    current: Mapped[Amount]
    trusted: Mapped[Amount]
    tests: Mapped[SmallKey]  # of this channel that are rows of the fit


class MixSeries(Base):
    """One part of the outcome in one period. Parts sum to the outcome; of channels, what was spent stands beside."""

    __tablename__ = "mix_series"
    __table_args__ = (
        CheckConstraint("kind IN ('channel', 'baseline', 'unexplained')", name="kind"),
        {"schema": "results"},
    )

    fit_key: Mapped[SmallKey] = mapped_column(ForeignKey(_FIT), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    place: Mapped[SmallKey]
    kind: Mapped[str]
    estimate: Mapped[float] = mapped_column(Float)
    low: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)
    spend: Mapped[Amount | None]
    exposure: Mapped[float | None] = mapped_column(Float)


class MixCurve(Base):
    """What a channel brings per period, in the long run, at a steady spend (exposure, where it is organic)."""

    __tablename__ = "mix_curve"
    __table_args__ = ({"schema": "results"},)

    fit_key: Mapped[SmallKey] = mapped_column(ForeignKey(_FIT), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    spend: Mapped[Amount]
    estimate: Mapped[float] = mapped_column(Float)
    low: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)


class MixDraws(Base):
    """Joint draws of a channel's curve under one pair of families: those from ``first_draw`` on, one after the other.

    A response per period is beta times the saturation's level of what works, in money per period; the shape has its
    parameters in the order of the family. Draw d of one channel belongs with draw d of every other. ``weights`` are the
    mean weights of the adstock by lag, from the period of the spend on.
    """

    __tablename__ = "mix_draws"
    __table_args__ = ({"schema": "results"},)

    fit_key: Mapped[SmallKey] = mapped_column(ForeignKey(_FIT), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[SmallKey] = mapped_column(primary_key=True)
    adstock: Mapped[str]
    saturation: Mapped[str]
    first_draw: Mapped[SmallKey]
    beta: Mapped[list[float]] = mapped_column(ARRAY(Float))
    shape_1: Mapped[list[float]] = mapped_column(ARRAY(Float))
    shape_2: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    weights: Mapped[list[float]] = mapped_column(ARRAY(Float))


class MixFinding(Base):
    """One look of the trust card: how it turned out, in words, and what would help where it is not green."""

    __tablename__ = "mix_finding"
    __table_args__ = (CheckConstraint(f"status IN {_STATUSES}", name="status"), {"schema": "results"})

    fit_key: Mapped[SmallKey] = mapped_column(ForeignKey(_FIT), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    name: Mapped[str]
    status: Mapped[str]
    words: Mapped[str]
    help: Mapped[str]
    value: Mapped[float | None] = mapped_column(Float)


class MixLift(Base):
    """A test that could be a row of the fit: what it measured, and what the fit says of its window before and after.

    ``lift`` is in units of the outcome, of what works in the whole market from ``first_period`` to ``last_period``. Of
    a test that is no row of the fit ``reason`` says why, and figures are NULL.
    """

    __tablename__ = "mix_lift"
    __table_args__ = ({"schema": "results"},)

    fit_key: Mapped[SmallKey] = mapped_column(ForeignKey(_FIT), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    experiment: Mapped[str]
    channel: Mapped[str]
    metric: Mapped[str]
    first_day: Mapped[dt.date] = mapped_column(Date)
    last_day: Mapped[dt.date] = mapped_column(Date)
    first_period: Mapped[dt.date | None] = mapped_column(Date)
    last_period: Mapped[dt.date | None] = mapped_column(Date)
    lift: Mapped[float | None] = mapped_column(Float)
    se: Mapped[float | None] = mapped_column(Float)
    before: Mapped[float | None] = mapped_column(Float)
    before_low: Mapped[float | None] = mapped_column(Float)
    before_high: Mapped[float | None] = mapped_column(Float)
    after: Mapped[float | None] = mapped_column(Float)
    after_low: Mapped[float | None] = mapped_column(Float)
    after_high: Mapped[float | None] = mapped_column(Float)
    surprise: Mapped[float | None] = mapped_column(Float)  # standard errors between the test and history alone
    reason: Mapped[str | None]
    words: Mapped[str]


class MixMove(Base):
    """What a channel brought over the periods that this fit and the one before both know, in each of them."""

    __tablename__ = "mix_move"
    __table_args__ = ({"schema": "results"},)

    fit_key: Mapped[SmallKey] = mapped_column(ForeignKey(_FIT), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    before_fit_key: Mapped[SmallKey] = mapped_column(ForeignKey(_FIT))
    first_period: Mapped[dt.date] = mapped_column(Date)
    last_period: Mapped[dt.date] = mapped_column(Date)
    before: Mapped[float] = mapped_column(Float)
    before_low: Mapped[float | None] = mapped_column(Float)  # NULL where the one before knew other periods, too
    before_high: Mapped[float | None] = mapped_column(Float)
    after: Mapped[float] = mapped_column(Float)
    after_low: Mapped[float] = mapped_column(Float)
    after_high: Mapped[float] = mapped_column(Float)
    moved: Mapped[float] = mapped_column(Float)  # as a part of what it was
    surprise: Mapped[float | None] = mapped_column(Float)  # in standard deviations of what was believed before
    words: Mapped[str]
