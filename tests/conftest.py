"""What all tests share: one real PostgreSQL for the whole run, a fresh migrated database for each module, a browser.

The server is the embedded one, in a folder of its own that goes away with the run. Workers of pytest-xdist share it.
Set ``CAUSEWAY_TEST_DATABASE_URL`` to run against another server; its role must be able to create databases.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import importlib.util
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from warehouse.embedded import release_embedded, start_embedded, stop_embedded
from warehouse.engine import connect_engine, normalise_url
from warehouse.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).resolve().parent.parent
HOME_OF_THE_RUN = "CAUSEWAY_TEST_HOME"  # set by the first process, inherited by the workers

CHROMIUM_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",  # Chromium's own sandbox does not start as root, and the pages are ours
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def pytest_configure(config: pytest.Config) -> None:
    # The same examples every time, so that a run tells of the change and not of luck; explore with new ones at will.
    # How long one takes says how busy the machine is.
    hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
    hypothesis.settings.load_profile("default" if os.environ.get("CAUSEWAY_TEST_EXPLORE") else "same")
    if HOME_OF_THE_RUN not in os.environ:
        # Not pytest's own temporary folder: another run on this machine would change the modes of its parents.
        os.environ[HOME_OF_THE_RUN] = tempfile.mkdtemp(prefix="causeway-tests-")
        config.add_cleanup(_remove_home)


def _remove_home() -> None:
    home = Path(os.environ.pop(HOME_OF_THE_RUN))
    stop_embedded(home)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def server_url() -> Iterator[URL]:
    """A server on which databases can be made."""
    given = os.environ.get("CAUSEWAY_TEST_DATABASE_URL")
    if given:
        yield normalise_url(given)
        return
    home = Path(os.environ[HOME_OF_THE_RUN])
    url = make_url(start_embedded(home).url)
    with _administrator(url) as server:  # nothing here outlives the run, so nothing needs to reach the disk
        _execute(server, "ALTER SYSTEM SET fsync = off")
        _execute(server, "SELECT pg_reload_conf()")
    yield url
    release_embedded(home)


@pytest.fixture(scope="session")
def template_database(server_url: URL) -> str:
    """The name of a database at the newest schema version, made once for the run by the migrations."""
    name = f"causeway_template_{_fingerprint(REPOSITORY / 'migrations', REPOSITORY / 'warehouse')}"
    lock = Path(os.environ[HOME_OF_THE_RUN]) / "template.lock"
    with lock.open("w") as file, _administrator(server_url) as server:
        fcntl.flock(file, fcntl.LOCK_EX)
        with server.connect() as connection:
            known = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
            if known.first():
                return name
        draft = f"causeway_draft_{uuid.uuid4().hex[:12]}"
        _execute(server, f"CREATE DATABASE {draft}")
        _migrate(server_url.set(database=draft))
        _execute(server, f"ALTER DATABASE {draft} RENAME TO {name}")
    return name


@pytest.fixture(scope="module")
def database_url(server_url: URL, template_database: str) -> Iterator[URL]:
    """A database of the module's own, at the newest schema version, without data."""
    with fresh_database(server_url, template_database) as url:
        yield url


@pytest.fixture(scope="module")
def settings(database_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a program that uses the module's database and a home of its own."""
    return Settings(
        home=tmp_path_factory.mktemp("home"),
        database_url=database_url.render_as_string(hide_password=False),
        secret_key="only-for-tests-" + "x" * 32,
    )


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    """An engine on the module's database."""
    engine = connect_engine(settings, application_name="causeway-tests")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder with real exports, which is not part of the repository."""
    given = os.environ.get("CAUSEWAY_REFERENCE_DATA")
    folder = Path(given) if given else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no reference data: {folder} is not there; point CAUSEWAY_REFERENCE_DATA at a folder with it")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine, without a window.

    For one module and not for the run: while Playwright is up, its event loop keeps other tests from having one.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh browser profile, 1440 by 900. The test fails if the page complains on its console."""
    with watched_page(browser) as page:
        yield page


@contextmanager
def watched_page(browser: Browser) -> Iterator[Page]:
    """A page in a profile of its own; an error on its console or an uncaught exception fails at the end."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == [], "the page complained on its console"


@contextmanager
def fresh_database(server_url: URL, template: str = "template1") -> Iterator[URL]:
    """A database copied from ``template``, dropped at the end."""
    name = f"causeway_test_{uuid.uuid4().hex[:12]}"
    with _administrator(server_url) as server:
        _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
        yield server_url.set(database=name)
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def find_chromium() -> str:
    """The path of a Chromium or Chrome; skips the test, or fails it in CI, when there is none."""
    given = os.environ.get("CAUSEWAY_TEST_BROWSER")
    found = given or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    found = found or next((app for app in CHROMIUM_APPS if Path(app).exists()), None)
    if found is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("no Chromium on this machine: run `make test`, which installs it, or install chromium or Google Chrome")
    return found


@contextmanager
def _administrator(url: URL) -> Iterator[Engine]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    yield engine
    engine.dispose()


def _execute(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(text(statement))


def _migrate(url: URL) -> None:
    if importlib.util.find_spec("warehouse.migrate") is None:
        return
    engine = create_engine(url, poolclass=NullPool)
    importlib.import_module("warehouse.migrate").upgrade(engine)
    engine.dispose()


def _fingerprint(*folders: Path) -> str:
    """A short name for what the migrations would make, so that a kept server never serves an older schema."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.suffix in {".py", ".sql"}):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
