"""Which account somebody means."""

from __future__ import annotations

from sqlalchemy import text

from warehouse.engine import ReadSession
from warehouse.errors import NotFound


def find_account(session: ReadSession, named: str) -> int:
    """The key of the one account that the reader sees under the platform's id, or ``PLATFORM/ID``.

    Raises :class:`NotFound`, which lists the accounts there are.
    """
    accounts = session.execute(text(_ACCOUNTS)).all()
    found = [a.account_key for a in accounts if named in {a.account_id, f"{a.platform}/{a.account_id}"}]
    if len(found) == 1:
        return int(found[0])
    several = f"{len(found)} platforms have an account {named!r}." if found else f"There is no account {named!r}."
    there = ", ".join(f"{a.platform}/{a.account_id}" for a in accounts[:_SHOWN]) or "none yet"
    raise NotFound(several, remedy=f"There are: {there}{', ...' if len(accounts) > _SHOWN else ''}.")


_SHOWN = 20
_ACCOUNTS = "SELECT a.account_key, a.platform, a.account_id FROM core.account a ORDER BY a.platform, a.account_id"
