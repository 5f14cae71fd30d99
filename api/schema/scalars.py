"""Scalars for what JSON's numbers cannot hold: exact amounts as text, and counts beyond 32 bits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
Money = NewType("Money", Decimal)


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        message = f"BigInt cannot represent {value!r}."
        raise GraphQLError(message)
    return value


def _decimal_text(value: Decimal | int) -> str:
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal(value: object) -> Decimal:
    if not isinstance(value, str | int) or isinstance(value, bool):
        message = f"{value!r} is not an exact number; write it as text."
        raise GraphQLError(message)
    try:
        return Decimal(value)
    except ArithmeticError as error:
        message = f"{value!r} is not a number."
        raise GraphQLError(message) from error


SCALARS: Mapping[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number that may need more than 32 bits, as a JSON number.",
        serialize=int,
        parse_value=_integer,
    ),
    Money: strawberry.scalar(
        name="Money",
        description='An exact amount as text, e.g. "1234.5"; the currency stands beside it.',
        serialize=_decimal_text,
        parse_value=_decimal,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number as text, e.g. "0.0125".',
        serialize=_decimal_text,
        parse_value=_decimal,
    ),
}
