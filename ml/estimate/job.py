"""Estimate what an account's platform did not report, and publish it beside the reported numbers, never among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ml.estimate.rule import RULES, Estimates, estimate_missing
from ml.job import Job, Outcome, Task, day_said
from warehouse.changes.estimates import write_estimates
from warehouse.errors import BadSetting
from warehouse.queries.estimation import reported_days

MOST_DRAWS: Final = 100_000


def settle(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with their defaults.

    ``measures``: which of spend and conversion_value; ``level`` of the interval; ``from`` and ``to``: first and last
    day to be estimated (all when null); ``draws`` and ``seed`` of the bootstrap.
    """
    unknown = sorted(set(parameters) - set(_DEFAULTS))
    if unknown:
        raise BadSetting(f"estimate has no parameter {unknown[0]!r}.", remedy=f"It has: {', '.join(_DEFAULTS)}.")
    said = {**_DEFAULTS, **parameters}
    measures = said["measures"]
    if not isinstance(measures, list) or not measures or not set(measures) <= set(RULES):
        raise BadSetting(f"measures == {measures!r}, must be a list of {', '.join(RULES)}.")
    if not isinstance(said["level"], int | float) or not 0 < said["level"] < 1:
        raise BadSetting(f"level == {said['level']!r}, must be between 0 and 1.")
    for name, most in (("draws", MOST_DRAWS), ("seed", 2**32 - 1)):
        if type(said[name]) is not int or not 1 <= said[name] <= most:
            raise BadSetting(f"{name} == {said[name]!r}, must be a whole number from 1 to {most}.")
    for name in ("from", "to"):
        day_said(name, said[name])
    return {**said, "measures": [m for m in RULES if m in measures], "level": float(said["level"])}


def compute(task: Task) -> Outcome:
    """Read the account's days, estimate, and hand over the rows. Raises :class:`NotEnoughData`."""
    said = task.parameters
    task.report("reading the account's days", 0.1)
    with task.warehouse.reading(task.reader) as session:
        days = reported_days(session, task.account_key)
    task.report("estimating", 0.5)
    estimates = estimate_missing(
        days,
        first=day_said("from", said["from"]),
        last=day_said("to", said["to"]),
        measures=said["measures"],
        level=said["level"],
        draws=said["draws"],
        seed=said["seed"],
    )
    task.report("writing", 0.9)

    return Outcome(
        write=lambda session, run_key: write_estimates(
            session, estimates.rows, run_key=run_key, account_key=task.account_key, level=said["level"]
        ),
        words=_in_words(estimates),
    )


_DEFAULTS: Final[Mapping[str, Any]] = {
    "measures": list(RULES),
    "level": 0.9,
    "from": None,
    "to": None,
    "draws": 2_000,
    "seed": 1,
}


def _in_words(estimates: Estimates) -> str:
    counts = estimates.rows.group_by("measure", maintain_order=True).len().rows()
    done = ", ".join(f"{count:,} campaign-days of {measure}" for measure, count in counts)
    return " ".join(
        [f"Estimated {done or 'nothing, because nothing is missing'}.", *(gap.reason for gap in estimates.gaps)]
    )


ESTIMATE = Job(
    name="estimate",
    words="Missing spend or revenue by a documented rule, flagged wherever it shows.",
    version=1,
    settle=settle,
    compute=compute,
)
