"""Which test next: tests of channels in the order of what their answers are worth."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import Date, Float, ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Amount, Base, SmallKey
from warehouse.schema.commerce import ConversionKind, conversion_kind


class NextTest(Base):
    """The best test of a channel: regions with ``share`` of all conversions go without its ads for ``weeks``.

    Conversions and money are those of a week, but ``information`` and ``test_cost``, which are whole.
    """

    __tablename__ = "next_test"
    __table_args__ = ({"schema": "results"},)

    run_key: Mapped[SmallKey] = mapped_column(ForeignKey("results.run.run_key"), primary_key=True)
    place: Mapped[SmallKey] = mapped_column(primary_key=True)  # 0: the one to do next
    advertiser_key: Mapped[SmallKey] = mapped_column(ForeignKey("core.advertiser.advertiser_key"))
    attribution_run_key: Mapped[SmallKey] = mapped_column(ForeignKey("results.run.run_key"))  # where beliefs are from
    goal: Mapped[ConversionKind] = mapped_column(conversion_kind)
    channel: Mapped[str]
    rests_on: Mapped[str]  # tests: the calibrated model; credit: only what models credit
    conversions: Mapped[float] = mapped_column(Float)  # that the channel is thought to cause
    low: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    break_even: Mapped[float] = mapped_column(Float)  # conversions that are worth the spend
    spend: Mapped[Amount]
    currency: Mapped[str]
    chance_wrong: Mapped[float] = mapped_column(Float)
    weeks: Mapped[SmallKey]
    share: Mapped[float] = mapped_column(Float)
    precision: Mapped[float] = mapped_column(Float)  # half of the interval after the test
    information: Mapped[Amount]
    test_cost: Mapped[Amount]
    horizon_weeks: Mapped[SmallKey]
    last_tested: Mapped[dt.date | None] = mapped_column(Date)
    words: Mapped[str]
