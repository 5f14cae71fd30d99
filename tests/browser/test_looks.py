"""Every page can be read by everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.demo import ask_for_attribution
from ml.jobs import known_jobs
from ml.worker import work_once
from tests.browser.conftest import readable
from tests.conftest import watched_page
from tests.living_world import load_living_world
from warehouse.ingest.load import load_paths
from warehouse.sessions import Warehouse

pytestmark = pytest.mark.browser

PAGES = {
    "overview": "/",
    "overview-narrowed": "/?channel=paid_search&by=campaign&metric=roas&grain=week",
    "rows": "/?channel=paid_search&by=rows",
    "withheld": "/?currency=CHF",
    "attribution": "/attribution?models=all",
    "experiments": "/experiments",
    "plan": "/experiments?show=plan",
    "journeys": "/journeys",
    "data": "/data",
    "load": "/data?load=6",
    "not-found": "/nowhere",
    "meaningless": "/?by=moon",
}


@pytest.fixture(scope="module")
def warehouse(empty_warehouse: Warehouse, exports: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Exports of every platform, and an advertiser with people, without whom there are no journeys to look at."""
    load_paths(empty_warehouse, [str(exports)])
    load_living_world(empty_warehouse, tmp_path_factory.mktemp("world") / "people")
    ask_for_attribution(empty_warehouse)
    assert work_once(empty_warehouse, known_jobs())
    return empty_warehouse


@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_read_it_in_any_mode_at_any_width(browser, site, name) -> None:
    with watched_page(browser) as page:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(site.url + PAGES[name])
        readable(page, name)
