"""What a reader is told when something fails: what happened, what to do, and the id under which it is logged."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps

import structlog
from dash import dcc, html, set_props
from dash.development.base_component import Component

from api.observe import Unexpected
from dashboard.components import cards, words
from dashboard.frame import NOTICE, dress
from warehouse.errors import CausewayError
from warehouse.outages import outage_of

_log = structlog.get_logger("causeway.dashboard")


def in_words(error: Exception) -> CausewayError:
    """The error as a reader may see it. What nobody expected is logged with its traceback under an id."""
    if isinstance(error, CausewayError):
        return error
    outage = outage_of(error)
    if outage is not None:
        return outage
    known = structlog.contextvars.get_contextvars().get("request_id")
    unexpected = Unexpected(str(known or secrets.token_hex(8)))
    _log.exception("unexpected failure of a page", exc_info=error, shown=unexpected.message)
    return unexpected


def guarded(page: str, layout: Callable[[dict[str, str]], Component]) -> Callable[..., Component]:
    """A page's layout as Dash calls it (with the address's query as names), which never fails."""

    @wraps(layout)
    def called(**query: str | list[str]) -> Component:
        # Of a name that is given several times the last value counts.
        given = {name: value[-1] if isinstance(value, list) else value for name, value in query.items()}
        try:
            return layout(given)
        except Exception as error:  # noqa: BLE001  # the last place where a page can answer
            shown = in_words(error)
            dress(page)
            return _failed(page, shown)

    return called


def tell(error: Exception) -> None:
    """Say above the page that a callback failed; the page stays as it was."""
    shown = in_words(error)
    set_props(NOTICE, {"children": words.banner("bad", shown.message, shown.remedy)})


def _failed(page: str, error: CausewayError) -> Component:
    address = "/" if page == "overview" else f"/{page}"
    again = dcc.Link("Start over", href=address, className="cw-button cw-button-plain")
    text = f"{error.message} {error.remedy}".strip()
    content = words.empty("This view cannot be shown", text, action=again, icon_name="stop")
    return html.Div([html.H1(page.capitalize(), className="cw-question"), cards.card(None, content)], role="alert")
