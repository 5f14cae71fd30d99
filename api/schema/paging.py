"""Pages: at most a hundred at once, and opaque signed cursors that say where one ended."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
import strawberry

from api.schema.context import Context
from warehouse.errors import BadFilter

LARGEST = 100

First = Annotated[int, strawberry.argument(description=f"How many at most, up to {LARGEST}.")]
After = Annotated[str | None, strawberry.argument(description="The endCursor of the page before.")]


@strawberry.type(description="Whether and how a list goes on.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether another page follows.")
    end_cursor: str | None = strawberry.field(description="Where this page ended; give it as `after` for the next one.")


def page_size(first: int) -> int:
    """``first`` if it is a possible size. Raises :class:`BadFilter`."""
    if not 1 <= first <= LARGEST:
        raise BadFilter(f"first == {first}, must be from 1 to {LARGEST}.", remedy="Page with after, or use /export.")
    return first


def cursor(context: Context, question: str, position: list[Any]) -> str:
    """A cursor for a position in the answer to a question."""
    return context.cursors.sign(orjson.dumps([question, *position]))


def position_of(context: Context, question: str, given: str | None) -> list[Any] | None:
    """The position behind a cursor of the same question, None for the first page. Raises :class:`BadFilter`."""
    if given is None:
        return None
    payload = context.cursors.unsign(given)
    found = orjson.loads(payload) if payload is not None else [None]
    if found[0] != question:
        raise BadFilter(
            "The cursor does not belong to this question.",
            remedy="Keep filter and order while you page, or begin anew.",
        )
    return list(found[1:])
