"""What a build of journeys reads, and the queries that make journeys of it."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text

from warehouse.engine import WriteSession
from warehouse.events.carry import written

# Inside a query for touches: where the characters of their channels come from.
STEPS: Final = "LEFT JOIN core.journey_step AS s ON s.advertiser_key = {advertiser} AND s.channel = t.channel"


@dataclass(frozen=True, slots=True)
class Inputs:
    """An advertiser's accounts, which of their events belong to journeys, and the session that builds."""

    session: WriteSession
    advertiser_key: int
    accounts: tuple[int, ...]
    goals: tuple[str, ...]  # kinds of conversions
    touches: tuple[str, ...]  # kinds of touches
    lookback_days: int

    def execute(self, sql: str, **values: object) -> Any:
        """Run a statement whose :advertiser and :lookback are those of the build."""
        own = {"advertiser": self.advertiser_key, "lookback": self.lookback_days}
        return self.session.execute(text(sql), {**own, **values})

    def run(self, sql: str) -> int:
        """Run a statement without parameters, in which a colon is a colon; how many rows it is about."""
        count: int = self.execute(sql.replace(":", r"\:")).rowcount
        return count

    @property
    def counted_touches(self) -> str:
        """The condition on touchpoints (t) that are part of paths."""
        kinds = ", ".join(f"'{kind}'" for kind in self.touches)
        return f"t.customer_key IS NOT NULL AND t.account_key IN ({self._keys}) AND t.kind IN ({kinds})"

    def counted_conversions(self, goal: str) -> str:
        """The condition on conversions (c) of a goal."""
        return f"c.customer_key IS NOT NULL AND c.counts AND c.kind = '{goal}' AND c.account_key IN ({self._keys})"

    def goals_of(self, conversions: str) -> str:
        """The query whose rows are goals, of a query in brackets whose rows are conversions."""
        return written("goals", "postgres", {"conversion": conversions}, {"lookback_days": self.lookback_days})

    def journeys(self, goal: str, touches: str, goals: str) -> str:
        """The query whose rows are those of core.journey.

        ``touches`` stands behind FROM: touches as t, and their characters as s, NULL for a channel without one.
        ``goals`` is a table or a query in brackets.
        """
        touch = f"(SELECT t.customer_key, t.at, {_DAY}, s.step FROM {touches})"
        numbers = {"lookback_days": self.lookback_days}
        journeys = written("journeys", "postgres", {"touch": touch, "goal": goals}, numbers)
        endings = written("endings", "postgres", {"journey": f"({journeys})", "conversion": _WORTH})
        return _ROWS.format(advertiser=self.advertiser_key, kind=goal, endings=endings)

    def give_steps(self, touches: str) -> None:
        """Give channels that are new to the advertiser their character: the same as with every other advertiser.

        ``touches`` stands behind FROM: touches as t.
        """
        found = self.session.execute(text(f"SELECT DISTINCT t.channel FROM {touches}")).scalars()
        new = set(found) - self.channels()
        if not new:
            return
        self.session.execute(text("SELECT pg_advisory_xact_lock(7203006)"))
        given: dict[str, str] = {row.channel: row.step for row in self.session.execute(text(_ALL_STEPS))}
        for channel in sorted(new):
            step = given.setdefault(channel, _step(len(given)))
            self.execute(_GIVE_STEP, step=step, channel=channel)

    def channels(self) -> set[str]:
        """The advertiser's channels that have a character."""
        return set(self.execute(_CHANNELS).scalars())

    @property
    def _keys(self) -> str:
        return ", ".join(map(str, self.accounts)) or "NULL"


def _step(number: int) -> str:
    """The character of the channel of that number, from 0: letters first, which people can read."""
    letters = string.ascii_uppercase + string.ascii_lowercase
    return letters[number] if number < len(letters) else chr(0x100 + number)


_CHANNELS = "SELECT channel FROM core.journey_step WHERE advertiser_key = :advertiser"
_ALL_STEPS = "SELECT DISTINCT channel, step FROM core.journey_step"
_GIVE_STEP = "INSERT INTO core.journey_step (advertiser_key, step, channel) VALUES (:advertiser, :step, :channel)"

_DAY = "CAST(t.at AS DATE) - DATE '1970-01-01' AS day"

_WORTH = """(
    SELECT c.conversion_key, c.at, CAST(c.at AT TIME ZONE a.time_zone AS DATE) AS date, c.value, c.margin, c.currency,
           c.is_new_customer
    FROM core.conversion AS c JOIN core.account AS a ON a.account_key = c.account_key)"""

# With the types of core.journey to the letter, so that a table of them can become its partition.
_ROWS = """
SELECT CAST({advertiser} AS int) AS advertiser_key, e.customer_key, CAST('{kind}' AS core.conversion_kind) AS kind,
       e.ending, e.date, e.began_at, e.ended_at, CAST(e.touches AS int) AS touches, e.path COLLATE "C" AS path,
       CAST(e.value AS numeric(18, 6)) AS value, CAST(e.margin AS numeric(18, 6)) AS margin, e.currency,
       e.is_new_customer
FROM ({endings}) AS e
"""
