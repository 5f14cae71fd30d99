"""The Mix page in a real browser: readable by everybody, another channel is another address, red is withheld."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.api.serving import Served
from tests.browser.conftest import readable, served, settle, violations
from tests.warehouse.mix_rows import write_mix_rows
from tests.warehouse.seed import seed_two_accounts
from warehouse.sessions import Warehouse

pytestmark = pytest.mark.browser

Visit = Callable[[str], None]


@pytest.fixture(scope="module")
def site(empty_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    seed = seed_two_accounts(empty_warehouse, Path(tmp_path_factory.mktemp("exports")))
    with empty_warehouse.writing() as session:
        write_mix_rows(session, seed.google)
    with served(empty_warehouse) as running:
        yield running


def trust(warehouse: Warehouse, status: str) -> None:
    with warehouse.writing() as session:
        session.execute(text("UPDATE results.mix_fit SET status = :status"), {"status": status})


def test_it_can_be_read_by_everybody_at_any_width(page: Page, visit: Visit) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    visit("/mix")
    readable(page, "mix")


def test_another_channel_is_another_address_and_the_way_back_leads_back(page: Page, visit: Visit) -> None:
    visit("/mix")
    curve = page.locator("#mix-response-summary")
    expect(curve).to_contain_text("Video at its usual")
    page.locator('[data-label="Channel"] .cw-choose').click()
    page.get_by_role("option", name="Paid search").click()
    page.wait_for_url("**channel=paid_search*")
    settle(page)
    expect(curve).to_contain_text("Paid search at its usual")
    page.go_back()
    settle(page)
    expect(curve).to_contain_text("Video at its usual")


def test_what_is_withheld_is_shown_to_who_insists(page: Page, visit: Visit, empty_warehouse: Warehouse) -> None:
    trust(empty_warehouse, "red")
    visit("/mix")
    expect(page.get_by_text("Channel by channel")).to_have_count(0)
    page.get_by_role("link", name="Show them all the same").click()
    page.wait_for_url("**show=withheld*")
    settle(page)
    expect(page.get_by_text("Channel by channel")).to_be_visible()
    assert violations(page) == []
    trust(empty_warehouse, "amber")
