"""The Overview as somebody uses it: narrow, drill down, share, save, take away."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import YESTERDAY, answer, settle
from tests.conftest import watched_page
from warehouse.local_owner import local_owner
from warehouse.queries.tables import ask

pytestmark = pytest.mark.browser


def query(page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.url).query))


def asked(warehouse, sql: str) -> list[dict[str, object]]:
    with warehouse.reading(local_owner(warehouse)) as session:
        found = ask(session, sql)
        names = [column.name for column in found.columns]
        return [dict(zip(names, row, strict=True)) for batch in found.batches for row in batch]


def follow(page, table: str, name: str) -> None:
    page.locator(f"#{table} a.cw-cell-link").get_by_text(name, exact=True).first.click()
    settle(page)


def test_the_answer_comes_first_and_is_what_the_mart_says(page, visit, warehouse) -> None:
    visit("/?currency=USD&account=1")
    said = answer(page)
    assert said.startswith("Spend on "), said
    assert "in the 28 days to" in said
    rows = asked(
        warehouse,
        f"""SELECT sum(spend) AS spend FROM mart.campaign_daily
            WHERE account_id = '5550100001' AND date_day > DATE '{YESTERDAY}' - 28""",
    )
    shown = page.locator(".cw-tile", has_text="Spend").first.locator(".cw-tile-value").get_attribute("data-hint")
    assert shown == f"${rows[0]['spend']:,.2f}"


def test_days_that_may_still_change_are_said_and_drawn(page, visit) -> None:
    visit("/")
    assert "not final" in page.locator(".cw-answer-note").inner_text()
    assert page.locator("#trend-graph").get_by_text("not final").count() == 1


def test_drill_down_to_the_row_and_the_load_behind_it_and_back(page, visit) -> None:
    visit("/")
    follow(page, "table-channel", "Paid search")
    assert query(page)["channel"] == "paid_search"
    assert query(page)["by"] == "campaign_type"
    follow(page, "table-campaign_type", "Search")
    follow(page, "table-campaign", "Search | Brand | Exact")
    trail = page.locator(".cw-breadcrumb .cw-crumb").all_inner_texts()
    assert trail == ["Everything", "Paid search", "Search", "Search | Brand | Exact"]
    assert page.locator("#table-rows .ag-row").count() > 20
    page.go_back()
    settle(page)
    assert page.locator(".cw-breadcrumb .cw-crumb").all_inner_texts() == ["Everything", "Paid search", "Search"]
    page.go_forward()
    settle(page)
    page.locator("#table-rows a.cw-cell-link").first.click()
    page.locator(".cw-load").wait_for()
    assert "/data" in page.url
    assert "Read = accepted + rejected + skipped" in page.locator(".cw-load").inner_text()


def test_the_whole_cell_of_a_name_leads_down(page, visit) -> None:
    visit("/")
    cell = page.locator("#table-channel .cw-cell-name", has_text="Paid search")
    cell.click(position={"x": cell.bounding_box()["width"] - 10, "y": 4})
    page.wait_for_url("**channel=paid_search**")


def test_a_filter_that_no_row_passes_says_so_in_one_box(page, visit) -> None:
    visit("/")
    page.keyboard.press("/")
    page.keyboard.type("nothing like it")
    overlay = page.locator("#table-channel .ag-overlay-no-matching-rows-center")
    expect(overlay).to_have_text("No row passes the filter.")
    inner = page.locator(".cw-table .cw-search .dash-input-container").first
    assert inner.evaluate("box => getComputedStyle(box).outlineWidth") == "0px"


def test_a_bar_narrows_and_its_chip_takes_it_back(page, visit) -> None:
    visit("/")
    everything = answer(page)
    bar = page.locator("#parts-graph .bars path").first.bounding_box()
    page.mouse.click(bar["x"] + 4, bar["y"] + bar["height"] / 2)
    page.wait_for_url("**channel=**")
    settle(page)
    assert answer(page) != everything
    page.locator(".cw-chip-remove").click()
    page.wait_for_url(lambda url: "channel=" not in url)
    settle(page)
    assert answer(page) == everything


def test_controls_change_the_address_and_an_address_sets_the_controls(page, visit) -> None:
    visit("/")
    page.locator(".cw-tile", has_text="ROAS").first.click()
    page.wait_for_url("**metric=roas**")
    settle(page)
    page.get_by_text("Week", exact=True).click()
    page.wait_for_url("**grain=week**")
    settle(page)
    page.get_by_role("button", name="Period Last 28 days").click()
    page.get_by_role("option", name="Last 7 days").click()
    page.wait_for_url(f"**to={YESTERDAY}**")
    settle(page)
    assert "in the 7 days to" in answer(page)
    page.get_by_role("button", name="Compare with Previous period").click()
    page.get_by_role("option", name="No comparison").click()
    page.wait_for_url("**compare=none**")
    settle(page)
    assert "more than" not in answer(page)
    visit("/?grain=month&compare=none&metric=ctr&by=platform")
    assert page.get_by_role("radio", name="Month").is_checked()
    assert page.get_by_role("radio", name="Platform").is_checked()
    expect(page.get_by_role("button", name="Compare with No comparison")).to_have_count(1)
    assert page.locator(".cw-tile[aria-pressed=true]").inner_text().startswith("CTR")


def test_a_shared_address_shows_the_same_view_to_somebody_else(page, visit, browser) -> None:
    visit(
        f"/?from={YESTERDAY.replace(day=1)}&to={YESTERDAY}&grain=week&metric=revenue&by=platform&channel=paid_search,shopping"
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy a link to this view").click()
    shared = page.evaluate("navigator.clipboard.readText()")

    def seen(of) -> tuple[object, ...]:
        tiles = of.locator(".cw-tile-value").all_inner_texts()
        rows = of.locator("#table-platform .ag-row").all_inner_texts()
        line = of.evaluate("document.querySelector('#trend-graph .js-plotly-plot').data.at(-1).customdata")
        return answer(of), tiles, sorted(rows), line, of.locator(".cw-chip-value").all_inner_texts()

    with watched_page(browser) as other:
        other.goto(shared)
        settle(other)
        assert seen(other) == seen(page)


def test_a_table_as_csv_has_the_numbers_of_the_mart(page, visit, warehouse) -> None:
    visit("/?platform=microsoft_ads&by=campaign")
    with page.expect_download() as download:
        page.get_by_role("button", name="KPIs by campaign as CSV").click()
    lines = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    rows = asked(
        warehouse,
        f"""SELECT campaign_name, sum(spend) AS spend, sum(clicks) AS clicks, sum(impressions) AS impressions
            FROM mart.campaign_daily
            WHERE platform = 'microsoft_ads' AND date_day > DATE '{YESTERDAY}' - 28 GROUP BY 1""",
    )
    assert len(rows) > 1
    spent = {line["Campaign"]: Decimal(line["Spend (USD)"]) for line in lines if line["Spend (USD)"]}
    assert spent == {row["campaign_name"]: row["spend"] for row in rows}
    line, row = lines[0], next(row for row in rows if row["campaign_name"] == lines[0]["Campaign"])
    assert float(line["CTR (%)"]) == pytest.approx(float(100 * row["clicks"] / row["impressions"])), (
        "in the header's unit"
    )


def test_every_row_of_the_period_can_be_taken_away(page, visit, warehouse) -> None:
    visit("/?platform=microsoft_ads&by=rows")
    with page.expect_download() as download:
        page.get_by_role("link", name="All rows as CSV").click()
    lines = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    rows = asked(
        warehouse,
        f"""SELECT spend FROM mart.campaign_daily
            WHERE platform = 'microsoft_ads' AND date_day > DATE '{YESTERDAY}' - 28""",
    )
    assert len(lines) == len(rows)
    assert sum(Decimal(line["spend"] or 0) for line in lines) == sum(row["spend"] or 0 for row in rows)


def test_the_copied_sql_gives_the_number_that_is_shown(page, visit, warehouse) -> None:
    visit("/?currency=USD&by=channel")
    copied = page.locator(".cw-card", has=page.locator("#table-channel")).locator("[data-copy]").first
    rows = asked(warehouse, copied.get_attribute("data-copy"))
    shown = page.locator("#table-channel .ag-pinned-left-cols-container .ag-row a").all_inner_texts()
    assert [row["channel"].replace("_", " ") for row in rows] == [name.lower() for name in shown]
    hint = page.locator(".cw-tile", has_text="Spend").first.locator(".cw-tile-value").get_attribute("data-hint")
    assert f"${sum(row['spend'] for row in rows):,.2f}" == hint


def test_a_view_is_saved_found_again_and_deleted(page, visit) -> None:
    visit("/?metric=revenue&by=platform")
    said = answer(page)
    page.get_by_role("button", name="Saved views").click()
    page.locator("#view-name").fill("Revenue by platform")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Revenue by platform").wait_for()
    page.locator("#view-name").fill("Revenue by platform")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#view-said")).to_contain_text("already")
    visit("/")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("link", name="Revenue by platform").click()
    page.wait_for_url("**metric=revenue**")
    settle(page)
    assert query(page) == {"period": "last28", "metric": "revenue", "by": "platform"}, "it moves with the data"
    assert answer(page) == said
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("button", name="Delete the view Revenue by platform").click()
    expect(page.get_by_text("None yet.")).to_be_visible()


def test_amounts_that_cannot_be_added_are_withheld_with_a_way_out(page, visit) -> None:
    visit("/?currency=CHF")
    assert answer(page) == "No total can be shown in CHF: exchange rates are missing."
    assert page.locator(".cw-tile").count() == 0
    page.get_by_role("link", name="Accounts in EUR").click()
    page.wait_for_url("**currency=EUR**")
    settle(page)
    assert answer(page).startswith("Spend on ")
    assert page.locator(".cw-tile-value").first.inner_text().startswith("€")


def test_no_change_is_shown_against_days_without_data(page, visit) -> None:
    visit("/?period=all&compare=year")
    assert page.locator(".cw-banner-title", has_text="No change is shown.").count() == 1
    assert page.locator(".cw-change").count() == 0
