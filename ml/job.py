"""What a job is: its parameters, what it is given, and what it hands back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from warehouse.access import Reader
from warehouse.engine import WriteSession
from warehouse.errors import BadSetting
from warehouse.following import Follow
from warehouse.sessions import Warehouse

Report = Callable[[str, float], None]  # stage in words, progress from 0 to 1


@dataclass(frozen=True, slots=True)
class Task:
    """What a job is given. It reads with the eyes of ``reader``, who asked for it.

    ``report`` is to be called now and then: it shows how far the job is, and ends a job that was cancelled.
    """

    warehouse: Warehouse
    reader: Reader
    account_key: int
    parameters: Mapping[str, Any]
    report: Report


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job found: ``write`` stores it under a run's key in the transaction that publishes it, ``words`` tell."""

    write: Callable[[WriteSession, int], None]
    words: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job. ``version`` grows when the same data and parameters would give other results.

    ``settle`` checks parameters and fills in the defaults, so that equal requests are equal texts; it raises
    :class:`BadSetting`. ``is_due`` tells of an account whether something waits that no load tells of; a job without it
    has nothing to do until the account's next load. ``follows`` names jobs after each of which it is asked for, as it
    was last published, and for which accounts. ``keeps_results`` is whether its results stand under its runs, so that
    those of an earlier one can be shown again.
    """

    name: str
    words: str
    version: int
    settle: Callable[[Mapping[str, Any]], dict[str, Any]]
    compute: Callable[[Task], Outcome]
    is_due: Callable[[WriteSession, int], bool] | None = None
    keeps_results: bool = True
    follows: Mapping[str, Follow] = field(default_factory=dict)

    @property
    def code_version(self) -> str:
        return f"{version('causeway')}+{self.name}.{self.version}"


def day_said(name: str, value: Any) -> dt.date | None:
    """A parameter that is a day, or nothing. Raises :class:`BadSetting`."""
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadSetting(f"{name} == {value!r} is not a date.", remedy="Write it as 2026-09-30.") from error
