"""What the routes of one server share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from api.auth import Authenticator
from api.limits import Limits
from api.telemetry import Telemetry
from warehouse.sessions import Warehouse


@dataclass(frozen=True, slots=True)
class Parts:
    """Made once by ``create_app`` and handed to every router."""

    warehouse: Warehouse
    authenticator: Authenticator
    limits: Limits
    telemetry: Telemetry
    threads: ThreadPoolExecutor
