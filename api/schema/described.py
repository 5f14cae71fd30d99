"""Strawberry's decorators with the words in front and types that mypy keeps: everything in the schema is described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

Resolver = Callable[..., Any]


def resolved(words: str) -> Callable[[Resolver], StrawberryField]:
    """A field that a function answers."""
    return lambda resolver: strawberry.field(resolver, description=words)


def changing(words: str) -> Callable[[Resolver], StrawberryField]:
    """A mutation that a function performs."""
    return lambda resolver: strawberry.mutation(resolver, description=words)


def choice(value: str, words: str) -> Any:
    """A value of an enum, as the rest of the program writes it."""
    return strawberry.enum_value(value, description=words)
