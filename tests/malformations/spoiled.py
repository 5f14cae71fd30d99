"""What every spoiler hands back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A spoiled file's bytes and the least that must hold when it is loaded.

    None means that it cannot be known from outside. ``min_accepted`` is only given where nothing may be lost.
    """

    kind: str
    made_from: str  # the good file's name
    name: str  # the file name to give it
    content: bytes
    note: str
    must_refuse: bool | None = None
    min_accepted: int | None = None
    max_accepted: int | None = None
