"""The dashboard as one WSGI application: pages, their callbacks, and the frame around them."""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Sequence
from pathlib import Path

import dash
from dash import Dash, dcc
from dash.development.base_component import Component

from dashboard.attribution.printing import register_report
from dashboard.components.cards import skeleton
from dashboard.components.document import INDEX, THEME_BEFORE_PAINT
from dashboard.failures import guarded, tell
from dashboard.frame import framed
from dashboard.pages import (
    attribution,
    budget,
    data,
    experiments,
    journeys,
    live,
    mix,
    not_found_404,
    overview,
    uplift,
)
from dashboard.reading import share
from dashboard.saved_views import register_saved_views
from dashboard.steering import ADDRESS, register_steering
from warehouse.sessions import Warehouse
from warehouse.settings import signing_key

PAGES = (overview, budget, mix, attribution, experiments, uplift, journeys, live, data)

_A_YEAR = 365 * 86_400


class Dashboard(Dash):
    """Dash, which also counts the script in our own document among those that the browser may run."""

    def csp_hashes(self, hash_algorithm: str = "sha256") -> Sequence[str]:
        """The hashes of all inline scripts, as a Content-Security-Policy writes them."""
        digest = hashlib.new(hash_algorithm, THEME_BEFORE_PAINT.encode()).digest()
        own = f"'{hash_algorithm}-{base64.b64encode(digest).decode()}'"
        return [own, *super().csp_hashes(hash_algorithm)]


def create_dash(warehouse: Warehouse) -> Dash:
    """The dashboard over a warehouse. Who reads is found in the request (``api/gate.py`` before it)."""
    app = Dashboard(
        "dashboard",
        assets_folder=str(Path(__file__).parent / "assets"),
        index_string=INDEX,
        title="Causeway",
        update_title="",
        use_pages=True,
        pages_folder="",
        suppress_callback_exceptions=True,  # most controls come with the pages
        serve_locally=True,
        enable_mcp=False,  # it would show layouts and callbacks to programs
        add_log_handler=False,
        on_error=tell,
    )
    app.server.secret_key = signing_key(warehouse.settings)
    app.server.config["SEND_FILE_MAX_AGE_DEFAULT"] = _A_YEAR  # the address of an asset changes with its content
    share(app.server.extensions, warehouse, [page.PAGE for page in PAGES])
    for page in PAGES:
        dash.register_page(  # type: ignore[no-untyped-call]
            page.__name__,
            path=page.PAGE.href,
            name=page.PAGE.label,
            title=f"{page.PAGE.label} · Causeway",
            layout=guarded(page.PAGE.name, page.layout),
        )
        page.register(app)
    dash.register_page(  # type: ignore[no-untyped-call]
        not_found_404.__name__, title="Not found · Causeway", layout=guarded("not found", not_found_404.layout)
    )
    register_steering(app)
    register_saved_views(app)
    register_report(app.server)
    app.layout = [dcc.Location(id=ADDRESS, refresh="callback-nav"), framed([p.PAGE for p in PAGES], _container())]
    with app.server.test_request_context():
        app.server.preprocess_request()  # Dash adds its routing and inline scripts at the first request; make this it
    return app


def _container() -> Component:
    """Dash's own container of pages, with grey shapes in it until the first page is there."""
    container: Component = copy.deepcopy(dash.page_container)
    container["_pages_content"].children = [skeleton("text"), skeleton("tiles"), skeleton("figure")]
    return container
