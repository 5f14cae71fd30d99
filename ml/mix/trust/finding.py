"""One look at whether a fit can be believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Status = Literal["green", "amber", "red"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it turned out, in words, and what would ``help`` where it is not green.

    ``value`` is what was measured, None where there is no number.
    """

    name: str
    status: Status
    words: str
    help: str = ""
    value: float | None = None


def worst(findings: Iterable[Finding]) -> Status:
    """The worst status of all, green for none."""
    found = {finding.status for finding in findings}
    return "red" if "red" in found else "amber" if "amber" in found else "green"


def graded(value: float, amber: float, red: float) -> Status:
    """Green up to ``amber``, amber up to ``red``; what is no number is red."""
    return "green" if value <= amber else "amber" if value <= red else "red"
