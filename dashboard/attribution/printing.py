"""The view of attribution as a page of its own, to read and to print, at an address that takes the view's query."""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, request

from api.refusals import refusal
from dashboard.attribution.read import model_of, question_of
from dashboard.reading import reading
from dashboard.state import View
from ml.attribution.held import held_journeys
from ml.attribution.inputs import Dimension
from ml.attribution.report import report_of
from ml.attribution.report_page import page_of
from warehouse.errors import CausewayError
from warehouse.schema.commerce import ConversionKind

REPORT = "/attribution/report"


def register_report(server: Flask) -> None:
    """Add the address to the server; it answers with the rights of whoever asks."""

    @server.get(REPORT)
    def report() -> Response:
        try:
            page = _page(dict(request.args))
        except CausewayError as error:
            headers = {name.lower(): value for name, value in request.headers.items()}
            refused = refusal(error, path=request.path, headers=headers)
            return Response(bytes(refused.body), refused.status_code, dict(refused.headers))
        return Response(page, mimetype="text/html", headers={"cache-control": "no-store"})


def _page(query: dict[str, str]) -> str:
    with reading() as found:
        view = View.from_query(query, found.days)
        is_dated = bool(query.keys() & {"from", "to", "period"})
        held = held_journeys(
            found.session,
            view.filter,
            goal=ConversionKind(view.goal) if view.goal else None,
            first=view.filter.start if is_dated else None,
            last=view.filter.end if is_dated else None,
        )
        asked = view.asked
        model = asked.model if held.run is None else model_of(asked, held.run)
        by = () if asked.split == "channel" or asked.without else (cast("Dimension", asked.split),)
        return page_of(report_of(found.session, held, question_of(asked, model, by)))
