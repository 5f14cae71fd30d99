"""A simulated advertiser as a folder of exports, with a manifest and the truth beside them.

The exports stand in ``exports/``, in folders that sort in the order in which they should be loaded. Nothing is kept
of a day but what its export still needs, so that memory does not grow with the world.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from ml.simulation.exports import google_ads, meta_ads, microsoft_ads, tiktok_ads
from ml.simulation.exports.creatives import write_creatives
from ml.simulation.exports.experiments import ExperimentExport, Registry
from ml.simulation.exports.ga4_events import RawEvents
from ml.simulation.exports.hubspot import CrmExport
from ml.simulation.exports.identities import Advertiser
from ml.simulation.exports.klaviyo import EmailExport
from ml.simulation.exports.manifest import ExportFile
from ml.simulation.exports.orders import OrderExport, Shop
from ml.simulation.exports.performance import Level, Reporting
from ml.simulation.exports.rates import write_rates
from ml.simulation.exports.search_console import SearchExport
from ml.simulation.exports.touchpoints import TouchExport
from ml.simulation.people.records import Day
from ml.simulation.people.world import World
from warehouse.errors import BadSetting

Progress = Callable[[int, int, int], None]  # days that are written, days in all, records so far
MANIFEST, MANIFEST_VERSION = "manifest.json", 1
TRUTH = "truth.json"
TOUCHES = "4_touchpoints"  # the folder whose files are whole while later ones are still written


@dataclass(frozen=True, slots=True)
class Simulation:
    """What was written: ``files`` with, for each, the account to name with ``--account`` (None: the file says it)."""

    folder: Path
    files: tuple[tuple[ExportFile, str | None], ...]
    first_day: date
    last_day: date

    @property
    def records(self) -> int:
        return sum(export.rows_read for export, _ in self.files)

    @property
    def bytes(self) -> int:
        return sum(export.path.stat().st_size for export, _ in self.files)


def write_simulation(
    folder: Path,
    world: World,
    shops: Sequence[Shop],
    *,
    events_since: date | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Let the world unfold and write what its sources would export.

    The ``shops`` are those of one advertiser. Its site's events are kept since the day ``events_since`` (None: the
    first); of earlier visits there is a log. The same arguments give the same bytes. Raises :class:`BadSetting` when
    the folder has something in it.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BadSetting(f"{folder} is not empty.", remedy="Name a folder that is not there yet.")
    exports = _Exports(folder / "exports", world, shops, events_since or world.config.first_day)
    records, days = 0, world.config.days
    for day in world.days():
        records += exports.add(day)
        if progress:
            progress(day.number + 1, days, records)
    written = Simulation(folder, tuple(exports.finish()), exports.first_day, exports.last_day)
    of = shops[0].advertiser
    (folder / "README.txt").write_text(_readme(written, world, of), encoding="utf-8")
    # Last, so that a folder with a manifest is whole.
    (folder / MANIFEST).write_text(json.dumps(_manifest(written, world, of), indent=1) + "\n", encoding="utf-8")
    return written


def write_truth(folder: Path, world: World) -> None:
    """Write what is true of a world that has unfolded: ``truth.json``, and ``truth_customers.parquet`` by customer."""
    truth = json.dumps(world.truth(), indent=1) + "\n"
    world.customer_truth().write_parquet(folder / "truth_customers.parquet")
    # Last and at once, so that a folder with a truth has all of it.
    unfinished = folder / f"{TRUTH}.part"
    unfinished.write_text(truth, encoding="utf-8")
    unfinished.rename(folder / TRUTH)


_EARLIER = 7  # days before the end at which the platforms were asked first
_AGAIN = 30  # days that they are asked for again at the end
_LEVELS: dict[str, Level] = {
    "google_ads": "campaign",
    "meta_ads": "ad",
    "microsoft_ads": "campaign",
    "tiktok_ads": "ad_group",
}


class _Exports:
    """Every export of one advertiser, fed day by day."""

    def __init__(self, folder: Path, world: World, shops: Sequence[Shop], events_since: date) -> None:
        of = shops[0].advertiser
        folder.mkdir(parents=True)
        self.first_day = world.config.first_day
        self.last_day = self.first_day + timedelta(days=world.config.days - 1)
        self._folder, self._world, self._of, self._shops = folder, world, of, shops
        self._events_since = events_since
        self._accounts = _of_mailer(world.accounts())
        self._today = self.last_day + timedelta(days=1)
        self._before = max(self._today - timedelta(days=_EARLIER), self.first_day + timedelta(days=1))
        self._reporting = Reporting((self._before, self._today))
        self._experiments = ExperimentExport(folder / "3_experiments", Registry(of.handle, world.experiments()))
        self._touches = TouchExport(folder / TOUCHES, of, world.campaigns())
        self._events = RawEvents(folder / "5_web", of)
        self._search = SearchExport(folder / "5_web", of.domain)
        self._orders = [OrderExport(folder / "6_orders", shop) for shop in shops]
        self._crm = CrmExport(folder / "7_crm", of)
        self._emails = EmailExport(folder / "7_crm" / "klaviyo_campaigns.csv")

    def add(self, day: Day) -> int:
        """Take in a day; how many records it has."""
        at = self.first_day + timedelta(days=day.number)
        self._reporting.add(day.delivery, day.claims)
        self._experiments.add(at, day.assignments, day.exposures, day.geo_days)
        # Who says who somebody is comes first: a loader then need not move what it stored of a browser to its person.
        if at < self._events_since:
            self._touches.add_visits(at, day.sessions)
        else:
            self._events.add(at, day.sessions)
        self._touches.add(at, day.touchpoints, day.emails)
        self._search.add(at, day.search_days)
        for orders in self._orders:
            orders.add(at, day.orders, day.sessions, day.order_changes)
        self._crm.add(day.contacts, day.deal_stages)
        self._emails.add(at, day.emails)
        kept = (day.touchpoints, day.sessions, day.orders, day.emails, day.assignments, day.exposures, day.search_days)
        return sum(frame.height for frame in kept)

    def finish(self) -> list[tuple[ExportFile, str | None]]:
        """Write what can be written at the end only; all files, in the order of loading."""
        names = self._names()
        creatives = self._folder / "2_creatives" / "creatives.csv"
        creatives.parent.mkdir()
        files = [
            *self._rates(),
            *self._platforms("1_platforms", self._before, None, names),
            write_creatives(
                creatives, _of_mailer(self._world.creatives()), _of_mailer(self._world.ads()), self._accounts
            ),
            *self._experiments.finish(self._world.outcomes()),
            *self._touches.finish(),
            *self._events.finish(),
            *self._search.finish(),
            *(export for orders in self._orders for export in orders.finish()),
            *self._crm.finish(self.last_day),
            *self._emails.finish(),
            *self._platforms("8_platforms_a_week_later", self._today, self._today - timedelta(days=_AGAIN), names),
        ]
        return [(export, _silent(export, self._shops, self._accounts)) for export in files]

    def _rates(self) -> list[ExportFile]:
        """Rates to dollars, for an advertiser who counts in euros."""
        if self._of.currency == "USD":
            return []
        path = self._folder / "0_rates" / "fx_rates.csv"
        path.parent.mkdir()
        return [write_rates(path, self.first_day, self.last_day, seed=self._world.config.seed)]

    def _names(self) -> pl.DataFrame:
        """One row an ad, with all that a report says of it but the numbers."""
        campaigns = self._world.campaigns().drop("account_id", "first_day", "last_day")
        return (
            self._world.ads()
            .drop("first_day", "last_day")
            .join(campaigns, on=["platform", "campaign_id"], maintain_order="left")
            .join(self._accounts, on="platform", maintain_order="left")
        )

    def _platforms(self, name: str, as_of: date, since: date | None, names: pl.DataFrame) -> Sequence[ExportFile]:
        """What every platform said on the morning of ``as_of``, from ``since`` on."""
        folder = self._folder / name
        folder.mkdir()
        written = []
        for platform, level in _LEVELS.items():
            rows = self._reporting.rows(level, as_of, names).filter(pl.col("platform") == platform).drop("platform")
            rows = rows if since is None else rows.filter(pl.col("date") >= since)
            if rows.height:
                written.append(_write_report(folder, platform, rows))
        return written


def _of_mailer(rows: pl.DataFrame) -> pl.DataFrame:
    """With Klaviyo for the e-mails, whose tool the world leaves open."""
    return rows.with_columns(pl.col("platform").replace("email", "klaviyo"))


def _write_report(folder: Path, platform: str, rows: pl.DataFrame) -> ExportFile:
    path = folder / f"{platform}_by_day.csv"
    match platform:
        case "google_ads":
            return google_ads.write_campaign_report(path, rows)
        case "meta_ads":
            return meta_ads.write_ads_by_day(path, rows)
        case "microsoft_ads":
            return microsoft_ads.write_campaign_report(path, rows)
        case _:
            return tiktok_ads.write_daily_report(path, rows, with_account=True)


def _silent(export: ExportFile, shops: Sequence[Shop], accounts: pl.DataFrame) -> str | None:
    """The account of a file that does not say it: the platform's, the shop's, or the advertiser's domain."""
    if export.account_id is not None or export.dataset in _SAYS_ACCOUNT:
        return None
    if export.dataset == "order":
        silent = [shop.shop_id for shop in shops if shop.shape != "plain"]
        return silent[0] if export.platform == "shopify" else None
    known = dict(accounts.select("platform", "account_id").iter_rows())
    return str(known.get(export.platform, shops[0].advertiser.handle))


_SAYS_ACCOUNT = frozenset({"fx_rate", "touchpoint", "creative", "experiment", "assignment", "exposure", "outcome"})


def _manifest(written: Simulation, world: World, of: Advertiser) -> dict[str, object]:
    return {
        "version": MANIFEST_VERSION,
        "simulated": True,
        "advertiser": of.name,
        "currency": of.currency,
        "customers": world.config.customers,
        "days": world.config.days,
        "seed": world.config.seed,
        "preset": world.config.preset,
        "first_day": written.first_day.isoformat(),
        "last_day": written.last_day.isoformat(),
        "files": [
            {
                "path": export.path.relative_to(written.folder).as_posix(),
                "platform": export.platform,
                "dataset": export.dataset,
                "account": account,
                "accepted": export.accepted,
                "rejected": export.rejected,
                "first_day": export.first_day.isoformat(),
                "last_day": export.last_day.isoformat(),
            }
            for export, account in written.files
        ],
    }


def _readme(written: Simulation, world: World, of: Advertiser) -> str:
    preset = f", preset {world.config.preset}" if world.config.preset else ""
    return f"""\
SIMULATED DATA - nothing in this folder is real.

Causeway's simulator wrote these files in the shapes in which platforms, shops and trackers deliver their exports.
"{of.name}" is an invented advertiser: its customers, campaigns and money do not exist, and its addresses end in
"{of.domain}", which nobody can own.

{world.config.customers:,} people, {written.first_day} to {written.last_day}, seed {world.config.seed}{preset}.

exports/        what a source would export, in folders that sort in the order of loading: causeway load exports/
manifest.json   every file: whose it is, and how many rows a loader should take
truth.json      what is true of this world and in no export: what each channel, campaign, creative and experiment caused
                (of each customer: truth_customers.parquet)
"""
