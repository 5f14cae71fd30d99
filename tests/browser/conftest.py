"""What the browser tests share: the real server over a real PostgreSQL with small exports of every platform."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import Engine

from dashboard.app import create_dash
from tests.api.serving import Served, serving
from tests.made_exports.folder import write_exports
from warehouse.ingest.load import load_paths
from warehouse.sessions import Warehouse
from warehouse.settings import Settings

DAYS = 120
LOOKS = (("light", 1440), ("dark", 390))
YESTERDAY = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's exports of the last days, the same for all modules."""
    folder = tmp_path_factory.mktemp("exports")
    write_exports(folder, seed=7, end=YESTERDAY, days=DAYS)
    return folder


@pytest.fixture(scope="module")
def empty_warehouse(settings: Settings, engine: Engine) -> Warehouse:
    """The module's database before anything is loaded."""
    return Warehouse(settings, engine)


@pytest.fixture(scope="module")
def warehouse(empty_warehouse: Warehouse, exports: Path) -> Warehouse:
    """The module's database with the exports in it."""
    results = load_paths(empty_warehouse, [str(exports)])
    assert {r.status for r in results} <= {"loaded", "unchanged"}, results
    return empty_warehouse


@contextmanager
def served(warehouse: Warehouse, *, bind_host: str = "127.0.0.1") -> Iterator[Served]:
    """Dashboard and API as `causeway serve` gives them, with the same rules for scripts."""
    dash = create_dash(warehouse)
    with serving(warehouse, bind_host=bind_host, dash_server=dash.server, script_hashes=dash.csp_hashes()) as site:
        yield site


@pytest.fixture(scope="module")
def site(warehouse: Warehouse) -> Iterator[Served]:
    """The loaded warehouse, served to this machine."""
    with served(warehouse) as running:
        yield running


@pytest.fixture
def page(browser_page: Page, site: Served) -> Iterator[Page]:
    """A page that opens paths of the site, and fails the test when it asks anybody else for something."""
    strangers: list[str] = []
    own = (site.url, "data:", "blob:")
    browser_page.on("request", lambda r: None if r.url.startswith(own) else strangers.append(r.url))
    yield browser_page
    assert strangers == [], "the page asked the network for something"


@pytest.fixture
def visit(page: Page, site: Served) -> Callable[[str], None]:
    """Open a path and wait until everything on it is there."""

    def go(path: str) -> None:
        page.goto(site.url + path)
        settle(page)

    return go


def settle(page: Page) -> None:
    """Wait until no callback runs, figures and tables are drawn, and nothing follows within a blink."""
    page.wait_for_function(
        """() => {
            const busy = document.querySelector('[data-dash-is-loading=true], ._dash-loading, .cw-skeleton');
            const quiet = !busy && document.querySelector('.cw-answer, .cw-empty, .cw-banner');
            const graphs = [...document.querySelectorAll('.cw-graph')].every(g => g.querySelector('.main-svg'));
            const heads = [...document.querySelectorAll('.cw-grid .ag-header-cell')].every(h => h.textContent.trim());
            const grids = heads && [...document.querySelectorAll('.cw-grid')].every(g => g.querySelector('.ag-row'));
            const now = performance.now();
            if (!quiet || !graphs || !grids) { window.causewayQuietSince = now; return false; }
            window.causewayQuietSince = window.causewayQuietSince || now;
            return now - window.causewayQuietSince > 400;
        }""",
        timeout=30_000,
    )
    page.evaluate("window.causewayQuietSince = 0")


def answer(page: Page) -> str:
    """The page's sentence, with ordinary spaces."""
    return " ".join(page.locator(".cw-answer").inner_text().replace("\u202f", " ").split())


def readable(page: Page, name: str) -> None:
    """What is shown reads well in both modes and at both widths: axe objects to nothing, nothing is off to the side.

    Colours hang on the mode and places on the width, so each is tried once. With ``CAUSEWAY_SCREENSHOTS`` set to a
    folder, all four together are tried, and kept there as pictures to be looked at.
    """
    folder = os.environ.get("CAUSEWAY_SCREENSHOTS")
    for mode, width in LOOKS if folder is None else product(("light", "dark"), (1440, 390)):
        page.emulate_media(color_scheme=mode, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        settle(page)  # figures draw anew
        assert violations(page) == [], f"{name}, {mode}, {width}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}, {mode}, {width}"
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)
            picture = Path(folder) / f"{name}-{mode}-{width}.png"
            page.screenshot(path=picture, full_page=True, animations="disabled")


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe-core objects to, and still does once the page has settled again: a table may be about to be redrawn."""
    return _objections(page) and (settle(page) or _objections(page))


def _objections(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page).response["violations"]
    return [(v["id"], node["html"][:160]) for v in found for node in v["nodes"][:2]]
