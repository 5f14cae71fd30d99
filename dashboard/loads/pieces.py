"""The pieces of the Data page: freshness, findings, loads, and what changed since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Literal
from urllib.parse import urlencode

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import formats
from dashboard.components import cards, tables, words
from dashboard.components.icons import IconName, icon
from dashboard.components.tables import Column
from dashboard.figures.freshness import freshness
from warehouse.queries.loads import LoadFinding, LoadSummary

Severity = Literal["info", "caution", "bad"]

FINDINGS_SHOWN = 7
_SEVERITIES: dict[str, tuple[Severity, IconName, int]] = {
    "error": ("bad", "stop", 0),
    "warning": ("caution", "caution", 1),
    "info": ("info", "info", 2),
}


def freshness_figure(fresh: pd.DataFrame, today: dt.date) -> Component:
    """The last 60 days of each source."""
    return cards.figure_card("freshness", "Freshness by source", freshness(fresh, today), span=7)


def findings_list(findings: Sequence[LoadFinding], carried: Mapping[str, str]) -> Component:
    """Findings, the gravest first; each leads to its load."""
    ordered = sorted(findings, key=lambda f: (_SEVERITIES[f.severity][2], -f.load_key))
    if not ordered:
        body: Component = words.empty("Nothing to report", "No load left a finding.", icon_name="tick")
    else:
        shown = html.Ul([_finding(f, carried) for f in ordered[:FINDINGS_SHOWN]], className="cw-findings")
        more = ordered[FINDINGS_SHOWN:]
        rest = html.Details(
            [html.Summary(f"{len(more)} more"), html.Ul([_finding(f, carried) for f in more], className="cw-findings")],
            className="cw-disclosure",
        )
        body = html.Div([shown, *([rest] if more else [])])
    return cards.card("Data quality", body, span=5, note=_counted(ordered))


def loads_table(loads: Sequence[LoadSummary], carried: Mapping[str, str]) -> Component:
    """Every load, newest first; a name opens its details."""
    frame = pd.DataFrame(
        [
            {
                "key": str(load.load_key),
                "file": file_name(load.path),
                "href": load_address(load.load_key, carried),
                "status": load.status,
                "source": load.source or "not recognised",
                "account": load.account,
                "rows_read": load.rows_read,
                "accepted": load.accepted,
                "rejected": load.rejected,
                "restated": load.restated,
                "skipped": load.skipped,
                "vanished": load.vanished,
                "findings": load.findings,
                "first_day": load.first_day,
                "last_day": load.last_day,
                "when": moment(load.started_at),
                "path": load.path,
            }
            for load in loads
        ]
    )
    columns = [
        Column("file", "File", "text", frozen=True, width=320),
        Column("status", "Status", "text", hint="loaded, unchanged (nothing new in it) or refused as a whole"),
        Column("rows_read", "Read", "whole", hint="Accepted + rejected + skipped"),
        Column("accepted", "Accepted", "whole", hint="Rows that are new or changed the warehouse"),
        Column("rejected", "Rejected", "whole", hint="Rows refused, each with its reason in the details"),
        Column("restated", "Restated", "whole", hint="Accepted rows that replaced an earlier version"),
        Column("skipped", "Skipped", "whole", hint="Totals, footers and rows already known"),
        Column("vanished", "Vanished", "whole", hint="Earlier rows that this file's range no longer has"),
        Column("findings", "Findings", "whole"),
        Column("source", "Recognised as", "text"),
        Column("account", "Account", "text"),
        Column("first_day", "First day", "date"),
        Column("last_day", "Last day", "date"),
        Column("when", "Loaded at (UTC)", "text"),
        Column("path", "Path", "text", hidden=True),
    ]
    table = tables.data_table(
        "table-loads", frame, columns, label="Loads", file_name="causeway_loads", row_id="key", link="href"
    )
    return cards.card("Loads", table, flush=True)


def changes_table(changes: pd.DataFrame, since: dt.datetime, carried: Mapping[str, str]) -> Component:
    """Rows whose numbers a later file changed or took away, with the numbers before and now."""
    title, days = (
        f"What changed since {formats.day(since.date(), weekday=False)}",
        f"in files loaded since {formats.day(since.date(), weekday=False)}",
    )
    if changes.empty:
        note = f"No number that was here before changed {days}."
        return cards.card(title, words.empty("Nothing changed", note, icon_name="tick"))
    changes = changes.sort_values("date_day", ascending=False, kind="stable")
    frame = changes.assign(
        href=[load_address(int(key), carried) for key in changes["new_load_key"]],
        load=[f"Load {key}" for key in changes["new_load_key"]],
        gone=["gone" if vanished else "restated" for vanished in changes["vanished"]],
        key=[str(i) for i in range(len(changes))],
    )
    columns = [
        Column("campaign_name", "Campaign", "text", frozen=True, hint="Opens the load that brought the new numbers"),
        Column("date_day", "Day", "date"),
        Column("gone", "What", "text"),
        Column("currency", "Currency", "text", hint="Of revenue and spend"),
        Column("old_conversion_value", "Revenue before", "decimal"),
        Column("current_conversion_value", "Revenue now", "decimal"),
        Column("old_conversions", "Conversions before", "decimal"),
        Column("current_conversions", "Conversions now", "decimal"),
        Column("old_spend", "Spend before", "decimal"),
        Column("current_spend", "Spend now", "decimal"),
        Column("load", "By", "text"),
    ]
    table = tables.data_table(
        "table-changes", frame, columns, label="Changes", file_name="causeway_changes", row_id="key", link="href"
    )
    gone = int(changes["vanished"].sum())
    note = f"{len(changes) - gone:,} rows were restated and {gone:,} went away {days}."
    return cards.card(title, table, flush=True, note=note)


def load_address(load_key: int, carried: Mapping[str, str]) -> str:
    """Where a load's details are; the rest of the query stays, so that the Overview is found again as it was."""
    return "/data?" + urlencode({**carried, "load": load_key})


def file_name(path: str) -> str:
    """The file's own name, with the table's number where it has several."""
    return PurePath(path).name or path


def moment(at: dt.datetime) -> str:
    """A moment in UTC that also sorts as text."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M}"


def severity_mark(severity: str) -> Component:
    """A finding's gravity as an icon with its name."""
    tone, name, _ = _SEVERITIES[severity]
    return html.Span(
        [icon(name), html.Span(severity, className="cw-hidden")], className=f"cw-severity cw-severity-{tone}"
    )


def _finding(finding: LoadFinding, carried: Mapping[str, str]) -> Component:
    link = dcc.Link(file_name(finding.path), href=load_address(finding.load_key, carried), className="cw-quiet-link")
    return html.Li([severity_mark(finding.severity), html.Div([html.Span(finding.message), link])])


def _counted(findings: Sequence[LoadFinding]) -> str | None:
    counts = {severity: sum(f.severity == severity for f in findings) for severity in _SEVERITIES}
    said = [f"{count} {name}{'s' * (count != 1 and name != 'info')}" for name, count in counts.items() if count]
    return ", ".join(said) + "." if said else None
