"""What a page says in words: its answer, the three fixed marks, banners, empty states, chips and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.icons import IconName, icon

Content = Component | str | Sequence[Component | str]
MarkName = Literal["credited", "associated", "incremental"]
Severity = Literal["info", "good", "caution", "bad"]

MARKS: Mapping[MarkName, str] = {
    "credited": "Credit that a rule or a platform hands out. It says who was there, not who caused it.",
    "associated": "A pattern that a model found. What goes together need not cause one another.",
    "incremental": "What would not have happened without it, measured by an experiment or a model calibrated by one.",
}

CHIP_REMOVE = "chip-remove"  # the "type" of a chip's remove button; its "key" is the filter's
CHIPS_CLEAR = "chips-clear"


class Chip(NamedTuple):
    """An active filter: ``key`` for the callback, ``label`` and ``value`` for the reader."""

    key: str
    label: str
    value: str


class Crumb(NamedTuple):
    """A step of the way down; the last one is where the reader is and needs no ``href``."""

    label: str
    href: str = ""


def answer(
    question: str, sentence: Content, *, mark_name: MarkName | None = None, note: Content | None = None
) -> Component:
    """The top of a page: its question, small, and the one sentence that answers it. ``note`` qualifies it below."""
    children: list[Component] = [html.H1(question, className="cw-question")]
    said = [*_many(sentence), *([" ", mark(mark_name)] if mark_name else [])]
    children.append(html.P(said, className="cw-answer"))
    if note is not None:
        children.append(html.P(note, className="cw-answer-note"))
    return html.Section(children, className="cw-answer-block")


def mark(name: MarkName) -> Component:
    """One of the three fixed labels, with a line on hover and focus that says what it means."""
    return html.Span(
        [icon(name), name],
        className=f"cw-mark cw-mark-{name}",
        tabIndex="0",
        role="note",
        **{"data-hint": MARKS[name], "aria-label": f"{name}: {MARKS[name]}"},
    )


def hint(text: str, about: str) -> Component:
    """A small "i" that explains ``about`` on hover and focus."""
    return html.Span(
        icon("info"),
        className="cw-hint",
        tabIndex="0",
        role="note",
        **{"data-hint": text, "aria-label": f"{about}: {text}"},
    )


def banner(severity: Severity, title: str, text: Content = "", *, action: Component | None = None) -> Component:
    """A message above what it qualifies. Caution and bad interrupt a screen reader, the others wait."""
    icons: Mapping[Severity, IconName] = {"info": "info", "good": "tick", "caution": "caution", "bad": "stop"}
    words = [html.Strong(title, className="cw-banner-title"), html.Span(text, className="cw-banner-text")]
    return html.Div(
        [icon(icons[severity]), html.Div(words, className="cw-banner-words"), *([action] if action else [])],
        className=f"cw-banner cw-banner-{severity}",
        role="alert" if severity in {"caution", "bad"} else "status",
    )


def empty(
    title: str,
    text: Content,
    *,
    command: str = "",
    action: Component | None = None,
    icon_name: IconName = "empty",
) -> Component:
    """What stands where data will be: what is missing, and the one command or button that brings it."""
    children: list[Component] = [
        html.Span(icon(icon_name), className="cw-empty-icon"),
        html.H2(title, className="cw-empty-title"),
        html.P(text, className="cw-empty-text"),
    ]
    if command:
        children.append(command_line(command))
    if action is not None:
        children.append(action)
    return html.Div(children, className="cw-empty")


def command_line(command: str) -> Component:
    """A shell command with a button that copies it."""
    copy = html.Button(
        icon("copy"),
        className="cw-button cw-button-quiet cw-button-icon",
        type="button",
        **{"data-action": "copy", "data-copy": command, "aria-label": "Copy the command"},
    )
    return html.Div([html.Code(command), copy], className="cw-command")


def chips(active: Sequence[Chip]) -> Component:
    """The active filters, each with a button that removes it, and one that removes all when there are several."""
    children: list[Component] = [_chip(chip) for chip in active]
    if len(active) > 1:
        children.append(
            html.Button("Clear all", id=CHIPS_CLEAR, type="button", className="cw-button cw-button-quiet", n_clicks=0)
        )
    return html.Div(children, className="cw-chips", role="group", **{"aria-label": "Active filters"})


def breadcrumb(crumbs: Sequence[Crumb]) -> Component:
    """The way back up from where a reader drilled down to."""
    items = [
        html.Li(
            [
                *([icon("chevron-right")] if i else []),
                dcc.Link(crumb.label, href=crumb.href, className="cw-crumb")
                if crumb.href and i < len(crumbs) - 1
                else html.Span(crumb.label, className="cw-crumb", **{"aria-current": "page"}),
            ]
        )
        for i, crumb in enumerate(crumbs)
    ]
    return html.Nav(html.Ol(items, className="cw-breadcrumb"), **{"aria-label": "Breadcrumb"})


def _chip(chip: Chip) -> Component:
    remove = html.Button(
        icon("close"),
        id={"type": CHIP_REMOVE, "key": chip.key},
        className="cw-chip-remove",
        type="button",
        n_clicks=0,
        **{"aria-label": f"Remove the filter {chip.label}: {chip.value}"},
    )
    return html.Span(
        [
            html.Span(f"{chip.label}: ", className="cw-chip-label"),
            html.Span(chip.value, className="cw-chip-value"),
            remove,
        ],
        className="cw-chip",
    )


def _many(content: Content) -> list[Component | str]:
    return [content] if isinstance(content, (str, Component)) else list(content)
