"""The Attribution page in a real browser: from nothing credited to a file, a drill, a setting and a shared address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ml.demo import ask_for_attribution
from ml.jobs import known_jobs
from ml.worker import work_once
from tests.api.serving import Served
from tests.browser.conftest import answer, served, settle
from tests.living_world import load_living_world
from warehouse.sessions import Warehouse

pytestmark = pytest.mark.browser

Visit = Callable[[str], None]


@pytest.fixture(scope="module")
def site(empty_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An advertiser with people whose journeys are built; nobody has credited them yet."""
    load_living_world(empty_warehouse, tmp_path_factory.mktemp("world") / "people")
    with served(empty_warehouse) as running:
        yield running


def test_first_it_says_what_credits_and_then_it_shows_it(
    page: Page, visit: Visit, site: Served, empty_warehouse: Warehouse
) -> None:
    visit("/attribution")
    assert answer(page) == "Nothing is credited yet."
    assert page.locator(".cw-command").inner_text().strip().startswith("causeway run attribution --account ")
    ask_for_attribution(empty_warehouse)
    assert work_once(empty_warehouse, known_jobs())
    visit("/attribution")
    assert "earns the most credit" in answer(page)
    card = page.locator(".cw-figure-card", has_text="Models side by side")
    card.locator("summary").click()
    with page.expect_download() as download:
        card.get_by_role("button", name="Download CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Channel,Model,Orders,Low,High")
    assert any(",Last touch," in line for line in lines)


def test_a_channel_leads_to_its_campaigns_and_back(page: Page, visit: Visit) -> None:
    visit("/attribution")
    page.locator("#credits-channel a", has_text="Paid search").click()
    page.wait_for_url("**split=campaign*")
    settle(page)
    assert page.locator(".cw-chip").inner_text().split() == ["Channel:", "Paid", "search"]
    page.locator("#credits-campaign a").first.click()
    page.wait_for_url("**split=creative*")
    settle(page)
    page.get_by_role("link", name="All channels").click()
    page.wait_for_url(lambda url: "channel=" not in url)
    page.locator("#credits-channel .ag-center-cols-container .ag-row").nth(3).wait_for()


def test_a_setting_is_answered_and_its_address_can_be_shared(page: Page, visit: Visit, site: Served) -> None:
    visit("/attribution?model=position")
    field = page.locator("[data-label='Weights in percent'] input")
    field.fill("60-20-20")
    field.press("Enter")
    page.wait_for_url("**weights=60-20-20*")
    page.get_by_text("Computed now, with your settings.").wait_for()
    assert "from=" not in page.url  # the days stay those of the published run
    said = answer(page)
    visit(page.url.removeprefix(site.url))
    assert answer(page) == said
    visit("/attribution?channel=sms")
    assert page.get_by_role("heading", name="Nothing in this filter").count() == 1


def test_a_choice_of_the_top_bar_leaves_the_days_to_the_run(page: Page, visit: Visit) -> None:
    visit("/attribution")
    said = answer(page)
    choose = page.locator("button[aria-labelledby^='control-compare-label'], button[aria-labelledby*='compare']").first
    choose.click()
    page.get_by_role("option", name="No comparison", exact=True).click()
    page.wait_for_url("**compare=none*")
    assert "from=" not in page.url
    settle(page)
    assert answer(page) == said
    page.locator("button[aria-labelledby*='period']").first.click()
    page.get_by_role("option", name="Last 7 days", exact=True).click()
    page.wait_for_url("**from=*")
