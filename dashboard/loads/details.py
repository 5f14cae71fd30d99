"""One load in the drawer: its counts add up, what was assumed, what was refused, and what each header was taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import words
from dashboard.loads.pieces import moment, severity_mark
from warehouse.queries.loads import LoadFinding, LoadSummary, Rejected

MOST_REJECTED = 200


def load_details(load: LoadSummary, findings: Sequence[LoadFinding], rejected: Sequence[Rejected]) -> Component:
    """The drawer's content."""
    parts: list[Component | None] = [
        html.P(load.path, className="cw-path"),
        words.banner("bad", "Refused.", load.reason or "") if load.status == "refused" else None,
        _counts(load),
        _facts(load),
        _section("Assumed", [_assumption(a) for a in load.assumptions]),
        _section("Findings", [html.Li([severity_mark(f.severity), html.Div(f.message)]) for f in findings]),
        _section("Rejected rows", [_rejected(row) for row in rejected], note=_cut(load, rejected)),
        _mapping(load.mapping),
    ]
    return html.Div([part for part in parts if part is not None], className="cw-page cw-load")


def _counts(load: LoadSummary) -> Component:
    """Read = accepted + rejected + skipped, with what is inside of each."""
    reasons = ", ".join(f"{count:,} {_reason(reason)}" for reason, count in load.skipped_by_reason.items())
    lines = [
        ("Read", load.rows_read, ""),
        ("Accepted", load.accepted, f"{load.restated:,} of them restate earlier rows" if load.restated else ""),
        ("Rejected", load.rejected, ""),
        ("Skipped", load.skipped, reasons),
    ]
    rows = [
        html.Tr([html.Th(label, scope="row"), html.Td(f"{count:,}", className="cw-cell-number"), html.Td(note)])
        for label, count, note in lines
    ]
    adds_up = load.rows_read == load.accepted + load.rejected + load.skipped
    said = "Read = accepted + rejected + skipped" if adds_up else "The counts do not add up"
    vanished = f"; {load.vanished:,} earlier rows of its range are gone" if load.vanished else ""
    caption = html.Caption(f"{said}{vanished}.")
    return html.Table([caption, html.Tbody(rows)], className="cw-small-table")


def _facts(load: LoadSummary) -> Component:
    days = formats.day_range(load.first_day, load.last_day) if load.first_day and load.last_day else formats.UNKNOWN
    final = f"days before {formats.day(load.final_before, weekday=False)}" if load.final_before else formats.UNKNOWN
    facts = {
        "Recognised as": load.source or "nothing known",
        "Account": load.account or formats.UNKNOWN,
        "Days": days,
        "Final": final,
        "Loaded": f"{moment(load.started_at)} UTC" + (f", in {load.seconds:.2g} s" if load.seconds is not None else ""),
    }
    pairs = [part for label, value in facts.items() for part in (html.Dt(label), html.Dd(value))]
    return html.Dl(pairs, className="cw-facts")


def _section(title: str, items: Sequence[Component], *, note: str = "") -> Component | None:
    if not items:
        return None
    return html.Section(
        [
            html.H3(title, className="cw-card-title"),
            *([html.P(note, className="cw-card-note")] if note else []),
            html.Ul(list(items), className="cw-findings"),
        ]
    )


def _assumption(assumed: Mapping[str, object]) -> Component:
    said = [html.Strong(f"{assumed.get('field')}: {assumed.get('value')}"), html.Span(str(assumed.get("why", "")))]
    return html.Li([severity_mark("info"), html.Div(said)])


def _rejected(row: Rejected) -> Component:
    where = f"Line {row.line:,}" + (f", column {row.column}" if row.column else "")
    return html.Li(
        [severity_mark("warning"), html.Div([html.Strong(where), html.Span(row.reason), html.Code(row.raw)])]
    )


def _cut(load: LoadSummary, rejected: Sequence[Rejected]) -> str:
    if load.rejected <= len(rejected):
        return ""
    return f"The first {len(rejected)} of {load.rejected:,}; mart.rejected_row has all."


def _mapping(mapping: Mapping[str, str]) -> Component | None:
    if not mapping:
        return None
    rows = [html.Tr([html.Th(header, scope="row"), html.Td(field)]) for header, field in mapping.items()]
    head = html.Thead(html.Tr([html.Th("Header", scope="col"), html.Th("Taken for", scope="col")]))
    table = html.Table([head, html.Tbody(rows)], className="cw-small-table")
    return html.Section([html.H3("Mapping", className="cw-card-title"), table])


def _reason(reason: str) -> str:
    return reason.replace("_", " ")
