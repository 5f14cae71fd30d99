"""Which jobs exist."""

from __future__ import annotations

from collections.abc import Mapping

from ml.attribution.job import ATTRIBUTION
from ml.budget.job import BUDGET
from ml.estimate.job import ESTIMATE
from ml.experiments.job import EXPERIMENTS
from ml.experiments.next_test_job import NEXT_TESTS
from ml.job import Job
from ml.journeys.job import JOURNEYS
from ml.mix.job import MIX
from ml.uplift.job import UPLIFT
from warehouse.errors import BadSetting


def known_jobs() -> Mapping[str, Job]:
    """Every job by name."""
    return {job.name: job for job in (ATTRIBUTION, BUDGET, ESTIMATE, EXPERIMENTS, JOURNEYS, MIX, NEXT_TESTS, UPLIFT)}


def job_named(name: str) -> Job:
    """The job of that name. Raises :class:`BadSetting` with the names that exist."""
    jobs = known_jobs()
    if name not in jobs:
        raise BadSetting(f"There is no job {name!r}.", remedy=f"There are: {', '.join(jobs)}.")
    return jobs[name]
