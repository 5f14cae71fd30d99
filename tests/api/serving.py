"""A real server on a free port, in a thread of the test's process."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from warehouse.sessions import Warehouse


@dataclass(frozen=True)
class Served:
    """A running server: its address, and the application for looking behind it."""

    url: str
    port: int
    app: FastAPI

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30, **more)


@contextlib.contextmanager
def serving(warehouse: Warehouse, *, bind_host: str = "127.0.0.1", **more: Any) -> Iterator[Served]:
    """Serve on 127.0.0.1; ``bind_host`` is what the application believes it is bound to."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        app = create_app(warehouse, parts={"api", "dashboard"}, bind_host=bind_host, port=port, **more)
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False, lifespan="on")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.started, "the server did not start"
        yield Served(f"http://127.0.0.1:{port}", port, app)
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"
