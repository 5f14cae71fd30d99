"""What a reader of the page of experiments asks: the list, one experiment, or a test to be planned.

Kept in the address alone, where each setting has a name; what is usual is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final
from urllib.parse import urlencode

from warehouse.errors import BadFilter

PLAN: Final = "plan"
METHODS: Final[Mapping[str, str]] = {
    "sequential": "At any look",
    "group": "At planned looks",
    "fixed": "Once, at the end",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Settings by their names in the address.

    ``experiment`` is the key of the one read, ``metric`` and ``arm`` those of its figure. ``show`` is ``plan`` where a
    test is planned; then ``baseline`` and ``spread`` are what units do now, as written, ``effect``, ``treated``,
    ``sure``, ``power`` and ``explained`` percent, ``daily`` new units a day, ``method`` how it will be read.
    """

    experiment: str = ""
    metric: str = ""
    arm: str = ""
    show: str = ""
    baseline: str = "3 %"
    spread: str = ""
    effect: str = "10"
    daily: str = "1000"
    treated: str = "50"
    sure: str = "95"
    power: str = "80"
    explained: str = "0"
    method: str = "sequential"

    def __post_init__(self) -> None:
        """Raises :class:`BadFilter` naming the parameter."""
        if self.experiment and not (self.experiment.isascii() and self.experiment.isdecimal()
                                    and len(self.experiment) < 10):  # fmt: skip
            raise BadFilter(
                f"experiment == {self.experiment!r} is not the key of an experiment.",
                remedy="Choose one from the list.",
            )
        if self.show not in ("", PLAN):
            raise BadFilter(f"show == {self.show!r}, must be {PLAN} or nothing.")
        if self.method not in METHODS:
            raise BadFilter(f"method == {self.method!r}, must be one of {', '.join(METHODS)}.")

    @staticmethod
    def from_query(query: Mapping[str, str]) -> Asked:
        """Read the URL's query. Raises :class:`BadFilter` naming the parameter."""
        return Asked(**{name: query[name] for name in SETTINGS if query.get(name)})

    def to_query(self) -> dict[str, str]:
        """The URL form; ``from_query`` reads it back."""
        return {name: getattr(self, name) for name in SETTINGS if getattr(self, name) != _USUAL[name]}

    @property
    def href(self) -> str:
        """Where this is shown."""
        query = urlencode(self.to_query())
        return f"/experiments?{query}" if query else "/experiments"

    @property
    def key(self) -> int | None:
        """The experiment that is read."""
        return int(self.experiment) if self.experiment else None

    def changed(self, name: str, value: Any) -> Asked:
        """With another value of a setting. Raises :class:`BadFilter` for one that means nothing."""
        return Asked(**{**self.to_query(), name: str(value if value not in (None, "") else _USUAL[name]).strip()})


SETTINGS: Final = tuple(field.name for field in fields(Asked))
_USUAL: Final[Mapping[str, str]] = {field.name: str(field.default) for field in fields(Asked)}
