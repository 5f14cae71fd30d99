"""Keep an advertiser's journeys up to date with what was loaded, streamed, merged and deleted since the last time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ml.job import Job, Outcome, Task
from warehouse.errors import BadSetting
from warehouse.events.build import Built, Rules, advertiser_of, build_journeys, is_due
from warehouse.schema.events import TouchKind

LONGEST_LOOKBACK: Final = 365


def settle(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with their defaults.

    ``lookback_days``: how long before a conversion a touch may lie; ``touches``: which kinds of touches are part of a
    path, of impression (leave it out for clicks alone), click, visit, email_open, email_click.
    """
    unknown = sorted(set(parameters) - set(_DEFAULTS))
    if unknown:
        raise BadSetting(f"journeys has no parameter {unknown[0]!r}.", remedy=f"It has: {', '.join(_DEFAULTS)}.")
    said = {**_DEFAULTS, **parameters}
    days, touches = said["lookback_days"], said["touches"]
    if type(days) is not int or not 1 <= days <= LONGEST_LOOKBACK:
        raise BadSetting(f"lookback_days == {days!r}, must be a whole number from 1 to {LONGEST_LOOKBACK}.")
    if not isinstance(touches, list) or not touches or not set(touches) <= set(TouchKind):
        raise BadSetting(f"touches == {touches!r}, must be a list of {', '.join(TouchKind)}.")
    return {"lookback_days": days, "touches": [kind.value for kind in TouchKind if kind in touches]}


def compute(task: Task) -> Outcome:
    """Build the journeys of the account's advertiser.

    They are one state that readers see change at once, and no result of a run among others: what a build did stays
    done, even if its worker ends before the run does, and the next one finds nothing left to do.
    """
    rules = Rules(task.parameters["lookback_days"], tuple(TouchKind(kind) for kind in task.parameters["touches"]))
    task.report("building journeys", 0.1)
    with task.warehouse.writing() as session:
        built = build_journeys(session, advertiser_of(session, task.account_key), rules)
    task.report("noting the run", 0.95)
    return Outcome(write=lambda _session, _run_key: None, words=_in_words(built))


_DEFAULTS: Final[Mapping[str, Any]] = {
    "lookback_days": Rules().lookback_days,
    "touches": [kind.value for kind in Rules().touches],
}


def _in_words(built: Built) -> str:
    if built.customers is None:
        return f"Built {built.journeys:,} journeys of all customers."
    if not built.customers:
        return "No customer was touched since the last time."
    return f"Built {built.journeys:,} journeys of the {built.customers:,} customers who were touched."


JOURNEYS = Job(
    name="journeys",
    words="Which touches led to which conversion, and which to none; for the touched customers alone.",
    version=1,
    settle=settle,
    compute=compute,
    is_due=is_due,
    keeps_results=False,
)
