"""Counting SQL statements: for the metrics of a running server, and for tests that hold a page to its budget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event


@dataclass(slots=True)
class Statements:
    """What ran inside a :func:`counted` block, in order. Opening a transaction and choosing the role count too."""

    texts: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.texts)


_counting: ContextVar[Statements | None] = ContextVar("statements", default=None)


@contextmanager
def counted() -> Iterator[Statements]:
    """Count the statements of this block, in this thread and in those that run in a copy of its context.

    Only engines given to :func:`watch` are counted. A block inside another counts for itself alone.
    """
    statements = Statements()
    token = _counting.set(statements)
    try:
        yield statements
    finally:
        _counting.reset(token)


def watch(engine: Engine) -> None:
    """Let :func:`counted` see an engine's statements. Calling it again changes nothing."""
    if not event.contains(engine, "before_cursor_execute", _note):
        event.listen(engine, "before_cursor_execute", _note)


def _note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    statements = _counting.get()
    if statements is not None:
        statements.texts.append(statement)
