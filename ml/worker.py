"""The loop that does the jobs: take one, compute, write and publish in one transaction, take the next."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import structlog

from ml.job import Job, Outcome, Task
from warehouse import job_queue, runs
from warehouse.access import Reader
from warehouse.engine import WriteSession
from warehouse.errors import CausewayError, Conflict
from warehouse.following import concerned
from warehouse.job_queue import Claim, JobState
from warehouse.sessions import Warehouse

LEASE_SECONDS = 60.0
IDLE_SECONDS = 2.0

_log = structlog.get_logger("causeway.worker")


def work(
    warehouse: Warehouse,
    jobs: Mapping[str, Job],
    stop: threading.Event,
    *,
    lease_seconds: float = LEASE_SECONDS,
    idle_seconds: float = IDLE_SECONDS,
) -> None:
    """Do jobs until ``stop`` is set. A job that is under way then is given back to the queue."""
    while not stop.is_set():
        try:
            found = work_once(warehouse, jobs, stop, lease_seconds=lease_seconds)
        except Exception:  # noqa: BLE001  # the queue cannot be reached: a worker says so and tries again
            _log.exception("queue_unreachable")
            found = False
        if not found:
            stop.wait(idle_seconds)


def work_once(
    warehouse: Warehouse,
    jobs: Mapping[str, Job],
    stop: threading.Event | None = None,
    *,
    lease_seconds: float = LEASE_SECONDS,
    job_key: int | None = None,
) -> bool:
    """Do the next job, or only ``job_key``. ``False`` when there was none to do.

    A job that fails is noted as failed and raises nothing.
    """
    with warehouse.writing() as session:
        held = job_queue.claim(session, jobs=tuple(jobs), lease_seconds=lease_seconds, job_key=job_key)
    if held is None:
        return False
    with structlog.contextvars.bound_contextvars(job=held.job, job_key=held.job_key, attempt=held.attempt):
        followers = [job for job in jobs.values() if held.job in job.follows]
        _attempt(warehouse, jobs[held.job], followers, held, stop or threading.Event(), lease_seconds)
    return True


def wait_for(
    warehouse: Warehouse, jobs: Mapping[str, Job], job_key: int, *, watch: Callable[[JobState], None]
) -> JobState:
    """Do one job here and now, or watch the worker that has it; its state once it is over."""
    done = threading.Event()

    def look() -> JobState:
        with warehouse.writing() as session:
            return job_queue.state(session, job_key)

    def follow() -> None:
        while not done.wait(0.5):
            watch(look())

    follower = threading.Thread(target=follow, name="follow-job", daemon=True)
    follower.start()
    try:
        while not (state := look()).over:
            if not work_once(warehouse, jobs, job_key=job_key):
                time.sleep(0.5)
    finally:
        done.set()
        follower.join()
    return state


class _Lost(Exception):
    """The job is not ours any more, or we were told to stop."""


def _attempt(
    warehouse: Warehouse, job: Job, followers: Sequence[Job], held: Claim, stop: threading.Event, lease_seconds: float
) -> None:
    run_key: int | None = None
    try:
        with warehouse.writing() as session:
            run = runs.open_run(
                session,
                job=job.name,
                account_key=held.account_key,
                parameters=held.parameters,
                code_version=job.code_version,
                is_due=job.is_due is not None and job.is_due(session, held.account_key),
            )
            run_key = run.run_key
            job_queue.attach(session, held, run_key)
            if run.published is not None:
                words = f"Nothing new since run {run.published}, which stays."
                job_queue.complete(session, held, run_key=run_key, words=words)
        if run.skipped:
            _log.info("job_skipped", run_id=run_key)
            return
        with _lease_kept(warehouse, held, lease_seconds) as ours:
            outcome = _computed(warehouse, job, held, lambda: ours.is_set() and not stop.is_set())
        with warehouse.writing() as session:
            outcome.write(session, run_key)
            if runs.publish(session, run):
                _ask_for(session, followers, held, run_key)
            job_queue.complete(session, held, run_key=run_key, words=outcome.words)
        _log.info("job_done", run_id=run_key)
    except (_Lost, Conflict):
        _let_go(warehouse, held, run_key, stop)
    except CausewayError as error:
        _fail(warehouse, held, run_key, str(error))
    except Exception:  # noqa: BLE001  # one broken job must not end the worker
        reference = uuid.uuid4().hex[:12]
        _log.exception("job_broke", run_id=run_key, error_id=reference)
        _fail(warehouse, held, run_key, f"Something broke inside Causeway. The worker's log tells what: {reference}.")


def _computed(warehouse: Warehouse, job: Job, held: Claim, may_go_on: Callable[[], bool]) -> Outcome:
    def report(stage: str, progress: float) -> None:
        with warehouse.writing() as session:
            if not may_go_on() or not job_queue.note(session, held, stage=stage, progress=progress):
                raise _Lost

    reader = Reader(held.requested_by, held.requested_by)
    report("starting", 0.0)
    return job.compute(Task(warehouse, reader, held.account_key, job.settle(held.parameters), report))


def _ask_for(session: WriteSession, followers: Sequence[Job], held: Claim, run_key: int) -> None:
    """Put what follows the run into the queue, as it was done last."""
    for job in followers:
        follow = job.follows[held.job]
        for account_key in concerned(session, follow, job=job.name, run_key=run_key, account_key=held.account_key):
            said = runs.published_parameters(session, job=job.name, account_key=account_key) or {}
            job_queue.submit(
                session, job=job.name, account_key=account_key, parameters=job.settle(said),
                requested_by=held.requested_by,
            )  # fmt: skip


@contextmanager
def _lease_kept(warehouse: Warehouse, held: Claim, lease_seconds: float) -> Iterator[threading.Event]:
    """Extend the lease from a thread while the block runs. The event is cleared when the job is not ours any more."""
    ours, finished = threading.Event(), threading.Event()
    ours.set()

    def beat() -> None:
        while not finished.wait(lease_seconds / 3):
            try:
                with warehouse.writing() as session:
                    kept = job_queue.extend(session, held, lease_seconds=lease_seconds)
            except Exception:  # noqa: BLE001  # a hiccup of the network: the lease lasts for two beats more
                _log.warning("lease_not_extended", exc_info=True)
                continue
            if not kept:
                ours.clear()
                return

    heart = threading.Thread(target=beat, name="job-lease", daemon=True)
    heart.start()
    try:
        yield ours
    finally:
        finished.set()
        heart.join()


def _let_go(warehouse: Warehouse, held: Claim, run_key: int | None, stop: threading.Event) -> None:
    """End a run whose job went to somebody else, was cancelled, or has to wait for the next worker."""
    with warehouse.writing() as session:
        if stop.is_set():
            job_queue.give_back(session, held)
        if run_key is not None:
            runs.fail(session, run_key, "The job was cancelled or taken over.")
    _log.info("job_let_go", run_id=run_key)


def _fail(warehouse: Warehouse, held: Claim, run_key: int | None, error: str) -> None:
    with warehouse.writing() as session:
        job_queue.fail(session, held, error)
        if run_key is not None:
            runs.fail(session, run_key, error)
    _log.info("job_failed", run_id=run_key, error=error)
