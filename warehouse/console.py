"""What the commands of every room share: opening the warehouse, and saying things on a terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from warehouse.settings import Settings

if TYPE_CHECKING:
    from warehouse.queries.tables import Answer
    from warehouse.sessions import Warehouse


def say(words: str, *, error: bool = False) -> None:
    """Print to standard output, or to standard error."""
    stream: TextIO = sys.stderr if error else sys.stdout
    stream.write(f"{words}\n")
    stream.flush()


def show(answer: Answer, *, as_json: bool) -> None:
    """Print rows as a list of objects, or as a table for people."""
    from warehouse.queries import formats

    (formats.write_json if as_json else formats.write_table)(answer, sys.stdout)


def settings_from(**options: str | int | None) -> Settings:
    """The settings from the environment, and from options of the command line (NAME=value), which win."""
    said = {f"CAUSEWAY_{name}": str(value) for name, value in options.items() if value is not None}
    return Settings.from_environment({**os.environ, **said})


def open_warehouse(settings: Settings | None = None) -> Warehouse:
    """The warehouse at this program's version. Our own embedded server is upgraded, a configured one never is.

    Raises :class:`WarehouseUnavailable` when it does not answer or needs `causeway migrate`.
    """
    from warehouse import migrate
    from warehouse.engine import require_server
    from warehouse.public_holidays import seed_public_holidays
    from warehouse.sessions import Warehouse

    settings = settings or settings_from()
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    warehouse = Warehouse.connect(settings, application_name=f"causeway {command}".strip())
    require_server(warehouse.engine)
    if settings.database_url is None and not migrate.is_current(warehouse.engine):
        migrate.upgrade(warehouse.engine)
        seed_public_holidays(warehouse)
    migrate.require_head(warehouse.engine)
    return warehouse
