"""Frames are copied while other work goes on, and what else is asked of the connection waits for them."""

import contextlib

import polars as pl
import psycopg2
import pytest
from sqlalchemy import text

from warehouse.ingest.store.beside import CopyBeside
from warehouse.ingest.store.copying import copy_frame
from warehouse.sessions import Warehouse

TABLE = "core.holiday"
COLUMNS = ("country", "date", "name")


@pytest.fixture
def session(settings, engine):
    """A transaction that is undone afterwards."""
    with contextlib.suppress(_Undo), Warehouse(settings, engine).writing() as session:
        yield session
        raise _Undo


class _Undo(Exception):
    pass


def days(*numbers):
    """A holiday on each day, counted from 1900."""
    dates = pl.date(1900, 1, 1) + pl.duration(days=pl.Series(numbers))
    return pl.select(country=pl.lit("XX"), date=dates, name=pl.lit("Day"))


def stored(session):
    return session.execute(text(f"SELECT count(*) FROM {TABLE} WHERE country = 'XX'")).scalar_one()


def test_a_statement_waits_for_the_frame_under_way(session):
    copied = []
    beside = CopyBeside(session, TABLE, COLUMNS, copied.append)
    for start in (0, 50_000):
        beside.copy(days(*range(start, start + 50_000)))
    assert stored(session) == 100_000
    assert [len(f) for f in copied] == [50_000, 50_000]
    beside.close()


def test_a_frame_with_a_known_key_is_taken_back_whole(session):
    copied = []
    beside = CopyBeside(session, TABLE, COLUMNS, copied.append)
    for frame in (days(1, 2), days(3, 1), days(4)):
        beside.copy(frame)
    beside.close()
    assert [len(f) for f in copied] == [2, 1]
    assert [f.height for f in beside.refused] == [2]
    assert stored(session) == 3


def test_what_copy_raises_is_raised_by_the_next_step(session):
    beside = CopyBeside(session, TABLE, ("nothing",), lambda _: None)
    beside.copy(pl.DataFrame({"nothing": [1]}))
    with pytest.raises(psycopg2.errors.UndefinedColumn):
        beside.close()


def test_undoing_waits_for_the_frame_and_forgets_it(session):
    copied = []
    savepoint = session.begin_nested()
    beside = CopyBeside(session, TABLE, COLUMNS, copied.append)
    beside.copy(days(*range(50_000)))
    savepoint.rollback()
    beside.close()
    assert (copied, beside.refused, stored(session)) == ([], [], 0)


def test_afterwards_the_connection_is_its_own_again(session):
    beside = CopyBeside(session, TABLE, COLUMNS, lambda _: None)
    beside.copy(days(1))
    beside.close()
    assert session.execute(text("SELECT current_user")).scalar_one() == "causeway_writer"


def test_another_copy_waits_as_well(session):
    session.execute(text("CREATE TEMPORARY TABLE seen (date date) ON COMMIT DROP"))
    beside = CopyBeside(session, TABLE, COLUMNS, lambda _: None)
    beside.copy(days(*range(50_000)))
    copy_frame(session, "seen", days(1, 2), ("date",))
    assert session.execute(text("SELECT count(*) FROM seen")).scalar_one() == 2
    beside.close()
    assert stored(session) == 50_000
