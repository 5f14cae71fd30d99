"""What an experiment is judged by, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from warehouse.errors import BadSetting


class Role(StrEnum):
    """What a metric decides: primary ones the question, guardrails whether harm is done."""

    primary = "primary"
    secondary = "secondary"
    guardrail = "guardrail"


class Kind(StrEnum):
    """How a metric sums up the units of an arm."""

    mean = "mean"
    ratio = "ratio"
    share = "share"
    quantile = "quantile"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric over columns of units.

    ``denominator`` of a ratio, ``probability`` of a quantile, ``margin`` of a guardrail: the loss that is allowed.
    ``prior_sd`` is how far effects were believed to be from none before; None where nothing was. Both are parts of the
    control's level.
    """

    name: str
    kind: Kind
    column: str
    denominator: str | None = None
    probability: float | None = None
    role: Role = Role.primary
    higher_is_better: bool = True
    margin: float = 0.0
    prior_sd: float | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is computed from."""
        return (self.column,) if self.denominator is None else (self.column, self.denominator)


def metric_of(text: str, role: Role = Role.primary, margin: float = 0.0) -> Metric:
    """A metric as it is written: ``spend``, ``revenue/orders``, ``share:visit``, ``p90:spend`` or ``median:spend``.

    ``lower:`` before it says that less is better. Raises :class:`BadSetting` for what is none of these.
    """
    name = text.strip()
    plain = name.removeprefix("lower:").strip()
    higher = plain == name
    head, colon, rest = (part.strip() for part in plain.partition(":"))
    if not colon:
        above, slash, below = (part.strip() for part in plain.partition("/"))
        if not above or (slash and not below):
            raise BadSetting(f"{text!r} is no metric.", remedy=_WRITTEN)
        return Metric(plain, Kind.ratio if slash else Kind.mean, above, below or None, None, role, higher, margin)
    if not rest:
        raise BadSetting(f"{text!r} names no column.", remedy=_WRITTEN)
    if head == "share":
        return Metric(plain, Kind.share, rest, None, None, role, higher, margin)
    return Metric(plain, Kind.quantile, rest, None, _probability(head, text), role, higher, margin)


_WRITTEN: Final = (
    "Write spend, revenue/orders, share:visit, p90:spend or median:spend, with lower: before it if less is better."
)


def _probability(head: str, text: str) -> float:
    if head == "median":
        return 0.5
    digits = head.removeprefix("p")
    if head == digits or not digits.replace(".", "", 1).isdigit() or not 0 < float(digits) < 100:
        raise BadSetting(f"{text!r} is no metric.", remedy=_WRITTEN)
    return float(digits) / 100
