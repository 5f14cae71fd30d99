"""An answer in lines for people to read: figures rounded, intervals side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ml.uplift.answer import Driver
from ml.uplift.kinds import KindOfCustomer
from ml.uplift.ranking import Ranking


@dataclass(frozen=True, slots=True)
class TopLine:
    """What treating a share of the customers does."""

    top: str
    uplift: float
    low: float
    high: float
    gain_per_customer: float


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind of customers: predicted, and found on those held out."""

    kind: str
    share: str
    predicted: float
    found: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class DriverLine:
    """A feature that moves uplift."""

    feature: str
    contribution: float
    direction: float | None


def top_lines(ranking: Ranking) -> list[TopLine]:
    """The tops of a ranking."""
    return [
        TopLine(
            f"{top.share:.0%}",
            _rounded(top.uplift.estimate),
            _rounded(top.uplift.low),
            _rounded(top.uplift.high),
            _rounded(top.gain.estimate),
        )
        for top in ranking.tops
    ]


def kind_lines(kinds: Iterable[KindOfCustomer]) -> list[KindLine]:
    """All kinds of customers."""
    return [
        KindLine(
            kind.kind.value,
            f"{kind.share:.0%}",
            _rounded(kind.uplift),
            None if kind.found is None else _rounded(kind.found.estimate),
            None if kind.found is None else _rounded(kind.found.low),
            None if kind.found is None else _rounded(kind.found.high),
        )
        for kind in kinds
    ]


def driver_lines(drivers: Iterable[Driver], most: int = 10) -> list[DriverLine]:
    """The features that move uplift most."""
    return [
        DriverLine(of.feature, _rounded(of.contribution), None if of.direction is None else round(of.direction, 2))
        for of in list(drivers)[:most]
    ]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
