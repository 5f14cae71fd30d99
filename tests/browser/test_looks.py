"""Every page in both modes and at both widths: nothing for axe-core to object to, nothing off to the side.

Colours hang on the mode and places on the width, so each is tried once. With ``CAUSEWAY_SCREENSHOTS`` set to a folder,
all four together are tried, and kept there as pictures to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ml.demo import ask_for_attribution
from ml.jobs import known_jobs
from ml.worker import work_once
from tests.browser.conftest import settle, violations
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


LOOKS = [("light", 1440), ("dark", 390)]
if "CAUSEWAY_SCREENSHOTS" in os.environ:
    LOOKS += [("light", 390), ("dark", 1440)]


@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_read_it_in_any_mode_at_any_width(browser, site, name) -> None:
    with watched_page(browser) as page:
        page.emulate_media(color_scheme=LOOKS[0][0], reduced_motion="reduce")
        page.goto(site.url + PAGES[name])
        for mode, width in LOOKS:
            page.emulate_media(color_scheme=mode, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)  # figures draw anew
            assert violations(page) == [], f"{name}, {mode}, {width}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            _keep(page, f"{name}-{mode}-{width}")


def _keep(page, name: str) -> None:
    folder = os.environ.get("CAUSEWAY_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True, animations="disabled")
