"""The declarative base: one metadata, one naming convention, five schemas.

``landing`` holds what arrived and what became of it, ``core`` entities and facts, ``results`` what runs published,
``ops`` the program's own books. ``mart`` has views only (see ``warehouse/marts``).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Identity, Integer, MetaData, Numeric, Text, func
from sqlalchemy.orm import DeclarativeBase, mapped_column

SCHEMAS = ("landing", "core", "results", "ops", "mart")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table. Python types map to PostgreSQL's: text, bigint, timestamptz, numeric."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text(), int: BigInteger(), dt.datetime: DateTime(timezone=True)}  # noqa: RUF012


SmallKey = Annotated[int, mapped_column(Integer)]
GeneratedKey = Annotated[int, mapped_column(Integer, Identity(always=True), primary_key=True)]
# Six decimals, because platforms bill in micros. Always beside a currency.
Amount = Annotated[Decimal, mapped_column(Numeric(18, 6))]
Now = Annotated[dt.datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
