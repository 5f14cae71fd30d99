"""What a change answers: what it made, or why it was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

import strawberry

from warehouse.errors import CausewayError, NotSignedIn, WarehouseUnavailable

T = TypeVar("T")

IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description="Any text of your own. A retry with the same key and the same values gets the same answer and "
        "changes nothing; with other values it is refused with CONFLICT. Kept for a week."
    ),
]


@strawberry.type(description="Why a change was refused; nothing was changed.")
class Failure:
    code: str = strawberry.field(description="Stable code: INVALID, NOT_ALLOWED, NOT_FOUND, CONFLICT or BAD_SETTING.")
    message: str = strawberry.field(description="What happened.")
    remedy: str = strawberry.field(description="What to do; may be empty.")


def outcome(change: Callable[[], T]) -> T | Failure:
    """The result of a change, or its expected failure. What is no answer to the change rises."""
    try:
        return change()
    except (NotSignedIn, WarehouseUnavailable):
        raise
    except CausewayError as error:
        return Failure(code=error.code, message=error.message, remedy=error.remedy)
