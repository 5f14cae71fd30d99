"""Views of the mart narrowed by the same filters as the pages, as one statement for :func:`tables.ask`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from warehouse.errors import BadFilter
from warehouse.filters import Filter
from warehouse.marts import build
from warehouse.queries.tables import view_query

# Parameter -> the columns that a view needs for it.
NARROWED_BY: Mapping[str, tuple[str, ...]] = {
    "from": ("date_day",),
    "to": ("date_day",),
    "platform": ("platform",),
    "channel": ("channel",),
    "campaign_type": ("campaign_type",),
    "account": ("platform", "account_id"),
    "campaign": ("platform", "account_id", "campaign_id"),
    "since": ("changed_at",),
}


def export_query(view: str, narrowed: Mapping[str, str]) -> str:
    """The statement that reads a view, narrowed by what is given in the URL form of filters.

    ``since`` is a moment in ISO 8601, for views that tell when something changed. Raises
    :class:`~warehouse.errors.NotFound` for an unknown view and :class:`BadFilter` for what it cannot be narrowed by.
    """
    given = {name: value for name, value in narrowed.items() if value}
    plain = view_query(view)
    columns = next(set(v.columns) for v in build.views() if v.name == view.removeprefix("mart."))
    for name in given:
        if name not in NARROWED_BY:
            raise BadFilter(f"{name} is not a filter.", remedy=f"There are: {', '.join(NARROWED_BY)}.")
        if not columns.issuperset(NARROWED_BY[name]):
            raise BadFilter(f"The view {view} has nothing to narrow by {name}.", remedy="Leave it out.")
    conditions = list(_conditions(given))
    return f"{plain} WHERE {' AND '.join(conditions)}" if conditions else plain


def _conditions(given: Mapping[str, str]) -> Iterator[str]:
    day = given.get("from") or given.get("to") or "2000-01-01"
    filter_ = Filter.from_query(
        {**given, "from": given.get("from") or day, "to": given.get("to") or day}, last_day=_ANY
    )
    if "from" in given:
        yield f"date_day >= DATE '{filter_.start}'"
    if "to" in given:
        yield f"date_day <= DATE '{filter_.end}'"
    for column, values in (
        ("platform", filter_.platforms),
        ("channel", filter_.channels),
        ("coalesce(campaign_type, '')", filter_.campaign_types),
    ):
        if values:
            yield f"{column} IN ({', '.join(map(_literal, values))})"
    if filter_.accounts:
        yield _AMONG_ACCOUNTS.format(keys=", ".join(map(str, filter_.accounts)))
    if filter_.campaigns:
        yield _AMONG_CAMPAIGNS.format(keys=", ".join(map(str, filter_.campaigns)))
    if "since" in given:
        yield f"changed_at >= TIMESTAMPTZ {_literal(_moment(given['since']).isoformat())}"


_ANY = dt.date(2000, 1, 1)
_AMONG_ACCOUNTS = """(platform, account_id) IN (
    SELECT a.platform, a.account_id FROM core.account a WHERE a.account_key = ANY (ARRAY[{keys}]::bigint[]))"""
_AMONG_CAMPAIGNS = """(platform, account_id, campaign_id) IN (
    SELECT c.platform, c.account_id, c.campaign_id FROM mart.campaign c
    WHERE c.campaign_key = ANY (ARRAY[{keys}]::bigint[]))"""


def _moment(value: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise BadFilter(f"since == {value!r} is not a moment.", remedy="Write it as 2026-09-30T06:00:00Z.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _literal(value: str) -> str:
    if "\0" in value:
        raise BadFilter("A filter holds a NUL character.", remedy="Remove it.")
    # Doubling quotes is all that is needed, whatever the text, while standard_conforming_strings is on (the default).
    return "'" + value.replace("'", "''") + "'"
