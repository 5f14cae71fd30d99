"""The thread that settles what waits, in whichever process takes events."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Final

import structlog

from warehouse.sessions import Warehouse
from warehouse.stream.settle import forget_ids, settle

PAUSE_SECONDS: Final = 1.0  # between two rounds while events arrive; many settle as cheaply as few
LOOK_SECONDS: Final = 15.0  # for what a process that was killed has left
FORGET_SECONDS: Final = 3_600.0

_log = structlog.get_logger("causeway.stream")


@dataclass(slots=True)
class Settler:
    """Settles a moment after :meth:`arrived` was called, and now and then without."""

    warehouse: Warehouse
    _wake: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="settle", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the round under way. What still waits is settled by the next process."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def arrived(self) -> None:
        """Events were accepted."""
        self._wake.set()

    def _run(self) -> None:
        forgotten_at = time.monotonic()
        while not self._stop.is_set():
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
            try:
                more = True
                while more and not self._stop.wait(PAUSE_SECONDS):
                    more = settle(self.warehouse)
                if time.monotonic() - forgotten_at > FORGET_SECONDS:
                    forgotten_at = time.monotonic()
                    with self.warehouse.writing() as session:
                        forget_ids(session)
            except Exception:  # noqa: BLE001  # the warehouse is away or busy: the events wait, and so do we
                _log.exception("not_settled")
