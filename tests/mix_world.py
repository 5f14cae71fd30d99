"""An advertiser whose channels bring what is known: weeks of spend in bursts, a shop's days, and a test of one channel.

Spend carries over and saturates; a brand campaign is charged for whoever searches the name, and brings nothing.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sqlalchemy import text

from tests.warehouse.exports import Day, google, table
from warehouse.engine import WriteSession
from warehouse.ingest.load import LoadOptions, load_file, load_paths
from warehouse.sessions import Warehouse

FIRST, WEEKS = dt.date(2024, 1, 1), 104
ACCOUNT, SHOP = "google_ads/1112223333", "shop"
TESTED = "video"
TRIAL = (dt.date(2025, 3, 3), dt.date(2025, 3, 30))  # four whole weeks, without video in two of ten regions
SHARE = 0.2

# By channel: spend a week, what a week of it brings at the very most, half of it at, and what is carried on.
CHANNELS = {
    "video": (4_000.0, 26_000.0, 4_000.0, 0.5),
    "shopping": (2_500.0, 14_000.0, 2_500.0, 0.1),
    "display": (1_500.0, 5_000.0, 1_500.0, 0.3),
}
KINDS = {"video": "Video", "shopping": "Shopping", "display": "Display"}
BASE, NOISE = 60_000.0, 1_200.0

Floats = npt.NDArray[np.float64]


class MixWorld:
    """Weekly spend and what it truly brought, by channel, and the revenue of all weeks."""

    def __init__(self, weeks: int = WEEKS, seed: int = 3) -> None:
        chance = np.random.default_rng(seed)
        self.weeks = tuple(FIRST + dt.timedelta(weeks=week) for week in range(weeks))
        time = np.arange(weeks)
        demand = 1.0 + 0.12 * np.sin(2 * np.pi * time / 52.18)
        self.spend: dict[str, Floats] = {}
        self.brought: dict[str, Floats] = {}
        own: dict[str, Floats] = {}
        for place, (name, (usual, most, half, carried)) in enumerate(CHANNELS.items()):
            wave = np.maximum(np.sin(2 * np.pi * time / (7 + 3 * place) + place), 0.0)
            spend = usual * (0.15 + 1.5 * wave) * chance.lognormal(0.0, 0.3, weeks)
            works = np.convolve(spend, (1 - carried) * carried ** np.arange(13))[:weeks]
            self.spend[name] = np.round(spend, 2)
            self.brought[name] = most * works / (works + half)
            dark = np.where([TRIAL[0] <= week <= TRIAL[1] for week in self.weeks], 0.0, spend)
            left = np.convolve(dark, (1 - carried) * carried ** np.arange(13))[:weeks]
            own[name] = self.brought[name] - most * left / (left + half)
        rest = BASE * demand + chance.normal(0.0, NOISE, weeks)
        self.revenue = np.round(rest + sum(self.brought.values()), 2)
        self.spend["brand_search"] = np.round(0.01 * self.revenue * chance.lognormal(0.0, 0.03, weeks), 2)

        inside = [place for place, week in enumerate(self.weeks) if TRIAL[0] <= week <= TRIAL[1]]
        self.lift = float(self.brought[TESTED][inside].sum())  # what worked of video in the weeks of its test
        self.own_lift = float(own[TESTED][inside].sum())  # and what these weeks' own ads brought of it


def load_mix_world(warehouse: Warehouse, folder: Path, world: MixWorld, *, until: int | None = None) -> None:
    """Write its exports into ``folder`` and load them; with ``until`` only so many weeks."""
    weeks = world.weeks[:until]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ads.csv").write_text(_ads(world, weeks))
    (folder / "shop.csv").write_text(_shop(world, weeks))
    for result in load_paths(warehouse, [str(folder / "ads.csv")]):
        assert (result.status, result.rejected) == ("loaded", 0), result
    for result in load_file(warehouse, str(folder / "shop.csv"), LoadOptions(account=SHOP, currency="USD")):
        assert (result.status, result.rejected) == ("loaded", 0), result


def _ads(world: MixWorld, weeks: tuple[dt.date, ...]) -> str:
    """A campaign for each channel, its week's spend on all seven days alike, and two months more that are not final."""
    days = []
    for name, spend in world.spend.items():
        for week, amount in zip(weeks, spend[: len(weeks)], strict=True):
            for day in range(7):
                part = round(amount / 7, 2) if day else round(amount - 6 * round(amount / 7, 2), 2)
                days.append(_day(name, week + dt.timedelta(days=day), part))
        end = weeks[-1] + dt.timedelta(days=7)
        days += [_day(name, end + dt.timedelta(days=day), 1.0) for day in range(60)]
    return google(sorted(days, key=lambda day: day.date))


def _day(name: str, day: dt.date, amount: float) -> Day:
    kind = KINDS.get(name, "Search")
    number = str(1 + [*KINDS, "brand_search"].index(name))
    label = "Search | Brand" if name == "brand_search" else f"{kind} | All"
    return Day(day.isoformat(), number, f"{amount:.2f}", round(amount * 90), 10, "1.00", "20.00", kind=kind, name=label)


def _shop(world: MixWorld, weeks: tuple[dt.date, ...]) -> str:
    rows = []
    for week, revenue in zip(weeks, world.revenue[: len(weeks)], strict=True):
        for day in range(7):
            part = round(revenue / 7, 2) if day else round(revenue - 6 * round(revenue / 7, 2), 2)
            rows.append(((week + dt.timedelta(days=day)).isoformat(), max(round(part / 80), 1), f"{part:.2f}"))
    return table("date,orders,revenue", rows)


def write_trial(session: WriteSession, world: MixWorld, *, error: float = 0.05) -> None:
    """The published evidence of the test: what video would have brought among the people who went without it.

    It knows what these four weeks' own ads would have brought, and not what earlier ones still did.
    """
    lift = world.own_lift * SHARE / (1 - SHARE)
    for statement in _TRIAL_ROWS:
        session.execute(
            text(statement),
            {"lift": lift, "se": error * lift, "share": SHARE, "first": TRIAL[0], "last": TRIAL[1], "shop": SHOP},
        )


_TRIAL_ROWS = (
    """INSERT INTO core.experiment (account_key, experiment_id, name, unit, kind, status, channels, is_registered,
                                    load_key)
       SELECT account_key, 'geo-video', 'Video hold-out', 'geo', 'geo', 'stopped', '["video"]', true, 1
       FROM core.account WHERE account_id = :shop""",
    """INSERT INTO results.run (job, account_key, parameters, code_version, data_watermark, state, finished_at)
       SELECT 'experiments', account_key, '{}', '1', 1, 'done', now() FROM core.account WHERE account_id = :shop""",
    """INSERT INTO results.publication (job, account_key, run_key)
       SELECT job, account_key, run_key FROM results.run WHERE job = 'experiments'""",
    """INSERT INTO results.lift_evidence (run_key, place, experiment_key, channel, campaign_id, metric, first_day,
                                          last_day, share, is_dark, against, lift, se, low, high, level, method,
                                          identifies)
       SELECT p.run_key, x.place, e.experiment_key, x.channel, x.campaign, x.metric, :first, :last, :share, true,
              'no_ads', :lift, :se, 0, 0, 0.9, 'synthetic control', 'What video would have brought.'
       FROM results.publication p CROSS JOIN core.experiment e
       CROSS JOIN (VALUES (0, 'video', NULL, 'revenue'), (1, 'video', NULL, 'sessions'),
                          (2, 'shopping', '902', 'revenue')) AS x (place, channel, campaign, metric)
       WHERE p.job = 'experiments' AND e.experiment_id = 'geo-video'""",
)
