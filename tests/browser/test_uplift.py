"""The Uplift page in a real browser: a cost is tried in place, an audience is saved, exported and verified."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.api.serving import Served
from tests.browser.conftest import answer, readable, served, settle, violations
from tests.warehouse.uplift_rows import write_uplift_rows
from warehouse.sessions import Warehouse

pytestmark = pytest.mark.browser

Visit = Callable[[str], None]


@pytest.fixture(scope="module")
def site(empty_warehouse: Warehouse) -> Iterator[Served]:
    with empty_warehouse.writing() as session:
        write_uplift_rows(session)
    with served(empty_warehouse) as running:
        yield running


def test_it_can_be_read_by_everybody_at_any_width(page: Page, visit: Visit) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    visit("/uplift")
    readable(page, "uplift")


def test_a_cost_is_tried_in_place_and_kept_in_the_address(page: Page, visit: Visit, site: Served) -> None:
    visit("/uplift")
    before = answer(page)
    slider = page.get_by_role("slider", name="Cost of a contact, in USD")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    page.wait_for_url("**cost=*")
    settle(page)
    assert answer(page) != before
    assert slider.evaluate("element => document.activeElement === element"), "the slider stays in hand"
    said = answer(page)
    visit(page.url.removeprefix(site.url))
    assert answer(page) == said


def test_an_audience_is_saved_given_out_and_verified(page: Page, visit: Visit) -> None:
    visit("/uplift")
    page.get_by_role("button", name="Save as an audience").click()
    expect(page.locator("#audience-said")).to_contain_text("name must have 1 to 200")
    page.get_by_label("Name", exact=True).fill("Spring")
    page.get_by_label("Held out, in %", exact=True).fill("40")
    page.get_by_role("button", name="Save as an audience").click()
    page.get_by_role("button", name="Verify").wait_for()
    settle(page)
    assert violations(page) == []
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export").click()
    lines = downloading.value.path().read_text().splitlines()
    assert lines[0] == "customer_key,effect,email,phone,user"
    assert 80 < len(lines) - 1 < 160, "those held out are not in it"
    page.get_by_role("button", name="Verify").click()
    page.get_by_text("per customer, found").wait_for()
