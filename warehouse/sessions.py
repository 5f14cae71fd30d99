"""The warehouse as the other rooms hold it: settings, an engine, and transactions on somebody's behalf."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, text

from warehouse import access
from warehouse.access import Reader
from warehouse.engine import PersonalSession, ReadSession, WriteSession, connect_engine, reading, writing
from warehouse.settings import Settings


@dataclass(frozen=True, slots=True)
class Warehouse:
    """An open warehouse. Nothing outside ``warehouse/`` needs SQLAlchemy to use it."""

    settings: Settings
    engine: Engine

    @staticmethod
    def connect(settings: Settings, *, application_name: str = "causeway") -> Warehouse:
        """Connect, starting the embedded server when no URL is configured."""
        return Warehouse(settings, connect_engine(settings, application_name=application_name))

    @contextmanager
    def reading(self, reader: Reader) -> Iterator[ReadSession]:
        """A read-only transaction that sees what ``reader`` may see."""
        with reading(self.engine, lambda connection: access.become_reader(connection, reader)) as session:
            yield session

    @contextmanager
    def reading_identities(self) -> Iterator[PersonalSession]:
        """A read-only transaction that sees by what people are known, and nothing of what they did.

        Who may ask is for the action to decide: an administrator.
        """
        with (
            reading(self.engine, access.become_personal) as session,
            PersonalSession(bind=session.connection(), autoflush=False) as personal,
        ):
            yield personal

    @contextmanager
    def writing(self, *, patience: float | None = None) -> Iterator[WriteSession]:
        """A transaction of the program itself; who asked for it is written into the audit by the action.

        It waits at most ``patience`` seconds for what others are writing, and for as long as they take without.
        """
        with writing(self.engine, access.become_writer) as session:
            if patience is not None:
                session.execute(text(f"SET LOCAL lock_timeout = '{round(patience * 1000)}ms'"))
            yield session
