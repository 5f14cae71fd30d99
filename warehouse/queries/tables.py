"""Any question in SQL, and whole views of the mart, as streams of rows: what the command line and exports read.

PostgreSQL itself holds the text to one statement that returns rows: it is opened as a cursor inside a transaction
that can only read, so that memory does not grow with the answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from warehouse.engine import ReadSession
from warehouse.errors import BadQuery, NotFound
from warehouse.marts import build

Kind = Literal["integer", "decimal", "real", "boolean", "date", "timestamp", "json", "text"]
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an answer. ``scale`` is the number of decimals that the type declares, if it does."""

    name: str
    kind: Kind
    scale: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns, and the rows in batches; iterate while the session is open."""

    columns: tuple[Column, ...]
    batches: Iterator[list[tuple[Any, ...]]]


def ask(session: ReadSession, sql: str) -> Answer:
    """Run one query that somebody wrote by hand, as the session's reader.

    Raises :class:`BadQuery` when it is not one query that only reads, and when PostgreSQL refuses or cancels it;
    later batches may raise it too.
    """
    if not sql.strip():
        raise BadQuery("There is no statement.", remedy="Write one, such as SELECT * FROM mart.campaign LIMIT 10.")
    try:
        session.execute(text("SELECT set_config('causeway.statement', :sql, true)"), {"sql": sql})
        session.execute(text(_OPEN))
        first, columns = _fetch(session)
    except (DBAPIError, ValueError) as error:  # ValueError: a NUL byte in the text
        raise _refused(error) from error
    return Answer(columns, _batches(session, first))


def view_query(view: str, where: str | None = None) -> str:
    """The statement that reads a view of the mart, narrowed by a condition in SQL if one is given.

    Raises :class:`NotFound` with the names that exist.
    """
    name = view.removeprefix("mart.")
    known = [v.name for v in build.views()]
    if name not in known:
        raise NotFound(f"There is no view {view!r} in the mart.", remedy=f"There are: {', '.join(known)}.")
    # The line break ends a comment in the condition, the parentheses keep it one condition.
    return f'SELECT * FROM mart."{name}"' + (f" WHERE ({where}\n)" if where else "")


def changes_query(since: dt.datetime, *, briefly: bool) -> str:
    """The statement that reads what was restated since a moment, newest first; ``briefly`` leaves out some columns."""
    columns = _CHANGES_BRIEFLY if briefly else "*"
    moment = since.astimezone(dt.UTC).isoformat()
    return f"SELECT {columns} FROM mart.restatement WHERE changed_at >= '{moment}' ORDER BY changed_at DESC, date_day"


def experiments_query() -> str:
    """Every experiment with what was found of it, those to come first and then the newest."""
    return "SELECT * FROM mart.experiment_overview ORDER BY starts_at DESC NULLS FIRST, experiment_id"


def next_tests_query() -> str:
    """Which test next, for every advertiser."""
    return (
        "SELECT advertiser, rank, channel, conversions, low, high, break_even, spend, currency, chance_wrong, weeks, "
        "share, precision, information, test_cost, net, last_tested, experiment_id, words "
        "FROM mart.next_test ORDER BY advertiser, rank"
    )


def audiences_query(*, briefly: bool) -> str:
    """Every audience with what came of it, the newest first; ``briefly`` leaves out some columns."""
    columns = _AUDIENCES_BRIEFLY if briefly else "*"
    return f"SELECT {columns} FROM mart.audience ORDER BY audience_key DESC"


def scenarios_query(*, briefly: bool) -> str:
    """Every scenario with what came of it, the newest first; ``briefly`` leaves out some columns."""
    columns = _SCENARIOS_BRIEFLY if briefly else "*"
    return f"SELECT {columns} FROM mart.scenario ORDER BY scenario_key DESC"


def runs_query(limit: int, *, briefly: bool) -> str:
    """The statement that reads the newest runs; ``briefly`` leaves out some columns."""
    columns = _RUNS_BRIEFLY if briefly else "*"
    return f"SELECT {columns} FROM mart.run ORDER BY run_key DESC LIMIT {int(limit)}"


_CHANGES_BRIEFLY = """date_trunc('second', changed_at) AS changed_at, date_day, platform, campaign_name, vanished,
       old_spend, current_spend, old_conversions, current_conversions, old_conversion_value, current_conversion_value"""
_AUDIENCES_BRIEFLY = """audience_name, experiment_id, metric, customers, held_out,
       round(predicted::numeric, 4) AS predicted,
       round(found::numeric, 4) AS found, round(found_low::numeric, 4) AS low, round(found_high::numeric, 4) AS high,
       is_kept, date_trunc('second', created_at) AS created_at"""
_SCENARIOS_BRIEFLY = """scenario_name, state, outcome_kind, trust, first_week, weeks, round(spent) AS spent_a_week,
       currency, round(gain) AS gain_a_week, round(gain_low) AS low, round(gain_high) AS high,
       round(beats_today::numeric, 2) AS beats_today, scored_is_kept AS is_kept"""
_RUNS_BRIEFLY = """run_key, job, platform, account_id, state, is_published,
       date_trunc('second', started_at) AS started_at, finished_at - started_at AS took, error"""

# Opened inside a block, a cursor takes exactly one statement that returns rows ("cannot open multi-query plan as
# cursor"); sent plainly, "SELECT 1; COMMIT; ..." would leave the read-only transaction.
_OPEN = """
SET LOCAL cursor_tuple_fraction = 1;
DO $$
DECLARE answer refcursor := 'causeway_answer';
BEGIN
    OPEN answer FOR EXECUTE current_setting('causeway.statement');
END $$
"""

_KINDS: dict[int, Kind] = {
    16: "boolean", 20: "integer", 21: "integer", 23: "integer", 26: "integer", 114: "json", 700: "real", 701: "real",
    1082: "date", 1114: "timestamp", 1184: "timestamp", 1700: "decimal", 3802: "json",
}  # fmt: skip


def _fetch(session: ReadSession) -> tuple[list[tuple[Any, ...]], tuple[Column, ...]]:
    result = session.execute(text(f"FETCH {BATCH} FROM causeway_answer"))
    columns = tuple(
        Column(d[0], _KINDS.get(d[1], "text"), d[5] if d[1] == 1700 and d[4] not in (None, 65535) else None)
        for d in result.cursor.description  # type: ignore[attr-defined]  # a CursorResult, as for every statement
    )
    return [tuple(row) for row in result], columns


def _batches(session: ReadSession, batch: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while batch:
        yield batch
        if len(batch) < BATCH:
            return
        try:
            batch, _ = _fetch(session)
        except DBAPIError as error:
            raise _refused(error) from error


def _refused(error: DBAPIError | ValueError) -> BadQuery:
    """PostgreSQL's own words, without the traces of how we asked."""
    diagnosis = getattr(getattr(error, "orig", None), "diag", None)
    words = getattr(diagnosis, "message_primary", None) or str(error)
    code = getattr(diagnosis, "sqlstate", None)
    if code == "57014":
        return BadQuery(f"The query was stopped: {words}.", remedy="CAUSEWAY_STATEMENT_TIMEOUT allows more seconds.")
    if "multi-query plan" in words:
        return BadQuery("There is more than one statement.", remedy="Ask one query at a time.")
    if "as cursor" in words or code == "25006":
        return BadQuery(f"Only queries can be asked here: {words}.", remedy="Write a SELECT, WITH, VALUES or EXPLAIN.")
    if code == "42501":
        return BadQuery(f"PostgreSQL refuses: {words}.", remedy="The views of schema mart hold what can be read.")
    hint = getattr(diagnosis, "message_hint", None) or (_WHAT_THERE_IS if code in {"42P01", "42703"} else "")
    return BadQuery(f"PostgreSQL refuses the query: {words.rstrip('.')}.", remedy=hint)


_WHAT_THERE_IS = (
    "To see what there is: SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'mart'"
)
