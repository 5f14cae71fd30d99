"""Random histories of loads end where a model in plain Python ends, whatever the order, the parts and the accounts."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import fresh_database
from tests.warehouse.conftest import let_read_everything
from tests.warehouse.exports import Desk, table
from tests.warehouse.state import assert_consistent, rows, seen
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

FIRST = dt.date(2026, 6, 25)  # a month ends in the middle
CURRENCY = {"111": "USD", "222": "EUR"}
CAMPAIGNS, ADS = ("1", "2", "3"), ("7", "8")
LEVELS = ("campaign", "ad")
LOOKBACK = dt.timedelta(days=30)
HEADERS = {
    "campaign": "Day,Customer ID,Currency code,Campaign,Campaign ID,Campaign type,Impr.,Cost,Conversions",
}
HEADERS["ad"] = HEADERS["campaign"].replace("Impr.", "Ad group,Ad group ID,Ad ID,Impr.")

Key = tuple[str, str, str, str, dt.date]  # level, account, campaign, ad or "", day
Values = tuple[int, Decimal, Decimal | None]  # impressions, spend, conversions


@dataclass(frozen=True)
class File:
    """One export: a level, and its rows."""

    level: str
    rows: tuple[tuple[Key, Values], ...]

    def text(self) -> str:
        lines = []
        for (level, account, campaign, ad, day), (impressions, spend, conversions) in self.rows:
            who = [day, account, CURRENCY[account], f"Campaign {campaign}", f"90{campaign}", f"Type {campaign}"]
            what = ["Group", "5", ad] if level == "ad" else []
            lines.append([*who, *what, impressions, spend, " --" if conversions is None else conversions])
        return table(HEADERS[self.level], lines)


@dataclass
class Model:
    """What the warehouse shall hold, by the rules in words."""

    known: dict[Key, Values] = field(default_factory=dict)
    final: dict[Key, bool] = field(default_factory=dict)
    versions: int = 0
    files: dict[str, int] = field(default_factory=dict)  # every file's text, with its rejected rows

    def load(self, file: File) -> dict[str, int]:
        """Take a file over; what its load shall report."""
        report = dict.fromkeys(("accepted", "restated", "skipped", "rejected", "vanished"), 0)
        if file.text() in self.files or not file.rows:  # what was refused then still is
            report["rejected"] = self.files.get(file.text(), 0)
            report["skipped"] = len(file.rows) - report["rejected"]
            return report
        brought: dict[Key, Values] = {}
        for key, values in file.rows:  # of rows with one key the first counts
            if key not in brought:
                brought[key] = values
            else:
                report["skipped" if brought[key] == values else "rejected"] += 1
        final_before = max(day for *_, day in brought) + dt.timedelta(days=1) - LOOKBACK
        spans = defaultdict(list)
        for _, account, _, _, day in brought:
            spans[account].append(day)
        in_range = [
            k
            for k in self.known
            if k[0] == file.level and k[1] in spans and min(spans[k[1]]) <= k[4] <= max(spans[k[1]])
        ]
        for account in spans:
            present = [k for k in in_range if k[1] == account and k in brought]
            missing = [k for k in in_range if k[1] == account and k not in brought]
            if len(missing) <= len(present):
                for key in missing:
                    del self.known[key], self.final[key]
                report["vanished"] += len(missing)
                self.versions += len(missing)
        for key, values in brought.items():
            before, is_final = self.known.get(key), key[4] < final_before
            if before == values:
                report["skipped"] += 1
                self.final[key] |= is_final
                continue
            report["accepted"] += 1
            restates = before is not None and any(b is not None and b != v for b, v in zip(before, values, strict=True))
            if restates:
                report["restated"] += 1
                self.versions += 1
            self.final[key] = is_final and (before is None or restates or self.final[key])
            self.known[key] = values
        self.files[file.text()] = report["rejected"]
        return report

    def counted(self) -> dict[Key, Values]:
        """Campaign rows where there are any, else ads."""
        finer = {k[1:3] + k[4:] for k in self.known if k[0] == "campaign"}
        return {k: v for k, v in self.known.items() if k[0] == "campaign" or k[1:3] + k[4:] not in finer}

    def campaign_days(self) -> list[tuple[object, ...]]:
        """The rows of ``mart.campaign_daily``."""
        found: dict[tuple[str, str, dt.date], list[Key]] = defaultdict(list)
        for key in self.counted():
            found[key[1], key[2], key[4]].append(key)
        return sorted(
            (
                account, f"90{campaign}", day, CURRENCY[account], keys[0][0],
                *(_sum(self.known[k][measure] for k in keys) for measure in range(3)),
                all(self.final[k] for k in keys),
            )
            for (account, campaign, day), keys in found.items()
        )  # fmt: skip


def _sum(values):
    reported = [v for v in values if v is not None]
    return sum(reported) if reported else None


@st.composite
def files(draw, before):
    """A new export, or one that resembles an earlier one: restated, with rows gone, in part, or repeated."""
    if before and draw(st.integers(0, 4)):
        like = draw(st.sampled_from(before))
        change = draw(st.sampled_from(["same", "restated", "vanished", "part", "repeated", "contradicted", "shuffled"]))
        lines = list(like.rows)
        chosen = (
            draw(st.lists(st.sampled_from(lines), min_size=1, max_size=4, unique_by=lambda r: r[0])) if lines else []
        )
        if change == "restated":
            lines = [(k, draw(measures())) if (k, v) in chosen else (k, v) for k, v in lines]
        elif change == "vanished":
            lines = [row for row in lines if row not in chosen]
        elif change == "part":
            lines = chosen
        elif change == "repeated":
            lines += chosen
        elif change == "contradicted":
            lines += [(k, (v[0] + 1, v[1], v[2])) for k, v in chosen]
        elif change == "shuffled":
            lines = draw(st.permutations(lines))
        return File(like.level, tuple(lines))
    level = draw(st.sampled_from(LEVELS))
    accounts = draw(st.lists(st.sampled_from(list(CURRENCY)), min_size=1, max_size=2, unique=True))
    campaigns = draw(st.lists(st.sampled_from(CAMPAIGNS), min_size=1, max_size=3, unique=True))
    ads = draw(st.lists(st.sampled_from(ADS), min_size=1, max_size=2, unique=True)) if level == "ad" else [""]
    # Far enough apart for some days to be final.
    first = FIRST + dt.timedelta(days=draw(st.sampled_from([0, 2, 40])))
    length = draw(st.integers(1, 9))
    keys = [
        (level, a, c, ad, first + dt.timedelta(days=d))
        for d in range(length)
        for a in accounts
        for c in campaigns
        for ad in ads
    ]
    return File(level, tuple((key, draw(measures())) for key in keys))


def measures():
    return st.tuples(
        st.integers(1, 3),
        st.sampled_from([Decimal("1.10"), Decimal("2.25"), Decimal(0)]),
        st.sampled_from([None, Decimal("0.50"), Decimal(2)]),
    )


@st.composite
def histories(draw):
    before = []
    for _ in range(draw(st.integers(2, 6))):
        before.append(draw(files(before)))
    return before


@pytest.mark.slow
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(history=histories())
def test_any_history_of_loads_ends_where_the_rules_say(server_url, template_database, history):
    with fresh_database(server_url, template_database) as url, tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse.connect(
            Settings(home=Path(folder), database_url=url.render_as_string(hide_password=False))
        )
        let_read_everything(warehouse)
        desk, model = Desk(warehouse, Path(folder) / "files"), Model()
        try:
            for number, file in enumerate(history):
                expected = model.load(file)
                result = desk.load(file.text())
                told = {name: getattr(result, name) for name in expected}
                assert told == expected, (number, file, result)
                assert_consistent(warehouse)
            assert stored(warehouse) == model.campaign_days()
            assert rows(warehouse, "SELECT count(*) FROM core.performance") == [(len(model.known),)]
            assert rows(warehouse, "SELECT count(*) FROM core.performance_version") == [(model.versions,)]
        finally:
            warehouse.engine.dispose()


def stored(warehouse):
    return seen(
        warehouse,
        """SELECT account_id, campaign_id, date_day, currency, level, impressions, spend, conversions, is_final
           FROM mart.campaign_daily ORDER BY 1, 2, 3""",
    )
