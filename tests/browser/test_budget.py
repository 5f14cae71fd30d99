"""The Budget page in a real browser: money is dragged, rules come and go, a scenario is saved and exported."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from api.auth import owner_identity
from ml.budget.job import BUDGET
from ml.budget.job import settle as settled
from ml.worker import work_once
from tests.api.serving import Served
from tests.browser.conftest import answer, readable, served, settle, violations
from tests.warehouse.budget_rows import write_mix_fit
from tests.warehouse.seed import seed_two_accounts
from warehouse import job_queue
from warehouse.sessions import Warehouse

pytestmark = pytest.mark.browser

Visit = Callable[[str], None]
RATES = """
INSERT INTO core.fx_rate (date, from_currency, to_currency, rate, load_key)
SELECT d::date, 'EUR', 'USD', 1.25, 1 FROM generate_series(date '2026-05-20', date '2026-08-10', interval '1 day') d
"""


@pytest.fixture(scope="module")
def site(empty_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    seed = seed_two_accounts(empty_warehouse, tmp_path_factory.mktemp("seed"))
    by = owner_identity(empty_warehouse).actor
    with empty_warehouse.writing() as session:
        write_mix_fit(session, account_key=seed.google)
        session.execute(text(RATES))
        said = settled({"points": 4})
        job = job_queue.submit(session, job="budget", account_key=seed.google, parameters=said, requested_by=by)
    assert work_once(empty_warehouse, {"budget": BUDGET}, job_key=job)
    with served(empty_warehouse) as running:
        yield running


def test_it_can_be_read_by_everybody_at_any_width(page: Page, visit: Visit) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    visit("/budget")
    readable(page, "budget")


def test_money_is_followed_and_kept_in_the_address(page: Page, visit: Visit, site: Served) -> None:
    visit("/budget")
    before = answer(page)
    slider = page.get_by_role("slider", name="Money of a week, in USD")
    slider.focus()
    for _ in range(8):
        slider.press("ArrowRight")
    page.wait_for_url("**budget=*")
    settle(page)
    assert answer(page) != before
    assert slider.evaluate("element => document.activeElement === element"), "the slider stays in hand"
    said = answer(page)
    visit(page.url.removeprefix(site.url))
    assert answer(page) == said


def test_rules_come_and_go_in_words(page: Page, visit: Visit) -> None:
    visit("/budget")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.locator(".cw-budget-rules")).to_contain_text("Each channel is locked at what it spends today.")
    expect(page.locator(".cw-answer")).to_contain_text("as it is")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".cw-answer")).to_contain_text("more to paid search")


def test_a_scenario_is_saved_approved_and_exported(page: Page, visit: Visit, tmp_path: Path) -> None:
    visit("/budget")
    page.get_by_role("button", name="Save as a scenario").click()
    expect(page.locator("#scenario-said")).to_contain_text("name must have 1 to 200")
    page.get_by_label("Name", exact=True).fill("Autumn")
    page.get_by_label("Weeks", exact=True).fill("2")
    page.get_by_role("button", name="Save as a scenario").click()
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Score").wait_for()
    settle(page)
    assert violations(page) == []
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export").click()
    downloading.value.save_as(tmp_path / "sheets.zip")
    with zipfile.ZipFile(tmp_path / "sheets.zip") as sheets:
        assert sorted(sheets.namelist()) == ["google_ads.csv", "meta_ads.csv"]
    page.get_by_role("button", name="Score").click()
    expect(page.locator("#scenario-came")).to_contain_text("knows weeks up to")
    page.get_by_role("button", name="Put away").click()
    expect(page.get_by_text("Scenarios side by side")).to_have_count(0)
