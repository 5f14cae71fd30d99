"""Runs of jobs, and the one pointer per job and account that readers follow to results.

A job opens a run, writes its results under the run's number, and publishes in the same transaction. Until then
nobody sees them; a run that fails leaves the pointer where it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from warehouse.changes import books
from warehouse.engine import WriteSession
from warehouse.errors import Conflict, NotFound

LONGEST_ERROR = 2_000


@dataclass(frozen=True, slots=True)
class Run:
    """An open run. ``data_watermark`` is the account's newest load when it began.

    ``published`` is the run that already answers with the same inputs; then this one is over as ``skipped``.
    """

    run_key: int
    job: str
    account_key: int
    data_watermark: int
    published: int | None

    @property
    def skipped(self) -> bool:
        return self.published is not None


def open_run(
    session: WriteSession,
    *,
    job: str,
    account_key: int,
    parameters: Mapping[str, Any],
    code_version: str,
    is_due: bool = False,
) -> Run:
    """Begin a run, or note that it is not needed: what is published has the same data, parameters and code.

    ``is_due`` says that there is something to do whatever is published. The watermark is read before the job reads its
    data, so a load that arrives in between is seen again next time.
    """
    watermark = int(session.execute(text(_WATERMARK), {"account": account_key}).scalar_one())
    inputs = {
        "job": job,
        "account": account_key,
        "parameters": json.dumps(parameters),
        "code": code_version,
        "watermark": watermark,
    }
    published = None if is_due else session.execute(text(_SAME_INPUTS), inputs).scalar_one_or_none()
    state = "running" if published is None else "skipped"
    key = session.execute(text(_OPEN), {**inputs, "state": state}).scalar_one()
    return Run(int(key), job, account_key, watermark, published)


def publish(session: WriteSession, run: Run) -> bool:
    """End a run well and let readers follow it, in the transaction that wrote its results.

    ``False`` when a run that began later was published meanwhile: then that one stays. Raises :class:`Conflict` when
    the run is not running any more.
    """
    ended = session.execute(text(_END), {"run": run.run_key, "state": "done", "error": None}).one_or_none()
    if ended is None:
        raise Conflict(f"Run {run.run_key} is not running any more.", remedy="Its job was taken over or cancelled.")
    pointer = {"job": run.job, "account": run.account_key, "run": run.run_key}
    return session.execute(text(_POINT_FORWARD), pointer).one_or_none() is not None


def published_parameters(session: WriteSession, *, job: str, account_key: int) -> Mapping[str, Any] | None:
    """Parameters of the run that readers follow; None where none was published."""
    found = session.execute(text(_PUBLISHED), {"job": job, "account": account_key}).one_or_none()
    return None if found is None else found.parameters


def fail(session: WriteSession, run_key: int, error: str) -> None:
    """End a run badly. Nothing else changes; a run that has ended already stays as it is."""
    session.execute(text(_END), {"run": run_key, "state": "failed", "error": error[:LONGEST_ERROR]})


def rollback(session: WriteSession, *, job: str, account_key: int, to_run: int, actor: str) -> int | None:
    """Let readers follow an earlier run again; the run that they followed until now, if any.

    Raises :class:`NotFound` unless ``to_run`` is a finished run of this job and account.
    """
    run = session.execute(text(_FINISHED), {"run": to_run, "job": job, "account": account_key}).one_or_none()
    if run is None:
        raise NotFound(
            f"Run {to_run} is no finished run of {job} for this account.", remedy="`causeway runs` lists the runs."
        )
    pointer = {"job": job, "account": account_key, "run": to_run}
    before = session.execute(text(_POINTER), pointer).scalar_one_or_none()
    session.execute(text(_POINT), pointer)
    books.record(
        session,
        actor=actor,
        action="publication.rollback",
        subject=f"{job}:{account_key}",
        before={"run": before},
        after={"run": to_run},
    )
    return before


_WATERMARK = "SELECT coalesce(max(load_key), 0) FROM landing.load_account WHERE account_key = :account"

_SAME_INPUTS = """
SELECT r.run_key FROM results.publication p JOIN results.run r ON r.run_key = p.run_key
WHERE p.job = :job AND p.account_key = :account AND r.parameters = CAST(:parameters AS jsonb)
  AND r.code_version = :code AND r.data_watermark = :watermark
"""

_PUBLISHED = """
SELECT r.parameters FROM results.publication p JOIN results.run r ON r.run_key = p.run_key
WHERE p.job = :job AND p.account_key = :account
"""

_OPEN = """
INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state, finished_at)
VALUES (:job, :account, CAST(:parameters AS jsonb), :code, :watermark, :state,
        CASE WHEN :state <> 'running' THEN now() END)
RETURNING run_key
"""

_END = """
UPDATE results.run SET state = :state, error = :error, finished_at = now()
WHERE run_key = :run AND state = 'running' RETURNING run_key
"""

_FINISHED = """
SELECT run_key FROM results.run
WHERE run_key = :run AND job = :job AND account_key = :account AND state = 'done'
"""

_POINTER = "SELECT run_key FROM results.publication WHERE job = :job AND account_key = :account FOR UPDATE"

_POINT = """
INSERT INTO results.publication (job, account_key, run_key) VALUES (:job, :account, :run)
ON CONFLICT (job, account_key) DO UPDATE SET run_key = excluded.run_key, published_at = now()
"""

_POINT_FORWARD = f"{_POINT} WHERE publication.run_key < excluded.run_key RETURNING run_key"
