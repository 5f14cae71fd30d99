"""Work that waits: asked for once, done exactly once, whatever happens to the workers.

A worker takes a job together with a lease and the number of its attempt. Every later statement about the job names
that attempt, and the job is completed in the transaction that writes its results: a worker that lost its lease to
another, or whose job was cancelled, finds nothing to update, and everything it wrote in that transaction is undone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from warehouse.engine import ReadSession, WriteSession
from warehouse.errors import Conflict, NotFound

MOST_ATTEMPTS = 5
LONGEST_WORDS = 2_000


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in a worker's hands. ``requested_by`` is the id of the reader whose eyes the job uses."""

    job_key: int
    attempt: int
    job: str
    account_key: int
    parameters: dict[str, Any]
    requested_by: str


@dataclass(frozen=True, slots=True)
class JobState:
    """How far a job is: ``progress`` from 0 to 1, and ``stage``, what it is at or in the end what it found."""

    job_key: int
    job: str
    account_key: int
    parameters: dict[str, Any]
    state: str
    stage: str | None
    progress: float | None
    error: str | None
    run_key: int | None

    @property
    def over(self) -> bool:
        return self.state in {"done", "failed", "cancelled"}


def submit(
    session: WriteSession,
    *,
    job: str,
    account_key: int,
    parameters: Mapping[str, Any],
    requested_by: str,
    priority: int = 100,
) -> int:
    """Put a job into the queue; its key. Lower ``priority`` goes first."""
    row = {
        "job": job,
        "account": account_key,
        "parameters": json.dumps(parameters),
        "by": requested_by,
        "priority": priority,
    }
    return int(session.execute(text(_SUBMIT), row).scalar_one())


def claim(
    session: WriteSession, *, jobs: Collection[str], lease_seconds: float, job_key: int | None = None
) -> Claim | None:
    """Take the next job of these names that waits or whose worker is gone, or only ``job_key``; None if there is none.

    A job that was begun ``MOST_ATTEMPTS`` times is given up, since it probably ends its workers itself.
    """
    among = {"jobs": list(jobs), "only": job_key}
    session.execute(text(_GIVE_UP), {**among, "most": MOST_ATTEMPTS})
    row = session.execute(text(_CLAIM), {**among, "seconds": lease_seconds}).one_or_none()
    if row is None:
        return None
    if row.run_key is not None:
        session.execute(text(_ABANDON), {"run": row.run_key})
    return Claim(row.job_key, row.attempt, row.job, row.account_key, row.parameters, row.requested_by)


def extend(session: WriteSession, held: Claim, *, lease_seconds: float) -> bool:
    """Keep the job for longer. ``False`` when it is not ours any more: somebody took it over, or cancelled it."""
    return _mine(session, held, "lease_until = now() + make_interval(secs => :seconds)", {"seconds": lease_seconds})


def note(session: WriteSession, held: Claim, *, stage: str, progress: float) -> bool:
    """Tell how far the job is. ``False`` when it is not ours any more."""
    words = {"stage": stage[:LONGEST_WORDS], "progress": min(max(progress, 0.0), 1.0)}
    return _mine(session, held, "stage = :stage, progress = :progress", words)


def attach(session: WriteSession, held: Claim, run_key: int) -> None:
    """Note the run that this attempt opened. Raises :class:`Conflict` when the job is not ours any more."""
    _require(_mine(session, held, "run_key = :run", {"run": run_key}), held)


def complete(session: WriteSession, held: Claim, *, run_key: int, words: str) -> None:
    """End the job well, in the transaction that publishes its results.

    Raises :class:`Conflict` when the job is not ours any more; let it undo the transaction.
    """
    change = "state = 'done', run_key = :run, stage = :words, progress = 1, lease_until = NULL, finished_at = now()"
    _require(_mine(session, held, change, {"run": run_key, "words": words[:LONGEST_WORDS]}), held)


def fail(session: WriteSession, held: Claim, error: str) -> bool:
    """End the job badly. ``False`` when it is not ours any more."""
    change = "state = 'failed', error = :error, lease_until = NULL, finished_at = now()"
    return _mine(session, held, change, {"error": error[:LONGEST_WORDS]})


def give_back(session: WriteSession, held: Claim) -> bool:
    """Let another worker have the job at once. ``False`` when it is not ours any more."""
    change = "state = 'waiting', lease_until = NULL, stage = NULL, progress = NULL"
    return _mine(session, held, change, {})


def cancel(session: WriteSession, job_key: int) -> bool:
    """Stop a job that is not over; its worker notices at its next word. ``False`` when it is over already.

    Raises :class:`NotFound` when there is no such job.
    """
    if session.execute(text("SELECT 1 FROM ops.job WHERE job_key = :job"), {"job": job_key}).one_or_none() is None:
        raise NotFound(f"There is no job {job_key}.")
    row = session.execute(text(_CANCEL), {"job": job_key}).one_or_none()
    if row is not None and row.run_key is not None:
        session.execute(text(_ABANDON), {"run": row.run_key})
    return row is not None


def state(session: ReadSession | WriteSession, job_key: int) -> JobState:
    """How far a job is. Raises :class:`NotFound`, also when the reader may not see it."""
    row = session.execute(text(_STATE), {"job": job_key}).one_or_none()
    if row is None:
        raise NotFound(f"There is no job {job_key}.")
    return JobState(*row)


def _mine(session: WriteSession, held: Claim, change: str, values: Mapping[str, Any]) -> bool:
    sql = f"""UPDATE ops.job SET {change}
    WHERE job_key = :job AND attempt = :attempt AND state = 'running' RETURNING job_key"""
    fenced = {**values, "job": held.job_key, "attempt": held.attempt}
    return session.execute(text(sql), fenced).one_or_none() is not None


def _require(mine: bool, held: Claim) -> None:
    if not mine:
        raise Conflict(
            f"Job {held.job_key} is not in this worker's hands any more.",
            remedy="It was cancelled, or another worker took it over.",
        )


_SUBMIT = """
INSERT INTO ops.job (job, account_key, parameters, requested_by, priority)
VALUES (:job, :account, CAST(:parameters AS jsonb), :by, :priority) RETURNING job_key
"""

_GIVE_UP = """
UPDATE ops.job SET state = 'failed', lease_until = NULL, finished_at = now(),
       error = 'Its worker ended ' || attempt || ' times before the job did.'
WHERE state = 'running' AND lease_until < now() AND attempt >= :most AND job = ANY (:jobs)
  AND (CAST(:only AS int) IS NULL OR job_key = :only)
"""

_CLAIM = """
UPDATE ops.job SET state = 'running', attempt = attempt + 1, stage = NULL, progress = 0,
       lease_until = now() + make_interval(secs => :seconds)
WHERE job_key = (
    SELECT j.job_key FROM ops.job j
    WHERE (j.state = 'waiting' OR (j.state = 'running' AND j.lease_until < now())) AND j.job = ANY (:jobs)
      AND (CAST(:only AS int) IS NULL OR j.job_key = :only)
    ORDER BY j.priority, j.job_key LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING job_key, attempt, job, account_key, parameters, requested_by, run_key
"""

_ABANDON = """
UPDATE results.run SET state = 'failed', error = 'The job was cancelled or its worker ended.', finished_at = now()
WHERE run_key = :run AND state = 'running'
"""

_CANCEL = """
UPDATE ops.job SET state = 'cancelled', lease_until = NULL, finished_at = now()
WHERE job_key = :job AND state IN ('waiting', 'running') RETURNING run_key
"""

_STATE = """
SELECT job_key, job, account_key, parameters, state, stage, progress, error, run_key FROM ops.job WHERE job_key = :job
"""
