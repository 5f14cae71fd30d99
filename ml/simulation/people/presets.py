"""What kind of world: the knobs by which presets differ, and the presets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from warehouse.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Temper:
    """How a world differs from another. The defaults are the world without a preset."""

    persuasion: float = 1.0  # 0: no advertising changes what anybody does
    targeting: float = 1.0  # how much higher campaigns bid for people whom platforms believe to be in the market
    sight: float = 0.65  # the share of needs that platforms notice
    season: float = 1.0  # amplitude of the year
    unrest: float = 1.0  # of demand, day by day and week by week
    chasing: float = 0.25  # how strongly budgets follow what platforms claim
    demand_following: float = 0.3  # how strongly budgets follow demand
    marching: float = 0.0  # 0: budgets move each for itself; 1: all together
    wandering: float = 1.0  # how much budgets move for no reason
    brand_loss: float = 0.05  # of people who search the brand, who are lost where its ad is missing
    brand_habit: float = 1.0  # how many people who know the shop search its name to get there
    brand_budget: float = 1.0
    outage_days: int = 7  # without tracking
    tiktok_starts: float = 0.0  # share of the period after which the channel begins
    tests: bool = True  # flights, hold-out, go-dark
    events: bool = True  # price changes, promotions, a shortage
    business: bool = False  # leads and deals in place of orders


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """Which world. The same configuration gives the same world, to the last byte.

    ``days`` is its planned length: experiments, price changes and flights fall on shares of it. A world may be
    continued beyond.
    """

    customers: int
    days: int
    seed: int
    preset: str | None = None
    first_day: date = date(2025, 1, 1)
    advertising: bool = True  # false: nobody ever advertised here
    temper: Temper = field(init=False)

    def __post_init__(self) -> None:
        if self.preset is not None and self.preset not in PRESETS:
            raise BadSetting(f"There is no preset {self.preset!r}.", remedy=f"There are: {', '.join(PRESETS)}.")
        for name, value, least, most in (
            ("customers", self.customers, 1, 50_000_000),
            ("days", self.days, 28, 3_000),
            ("seed", self.seed, 0, 2**63 - 1),
        ):
            if not least <= value <= most:
                raise BadSetting(f"{name} is {value:,}, it must be from {least:,} to {most:,}.")
        temper = PRESETS[self.preset] if self.preset else Temper()
        object.__setattr__(self, "temper", temper)


_BASE = Temper()

PRESETS: dict[str, Temper] = {
    "quiet": replace(
        _BASE, targeting=0.0, season=0.25, unrest=0.2, chasing=0.0, demand_following=0.0, outage_days=0, events=False
    ),
    "confounded": replace(_BASE, targeting=2.2, sight=0.9, chasing=0.5, demand_following=1.3),
    "collinear": replace(_BASE, marching=1.0, chasing=0.0, wandering=1.8),
    "brand_search_trap": replace(_BASE, brand_loss=0.0, brand_habit=1.35, brand_budget=3.0),
    "tracking_outage": replace(_BASE, outage_days=28),
    "new_channel": replace(_BASE, tiktok_starts=0.7),
    "seasonal": replace(_BASE, season=2.2, demand_following=0.9),
    "b2b_long_cycle": replace(_BASE, business=True, season=0.3),
    "null": replace(_BASE, persuasion=0.0),
}
