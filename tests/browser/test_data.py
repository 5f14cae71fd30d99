"""The Data page: every file accounted for, every refusal with its reason, channels and mappings edited in place."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import answer, settle

pytestmark = pytest.mark.browser


def choose(page, name: str, option: str) -> None:
    page.get_by_role("button", name=name).click()
    search = page.locator(".dash-dropdown-search")  # a list with many options has one
    if search.count():
        search.fill(option)
    page.get_by_role("option", name=option, exact=True).click()


def test_the_answer_counts_files_and_rows_and_says_how_fresh_they_are(page, visit) -> None:
    visit("/data")
    assert answer(page) == "13 files loaded, 2 rows rejected; every source has data up to yesterday."


def test_a_load_adds_up_and_shows_what_it_rejected(page, visit) -> None:
    visit("/data")
    page.locator("#table-loads-filter").fill("microsoft")
    page.locator("#table-loads a.cw-cell-link").first.click()
    details = page.locator(".cw-load")
    details.wait_for()
    counts = [int(cell.replace(",", "")) for cell in details.locator("td.cw-cell-number").all_inner_texts()]
    read, accepted, rejected, skipped = counts
    assert read == accepted + rejected + skipped
    assert rejected == 2
    said = details.inner_text()
    assert "column Spend" in said
    assert "is a spreadsheet formula or its error, not a number." in said
    assert "is not a day." in said
    address = page.url
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "load=" not in url)
    page.goto(address)
    details.wait_for()


def test_the_loads_as_csv(page, visit) -> None:
    visit("/data")
    with page.expect_download() as download:
        page.get_by_role("button", name="Loads as CSV").click()
    lines = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert len(lines) == 14
    assert all(int(x["Read"]) == int(x["Accepted"]) + int(x["Rejected"]) + int(x["Skipped"]) for x in lines)


def test_what_a_later_file_changed_is_listed(page, visit) -> None:
    visit("/data")
    note = page.locator(".cw-card", has=page.locator("#table-changes")).locator(".cw-card-note").inner_text()
    assert "restated" in note
    assert page.locator("#table-changes .ag-row").count() > 5


def test_the_filters_of_the_overview_survive_a_look_at_the_data(page, visit) -> None:
    visit("/?channel=paid_search&by=campaign")
    before = answer(page)
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/data?**")
    settle(page)
    page.locator("#table-loads a.cw-cell-link").first.click()
    page.locator(".cw-load").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "load=" not in url)
    settle(page)
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url(lambda url: "/data" not in url)
    settle(page)
    assert answer(page) == before


def test_a_campaign_type_moves_to_another_channel_at_once(page, visit) -> None:
    visit("/?channel=video&by=campaign_type")
    shown = page.locator("#table-campaign_type .ag-pinned-left-cols-container a")
    assert set(shown.all_inner_texts()) == {"Demand Gen", "VIDEO", "Video"}
    visit("/data")
    choose(page, "Platform", "Google Ads")
    page.locator("#rule-type").fill("Demand Gen")
    choose(page, "Channel Channel", "Shopping")
    page.get_by_role("button", name="Put there").click()
    expect(page.locator("#taxonomy dd", has_text="Google Ads: demandgen")).to_contain_text("Google Ads: shopping")
    visit("/?channel=video&by=campaign_type")
    assert set(shown.all_inner_texts()) == {"VIDEO", "Video"}


def test_a_header_is_given_a_meaning_and_the_meaning_taken_back(page, visit) -> None:
    visit("/data")
    choose(page, "Account of the files", "Demo Store Europe · Meta Ads")
    page.locator("#meaning-header").fill("Results")
    choose(page, "Field", "conversions")
    page.get_by_role("button", name="Remember").click()
    row = page.locator("#meanings tbody tr", has_text="results")
    expect(row).to_contain_text("conversions")
    row.get_by_role("button").click()
    expect(page.locator("#meanings")).to_contain_text("Nothing had to be said so far.")
