"""COPY beside the work: while the server takes one frame, the next one is being given its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from psycopg2.errors import UniqueViolation
from sqlalchemy import Connection, NestedTransaction, event

from warehouse import access
from warehouse.engine import WriteSession
from warehouse.ingest.store.copying import send_frame


@dataclass(slots=True)
class CopyBeside:
    """Appends frames to one table, each inside a savepoint and on a thread of its own, at most one at a time.

    A connection does one thing at a time, so whatever else is asked of it waits for the frame that is under way. A
    frame with a key that is there already is taken back whole and put into ``refused``; ``copied`` is told of the
    others. Call :meth:`close` in the end.
    """

    session: WriteSession
    table: str
    columns: Sequence[str]
    copied: Callable[[pl.DataFrame], None]
    refused: list[pl.DataFrame] = field(default_factory=list)
    _pending: _Pending | None = None
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="copy"))
    _connection: Connection | None = None

    def copy(self, frame: pl.DataFrame) -> None:
        """Begin to append ``frame``, after the one before is done."""
        self.settle()
        connection = self._watched()
        savepoint = connection.begin_nested()
        access.become_owner(connection)
        driver: Any = connection.connection.driver_connection
        running = self._thread.submit(send_frame, driver, self.table, frame, self.columns)
        self._pending = _Pending(frame, savepoint, connection, running)

    def settle(self, *_: object) -> None:
        """Wait for the frame that is under way and put it where it belongs. Raises what COPY raised."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        try:
            pending.running.result()
        except UniqueViolation:
            pending.savepoint.rollback()
            self.refused.append(pending.frame)
        else:
            access.become_writer(pending.connection)
            pending.savepoint.commit()
            self.copied(pending.frame)

    def close(self) -> None:
        """Stop watching the connection. Raises what COPY raised."""
        self.settle()
        self._unwatch()

    def _watched(self) -> Connection:
        if self._connection is None:
            self._connection = self.session.connection()
            event.listen(self._connection, "before_cursor_execute", self.settle)
            event.listen(self._connection, "rollback_savepoint", self._abandon)
            event.listen(self._connection, "rollback", self._abandon)
        return self._connection

    def _unwatch(self) -> None:
        if self._connection is not None:
            event.remove(self._connection, "before_cursor_execute", self.settle)
            event.remove(self._connection, "rollback_savepoint", self._abandon)
            event.remove(self._connection, "rollback", self._abandon)
            self._connection = None
        self._thread.shutdown()

    def _abandon(self, *_: object) -> None:
        """Everything is being undone, the frame under way with it: what becomes of it does not matter any more."""
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.running.exception()
            pending.savepoint.rollback()


@dataclass(frozen=True, slots=True)
class _Pending:
    """A frame under way."""

    frame: pl.DataFrame
    savepoint: NestedTransaction
    connection: Connection
    running: Future[None]
