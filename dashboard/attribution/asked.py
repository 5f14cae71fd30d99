"""What a reader of the attribution page has asked otherwise: the model, its settings, whose conversions, split by what.

Like everything that a page shows it is kept in the address alone, where each setting has a name; what is usual is left
out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from ml.attribution.answer import NAMES
from ml.attribution.inputs import CUSTOMERS, WORTHS
from ml.attribution.job import LONGEST_PERIOD
from ml.attribution.question import lookback_said
from warehouse.errors import BadFilter, BadSetting
from warehouse.queries.attribution import GRAINS

ORDERS: Final = ("1", "2", "3", "4")
# What is offered where anything may be written.
HALF_LIVES: Final = ("1", "3", "7", "14", "30")
WEIGHTS: Final = ("30-40-30", "20-60-20", "50-0-50", "60-20-20", "20-20-60")
WINDOWS: Final = ("1", "3", "7", "14")
VIEWS: Final = ("0", "25", "50")  # percent of a click
FEW, EVERY = "", "all"
DATINGS: Final = ("conversion", "touch")


@dataclass(frozen=True, slots=True)
class Asked:
    """Settings by their names in the address; an empty one is as the published run has it.

    ``models``: how many are compared, few or all. ``split``: by what credits are told apart, ``dated``: whose day is a
    credit's, the conversion's or the touch's. ``half_life`` in days,
    ``weights`` percent of the first touch, of those between and of the last (``40-20-40``), ``window`` a lookback in
    days (``14``, or ``14,email=7``). ``run``: the earlier run that the published one is compared with.
    """

    model: str = "markov"
    models: str = FEW
    split: str = "channel"
    dated: str = "conversion"
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
        for name, (means, remedy) in _FREE.items():
            value = getattr(self, name)
            if value and not means(value):
                raise BadFilter(f"{name} == {value!r} means nothing.", remedy=remedy)
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
        said = str(value or _USUAL[name])
        return replace(self, **{name: said.replace(" ", "") if name in _FREE else said})

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """The weights of the first and of the last touch, from 0 to 1; None where they are as in the run."""
        if not self.weights:
            return None, None
        first, _, last = _numbers(self.weights)
        return first / 100, last / 100


def _numbers(text: str) -> list[float]:
    """Numbers with dashes between; empty where it is something else."""
    try:
        return [float(part) for part in text.split("-")]
    except ValueError:
        return []


def _is_half_life(text: str) -> bool:
    numbers = _numbers(text)
    return len(numbers) == 1 and 0 < numbers[0] < LONGEST_PERIOD


def _are_weights(text: str) -> bool:
    numbers = _numbers(text)
    return len(numbers) == 3 and abs(sum(numbers) - 100) < 1e-6 and numbers[0] + numbers[2] > 0


def _is_lookback(text: str) -> bool:
    try:
        lookback_said(text)
    except BadSetting:
        return False
    return True


SETTINGS: Final = tuple(field.name for field in fields(Asked))
_USUAL: Final[Mapping[str, str]] = {field.name: str(field.default) for field in fields(Asked)}
_KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "model": NAMES, "models": (EVERY,), "split": GRAINS, "dated": DATINGS, "order": ORDERS, "views": VIEWS,
    "customers": CUSTOMERS, "worth": WORTHS,
}  # fmt: skip
_FREE: Final[Mapping[str, tuple[Callable[[str], bool], str]]] = {
    "half_life": (_is_half_life, "Write days, such as 7."),
    "weights": (_are_weights, "Write percent of the first touch, of those between and of the last, such as 40-20-40."),
    "window": (_is_lookback, "Write days, such as 14, or others for one channel: 14,email=7."),
}
