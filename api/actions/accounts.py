"""What people say about accounts: name, currency, time zone, and what the headers of their files mean."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from zoneinfo import available_timezones

from api.actions.acting import named, note
from api.identity import Identity, Role, Scope
from api.refusals import Invalid
from warehouse.changes import entities
from warehouse.changes.entities import EditedAccount
from warehouse.engine import WriteSession
from warehouse.errors import NotFound
from warehouse.ingest.binding import field_names, is_meaning
from warehouse.ingest.read.headers import normalise_header
from warehouse.queries.taxonomy import ColumnMeaning
from warehouse.sessions import Warehouse

_CURRENCY = re.compile(r"[A-Z]{3}")


def edit_account(
    warehouse: Warehouse,
    identity: Identity,
    *,
    account_key: int,
    name: str | None = None,
    currency: str | None = None,
    time_zone: str | None = None,
) -> EditedAccount:
    """Change what is given. A currency is what the stored amounts are in: nothing is converted.

    For managers of the account. Raises :class:`Invalid`, and :class:`NotFound` also for accounts one does not see.
    """
    _require_money_and_clock(currency, time_zone)
    with warehouse.writing() as session:
        _require_manager(identity, account_key)
        before = entities.account(session, account_key)
        after = replace(
            before,
            name=before.name if name is None else named(name, "The account's name"),
            currency=currency or before.currency,
            time_zone=time_zone or before.time_zone,
        )
        if after != before:
            entities.update_account(session, after)
            note(
                session, identity, "account.edit", f"account:{account_key}", before=asdict(before), after=asdict(after)
            )
        return after


def ensure_account(
    warehouse: Warehouse, identity: Identity, *, named_: str, currency: str, time_zone: str
) -> EditedAccount:
    """The account ``PLATFORM/ID``, made when there is none: a web property before its first event.

    For administrators. Raises :class:`Invalid` and, for an unknown platform, :class:`NotFound`.
    """
    identity.require_administrator()
    _require_money_and_clock(currency, time_zone)
    platform, _, account_id = named_.partition("/")
    if not account_id:
        raise Invalid(f"{named_!r} names no platform.", remedy=f"Write it as ga4/{named_}.")
    account_id = named(account_id, "The account's id")
    with warehouse.writing() as session:
        found, made = entities.ensure_account(
            session, platform=platform, account_id=account_id, currency=currency, time_zone=time_zone
        )
        if made:
            note(session, identity, "account.create", f"account:{found.account_key}", after=asdict(found))
        return found


def map_column(warehouse: Warehouse, identity: Identity, *, account_id: str, header: str, field: str) -> ColumnMeaning:
    """Say what a header means in files of an account (by the platform's id), from the next load on.

    For managers of every account with that id.
    """
    if not is_meaning(field):
        raise Invalid(
            f"field == {field!r} is not a field.", remedy=f"Choose one of {', '.join(sorted(field_names()))}."
        )
    key = _header(header)
    with warehouse.writing() as session:
        _require_managed(session, identity, account_id)
        before = entities.put_column_meaning(session, account_id=account_id, header=key, field=field)
        note(
            session,
            identity,
            "column_mapping.put",
            f"column:{account_id}/{key}",
            before=None if before is None else {"field": before},
            after={"field": field},
        )
    return ColumnMeaning(account_id, key, field)


def forget_column(warehouse: Warehouse, identity: Identity, *, account_id: str, header: str) -> ColumnMeaning:
    """Take back what was said about a header. Raises :class:`NotFound`."""
    key = _header(header)
    with warehouse.writing() as session:
        _require_managed(session, identity, account_id)
        before = entities.delete_column_meaning(session, account_id=account_id, header=key)
        note(session, identity, "column_mapping.delete", f"column:{account_id}/{key}", before={"field": before})
    return ColumnMeaning(account_id, key, before)


def _require_money_and_clock(currency: str | None, time_zone: str | None) -> None:
    if currency is not None and not _CURRENCY.fullmatch(currency):
        raise Invalid(f"currency == {currency!r} is not an ISO 4217 code.", remedy="Write it as USD.")
    if time_zone is not None and time_zone not in available_timezones():
        raise Invalid(f"time_zone == {time_zone!r} is not a zone.", remedy="Write it as Europe/Berlin.")


def _header(header: str) -> str:
    key = normalise_header(named(header, "The header"))
    if not key:
        raise Invalid(f"{header!r} is no header.")
    return key


def _require_managed(session: WriteSession, identity: Identity, account_id: str) -> None:
    keys = entities.account_keys(session, account_id)
    if identity.role_on(None) is None and not any(key in identity.roles for key in keys):
        raise NotFound(f"There is no account {account_id!r}.")
    for key in keys:
        _require_manager(identity, key)


def _require_manager(identity: Identity, account_key: int) -> None:
    """Managers may; others who see the account are told why not, and whoever does not see it learns nothing."""
    if identity.role_on(account_key) is None:
        raise NotFound(f"There is no account {account_key}.")
    identity.require(Role.manager, account_key=account_key, scope=Scope.write)
