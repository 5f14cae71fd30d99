"""Public holidays of the countries in which people advertise most, for the span of the date dimension."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text

from warehouse.sessions import Warehouse

# ISO 3166 codes. A country more is a word more here; the next `causeway migrate` brings its days.
COUNTRIES = (
    "AE", "AR", "AT", "AU", "BE", "BG", "BR", "CA", "CH", "CL", "CN", "CO", "CZ", "DE", "DK", "EE", "EG", "ES", "FI",
    "FR", "GB", "GR", "HK", "HR", "HU", "ID", "IE", "IL", "IN", "IT", "JP", "KR", "LT", "LU", "LV", "MX", "MY", "NG",
    "NL", "NO", "NZ", "PE", "PH", "PL", "PT", "RO", "RS", "SA", "SE", "SG", "SI", "SK", "TH", "TR", "TW", "UA", "US",
    "VN", "ZA",
)  # fmt: skip
YEARS = range(2015, 2036)


def seed_public_holidays(warehouse: Warehouse) -> int:
    """Bring the countries that ``core.holiday`` does not know yet; the number of holidays afterwards.

    A country that has any day is left as it is, so that what people corrected stays.
    """
    with warehouse.writing() as session:
        known = set(session.execute(text(_KNOWN_COUNTRIES)).scalars())
        missing = [country for country in COUNTRIES if country not in known]
        if missing:
            countries, days, names = zip(*(row for country in missing for row in _holidays(country)), strict=True)
            session.execute(text(_INSERT), {"countries": list(countries), "days": list(days), "names": list(names)})
        return int(session.execute(text("SELECT count(*) FROM core.holiday")).scalar_one())


def _holidays(country: str) -> list[tuple[str, dt.date, str]]:
    """Country, day and name, in English where the library has it."""
    import holidays  # a second of import that no other command shall pay

    named = holidays.country_holidays(country, years=YEARS, language="en_US")
    return [(country, day, name) for day in sorted(named) for name in sorted(set(named.get_list(day)))]


_KNOWN_COUNTRIES = "SELECT DISTINCT country FROM core.holiday"
_INSERT = """INSERT INTO core.holiday (country, date, name)
SELECT * FROM unnest(CAST(:countries AS text[]), CAST(:days AS date[]), CAST(:names AS text[]))"""
