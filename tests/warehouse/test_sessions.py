"""Reading on somebody's behalf, and writing all or nothing."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from warehouse.access import APP, WRITER, Reader
from warehouse.ingest.store import books
from warehouse.outages import is_in_the_way, outage_of
from warehouse.sessions import Warehouse
from warehouse.statements import counted, watch


@pytest.fixture(scope="module")
def warehouse(settings, engine):
    watch(engine)
    return Warehouse(settings, engine)


def who(session):
    return tuple(session.execute(text("SELECT current_user, current_setting('causeway.reader', true)")).one())


def test_reading_is_as_the_program_for_its_reader(warehouse):
    with warehouse.reading(Reader("user:5", "somebody")) as session:
        assert who(session) == (APP, "user:5")


def test_a_connection_forgets_its_reader(warehouse):
    with warehouse.reading(Reader("user:5", "somebody")) as session:
        connection = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with warehouse.writing() as session:
        assert session.execute(text("SELECT pg_backend_pid()")).scalar_one() == connection
        assert who(session) == (WRITER, "")
    with warehouse.engine.connect() as plain:
        assert plain.execute(text("SELECT current_user = session_user")).scalar_one()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE core.x (a int)",
        "INSERT INTO core.channel VALUES ('x', 'X', 1)",
        "SELECT nextval('core.account_account_key_seq')",
    ],
)
def test_reading_cannot_write(warehouse, statement):
    with (
        warehouse.reading(Reader("user:5", "somebody")) as session,
        pytest.raises(DBAPIError, match="read-only|denied"),
    ):
        session.execute(text(statement))


def test_a_patient_transaction_waits_no_longer_than_it_said(warehouse):
    with warehouse.writing() as other, warehouse.writing(patience=0.05) as session:
        books.lock(other)
        with pytest.raises(DBAPIError) as late:
            books.lock(session)
    assert is_in_the_way(late.value)
    told = outage_of(late.value)
    assert told is not None
    assert "being written" in str(told)
    with warehouse.writing() as session:
        assert session.execute(text("SHOW lock_timeout")).scalar_one() == "0"


def test_an_exception_takes_everything_back(warehouse):
    def fail():
        with warehouse.writing() as session:
            session.execute(text("INSERT INTO core.channel VALUES ('x', 'X', 1)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with warehouse.writing() as session:
        assert session.execute(text("SELECT count(*) FROM core.channel WHERE channel = 'x'")).scalar_one() == 0


def test_what_is_written_is_there_after_the_block_and_not_before(warehouse):
    with warehouse.writing() as session:
        session.execute(text("INSERT INTO core.channel VALUES ('y', 'Y', 1)"))
        session.commit()  # the block owns the transaction
        with warehouse.reading(Reader("user:5", "somebody")) as other:
            assert other.execute(text("SELECT count(*) FROM core.channel WHERE channel = 'y'")).scalar_one() == 0
    with warehouse.reading(Reader("user:5", "somebody")) as other:
        assert other.execute(text("SELECT count(*) FROM core.channel WHERE channel = 'y'")).scalar_one() == 1


def test_statements_are_counted_with_what_opening_costs(warehouse):
    with counted() as statements, warehouse.reading(Reader("user:5", "somebody")) as session:
        opening = statements.count
        session.execute(text("SELECT 1"))
    assert statements.count == opening + 1
    assert opening <= 2
