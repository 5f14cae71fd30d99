"""What a reader of the attribution page has asked otherwise: the model, its settings, whose conversions, split by what.

Like everything that a page shows it is kept in the address alone, where each setting has a name; what is usual is left
out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from ml.attribution.answer import NAMES
from ml.attribution.inputs import CUSTOMERS, WORTHS
from warehouse.errors import BadFilter
from warehouse.queries.attribution import GRAINS

ORDERS: Final = ("1", "2", "3", "4")
HALF_LIVES: Final = ("1", "3", "14", "30")  # days; the run's own is the usual
WEIGHTS: Final = ("30-40-30", "20-60-20", "50-0-50", "60-20-20", "20-20-60")  # percent of first, middle and last
WINDOWS: Final = ("1", "3", "7", "14")  # days; as the journeys are built is the usual
VIEWS: Final = ("0", "25", "50")  # percent of a click
FEW, EVERY = "", "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """Settings by their names in the address; an empty one is as the published run has it.

    ``models``: how many are compared, few or all. ``split``: by what credits are told apart. ``run``: the earlier run
    that the published one is compared with.
    """

    model: str = "markov"
    models: str = FEW
    split: str = "channel"
    order: str = ""
    half_life: str = ""
    weights: str = ""
    window: str = ""
    views: str = ""
    customers: str = "all"
    worth: str = "revenue"
    without: str = ""
    run: str = ""

    def __post_init__(self) -> None:
        """Raises :class:`BadFilter` naming the parameter."""
        for name, known in _KNOWN.items():
            value = getattr(self, name)
            if value not in known and value != _USUAL[name]:
                raise BadFilter(f"{name} == {value!r}, must be one of {', '.join(known)}.")
        if self.run and not self.run.isdecimal():
            raise BadFilter(f"run == {self.run!r} is not a run.", remedy="`causeway runs` lists the runs.")

    @staticmethod
    def from_query(query: Mapping[str, str]) -> Asked:
        """Read the URL's query. Raises :class:`BadFilter` naming the parameter."""
        return Asked(**{name: query[name] for name in SETTINGS if query.get(name)})

    def to_query(self) -> dict[str, str]:
        """The URL form; ``from_query`` reads it back."""
        return {name: getattr(self, name) for name in SETTINGS if getattr(self, name) != _USUAL[name]}

    def changed(self, name: str, value: Any) -> Asked:
        """With another value of a setting. Raises :class:`BadFilter` for one that means nothing."""
        return replace(self, **{name: str(value or _USUAL[name])})


SETTINGS: Final = tuple(field.name for field in fields(Asked))
_USUAL: Final[Mapping[str, str]] = {field.name: str(field.default) for field in fields(Asked)}
_KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "model": NAMES, "models": (EVERY,), "split": GRAINS, "order": ORDERS, "half_life": HALF_LIVES, "weights": WEIGHTS,
    "window": WINDOWS, "views": VIEWS, "customers": CUSTOMERS, "worth": WORTHS,
}  # fmt: skip
