"""Credits of conversions under the run that computed them, and what it was computed from.

Journeys tell about people across accounts, and so do these rows: they are for who may read every account of the
advertiser. Conversions are not whole when several channels share one.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, LargeBinary, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, SmallKey
from warehouse.schema.commerce import ConversionKind, conversion_kind

_RUN = "results.run.run_key"
_ADVERTISER = "core.advertiser.advertiser_key"


class AttributionResult(Base):
    """What a run found for one kind of conversion: its period, its journeys, and what experiments leave of them.

    ``total`` is incremental, with its interval, ``baseline`` the rest; both are NULL where no experiment was given.
    """

    __tablename__ = "attribution_result"
    __table_args__ = (Index(None, "advertiser_key"), {"schema": "results"})

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    goal: Mapped[ConversionKind] = mapped_column(conversion_kind, primary_key=True)
    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey(_ADVERTISER))
    currency: Mapped[str]
    first_day: Mapped[dt.date] = mapped_column(Date)
    last_day: Mapped[dt.date] = mapped_column(Date)
    lookback_days: Mapped[SmallKey]
    built_at: Mapped[dt.datetime]  # when the journeys were brought up to date that it read
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    markov_order: Mapped[SmallKey]  # of the chain, whether asked for or chosen
    conversions: Mapped[int]
    untouched: Mapped[int]  # of these, without a known touch
    null_paths: Mapped[int]
    capped: Mapped[int]  # journeys of more touches than a path keeps
    value: Mapped[Amount | None]
    total: Mapped[float | None] = mapped_column(Float)
    total_low: Mapped[float | None] = mapped_column(Float)
    total_high: Mapped[float | None] = mapped_column(Float)
    words: Mapped[str]  # what experiments prove, or why some models are missing


class AttributionInput(Base):
    """The path counts that a run was computed from, as Parquet: other settings and comparisons start from them."""

    __tablename__ = "attribution_input"
    __table_args__ = ({"schema": "results"},)

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    goal: Mapped[ConversionKind] = mapped_column(conversion_kind, primary_key=True)
    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey(_ADVERTISER))
    paths: Mapped[bytes] = mapped_column(LargeBinary)  # a day's paths with their counts
    touches: Mapped[bytes] = mapped_column(LargeBinary)  # touches of converting journeys with what they were of


class Attribution(Base):
    """What one model credits to one channel, or to one part of it (``grain``)."""

    __tablename__ = "attribution"
    __table_args__ = (
        CheckConstraint(
            "grain IN ('channel', 'campaign', 'ad_group', 'ad', 'creative', 'device', 'region', 'customer')",
            name="grain",
        ),
        {"schema": "results"},
    )

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)  # numbers the rows of a run
    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey(_ADVERTISER))
    goal: Mapped[ConversionKind] = mapped_column(conversion_kind)
    model: Mapped[str]
    grain: Mapped[str]
    channel: Mapped[str]
    item_key: Mapped[SmallKey | None]  # of the campaign, ad group, ad or creative
    item: Mapped[str | None]  # the device, region, new or returning
    conversions: Mapped[float] = mapped_column(Float)
    low: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)
    value: Mapped[Amount]
    value_low: Mapped[Amount]
    value_high: Mapped[Amount]
    removal_effect: Mapped[float | None] = mapped_column(Float)


class AttributionDay(Base):
    """A model's credit to a channel on a day: that of the conversion, or that of the touch."""

    __tablename__ = "attribution_day"
    __table_args__ = (CheckConstraint("dated IN ('conversion', 'touch')", name="dated"), {"schema": "results"})

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    goal: Mapped[ConversionKind] = mapped_column(conversion_kind, primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    dated: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey(_ADVERTISER))
    conversions: Mapped[float] = mapped_column(Float)
    value: Mapped[Amount]


class AttributionPath(Base):
    """A path that many journeys took, and what each model gives to the channels on it."""

    __tablename__ = "attribution_path"
    __table_args__ = ({"schema": "results"},)

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    goal: Mapped[ConversionKind] = mapped_column(conversion_kind, primary_key=True)
    rank: Mapped[SmallKey] = mapped_column(primary_key=True)
    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey(_ADVERTISER))
    channels: Mapped[list[str]] = mapped_column(JSONB)
    conversions: Mapped[int]
    new_customers: Mapped[int]
    value: Mapped[Amount]
    null_paths: Mapped[int]
    credit: Mapped[dict[str, dict[str, float]]] = mapped_column(JSONB)  # model -> channel -> conversions


class AttributionAgreement(Base):
    """How far two models are apart, a model and an experiment, or a model and itself on shaken data."""

    __tablename__ = "attribution_agreement"
    __table_args__ = (
        CheckConstraint("kind IN ('model', 'experiment', 'sampling', 'lookback', 'consent')", name="kind"),
        {"schema": "results"},
    )

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey(_RUN), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)
    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey(_ADVERTISER))
    goal: Mapped[ConversionKind] = mapped_column(conversion_kind)
    model: Mapped[str]
    kind: Mapped[str]
    other: Mapped[str]  # the other model, the experiment, or how the data were shaken
    channel: Mapped[str | None]  # that was tested
    distance: Mapped[float | None] = mapped_column(Float)  # of shares, from 0 to 2
    rank_correlation: Mapped[float | None] = mapped_column(Float)
    credited: Mapped[float | None] = mapped_column(Float)  # in what the experiment covered
    lift: Mapped[float | None] = mapped_column(Float)
    se: Mapped[float | None] = mapped_column(Float)
    errors: Mapped[float | None] = mapped_column(Float)  # standard errors between credit and lift
