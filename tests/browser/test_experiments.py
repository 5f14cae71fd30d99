"""The Experiments page in a real browser: from the list to a read-out, a decision, and the next test planned."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.api.serving import Served
from tests.browser.conftest import answer, readable, served, settle, violations
from tests.dashboard.experiments.made import button_trial, lift_trial, read_all
from tests.warehouse.experiments.trial import Trial
from warehouse.sessions import Warehouse

pytestmark = pytest.mark.browser

Visit = Callable[[str], None]


@pytest.fixture(scope="module")
def trial(empty_warehouse: Warehouse) -> Trial:
    trial = button_trial(empty_warehouse)
    read_all(trial)
    return trial


@pytest.fixture(scope="module")
def dark(trial: Trial) -> int:
    return lift_trial(trial)


@pytest.fixture(scope="module")
def site(empty_warehouse: Warehouse, dark: int) -> Iterator[Served]:
    with served(empty_warehouse) as running:
        yield running


def test_the_list_leads_to_a_read_out_and_a_metric_is_another_address(page: Page, visit: Visit, site: Served) -> None:
    visit("/experiments")
    assert answer(page) == "2 experiments, 1 running, and 2 prove an effect."
    assert page.locator(".cw-tone-good", has_text="● Sound").count() == 2
    page.locator("#experiments a", has_text="Button").click()
    page.wait_for_url("**experiment=*")
    settle(page)
    assert answer(page).startswith("green raises orders against control: +")
    page.locator(".cw-pill", has_text="Revenue").click()
    page.wait_for_url("**metric=revenue*")
    page.get_by_text("Revenue of green less the control's").wait_for()
    said = answer(page)
    visit(page.url.removeprefix(site.url))
    assert answer(page) == said


def test_read_outs_can_be_read_by_everybody_at_any_width(page: Page, visit: Visit, trial: Trial, dark: int) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    for name, key in (("experiment", trial.experiment), ("go-dark", dark)):
        visit(f"/experiments?experiment={key}")
        readable(page, name)


def test_it_is_stopped_and_decided_with_a_reason(page: Page, visit: Visit, trial: Trial) -> None:
    visit(f"/experiments?experiment={trial.experiment}")
    page.get_by_role("button", name="Stop it now").click()
    page.get_by_role("button", name="Decide").click()
    expect(page.locator("#experiment-moved")).to_contain_text("Say what is done, and for which reason.")
    page.get_by_label("Decision and its reasons").fill("Green for everybody: it sold more.")
    page.get_by_role("button", name="Decide").click()
    expect(page.locator(".cw-facts")).to_contain_text("Green for everybody: it sold more.")
    assert page.get_by_role("button", name="Decide").count() == 0


def test_a_test_is_planned_while_typing_and_registered(page: Page, visit: Visit) -> None:
    visit("/experiments?show=plan")
    before = answer(page)
    effect = page.get_by_label("Effect worth knowing, in %", exact=True)
    effect.fill("20")
    effect.press("Tab")
    page.wait_for_url("**effect=20*")
    page.get_by_text("To find an effect of 20").wait_for()
    assert answer(page) != before
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("New units a day"), "the cursor stays where it was going"
    page.get_by_role("link", name="Plan with this").first.click()
    page.wait_for_url("**spread=*")
    settle(page)
    assert violations(page) == []
    for label, text in (("Name", "Free returns"), ("Arms, the control first", "control, banner"),
                        ("Primary metric", "orders")):  # fmt: skip
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Register as a draft").click()
    page.wait_for_url("**experiment=*")
    page.get_by_text("This is a draft.").wait_for()
    page.get_by_role("button", name="Start it now").click()
    page.get_by_role("button", name="Stop it now").wait_for()
