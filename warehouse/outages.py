"""Telling failures of the server from failures of the program."""

from __future__ import annotations

from typing import Final

import psycopg2
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from warehouse.errors import WarehouseUnavailable

# SQLSTATE classes: connection lost, resources exhausted, operator's intervention (a shutdown).
_CLASSES: Final = ("08", "53", "57")
_CANCELLED: Final = "57014"
# Two that wait for each other, and one that waited for as long as it may: nothing is wrong with what they would write.
_IN_THE_WAY: Final = ("40P01", "40001", "55P03")


def outage_of(error: BaseException) -> WarehouseUnavailable | None:
    """The error in our words if the server failed or ran out of time, None if the program is at fault."""
    if isinstance(error, PoolTimeout):
        return WarehouseUnavailable("The warehouse is busy.", remedy="Try again in a minute.")
    cause = _cause(error)
    if not isinstance(cause, psycopg2.Error):
        return None
    state = cause.pgcode
    if state == _CANCELLED:
        return WarehouseUnavailable(
            "The question took too long and was cancelled.", remedy="Choose a shorter period or fewer campaigns."
        )
    if is_in_the_way(error):
        return WarehouseUnavailable(
            "The warehouse is busy with something else that is being written, such as a file that is being loaded.",
            remedy="Try again when that is done.",
        )
    # Without a SQLSTATE, libpq itself failed: nobody answered, or the connection broke.
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or (state is None and isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError)):
        return WarehouseUnavailable("The warehouse does not answer.", remedy="Check that the server runs.")
    if state is not None and state[:2] in _CLASSES:
        return WarehouseUnavailable("The warehouse cannot answer now.", remedy="Look at the server's log.")
    return None


def is_in_the_way(error: BaseException) -> bool:
    """Whether somebody else's transaction is all that stood in the way: the same will do when that has ended."""
    cause = _cause(error)
    return isinstance(cause, psycopg2.Error) and cause.pgcode in _IN_THE_WAY


def _cause(error: BaseException) -> BaseException | None:
    """What the driver raised; a COPY raises it as it is."""
    return error.orig if isinstance(error, DBAPIError) else error
