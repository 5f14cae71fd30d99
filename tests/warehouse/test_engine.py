from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from warehouse.engine import as_owner, connect_engine, normalise_url, reading, require_server, writing
from warehouse.errors import BadSetting, WarehouseUnavailable
from warehouse.settings import Settings


@pytest.fixture(scope="module", autouse=True)
def _table(engine: Engine) -> None:
    with writing(engine, as_owner) as session:
        session.execute(text("CREATE TABLE public.note (words text)"))


@pytest.mark.parametrize(
    "written",
    [
        "postgres://me:p%40ss@db:5433/shop?sslmode=require",
        "postgresql://me:p%40ss@db:5433/shop?sslmode=require",
        "postgresql+psycopg://me:p%40ss@db:5433/shop?sslmode=require",
        "postgresql+psycopg2://me:p%40ss@db:5433/shop?sslmode=require",
    ],
)
def test_every_spelling_of_postgresql_means_the_installed_driver(written: str) -> None:
    url = normalise_url(written)
    assert url.render_as_string(hide_password=False) == ("postgresql+psycopg2://me:p%40ss@db:5433/shop?sslmode=require")


@pytest.mark.parametrize(
    "written", ["mysql://me:hunter2@db/shop", "me:hunter2@db", "postgres://me:hunter2@db", "hunter2"]
)
def test_a_useless_address_is_refused_without_showing_the_password(written: str) -> None:
    with pytest.raises(BadSetting) as caught:
        normalise_url(written)
    assert "hunter2" not in str(caught.value)
    assert "postgresql://user:password@host:5432/name" in caught.value.remedy


def test_the_server_is_new_enough(engine: Engine) -> None:
    assert require_server(engine) >= 15


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    settings = Settings(database_url="postgresql://me:hunter2@127.0.0.1:1/shop")
    with pytest.raises(WarehouseUnavailable, match="does not answer") as caught:
        require_server(connect_engine(settings))
    assert "hunter2" not in str(caught.value)


def test_connections_say_who_they_are_and_live_in_utc(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("SHOW application_name")).scalar_one() == "causeway-tests"
        assert connection.execute(text("SHOW timezone")).scalar_one() == "UTC"


def test_a_reader_cannot_write(engine: Engine) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"), reading(engine, as_owner) as session:
        session.execute(text("INSERT INTO public.note VALUES ('no')"))


def test_a_connection_that_read_can_write_next(engine: Engine) -> None:
    with reading(engine, as_owner) as session:
        session.execute(text("SELECT 1"))
    with writing(engine, as_owner) as session:
        session.execute(text("INSERT INTO public.note VALUES ('kept')"))
    with reading(engine, as_owner) as session:
        assert session.execute(text("SELECT count(*) FROM public.note WHERE words = 'kept'")).scalar_one() == 1


def test_a_block_that_raises_writes_nothing(engine: Engine) -> None:
    def write_and_fail() -> None:
        with writing(engine, as_owner) as session:
            session.execute(text("INSERT INTO public.note VALUES ('lost')"))
            session.commit()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with reading(engine, as_owner) as session:
        assert session.execute(text("SELECT count(*) FROM public.note WHERE words = 'lost'")).scalar_one() == 0


def test_both_kinds_begin_with_the_hook_in_their_own_transaction(engine: Engine) -> None:
    def as_somebody(connection: Connection) -> None:
        connection.execute(text("SELECT set_config('causeway.reader', 'somebody', true)"))

    who = text("SELECT current_setting('causeway.reader', true)")
    with reading(engine, as_somebody) as session:
        assert session.execute(who).scalar_one() == "somebody"
    with writing(engine, as_somebody) as session:
        assert session.execute(who).scalar_one() == "somebody"
    with reading(engine, as_owner) as session:
        assert not session.execute(who).scalar_one()


def test_a_reader_that_takes_too_long_is_cancelled_and_a_writer_is_not(settings: Settings) -> None:
    engine = connect_engine(dataclasses.replace(settings, statement_timeout=1))
    nap = text("SELECT pg_sleep(1.2)")
    with pytest.raises(DBAPIError, match="statement timeout"), reading(engine, as_owner) as session:
        session.execute(nap)
    with writing(engine, as_owner) as session:
        session.execute(nap)
    engine.dispose()
