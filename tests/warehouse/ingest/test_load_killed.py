"""A loader, or the server below it, that dies at any moment leaves the warehouse as it was, or with the whole file."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, fresh_database
from tests.warehouse.conftest import let_read_everything
from tests.warehouse.exports import Day, Desk, google
from tests.warehouse.state import assert_consistent, seen
from warehouse.embedded import start_embedded, stop_embedded
from warehouse.ingest.load import LoadOptions, load_paths
from warehouse.migrate import upgrade
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

KILLS = 12
ROWS_BEFORE = 4_000
SEED = 20261122
DAYS = [f"2026-{month:02d}-{day:02d}" for month in range(1, 9) for day in range(1, 26)]

# Imports once, and for every order becomes two: the copy says its number, then "." before and after every statement and
# whenever more of the file was read; the other waits for its end and says "over".
LOADER = """
import os
import sys
from pathlib import Path
from sqlalchemy import event
from warehouse.ingest.load import load_paths
from warehouse.sessions import Warehouse
from warehouse.settings import Settings
def say(*_, word="."):
    os.write(1, f"{word}\\n".encode())  # whole lines: the thread that parses speaks as well
def load(url, home, path):
    say(word=os.getpid())
    warehouse = Warehouse.connect(Settings(home=Path(home), database_url=url))
    event.listen(warehouse.engine, "before_cursor_execute", say)
    event.listen(warehouse.engine, "after_cursor_execute", say)
    load_paths(warehouse, [path], progress=say)
    say(word="done")
while order := sys.stdin.readline():
    copy = os.fork()
    if not copy:
        try:
            load(*order.rstrip().split("|"))
        finally:
            os._exit(0)
    os.waitpid(copy, 0)
    say(word="over")
"""


class Loader:
    """A process that loads what it is told, and can be killed while it does, again and again."""

    def __init__(self):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([sys.executable, "-c", LOADER], cwd=REPOSITORY, text=True, **pipes)
        self.pid = 0

    def begin(self, url, folder, path):
        self.process.stdin.write(f"{url.render_as_string(hide_password=False)}|{folder}|{path}\n")
        self.process.stdin.flush()
        self.pid = int(self.process.stdout.readline())

    def wait_for(self, signs):
        for _ in range(signs):
            assert self.process.stdout.readline() == ".\n"

    def kill(self):
        """Kill it, unless the moment was after its last one."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def finish(self):
        """What it still says until it is over."""
        said = []
        while not said or said[-1] != "over":
            said.append(self.process.stdout.readline().strip())
            assert said[-1], "the process is gone"
        return said[:-1]

    def close(self):
        self.process.communicate()


@pytest.fixture
def loader():
    loader = Loader()
    yield loader
    loader.close()


def before():
    """What the large file restates, confirms, or has no more."""
    return [Day(d, campaign=str(c), conversions="1.00" if c % 2 else "0.50") for c in range(20) for d in DAYS]


def large():
    """60,000 rows: 95 of the campaigns, half of them restated, and 205 new ones."""
    return [
        Day(d, campaign=str(c), spend=f"{10 + c % 5 * (c >= 100)}.00")
        for c in (*range(95), *range(200, 405))
        for d in DAYS
    ]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    (folder / "before.csv").write_text(google(before()))
    (folder / "large.csv").write_text(google(large()))
    return folder


def connected(url, folder):
    return Warehouse.connect(Settings(home=folder, database_url=url.render_as_string(hide_password=False)))


def contents(warehouse):
    """Everything that a reader can tell apart, as digests, without the numbers that PostgreSQL hands out."""
    told = (
        """SELECT platform, account_id, campaign_id, date_day, level, is_final, impressions, clicks, spend, conversions,
           conversion_value FROM mart.campaign_daily""",
        """SELECT date_day, campaign_id, vanished, old_conversions, current_conversions, old_spend, current_spend
           FROM mart.restatement""",
        "SELECT platform, account_id, date_day, spend, conversions, is_final FROM mart.channel_daily",
        "SELECT status, accepted, restated, vanished FROM mart.load",
    )
    return [
        seen(warehouse, f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ({sql}) t")[0]
        for sql in told
    ]


@pytest.fixture(scope="module")
def start(settings, engine, files):
    """The module's database, with the first file in it, to be copied: what it holds, what it shall hold, and after how
    many signs of life of the loader."""
    warehouse = Warehouse(settings, engine)
    let_read_everything(warehouse)
    assert [r.accepted for r in load_paths(warehouse, [str(files / "before.csv")])] == [ROWS_BEFORE]
    first = contents(warehouse)
    engine.dispose()
    with fresh_database(engine.url, engine.url.database) as url:
        loader = Loader()
        loader.begin(url, files, files / "large.csv")
        said = loader.finish()
        loader.close()
        assert said[-1] == "done"
        loaded = connected(url, files)
        last = contents(loaded)
        assert_consistent(loaded)
        loaded.engine.dispose()
    return first, last, len(said)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_loader_killed_at_any_moment_leaves_all_or_nothing_and_finishes_later(start, engine, files, loader):
    first, last, signs = start
    assert (first[0][0], last[0][0]) == (ROWS_BEFORE, 60_000)
    assert signs > 3 * KILLS
    rng = random.Random(SEED)
    moments = rng.sample(range(1, signs), KILLS)
    while moments:
        with fresh_database(engine.url, engine.url.database) as url:
            warehouse = connected(url, files)
            left = first
            while moments and left == first:
                loader.begin(url, files, files / "large.csv")
                loader.wait_for(moments.pop())
                time.sleep(rng.uniform(0, 0.05))  # into the statement that has just begun, or its work in the file
                loader.kill()
                loader.finish()
                left = contents(warehouse)
                assert left in (first, last), "half of a file is visible"
            (result,) = load_paths(warehouse, [str(files / "large.csv")], LoadOptions())
            assert result.status == ("loaded" if left == first else "unchanged")
            assert contents(warehouse) == last
            assert_consistent(warehouse)
            warehouse.engine.dispose()


@pytest.mark.slow
def test_a_server_killed_in_the_middle_of_a_load_comes_back_with_all_or_nothing(files, tmp_path, loader):
    # Not below pytest's own folder: another run on this machine would change the modes of its parents.
    home = Path(tempfile.mkdtemp(prefix="causeway-killed-"))
    try:
        server = start_embedded(home)
        warehouse = Warehouse.connect(Settings(home=home))
        upgrade(warehouse.engine)
        let_read_everything(warehouse)
        desk = Desk(warehouse, tmp_path / "files")
        desk.load(google(before()[:2_000]))
        held = contents(warehouse)
        loader.begin(warehouse.engine.url, tmp_path, files / "large.csv")
        loader.wait_for(40)  # the middle of the file
        os.kill(server.pid, signal.SIGKILL)
        assert "done" not in loader.finish()
        warehouse.engine.dispose()
        assert start_embedded(home).pid != server.pid
        warehouse = Warehouse.connect(Settings(home=home))
        assert contents(warehouse) == held
        (result,) = load_paths(warehouse, [str(files / "large.csv")])
        assert (result.status, result.rows_read) == ("loaded", 60_000)
        assert_consistent(warehouse)
        warehouse.engine.dispose()
    finally:
        stop_embedded(home)
        shutil.rmtree(home)


@pytest.mark.slow
def test_two_loaders_at_once_take_turns(start, engine, files):
    """Both are given the same file, and another one that restates some of its days."""
    other = files / "other.csv"
    other.write_text(google([d.but(spend="99.00") for d in large()[:2_000]]))
    with fresh_database(engine.url, engine.url.database) as url:
        loaders = [Loader(), Loader(), Loader()]
        for loader, path in zip(loaders, (files / "large.csv", files / "large.csv", other), strict=True):
            loader.begin(url, files, path)
        assert [loader.finish()[-1] for loader in loaders] == ["done"] * 3
        for loader in loaders:
            loader.close()
        warehouse = connected(url, files)
        assert_consistent(warehouse)
        statuses = seen(warehouse, "SELECT status, count(*) FROM mart.load GROUP BY 1")
        assert statuses == [("loaded", 3)]  # the second of the same file found nothing to do, and is not in the books
        spend = seen(warehouse, "SELECT sum(spend) FROM mart.campaign_daily")[0][0]
        assert spend in (
            sum(Decimal(d.spend) for d in large()),
            sum(Decimal(d.spend) for d in large()[2_000:]) + 99 * 2_000,
        )
        warehouse.engine.dispose()
