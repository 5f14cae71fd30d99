"""The date dimension and public holidays."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.schema.base import Base, SmallKey


class Day(Base):
    """One calendar day; weeks are ISO weeks, which begin on Monday."""

    __tablename__ = "day"
    __table_args__ = ({"schema": "core"},)

    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    weekday: Mapped[SmallKey]  # 1 = Monday
    iso_week: Mapped[SmallKey]
    iso_year: Mapped[SmallKey]
    week_start: Mapped[dt.date] = mapped_column(Date)
    month_start: Mapped[dt.date] = mapped_column(Date)
    quarter_start: Mapped[dt.date] = mapped_column(Date)
    year: Mapped[SmallKey]


class Holiday(Base):
    """A public holiday of a country (ISO 3166 code)."""

    __tablename__ = "holiday"
    __table_args__ = ({"schema": "core"},)

    country: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
