from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, text

from warehouse.public_holidays import COUNTRIES, YEARS, seed_public_holidays
from warehouse.sessions import Warehouse
from warehouse.settings import Settings


def test_missing_countries_are_brought_and_corrections_kept(settings: Settings, engine: Engine) -> None:
    warehouse = Warehouse(settings, engine)
    with warehouse.writing() as session:
        session.execute(
            text("INSERT INTO core.holiday VALUES ('DE', '2026-10-03', 'Ours'), ('XX', '2026-01-02', 'Ours')")
        )
    count = seed_public_holidays(warehouse)
    assert seed_public_holidays(warehouse) == count
    with warehouse.writing() as session:
        countries = set(session.execute(text("SELECT country FROM core.holiday")).scalars())
        german = session.execute(text("SELECT date, name FROM core.holiday WHERE country = 'DE'")).all()
        french = session.execute(text("SELECT name FROM core.holiday WHERE country = 'FR' AND date = '2026-07-14'"))
        span = session.execute(text("SELECT min(date), max(date) FROM core.holiday WHERE country = 'US'")).one()
        assert countries == {*COUNTRIES, "XX"}
        assert [tuple(row) for row in german] == [(dt.date(2026, 10, 3), "Ours")]
        assert list(french.scalars()) == ["National Day"]
        assert (span[0].year, span[1].year) == (YEARS[0], YEARS[-1])
