"""`causeway simulate`: which world is meant, a bar while it is written, and how fast that went."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from ml.simulation.exports.identities import Advertiser
from ml.simulation.exports.orders import Shop
from ml.simulation.exports.simulated import Progress, Simulation
from ml.simulation.people.presets import WorldConfig
from ml.simulation.people.world import World

LAST_DAY = date(2026, 10, 31)  # unless another is asked for: fixed, so that a seed alone decides the bytes
OUTFITTERS = Advertiser("Simulated Outfitters", "simulated-outfitters", "simulated-outfitters.example", "USD")
ONE_SHOP = Shop(OUTFITTERS, OUTFITTERS.handle, "shopify_api")


def simulated_world(
    *, customers: int, days: int, seed: int, preset: str | None = None, last_day: date | None = None
) -> World:
    """The world of ``days`` days up to ``last_day``. Raises :class:`BadSetting` for one that cannot be."""
    return World(WorldConfig(customers, days, seed, preset, (last_day or LAST_DAY) - timedelta(days=days - 1)))


@contextmanager
def simulation_bar(words: str = "Simulating") -> Iterator[Progress]:
    """A bar of the days on standard error with the rate of records, if that is a terminal; what is yielded listens."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("days"), _Rate(),
               TimeRemainingColumn())  # fmt: skip
    with Bars(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        task = bars.add_task(words, total=None, records=0)
        yield lambda done, days, records: bars.update(task, completed=done, total=days, records=records)


class _Rate(ProgressColumn):
    """Records a second since the beginning."""

    def render(self, task: Task) -> Text:
        elapsed, records = task.elapsed or 0.0, task.fields["records"]
        return Text(f"{records / elapsed:,.0f} records/s" if elapsed > 1 and records else "")


def told(written: Simulation, seconds: float) -> str:
    """What was written and how fast, in a sentence."""
    size = f"{written.records:,} records in {len(written.files)} files ({written.bytes / 1e6:,.1f} MB)"
    rate = f"{written.records / max(seconds, 1e-9):,.0f} a second"
    return f"Simulated {written.first_day} to {written.last_day}: {size} in {seconds:,.1f} s, {rate}."
