"""The gallery in a real browser: looks, keys, downloads, both themes, both widths."""

from __future__ import annotations

import json
import random
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from werkzeug.serving import make_server

from dashboard import formats
from dashboard.theme import COLOURS
from tests.conftest import watched_page
from tests.dashboard import gallery

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address():
    server = make_server("127.0.0.1", 0, gallery.build().server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()


@pytest.fixture
def page(browser_page, address):
    strangers = []
    browser_page.on(
        "request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else strangers.append(r.url)
    )
    open_gallery(browser_page, address)
    yield browser_page
    assert strangers == [], "the page asked the network for something"


def open_gallery(page, address) -> None:
    page.goto(address)
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot .main-svg').length > 5")
    page.locator(".ag-row").first.wait_for(state="attached")
    page.wait_for_function("document.querySelector('.dash-dropdown-focus-target').tabIndex === -1")


@pytest.mark.parametrize(("mode", "width"), [("light", 1440), ("dark", 1440), ("dark", 390), ("light", 360)])
def test_no_accessibility_violation_and_no_sideways_scrolling(browser, address, mode, width) -> None:
    with watched_page(browser) as page:
        page.emulate_media(color_scheme=mode)
        page.set_viewport_size({"width": width, "height": 900})
        open_gallery(page, address)
        violations = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in violations] == []
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_figures_follow_the_theme_and_the_choice_survives_a_reload(page) -> None:
    def line() -> str:
        return page.evaluate("document.querySelector('#spend-graph .js-plotly-plot').data.at(-1).line.color")

    assert line() == COLOURS["accent"].light
    page.keyboard.press("t")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert line() == COLOURS["accent"].dark
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(13, 16, 19)"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.locator("[data-action=theme]").click()
    assert page.evaluate("localStorage.getItem('causeway-theme')") is None, "the system's preference is followed again"


def test_keys_open_help_search_and_pages(page) -> None:
    page.keyboard.press("?")
    assert page.locator("#cw-help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#cw-help").is_visible()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("g d?")
    assert page.url.endswith("/"), "typing into a field is not a shortcut"
    page.keyboard.press("Tab")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/data")
    expect(page.locator(".cw-rail [aria-current=page]")).to_have_text("Data", use_inner_text=True)


def test_a_figure_can_be_read_as_a_table_and_taken_away(page, tmp_path) -> None:
    card = page.locator(".cw-figure-card", has=page.locator("#spend-graph"))
    card.locator("[data-action=table]").click()
    assert card.locator("table tbody tr").count() == 60
    assert not card.locator(".cw-figure").is_visible()
    card.locator("[data-action=table]").click()
    assert card.locator(".cw-figure").is_visible()
    card.locator("summary").click()
    with page.expect_download() as download:
        card.locator("[data-action=csv]").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == '"Date","Spend"'.replace('"', "") + ',Final,Compared date,"Spend, compared"'
    assert len(lines) == 61
    card.locator("summary").click()
    with page.expect_download() as download:
        card.locator("[data-action=png]").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_query_can_be_copied(page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = page.locator(".cw-figure-card", has=page.locator("#spend-graph"))
    card.locator("summary").click()
    card.get_by_text("Copy query as SQL").click()
    page.locator("#cw-live", has_text="Copied").wait_for()
    assert "mart.campaign_daily" in page.evaluate("navigator.clipboard.readText()")


def test_a_table_filters_hides_columns_and_exports_nothing_that_runs(page) -> None:
    page.locator("#campaigns-filter").fill("HYPERLINK")
    rows = page.locator("#campaigns .ag-pinned-left-cols-container .ag-row")
    rows.nth(1).wait_for(state="detached")
    assert rows.count() == 1
    page.locator(".cw-table summary").click()
    page.locator("[data-action=column][data-field=platform]").click()
    page.locator("#campaigns .ag-header-cell[col-id=platform]").wait_for(state="detached")
    with page.expect_download() as download:
        page.locator("[data-action=grid-csv]").click()
    header, *lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert "Platform" not in header
    assert "Spend (USD)" in header
    assert len(lines) == 1, "no totals, only what passes the filter"
    assert lines[0].startswith(""""'=HYPERLINK(""")


def test_a_drop_down_is_reached_named_and_opened_by_keyboard(page) -> None:
    page.locator("#account").focus()
    page.keyboard.press("Enter")
    page.get_by_role("option", name="All accounts").wait_for()
    page.keyboard.press("Escape")
    assert page.get_by_role("button", name="Account Northwind Outdoor").count() == 1


def test_the_browser_writes_numbers_as_the_server_does(page) -> None:
    rng = random.Random(11)
    values = [0.0, 1.225, 99.995, 999.5, 999.4, 12.345, 1e-7, 0.5, 2.5, 1005.0, 999999.0, 1e15, 0.07, 0.285]
    values += [rng.choice([-1, 1]) * rng.uniform(1, 10) * 10 ** rng.randint(-6, 13) for _ in range(300)]
    asked = [
        (v, u, c) for v in values for u in ("money", "count", "decimal", "percent", "multiple") for c in ("USD", "JPY")
    ]
    asked += [(v, "money", "CHF") for v in values]
    got = page.evaluate("asked => asked.map(([v, u, c]) => causeway.number(v, u, c))", json.loads(json.dumps(asked)))
    wrong = [(a, g, formats.number(*a)) for a, g in zip(asked, got, strict=True) if g != formats.number(*a)]
    assert wrong == []


def test_a_hint_shows_on_focus_inside_the_window(page) -> None:
    page.locator(".cw-mark-incremental").focus()
    box = page.locator(".cw-hint-on").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1440
