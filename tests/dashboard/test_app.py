"""The pages without a browser: what a view costs, who sees what, what is kept, what is refused."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from api.actions.taxonomy import put_channel_rule
from api.actions.users import NewGrant, create_user
from api.auth import acting_as
from api.identity import Identity, Role, Scope
from dashboard.app import PAGES, create_dash
from tests.warehouse.seed import GOOGLE, google_report
from warehouse.access import Reader
from warehouse.ingest.load import LoadOptions, load_paths

MOST_STATEMENTS = 10

VIEWS = [
    "",
    "?by=platform",
    "?by=campaign_type&metric=roas",
    "?by=campaign&compare=year",
    "?by=day",
    "?by=rows",
    "?period=all&grain=month",
    "?channel=paid_search&by=campaign&compare=none",
]


@pytest.fixture(scope="module", autouse=True)
def _seeded(seed) -> None:
    """Every test here has the two accounts."""


def of_google(seed, search: str) -> str:
    """The view of the one account that needs no rate."""
    return f"{search or '?'}&account={seed.google}"


@pytest.mark.parametrize("search", VIEWS)
def test_a_view_costs_at_most_ten_statements_and_the_same_again_next_to_none(view, seed, search) -> None:
    search = of_google(seed, search) + f"&from=2026-06-{VIEWS.index(search) + 1:02}&to=2026-07-30"
    first = view("/", search)
    assert first.says("Spend on")
    assert len(first.statements) <= MOST_STATEMENTS, first.statements
    if "by=rows" not in search:  # which looks further back while rows are missing
        assert len(set(first.statements)) == len(first.statements), "no statement twice"
    again = view("/", search)
    assert again.page == first.page
    assert len(again.statements) <= 4


def test_the_history_costs_no_more_statements(view, seed) -> None:
    short = view("/", of_google(seed, "?from=2026-07-29&to=2026-07-30&compare=none"))
    long = view("/", of_google(seed, "?from=2020-01-01&to=2026-07-30&compare=none"))
    assert len(long.statements) == len(short.statements)


def test_the_numbers_are_those_that_can_be_told_by_hand(view, seed) -> None:
    # 28 days x (5 + 10) of spend and x (1 + 2) conversions, of value 20 + i % 7 and 40 + i % 7
    found = view("/", of_google(seed, ""))
    assert found.says("Spend on ")
    assert found.says("$420")
    assert found.says("84")
    value = sum(20 + i % 7 + 40 + i % 7 for i in range(32, 60))
    assert found.says(f"${value / 1000:.2f} k")


def test_amounts_in_two_currencies_without_a_rate_are_withheld(view) -> None:
    found = view("/")
    assert found.says("No total can be shown")
    assert found.says("Accounts in EUR")
    assert not found.says("cw-tile-value")


def test_what_is_loaded_later_is_shown_at_once(view, seed, warehouse, tmp_path) -> None:
    search = of_google(seed, "?from=2026-07-28&to=2026-07-28&compare=none")
    before = view("/", search)
    assert before.says("$15.00")
    more = tmp_path / "more.csv"
    more.write_text(google_report().replace("5.00,1.00,", "6.00,1.00,", 60), encoding="utf-8")
    assert [r.restated for r in load_paths(warehouse, [str(more)], LoadOptions(account=GOOGLE))] == [60]
    assert view("/", search).says("$16.00")


def test_an_edited_channel_is_shown_at_once(view, seed, warehouse, owner) -> None:
    search = of_google(seed, "?by=channel")
    assert not view("/", search).says("Video")
    put_channel_rule(warehouse, owner, platform="google_ads", campaign_type="Shopping", channel="video")
    assert view("/", search).says("Video")
    put_channel_rule(warehouse, owner, platform="google_ads", campaign_type="Shopping", channel="shopping")
    assert not view("/", search).says("Video")


def test_another_reader_sees_neither_the_numbers_nor_what_was_kept_of_them(view, seed, warehouse, owner) -> None:
    view("/", of_google(seed, ""))
    person = create_user(
        warehouse, owner, email="meta@example.com", name="M", grants=[NewGrant(seed.meta, Role.viewer)]
    )
    reader = Identity(
        Reader(f"user:{person.user_key}", "M"), person.user_key, "M", "meta@example.com", {seed.meta: Role.viewer},
        Scope.admin, local=False,
    )  # fmt: skip
    for path, search in (("/", ""), ("/", "?by=platform"), ("/", "?by=rows"), ("/", f"?account={seed.google}")):
        found = view(path, search, reader)
        assert "google" not in found.page.lower()
        assert "Campaign 1" not in found.page
        assert "Google" not in str(found.frame)
    loads = view("/data", "", reader)
    assert "meta.csv" in loads.page
    assert "google.csv" not in loads.page
    assert "rule-save" not in loads.page, "a viewer edits nothing"
    nobody = Identity(Reader("user:999", "N"), 999, "N", "", {}, Scope.admin, local=False)
    assert view("/", "", nobody).says("Nothing is loaded yet")
    refused = view("/data", "?load=1", nobody)
    assert refused.says("There is no load 1.")


def test_the_address_sets_the_frame(view, seed) -> None:
    found = view("/", of_google(seed, "?from=2026-07-01&to=2026-07-30&channel=paid_search"))
    frame = str(found.frame)
    assert "2026-07-01" in frame
    assert "Remove the filter Channel: Paid search" in frame
    rail = [props["href"] for name, props in found.frame.items() if "rail-link" in name]
    assert len(rail) == len(PAGES)
    assert all("channel=paid_search" in href for href in rail)
    bare = view("/")
    assert {props["href"] for name, props in bare.frame.items() if "rail-link" in name} == {
        page.PAGE.href for page in PAGES
    }


def test_nothing_in_a_page_is_kept_between_two_dashboards(warehouse, owner, view, seed) -> None:
    other = create_dash(warehouse)
    assert len(other.callback_map) == len(create_dash(warehouse).callback_map)
    assert view("/", of_google(seed, "")).says("Spend on")


def test_what_it_serves_needs_no_network_and_is_cached_for_good(client, owner) -> None:
    with acting_as(owner):
        index = client.get("/").text
        assert not re.findall(r"""(?:src|href)=["']https?://""", index)
        styles = re.findall(r'href="(/assets/[^"]+)"', index)
        assert len(styles) > 5
        for address in styles:
            assert "max-age=31536000" in client.get(address).headers["cache-control"]
    assert not [rule.rule for rule in client.application.url_map.iter_rules() if "mcp" in rule.rule]


def test_every_inline_script_may_run_under_the_policy(warehouse, owner) -> None:
    dash = create_dash(warehouse)
    hashes = set(dash.csp_hashes())
    with acting_as(owner):
        index = dash.server.test_client().get("/").text
    scripts = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", index, re.DOTALL)
    assert len(scripts) >= 3
    for script in scripts:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in hashes


def test_the_data_page_counts_what_was_loaded(view, seed) -> None:
    found = view("/data")
    assert found.says("3 files loaded, no rows rejected; ")
    assert found.says("60 of them restate earlier ones")
    details = view("/data", "?load=1")
    assert details.frame["drawer"]["is_open"] is True
    assert "Read = accepted + rejected + skipped." in str(details.frame["drawer-body"])
