"""What a job is: its parameters, what it is given, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from warehouse.access import Reader
from warehouse.engine import WriteSession
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
    :class:`BadSetting`.
    """

    name: str
    words: str
    version: int
    settle: Callable[[Mapping[str, Any]], dict[str, Any]]
    compute: Callable[[Task], Outcome]

    @property
    def code_version(self) -> str:
        return f"{version('causeway')}+{self.name}.{self.version}"
