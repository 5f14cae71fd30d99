"""Tests that the advertiser makes: two A/B tests on the site, a geo hold-out, a go-dark."""

from __future__ import annotations

from dataclasses import dataclass

from ml.simulation.people.campaigns import Campaign
from ml.simulation.people.population import REGIONS
from ml.simulation.people.presets import WorldConfig


@dataclass(frozen=True, slots=True)
class SiteTest:
    """An A/B test on the site, half and half, by person.

    ``effects`` multiply the chance that a visit brings an order, on each of ``DEVICES``. ``lost`` is the share of
    treated people on mobiles whose assignment was never logged: a sample-ratio fault.
    """

    id: str
    name: str
    hypothesis: str
    first: int  # day
    last: int
    effects: tuple[float, float, float]
    lost: float


@dataclass(frozen=True, slots=True)
class DarkTest:
    """Campaigns of one channel switched off, in some regions (a hold-out) or everywhere (a go-dark)."""

    id: str
    name: str
    hypothesis: str
    channel: str
    campaigns: tuple[int, ...]  # positions
    regions: tuple[int, ...]  # positions in REGIONS
    first: int
    last: int

    @property
    def everywhere(self) -> bool:
        return len(self.regions) == len(REGIONS)


def site_tests(config: WorldConfig) -> tuple[SiteTest, SiteTest]:
    """The A/B tests: one with an effect, one without, whose log is faulty."""
    first, second = config.days * 32 // 100, config.days * 66 // 100
    return (
        SiteTest(
            "exp-101",
            "Express checkout",
            "A checkout on one page loses fewer people, where the page fits the screen",
            first,
            first + min(42, config.days // 6) - 1,
            (1.0, 1.9, 1.4),
            0.0,
        ),
        SiteTest(
            "exp-102",
            "Free returns banner",
            "Saying that returns are free brings more orders",
            second,
            second + min(42, config.days // 6) - 1,
            (1.0, 1.0, 1.0),
            0.22,
        ),
    )


def dark_tests(config: WorldConfig, campaigns: tuple[Campaign, ...]) -> tuple[DarkTest, ...]:
    """The geo hold-out of paid social and the go-dark of video; none in worlds without tests."""
    if not config.temper.tests:
        return ()
    social, video = (
        tuple(number for number, campaign in enumerate(campaigns) if campaign.channel == channel)
        for channel in ("paid_social", "video")
    )
    held, dark = config.days * 50 // 100, config.days * 76 // 100
    return (
        DarkTest(
            "geo-201",
            "Paid social hold-out",
            "Paid social brings orders that would not come without it",
            "paid_social",
            social,
            _HELD_OUT,
            held,
            held + min(28, config.days // 8) - 1,
        ),
        DarkTest(
            "dark-301",
            "Video goes dark",
            "Without video, orders fall within weeks",
            "video",
            video,
            tuple(range(len(REGIONS))),
            dark,
            dark + min(21, config.days // 10) - 1,
        ),
    )


_HELD_OUT = (2, 6, 8, 11, 13, 17)  # Florida, Ohio, North Carolina, Virginia, Arizona, Missouri
