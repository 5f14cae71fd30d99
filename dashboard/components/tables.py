"""Tables: ag-grid with our numbers, a frozen name column, totals recomputed from sums, a filter, columns and CSV."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from typing import Literal

import dash_ag_grid as dag
import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components.cards import menu
from dashboard.components.icons import icon
from dashboard.figures.drawn import ColumnKind, total
from warehouse.metrics import SUMS, Metric

Tone = Literal["good", "caution", "bad"]

ROW, HEADER = 36, 40  # pixels
ROWS_WITHOUT_SCROLLING = 14


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``metric`` makes its total; ``frozen`` keeps it in sight; ``hidden`` leaves it to the chooser.

    ``tones`` colours words: each of its texts as good, caution or bad.
    """

    field: str
    label: str
    kind: ColumnKind
    hint: str = ""
    metric: Metric | None = None
    frozen: bool = False
    width: int = 0  # pixels, at least; 0 for the usual
    hidden: bool = False
    tones: Mapping[str, Tone] = made(default_factory=dict)


def metric_columns(metrics: Sequence[Metric], *, hidden: Sequence[str] = ()) -> list[Column]:
    """A column for each metric, with its words as the header's hint."""
    return [Column(m.name, m.label, m.unit, hint=m.words, metric=m, hidden=m.name in hidden) for m in metrics]


def data_table(
    table_id: str,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    label: str,
    currency: str = "USD",
    totals: bool = False,
    file_name: str = "",
    row_id: str = "",
    link: str = "",
) -> Component:
    """``frame`` as a table. The first column should be the frozen name.

    ``link`` names the column with the address to which a row's name leads.
    ``totals`` pins a last row, each metric recomputed from the frame's sums (never from shown values). ``row_id``
    names the column that identifies a row, so that selection and scroll survive an update. The CSV has all rows
    that pass the filter and the columns in sight, no totals, and no cell that a spreadsheet would run.
    """
    rows = _rows(frame, columns, [name for name in (row_id, link) if name])
    options: dict[str, object] = {
        "rowHeight": ROW,
        "headerHeight": HEADER,
        "animateRows": False,
        "enableCellTextSelection": True,
        "ensureDomOrder": True,
        "suppressDragLeaveHidesColumns": True,
        "tooltipShowDelay": 400,
        "localeText": {"noRowsToShow": "There are no rows.", "noMatchingRows": "No row passes the filter."},
    }
    if totals and len(frame):
        options["pinnedBottomRowData"] = [_totals(frame, columns) | ({row_id: "total"} if row_id else {})]
    if len(rows) <= ROWS_WITHOUT_SCROLLING:
        options["domLayout"] = "autoHeight"
        style: dict[str, str] = {"width": "100%"}
    else:
        style = {"width": "100%", "height": f"{HEADER + ROW * (ROWS_WITHOUT_SCROLLING + totals) + 14}px"}
    grid = dag.AgGrid(
        id=table_id,
        rowData=rows,
        columnDefs=[
            _definition(column, currency, _places(frame, column, currency), link if column.frozen else "")
            for column in columns
        ],
        defaultColDef={"sortable": True, "resizable": True, "filter": False, "minWidth": 88, "flex": 1},
        dashGridOptions=options,
        className="cw-grid",
        style=style,
        **({"getRowId": f"params.data.{row_id}"} if row_id else {}),
    )
    return html.Div(
        [_toolbar(table_id, columns, label, file_name or table_id, len(rows)), grid],
        className="cw-table",
        role="region",
        **{"aria-label": label},
    )


def _rows(frame: pd.DataFrame, columns: Sequence[Column], more: Sequence[str]) -> list[dict[str, object]]:
    fields = list(dict.fromkeys([*(c.field for c in columns), *more]))
    kinds: Mapping[str, ColumnKind] = {c.field: c.kind for c in columns}
    cells = {f: [_cell(v, kinds.get(f, "text")) for v in frame[f]] for f in fields}
    return [dict(zip(fields, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def _cell(value: object, kind: ColumnKind) -> object:
    if kind == "text":
        return None if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]
    if kind == "date":
        return None if pd.isna(value) else pd.Timestamp(value).date().isoformat()  # type: ignore[call-overload, arg-type]
    found = formats.to_float(value)
    return None if found != found else found  # noqa: PLR0124 -- NaN is the one value that differs from itself


def _totals(frame: pd.DataFrame, columns: Sequence[Column]) -> dict[str, object]:
    row: dict[str, object] = {}
    for i, column in enumerate(columns):
        if i == 0:
            row[column.field] = f"Total of {len(frame):,} row{'s' * (len(frame) != 1)}"
        elif column.metric is not None:
            row[column.field] = total(frame, column.metric)
        elif column.field in SUMS:
            found = formats.to_decimal_sum(frame[column.field])
            row[column.field] = None if found is None else float(found)
    return row


def _places(frame: pd.DataFrame, column: Column, currency: str) -> int:
    """Decimals of a whole column, so that eyes can compare down it: those that tell its largest numbers apart."""
    if column.kind in {"text", "date", "whole", "count"}:
        return 0
    known = [abs(size) for value in frame[column.field] if not math.isnan(size := formats.to_float(value))]
    largest = max(known, default=0.0)
    if column.kind == "money":
        return 0 if largest >= 100_000 or currency in formats.WITHOUT_CENTS else 2
    if column.kind == "percent":
        return 1 if largest >= 0.1 else 2
    if column.kind == "decimal":
        return 0 if largest >= 100_000 or all(size.is_integer() for size in known) else 1 + (largest < 10)
    return 2


def _definition(column: Column, currency: str, places: int, link: str) -> dict[str, object]:
    numeric = column.kind not in {"text", "date"}
    unit = "" if column.kind in {"text", "date", "whole"} else formats.unit_label(column.kind, currency)  # type: ignore[arg-type]
    definition: dict[str, object] = {
        "field": column.field,
        "headerName": f"{column.label} ({unit})" if unit else column.label,
        "hide": column.hidden,
        "headerTooltip": column.hint or column.label,
        "context": {"kind": column.kind},
        "minWidth": 44 + 7 * len(f"{column.label} {unit}"),  # the header is never cut
    }
    if column.kind == "whole":
        definition |= {
            "type": "rightAligned",
            "cellClass": "cw-cell-number",
            "valueFormatter": {"function": "causewayWhole(params)"},
            "sortingOrder": ["desc", "asc", None],
        }
    elif numeric:
        definition |= {
            "type": "rightAligned",
            "cellClass": "cw-cell-number",
            "valueFormatter": {"function": f"causewayCell(params, '{column.kind}', {places})"},
            "tooltipValueGetter": {"function": f"causewayExact(params, '{column.kind}', '{_code(currency)}')"},
            "sortingOrder": ["desc", "asc", None],
        }
    elif column.kind == "date":
        definition |= {"valueFormatter": {"function": "causewayDay(params)"}, "minWidth": 148}
    else:
        definition |= {"tooltipField": column.field, "minWidth": column.width or 140, "cellClass": "cw-cell-text"}
    if column.frozen:
        definition |= {
            "pinned": "left",
            "lockPinned": True,
            "width": column.width or 240,
            "minWidth": 120,
            "flex": 0,
            "cellClass": "cw-cell-name",
        }
    if column.tones:
        definition["cellClassRules"] = {
            f"cw-tone-{tone}": " || ".join(f"params.value == {json.dumps(text)}" for text in texts)
            for tone, texts in _by_tone(column.tones).items()
        }
    if link:
        definition |= {"cellRenderer": "CausewayLink", "cellRendererParams": {"field": link}}
    return definition


def _by_tone(tones: Mapping[str, Tone]) -> dict[Tone, list[str]]:
    found: dict[Tone, list[str]] = {}
    for text, tone in tones.items():
        found.setdefault(tone, []).append(text)
    return found


def _toolbar(table_id: str, columns: Sequence[Column], label: str, file_name: str, count: int) -> Component:
    search = html.Div(
        [
            icon("search"),
            dcc.Input(id=f"{table_id}-filter", type="search", placeholder="Filter rows", className="cw-search-input"),
        ],
        className="cw-search",
        # The filter runs in the grid; the server never hears of it.
        **{"data-quick-filter": table_id, "data-label": f"Filter {label}"},
    )
    chooser = [
        html.Button(
            [icon("check"), column.label],
            className="cw-menu-item cw-menu-check",
            type="button",
            role="switch",
            **{
                "data-action": "column",
                "data-grid": table_id,
                "data-field": column.field,
                "aria-checked": "false" if column.hidden else "true",
            },
        )
        for column in columns
        if not column.frozen
    ]
    csv = html.Button(
        [icon("download"), "CSV"],
        className="cw-button cw-button-quiet",
        type="button",
        **{"data-action": "grid-csv", "data-grid": table_id, "data-file": file_name, "aria-label": f"{label} as CSV"},
    )
    counted = html.Span(f"{count:,} row{'s' * (count != 1)}", className="cw-table-count")
    right = html.Div([menu("columns", f"Choose columns of {label}", chooser), csv], className="cw-card-actions")
    return html.Div([search, counted, right], className="cw-table-bar")


def _code(currency: str) -> str:
    """The currency as it may stand inside a script: letters only."""
    return "".join(c for c in currency if c.isalpha())
