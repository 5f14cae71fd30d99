"""Keeping journeys: built whole once, then anew for the customers whose touchpoints or conversions changed.

What changed since a time can change only the journeys that end later than one lookback before it, and those hold
nothing older than one lookback more. So a day more is a matter of the customers of that day and their last weeks.
"""

from __future__ import annotations

import string
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text

from warehouse import access
from warehouse.engine import WriteSession
from warehouse.events.carry import written
from warehouse.schema.events import TouchKind

VERSION: Final = 1  # grows when the same events would make other journeys


@dataclass(frozen=True, slots=True)
class Rules:
    """What a journey is made of: touches of these kinds, at most so many days before the conversion."""

    lookback_days: int = 30
    # An opened e-mail is mostly a mail program's doing.
    touches: tuple[TouchKind, ...] = (TouchKind.impression, TouchKind.click, TouchKind.visit, TouchKind.email_click)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did. ``customers`` were built anew, None: all of them. ``journeys`` is how many were written."""

    customers: int | None
    journeys: int


def build_journeys(session: WriteSession, advertiser_key: int, rules: Rules) -> Built:
    """Bring an advertiser's journeys up to date, in the caller's transaction.

    Another build of the same advertiser is waited for. Writers of events are not: what they commit meanwhile stays in
    the queue for the next time.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(7203005, :advertiser)"), {"advertiser": advertiser_key})
    build = _Build(session, advertiser_key, rules)
    return build.of_everybody() if build.differs() else build.of_the_touched()


def remove_journeys(session: WriteSession, advertiser_key: int, customers: Collection[int]) -> int:
    """Take the journeys of customers out at once, for people who are deleted; how many there were."""
    values = {"advertiser": advertiser_key, "customers": list(customers)}
    count: int = session.execute(text(_REMOVE_CUSTOMERS), values).rowcount  # type: ignore[attr-defined]  # a cursor's
    return count


def advertiser_of(session: WriteSession, account_key: int) -> int:
    """Whose account it is."""
    sql = "SELECT advertiser_key FROM core.account WHERE account_key = :account"
    return int(session.execute(text(sql), {"account": account_key}).scalar_one())


def is_due(session: WriteSession, account_key: int) -> bool:
    """Whether customers of the account's advertiser were touched since its journeys were built."""
    return bool(session.execute(text(_DUE), {"account": account_key}).scalar_one())


@dataclass(slots=True)
class _Build:
    """One build of one advertiser."""

    session: WriteSession
    advertiser_key: int
    rules: Rules
    goals: tuple[str, ...] = ()
    accounts: tuple[int, ...] = ()

    def differs(self) -> bool:
        """Whether what stands there was built by other rules, or for other goals."""
        found = self._execute(_INPUTS).one()
        self.accounts, self.goals = tuple(found.accounts), tuple(found.goals)
        state = self._execute(_STATE).one_or_none()
        return state is None or (state.version, state.lookback_days, state.touches, state.goals) != (
            VERSION, self.rules.lookback_days, ",".join(sorted(self.rules.touches)), ",".join(self.goals),
        )  # fmt: skip

    def of_everybody(self) -> Built:
        """Build a new partition beside the old one, which is then dropped."""
        # Sorting is most of the work: in as much memory as a worker has, and with PostgreSQL's help on other cores.
        for setting in _IN_BULK:
            self.session.execute(text(f"SET LOCAL {setting}"))
        access.become_owner(self.session.connection())
        self._execute("DELETE FROM core.touched_customer WHERE advertiser_key = :advertiser")
        self._give_steps(f"(SELECT t.channel FROM core.touchpoint t WHERE {self._counts()})")
        journeys = 0
        for number, goal in enumerate(self.goals):
            self._spans(
                f"(SELECT c.customer_key, c.conversion_key, c.at FROM core.conversion c WHERE {self._of(goal)})"
            )
            # Nothing else ever gathers statistics of what is filled and emptied in one transaction.
            self.session.execute(text("ANALYZE core.conversion_span"))
            begin = "INSERT INTO {next}" if number else "CREATE TABLE {next} AS"
            built = self._built(goal, f"(SELECT t.customer_key, t.at, {_DAY}, s.step FROM core.touchpoint AS t "
                                      f"JOIN {self._steps()} WHERE {self._counts()})")  # fmt: skip
            journeys += self._execute(_escaped(f"{begin.format(next=self._next)} {built}")).rowcount
            self._execute("DELETE FROM core.conversion_span WHERE advertiser_key = :advertiser")
        for statement in _EXCHANGE:
            self._execute(statement.format(next=self._next, name=f"journey_{self.advertiser_key}"))
        for setting in _IN_BULK:
            self.session.execute(text(f"RESET {setting.partition(' ')[0]}"))
        access.become_writer(self.session.connection())
        self._note()
        return Built(None, journeys)

    def of_the_touched(self) -> Built:
        lookback = {"lookback": self.rules.lookback_days}
        self.session.execute(text(_NO_TOUCHED))
        customers: int = self._execute(_TAKE_TOUCHED, **lookback).rowcount
        if not customers:
            self.session.execute(text("DROP TABLE touched"))
            return Built(0, 0)
        self.session.execute(text("ANALYZE touched"))
        self._execute(_TOUCHES.format(counts=self._counts()), **lookback)
        self._give_steps("touch")
        self.session.execute(text("ANALYZE touch"))
        journeys = 0
        for goal in self.goals:
            self._spans(
                f"""(SELECT c.customer_key, c.conversion_key, c.at FROM touched
                JOIN core.conversion AS c ON c.customer_key = touched.customer_key WHERE {self._of(goal)})"""
            )
            built = self._built(goal, f"(SELECT t.customer_key, t.at, {_DAY}, s.step FROM touch AS t "
                                      f"JOIN {self._steps()})")  # fmt: skip
            self._execute(_REMOVE, kind=goal)
            journeys += self._execute(_escaped(_STORE.format(built=built))).rowcount
            self._execute("DELETE FROM core.conversion_span WHERE advertiser_key = :advertiser")
        self.session.execute(text("DROP TABLE touched, touch"))
        self._note()
        return Built(customers, journeys)

    @property
    def _next(self) -> str:
        """The table that becomes the advertiser's partition."""
        return f"core.journey_{self.advertiser_key}_next"

    def _give_steps(self, touch: str) -> None:
        """Give channels that are new to the advertiser their character: the same as with every other advertiser."""
        found = self.session.execute(text(f"SELECT DISTINCT t.channel FROM {touch} AS t")).scalars()
        new = set(found) - set(self._execute(_CHANNELS).scalars())
        if not new:
            return
        self.session.execute(text("SELECT pg_advisory_xact_lock(7203006)"))
        given: dict[str, str] = {row.channel: row.step for row in self.session.execute(text(_ALL_STEPS))}
        for channel in sorted(new):
            step = given.setdefault(channel, _step(len(given)))
            self._execute(_GIVE_STEP, step=step, channel=channel)

    def _spans(self, conversion: str) -> None:
        goals = written("goals", "postgres", {"conversion": conversion})
        self._execute(_SPANS.format(goals=goals))

    def _built(self, goal: str, touch: str) -> str:
        """The query whose rows are those of core.journey."""
        span = f"(SELECT * FROM core.conversion_span WHERE advertiser_key = {self.advertiser_key})"
        numbers = {"lookback_days": self.rules.lookback_days}
        journeys = written("journeys", "postgres", {"touch": touch, "goal": span}, numbers)
        endings = written("endings", "postgres", {"journey": f"({journeys})", "conversion": _WORTH})
        return _ROWS.format(advertiser=self.advertiser_key, kind=goal, endings=endings)

    def _steps(self) -> str:
        return f"core.journey_step AS s ON s.advertiser_key = {self.advertiser_key} AND s.channel = t.channel"

    def _counts(self) -> str:
        """The condition on touchpoints (t) that are part of paths."""
        kinds = ", ".join(f"'{kind}'" for kind in self.rules.touches)
        return f"t.customer_key IS NOT NULL AND t.account_key IN ({self._keys()}) AND t.kind IN ({kinds})"

    def _of(self, goal: str) -> str:
        """The condition on conversions (c) of a goal."""
        return f"c.customer_key IS NOT NULL AND c.counts AND c.kind = '{goal}' AND c.account_key IN ({self._keys()})"

    def _keys(self) -> str:
        return ", ".join(map(str, self.accounts)) or "NULL"

    def _note(self) -> None:
        self._execute(
            _NOTE, version=VERSION, lookback=self.rules.lookback_days, touches=sorted(self.rules.touches),
            goals=list(self.goals),
        )  # fmt: skip

    def _execute(self, sql: str, **values: object) -> Any:
        return self.session.execute(text(sql), {"advertiser": self.advertiser_key, **values})


def _step(number: int) -> str:
    """The character of the channel of that number, from 0: letters first, which people can read."""
    letters = string.ascii_uppercase + string.ascii_lowercase
    return letters[number] if number < len(letters) else chr(0x100 + number)


def _escaped(sql: str) -> str:
    """The statement with its colons safe from being taken for parameters."""
    return sql.replace(":", r"\:")


_IN_BULK: Final = (
    "work_mem = '256MB'",
    "parallel_tuple_cost = 0.001",
    "parallel_setup_cost = 100",
    "enable_mergejoin = off",
    "maintenance_work_mem = '256MB'",
)

_DUE = """
SELECT EXISTS (SELECT FROM core.touched_customer t JOIN core.account a ON a.advertiser_key = t.advertiser_key
               WHERE a.account_key = :account)
"""

# A goal is a kind of conversion that there is one of. Without any, everything that people met led to no order.
_INPUTS = """
SELECT coalesce(array_agg(a.account_key ORDER BY a.account_key), '{}') AS accounts, coalesce((
    SELECT array_agg(k.kind::text ORDER BY k.kind) FROM unnest(enum_range(NULL::core.conversion_kind)) AS k (kind)
    WHERE EXISTS (SELECT FROM core.conversion c JOIN core.account b ON b.account_key = c.account_key
                  WHERE b.advertiser_key = :advertiser AND c.kind = k.kind AND c.counts)), '{order}') AS goals
FROM core.account a WHERE a.advertiser_key = :advertiser
"""

_STATE = """
SELECT version, lookback_days, array_to_string(goals, ',') AS goals,
       (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM unnest(touches) t) AS touches
FROM core.journey_build WHERE advertiser_key = :advertiser
"""

_NO_TOUCHED = """
CREATE TEMPORARY TABLE touched (
    customer_key bigint PRIMARY KEY, cut timestamptz NOT NULL, first_window bigint NOT NULL) ON COMMIT DROP
"""

# What is rebuilt of a customer: journeys that end at the cut or later, null paths of the cut's window and later ones.
_TAKE_TOUCHED = """
WITH taken AS (
    DELETE FROM core.touched_customer WHERE advertiser_key = :advertiser RETURNING customer_key, since),
cut AS (
    SELECT customer_key,
           greatest(min(coalesce(since, '1970-01-01')) - :lookback * interval '1 day', '1970-01-01') AS cut
    FROM taken GROUP BY customer_key),
counted AS (SELECT customer_key, cut, cut::date - date '1970-01-01' + mod(customer_key, :lookback) AS day FROM cut)
INSERT INTO touched SELECT customer_key, cut, day - mod(day, :lookback) FROM counted
"""

_TOUCHES = """
CREATE TEMPORARY TABLE touch ON COMMIT DROP AS
SELECT t.customer_key, t.at, t.channel
FROM touched d
JOIN core.touchpoint t ON t.customer_key = d.customer_key AND t.at >= d.cut - :lookback * interval '1 day'
WHERE {counts}
"""

_CHANNELS = "SELECT channel FROM core.journey_step WHERE advertiser_key = :advertiser"
_ALL_STEPS = "SELECT DISTINCT channel, step FROM core.journey_step"
_GIVE_STEP = "INSERT INTO core.journey_step (advertiser_key, step, channel) VALUES (:advertiser, :step, :channel)"

_SPANS = """
INSERT INTO core.conversion_span (advertiser_key, customer_key, conversion_key, at, previous_at)
SELECT :advertiser, g.customer_key, g.conversion_key, g.at, g.previous_at FROM ({goals}) AS g
"""

_REMOVE = """
DELETE FROM core.journey j USING touched t
WHERE j.advertiser_key = :advertiser AND j.customer_key = t.customer_key
  AND j.kind = CAST(:kind AS core.conversion_kind)
  AND CASE WHEN j.ending > 0 THEN j.ended_at >= t.cut ELSE -j.ending >= t.first_window END
"""

_REMOVE_CUSTOMERS = """
DELETE FROM core.journey
WHERE advertiser_key = :advertiser AND customer_key = ANY (CAST(:customers AS bigint[]))
"""

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

_EXCHANGE = (
    """ALTER TABLE {next} ALTER advertiser_key SET NOT NULL, ALTER customer_key SET NOT NULL, ALTER kind SET NOT NULL,
           ALTER ending SET NOT NULL, ALTER date SET NOT NULL, ALTER ended_at SET NOT NULL,
           ALTER touches SET NOT NULL, ALTER path SET NOT NULL""",
    "ALTER TABLE {next} ADD PRIMARY KEY (advertiser_key, customer_key, kind, ending)",
    "CREATE INDEX ON {next} (advertiser_key, kind, date)",
    "ANALYZE {next}",
    "DROP TABLE IF EXISTS core.{name}",
    "ALTER TABLE {next} RENAME TO {name}",
    "ALTER TABLE core.journey ATTACH PARTITION core.{name} FOR VALUES IN (:advertiser)",
)

# Of the touches before the cut, built has journeys that are not to be touched, and only parts of them.
_STORE = """
INSERT INTO core.journey
SELECT r.* FROM ({built}) AS r JOIN touched t ON t.customer_key = r.customer_key
WHERE CASE WHEN r.ending > 0 THEN r.ended_at >= t.cut ELSE -r.ending >= t.first_window END
"""

_NOTE = """
INSERT INTO core.journey_build (advertiser_key, version, lookback_days, touches, goals, built_at)
VALUES (:advertiser, :version, :lookback, CAST(:touches AS core.touch_kind[]), CAST(:goals AS core.conversion_kind[]),
        now())
ON CONFLICT (advertiser_key) DO UPDATE SET
    version = excluded.version, lookback_days = excluded.lookback_days, touches = excluded.touches,
    goals = excluded.goals, built_at = excluded.built_at
"""
