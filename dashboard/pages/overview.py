"""The Overview: what the period cost, what it brought, and what moved; down to the single row."""

from __future__ import annotations

from dash import Dash, html
from dash.development.base_component import Component

from dashboard.components import cards, words
from dashboard.components.shell import Page
from dashboard.frame import Steered, dress
from dashboard.overview import pieces, today
from dashboard.overview.read import Shown, Withheld, read_overview
from dashboard.overview.words import active_chips, answer, banners, crumbs, names_of, withheld
from dashboard.reading import reading
from dashboard.state import View

PAGE = Page("overview", "Overview", "/", "overview", "o")


def layout(query: dict[str, str]) -> Component:
    """The page for an address. Raises :class:`~warehouse.errors.BadFilter` for one that means nothing."""
    with reading() as found:
        if found.scope.last_day is None:
            dress(PAGE.name)
            return _empty()
        view = View.from_query(query, found.days)
        shown = read_overview(found, view)
    names = names_of(shown)
    # A bare address means the newest days, and keeps meaning that.
    carried = view.search() if query else ""
    dress(PAGE.name, Steered(view, shown.scope, shown.days, active_chips(view, names)), carried=carried)
    above = [*banners(shown)]
    trail = crumbs(view, names)
    if trail:
        above.insert(0, words.breadcrumb(trail))
    if isinstance(shown, Withheld):
        return html.Div([*above, *withheld(shown)], className="cw-page")
    return html.Div(
        [*above[: bool(trail)], answer(shown), today.strip(), *above[bool(trail) :], *_evidence(shown)],
        className="cw-page",
    )


def register(app: Dash) -> None:
    """Today moves by itself; every click is another address (``dashboard/steering.py``)."""
    today.register_today(app)


def _evidence(shown: Shown) -> list[Component]:
    figures = [pieces.main_figure(shown)]
    below: list[Component] = [html.Div(pieces.grouping(shown.view), className="cw-section-head")]
    if shown.parts is None or shown.view.by == "rows":
        below.append(pieces.rows_table(shown))
    else:
        if pieces.has_bars(shown):
            figures.append(pieces.parts_figure(shown, shown.parts))
        below.append(pieces.parts_table(shown, shown.parts, shown.view.by))
        if shown.campaigns is not None and shown.view.by != "campaign":
            below.append(pieces.parts_table(shown, shown.campaigns, "campaign"))
    return [pieces.kpi_tiles(shown), cards.grid(figures), *below]


def _empty() -> Component:
    return html.Div(
        [
            words.answer("What did it cost, what did it bring, and what moved?", "Nothing is loaded yet."),
            today.strip(),
            cards.card(
                None,
                words.empty(
                    "Load what your ad platforms export",
                    "Campaigns by day, as a CSV or Excel file of Google, Meta, Microsoft, LinkedIn, TikTok and others.",
                    command="causeway load PATH",
                ),
            ),
        ],
        className="cw-page",
    )
