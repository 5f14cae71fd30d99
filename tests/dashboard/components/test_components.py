from __future__ import annotations

import json
import typing

import pandas as pd
import pytest
from dash.development.base_component import Component
from hypothesis import given
from hypothesis import strategies as st

from dashboard.components import cards, controls, tables, tiles, words
from dashboard.components.export import csv_text, safe_cell
from dashboard.components.icons import _PATHS, IconName, icon
from dashboard.components.shell import Page, TopBar, shell
from dashboard.figures.trend import trend
from tests.dashboard import made_up
from warehouse.metrics import METRICS


def everything(component: Component) -> list[Component]:
    return [component, *component._traverse()]


def find(component: Component, class_name: str) -> list[Component]:
    return [
        c
        for c in everything(component)
        if isinstance(c, Component) and class_name in str(getattr(c, "className", "")).split()
    ]


def text(component: object) -> str:
    """All the words in a component, in reading order."""
    if isinstance(component, str):
        return component
    if isinstance(component, (list, tuple)):
        return " ".join(text(child) for child in component)
    return text(getattr(component, "children", None) or "")


def test_every_icon_is_drawn_and_named_once() -> None:
    assert set(_PATHS) == set(typing.get_args(IconName))


def test_icons_are_for_the_eye_only() -> None:
    assert icon("search").to_plotly_json()["props"]["aria-hidden"] == "true"


@pytest.mark.parametrize("name", words.MARKS)
def test_a_mark_explains_itself_on_hover_focus_and_aloud(name) -> None:
    props = words.mark(name).to_plotly_json()["props"]
    assert props["data-hint"] == words.MARKS[name]
    assert props["aria-label"].startswith(f"{name}: ")
    assert props["tabIndex"] == "0"


def test_chips_name_the_filter_that_they_remove() -> None:
    chips = words.chips([words.Chip("channel", "Channel", "Search"), words.Chip("q", "Search", "sale")])
    removers = find(chips, "cw-chip-remove")
    assert [r.id for r in removers] == [{"type": "chip-remove", "key": "channel"}, {"type": "chip-remove", "key": "q"}]
    assert removers[0].to_plotly_json()["props"]["aria-label"] == "Remove the filter Channel: Search"
    assert "Clear all" in text(chips)
    assert "Clear all" not in text(words.chips([words.Chip("channel", "Channel", "Search")]))


def test_only_what_is_urgent_interrupts() -> None:
    roles = {s: words.banner(s, "t").role for s in ("info", "good", "caution", "bad")}
    assert roles == {"info": "status", "good": "status", "caution": "alert", "bad": "alert"}


def test_the_last_crumb_is_where_the_reader_is() -> None:
    trail = words.breadcrumb([words.Crumb("All", "/"), words.Crumb("Search", "/?channel=search")])
    crumbs = find(trail, "cw-crumb")
    assert crumbs[0].href == "/"
    assert crumbs[1].to_plotly_json()["props"]["aria-current"] == "page"


def test_an_unknown_tile_says_so_instead_of_zero() -> None:
    shown = tiles.tile(METRICS["claim_ratio"], None, 2, compared_with="previous year")
    assert find(shown, "cw-unknown")
    assert find(shown, "cw-change-unknown")
    assert "0" not in text(shown)


def test_a_tile_is_coloured_by_what_is_good_for_its_metric() -> None:
    assert find(tiles.tile(METRICS["cpa"], 90, 100, compared_with="last week"), "cw-change-good")
    assert find(tiles.tile(METRICS["roas"], 90, 100, compared_with="last week"), "cw-change-bad")
    assert not find(tiles.tile(METRICS["roas"], 90, 100), "cw-change")


def test_a_tile_that_can_be_chosen_is_a_button() -> None:
    shown = tiles.tile(METRICS["spend"], 1, selected=True)
    assert shown.id == {"type": "tile", "metric": "spend"}
    assert shown.to_plotly_json()["props"]["aria-pressed"] == "true"


def test_a_figure_card_has_its_sentence_its_twin_and_its_queries() -> None:
    drawn = trend(made_up.trend_frame(5), METRICS["spend"], made_up.comparison(5))
    card = cards.figure_card("spend", "Spend", drawn, query=cards.Query("select 1", "{ a }"))
    ids = cards.figure_ids("spend")
    named = {c.id: c for c in everything(card) if isinstance(c, Component) and getattr(c, "id", None)}
    assert named[ids.graph].figure is drawn.figure
    assert named[ids.summary].children == drawn.summary
    assert find(card, "cw-figure")[0].role == "img"
    twin = json.loads(named[ids.twin].to_plotly_json()["props"]["data-twin"])
    assert [c["kind"] for c in twin["columns"]] == ["date", "money", "text", "date", "money"]
    assert twin["rows"][0][0] == "2026-11-18"
    copies = [c.to_plotly_json()["props"].get("data-copy") for c in find(card, "cw-menu-item")]
    assert copies[-2:] == ["select 1", "{ a }"]


def test_a_table_freezes_names_and_recomputes_totals_from_sums() -> None:
    frame = made_up.campaigns(30)
    columns = [
        tables.Column("label", "Campaign", "text", frozen=True),
        *tables.metric_columns([METRICS["roas"], METRICS["spend"]]),
    ]
    table = tables.data_table("t", frame, columns, label="Campaigns", totals=True, currency="EUR", row_id="key")
    (grid,) = find(table, "cw-grid")
    assert grid.columnDefs[0]["pinned"] == "left"
    assert [d["headerName"] for d in grid.columnDefs] == ["Campaign", "ROAS (×)", "Spend (EUR)"]
    (pinned,) = grid.dashGridOptions["pinnedBottomRowData"]
    known = frame["conversion_value"].dropna()
    assert pinned["roas"] == pytest.approx(float(sum(known)) / float(sum(frame["spend"])))
    assert pinned["label"] == "Total of 30 rows"
    assert grid.rowData[7]["roas"] is None
    json.dumps(grid.rowData)


def test_a_table_of_ten_thousand_rows_scrolls_and_a_short_one_does_not() -> None:
    columns = [tables.Column("label", "Campaign", "text", frozen=True)]
    short = find(tables.data_table("t", made_up.campaigns(3), columns, label="C"), "cw-grid")[0]
    long = find(tables.data_table("t", made_up.campaigns(50), columns, label="C"), "cw-grid")[0]
    assert short.dashGridOptions["domLayout"] == "autoHeight"
    assert "domLayout" not in long.dashGridOptions


def test_a_currency_cannot_leave_its_string_in_a_script() -> None:
    columns = tables.metric_columns([METRICS["spend"]])
    table = tables.data_table("t", made_up.campaigns(1), columns, label="C", currency="U'S;D)")
    getter = find(table, "cw-grid")[0].columnDefs[0]["tooltipValueGetter"]
    assert getter["function"] == "causewayExact(params, 'money', 'USD')"


@pytest.mark.parametrize(
    ("kind", "values", "currency", "places"),
    [
        ("money", [4703.12, 0.5, None], "USD", 2),
        ("money", [123_456.0, 0.5], "USD", 0),
        ("money", [4703.0], "JPY", 0),
        ("percent", [0.36, 0.04], "USD", 1),
        ("percent", [0.012, 0.004], "USD", 2),
        ("multiple", [21.4, 0.89], "USD", 2),
        ("decimal", [12.0, 3.0], "USD", 0),
        ("decimal", [12.5, 3.0], "USD", 1),
        ("count", [12.0], "USD", 0),
    ],
)
def test_a_column_has_one_number_of_decimals(kind, values, currency, places) -> None:
    column = tables.Column("x", "X", kind)
    table = tables.data_table("t", pd.DataFrame({"x": values}), [column], label="X", currency=currency)
    formatter = find(table, "cw-grid")[0].columnDefs[0]["valueFormatter"]
    assert formatter["function"] == f"causewayCell(params, '{kind}', {places})"


def test_the_shell_has_one_main_and_a_way_to_skip_to_it() -> None:
    frame = shell([Page("overview", "Overview", "/", "overview", "o")], TopBar(), "content")
    mains = [c for c in everything(frame) if type(c).__name__ == "Main"]
    assert len(mains) == 1
    assert find(frame, "cw-skip")[0].href == f"#{mains[0].id}"
    assert "Go to Overview" in text(frame)


def test_no_control_asks_the_network_for_anything() -> None:
    from dashboard.components.document import INDEX

    assert "http" not in INDEX.replace("<!DOCTYPE html>", "")


def test_pills_are_a_named_group() -> None:
    assert (
        controls.pills("g", "Granularity", {"day": "Day"}, "day").to_plotly_json()["props"]["aria-label"]
        == "Granularity"
    )


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("@sum", "'@sum"),
        ("-cmd", "'-cmd"),
        ("\t=1", "'\t=1"),
        ("-12.5", "-12.5"),
        ("-1.2e-05", "-1.2e-05"),
        ("+3", "+3"),
        ("Brand = best", "Brand = best"),
    ],
)
def test_a_spreadsheet_runs_nothing(cell, safe) -> None:
    assert safe_cell(cell) == safe


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_stays_a_number(value) -> None:
    assert safe_cell(str(value)) == str(value)


def test_csv_keeps_unknown_apart_from_zero() -> None:
    frame = pd.DataFrame({"name": ["=a", "b,c"], "spend": [0.0, None]})
    assert csv_text(frame) == 'name,spend\r\n\'=a,0.0\r\n"b,c",\r\n'
