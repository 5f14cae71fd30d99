"""A server on one port, until it is told to stop."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from warehouse.errors import BadSetting

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_PORTS_TRIED = 20
_GRACE_SECONDS = 5  # for requests under way when the server is told to stop


def open_port(host: str, port: int, *, or_next: bool) -> socket.socket:
    """A socket bound to ``host`` and ``port``, or with ``or_next`` to the first free port after it.

    Raises :class:`BadSetting` when no port is free or the host is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + (_PORTS_TRIED if or_next else 1), 65_536)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(2048)
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                message = f"Nothing can be served on {host}, port {candidate}: {error.strerror or error}."
                raise BadSetting(message, remedy="Choose others with --host and --port.") from error
        else:
            listener.set_inheritable(False)
            return listener
    taken = f"Port {port}" if not or_next else f"Each port from {port} to {candidate}"
    raise BadSetting(f"{taken} of {host} is taken.", remedy="Choose another with --port, or end what uses it.")


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Answer requests until SIGINT or SIGTERM; the signal is then delivered to the handler that was there before."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,  # the program's own logging is set up already
        access_log=False,
        proxy_headers=False,  # who asks is decided by our own rules, not by a header that anybody can send
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])
