"""A server in a process of its own, as it runs in earnest: uvicorn on a port of 127.0.0.1."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

import psutil
from starlette.types import ASGIApp

from api.logs import configure_logs
from api.serving import open_port, serve
from warehouse.settings import Settings

Build = Callable[[Settings, int], ASGIApp]

_PORT = 18_050
_START_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    url: str
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """CPU that the process spent so far."""
        times = self.process.cpu_times()
        return times.user + times.system


@contextlib.contextmanager
def served(build: Build, settings: Settings) -> Iterator[Served]:
    """``build(settings, port)``, an application, served until the block ends. ``build`` must be importable."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, build, settings), daemon=True)
    process.start()
    try:
        if not here.poll(_START_SECONDS):
            raise RuntimeError("The server did not start.")
        yield Served(f"http://127.0.0.1:{here.recv()}", psutil.Process(process.pid))
    finally:
        process.terminate()
        process.join()


def _serve(parent: Connection, build: Build, settings: Settings) -> None:
    configure_logs(replace(settings, log_level="WARNING"))  # the rival logs no requests either
    listener = open_port("127.0.0.1", _PORT, or_next=True)
    port = listener.getsockname()[1]
    application = build(settings, port)
    parent.send(port)
    serve(application, listener)
