"""Telling failures of the server from failures of the program."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from warehouse.errors import WarehouseUnavailable

# SQLSTATE classes: connection lost, resources exhausted, operator's intervention (a shutdown).
_CLASSES = ("08", "53", "57")
_CANCELLED = "57014"


def outage_of(error: BaseException) -> WarehouseUnavailable | None:
    """The error in our words if the server failed or ran out of time, None if the program is at fault."""
    if isinstance(error, PoolTimeout):
        return WarehouseUnavailable("The warehouse is busy.", remedy="Try again in a minute.")
    if not isinstance(error, DBAPIError):
        return None
    state = getattr(error.orig, "pgcode", None)
    if state == _CANCELLED:
        return WarehouseUnavailable(
            "The question took too long and was cancelled.", remedy="Choose a shorter period or fewer campaigns."
        )
    # Without a SQLSTATE, libpq itself failed: nobody answered, or the connection broke.
    if error.connection_invalidated or (
        state is None and type(error).__name__ in {"OperationalError", "InterfaceError"}
    ):
        return WarehouseUnavailable("The warehouse does not answer.", remedy="Check that the server runs.")
    if state is not None and state[:2] in _CLASSES:
        return WarehouseUnavailable("The warehouse cannot answer now.", remedy="Look at the server's log.")
    return None
