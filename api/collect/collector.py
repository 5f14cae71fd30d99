"""Many requests, few transactions: what arrives waits for some milliseconds and is committed together.

A request is answered when its events are committed. What waits is bounded: beyond that a request is turned away before
anything of it is taken, so that nothing accepted is ever lost.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from api.refusals import TooMany
from warehouse.outages import outage_of
from warehouse.sessions import Warehouse
from warehouse.stream.inbox import PATIENCE_SECONDS, Arrived, Receipt, Writer, accept

LINGER_SECONDS: Final = 0.004  # for others to come along
MOST_TOGETHER: Final = 2_000  # events in one transaction

_log = structlog.get_logger("causeway.collect")


@dataclass(slots=True)
class _Waiting:
    arrived: Arrived
    answer: asyncio.Future[Receipt]
    loop: asyncio.AbstractEventLoop


@dataclass(slots=True)
class Collector:
    """The queue of one process, and the thread that empties it. ``accepted`` is called after each commit of events."""

    warehouse: Warehouse
    most_waiting: int
    accepted: Callable[[], None]
    _writer: Writer = field(default_factory=Writer)
    _queue: list[_Waiting] = field(default_factory=list)
    _size: int = 0  # of the queue and of what is being written, in events
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wake: threading.Event = field(default_factory=threading.Event)
    _stopping: bool = False
    _thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """How many events are not committed yet."""
        return self._size

    def start(self) -> None:
        """Begin to write."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="collect", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, and end."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def require_room(self, events: int = 1) -> None:
        """Raise :class:`TooMany` when so many events more would be too many."""
        if self._size + events > self.most_waiting:
            raise TooMany("More events arrive than can be written.", retry_after=1)

    async def take(self, arrived: Arrived) -> Receipt:
        """What became of the events, once they are durable. Raises :class:`TooMany`, and what writing raises."""
        loop = asyncio.get_running_loop()
        entry = _Waiting(arrived, loop.create_future(), loop)
        size = len(arrived.events) + 1
        with self._lock:
            self.require_room(size)
            self._size += size
            self._queue.append(entry)
        self._wake.set()
        return await entry.answer

    def _run(self) -> None:
        while not (self._stopping and not self._queue):
            self._wake.wait()
            if not self._stopping:
                time.sleep(LINGER_SECONDS)
            batch = self._next_batch()
            if batch:
                self._write(batch)

    def _next_batch(self) -> list[_Waiting]:
        with self._lock:
            size = taken = 0
            for entry in self._queue:
                size += len(entry.arrived.events)
                if taken and size > MOST_TOGETHER:
                    break
                taken += 1
            batch, self._queue = self._queue[:taken], self._queue[taken:]
            if not self._queue:
                self._wake.clear()
            return batch

    def _write(self, batch: Sequence[_Waiting]) -> None:
        try:
            with self.warehouse.writing(patience=PATIENCE_SECONDS) as session:
                receipts = accept(session, self._writer, [entry.arrived for entry in batch])
        except Exception as error:  # noqa: BLE001  # handed to those who wait, who answer with it
            if len(batch) > 1 and outage_of(error) is None:
                _log.warning("batch_refused", requests=len(batch), exc_info=True)
                for entry in batch:  # one of them is at fault; the others shall not suffer from it
                    self._write([entry])
                return
            self._answer(batch, error)
        else:
            self._answer(batch, receipts)
            self.accepted()

    def _answer(self, batch: Sequence[_Waiting], said: Sequence[Receipt] | Exception) -> None:
        with self._lock:
            self._size -= sum(len(entry.arrived.events) + 1 for entry in batch)

        def tell() -> None:
            for position, entry in enumerate(batch):
                if entry.answer.done():  # the sender has hung up
                    continue
                if isinstance(said, Exception):
                    entry.answer.set_exception(said)
                else:
                    entry.answer.set_result(said[position])

        batch[0].loop.call_soon_threadsafe(tell)
