"""Connections to the warehouse, and the two kinds of session in which everything is read and written.

A reader gets a :class:`ReadSession`, whose transaction PostgreSQL itself holds to reading; whoever changes something
gets a :class:`WriteSession`. A function says in its signature which one it needs. Both begin by calling
``on_begin``, which tells the database on whose behalf the transaction runs (see ``access.py``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from warehouse.embedded import start_embedded
from warehouse.errors import BadSetting, WarehouseUnavailable
from warehouse.settings import Settings

OLDEST_SERVER = 15  # security_invoker views and NULLS NOT DISTINCT

OnBegin = Callable[[Connection], None]

_CONNECT_SECONDS = 10
_READERS_TIMEOUT = "causeway_readers_timeout"  # seconds, carried by the engine so that reading() finds it


class ReadSession(Session):
    """A session that can only read."""


class PersonalSession(ReadSession):
    """A session that can read by what people are known, and nothing else."""


class WriteSession(Session):
    """A session whose changes are committed together, or not at all, when its ``with`` block ends."""


def connect_engine(settings: Settings, *, application_name: str = "causeway") -> Engine:
    """The engine for the configured server, or for the embedded one, which is started when no URL is configured.

    ``application_name`` shows up in ``pg_stat_activity``. A configured server is not contacted yet; see
    :func:`require_server`. Raises :class:`BadSetting` and :class:`WarehouseUnavailable`.
    """
    if settings.database_url is None:
        url = make_url(start_embedded(settings.home, sql_port=settings.sql_port).url)
    else:
        url = normalise_url(settings.database_url)
    return create_engine(
        url,
        pool_size=settings.pool_size,
        max_overflow=settings.pool_size,
        pool_pre_ping=True,  # the server may have been restarted while a connection lay in the pool
        connect_args={
            "application_name": application_name,
            "connect_timeout": _CONNECT_SECONDS,
            "options": "-c timezone=UTC",
        },
        execution_options={_READERS_TIMEOUT: settings.statement_timeout},
    )


def normalise_url(url: str) -> URL:
    """The URL with the driver that is installed, whatever alias of PostgreSQL it was written with.

    Left alone, SQLAlchemy 2.1 refuses ``postgres://`` and takes ``postgresql://`` to mean psycopg 3.
    Raises :class:`BadSetting` without showing the URL, since it may hold a password.
    """
    remedy = "Write CAUSEWAY_DATABASE_URL as postgresql://user:password@host:5432/name."
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadSetting("The address of the warehouse is not a URL.", remedy=remedy) from error
    dialect = parsed.drivername.partition("+")[0]
    if dialect not in {"postgres", "postgresql"}:
        raise BadSetting(f"The warehouse must be PostgreSQL, and its address says {dialect}.", remedy=remedy)
    if not parsed.database:
        raise BadSetting("The address of the warehouse names no database.", remedy=remedy)
    return parsed.set(drivername="postgresql+psycopg2")


def require_server(engine: Engine) -> int:
    """The major version of the server that answers.

    Raises :class:`WarehouseUnavailable` when none answers or it is older than :data:`OLDEST_SERVER`.
    """
    try:
        with engine.connect() as connection:
            number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    except OperationalError as error:
        why = str(error.orig).strip().splitlines()[0]
        remedy = "Check CAUSEWAY_DATABASE_URL and that the server runs."
        raise WarehouseUnavailable(f"The warehouse does not answer: {why}.", remedy=remedy) from error
    version = number // 10_000
    if version < OLDEST_SERVER:
        message = f"The warehouse is PostgreSQL {version}."
        raise WarehouseUnavailable(message, remedy=f"Causeway needs version {OLDEST_SERVER} or newer.")
    return version


def as_owner(connection: Connection) -> None:
    """``on_begin`` of the program's own work: it acts as the role that it logged in with, bound by no policy."""


@contextlib.contextmanager
def reading(engine: Engine, on_begin: OnBegin) -> Iterator[ReadSession]:
    """A read-only transaction in which a statement runs for at most ``CAUSEWAY_STATEMENT_TIMEOUT`` seconds."""
    seconds = int(engine.get_execution_options().get(_READERS_TIMEOUT, 0))
    with engine.connect() as connection:
        connection.execution_options(postgresql_readonly=True)
        with connection.begin():
            connection.execute(text(f"SET LOCAL statement_timeout = '{seconds}s'"))
            on_begin(connection)
            with ReadSession(bind=connection, autoflush=False) as session:
                yield session


@contextlib.contextmanager
def writing(engine: Engine, on_begin: OnBegin) -> Iterator[WriteSession]:
    """A transaction that is committed at the end of the block and rolled back when the block raises.

    ``session.commit()`` inside the block writes nothing by itself: the block owns the transaction.
    """
    with engine.connect() as connection, connection.begin():
        on_begin(connection)
        with WriteSession(bind=connection, expire_on_commit=False) as session:
            yield session
            session.flush()
