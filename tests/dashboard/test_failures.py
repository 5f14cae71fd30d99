"""What a reader is told when something fails, and what only the log is told."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dashboard.failures import in_words
from warehouse.errors import BadFilter, NotFound


@pytest.fixture(scope="module", autouse=True)
def _seeded(seed) -> None:
    """Numbers to fail over."""


@pytest.mark.parametrize("error", [BadFilter("from is not a date.", remedy="Write it so."), NotFound("No load 3.")])
def test_what_is_expected_is_said_as_it_is(error) -> None:
    assert in_words(error) is error


def test_what_nobody_expected_is_said_without_its_words_but_with_an_id() -> None:
    told = in_words(KeyError("secret"))
    assert told.code == "INTERNAL"
    assert "secret" not in str(told)
    assert "id " in str(told)


def test_a_page_over_a_broken_table_still_stands(view, engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE core.account_level RENAME TO moved"))
    try:
        found = view("/")
    finally:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE core.moved RENAME TO account_level"))
    assert found.says("Something went wrong inside Causeway (id ")
    assert "account_level" not in found.page
    assert not view("/").says("Something went wrong")


def test_a_question_that_took_too_long_says_so(engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL statement_timeout = '20ms'"))
        with pytest.raises(DBAPIError) as found:
            connection.execute(text("SELECT pg_sleep(5)"))
    told = in_words(found.value)
    assert told.code == "WAREHOUSE_UNAVAILABLE"
    assert "took too long" in told.message
