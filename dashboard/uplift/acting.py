"""What may be done on the page of uplift: value and cost are tried in place, audiences saved, exported and verified."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlencode

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from api.actions import audiences as actions
from api.auth import current_identity
from api.refusals import Invalid
from dashboard.failures import in_words
from dashboard.reading import reading, shared
from dashboard.steering import ADDRESS, query_of
from dashboard.uplift.asked import SETTINGS, Asked
from dashboard.uplift.audiences import CAME, EXPORT, FILE, HOLDOUT, MOST, NAME, SAID, SAVE, VERIFY
from dashboard.uplift.pieces import ASKED, PARTS, POLICY, policy_parts
from dashboard.uplift.read import read_uplift
from dashboard.uplift.words import answer_of
from warehouse.errors import BadFilter

CONTENT, ANSWER, KEPT = "uplift-content", "uplift-answer", "uplift-kept"
_HERE: Final = State(ADDRESS, "search")


def register_acting(app: Dash, content: Callable[[dict[str, str]], list[Component]]) -> None:
    """Add the callbacks to the app; after a change the page's ``content`` is read anew."""
    _register_asking(app)
    _register_saving(app, content)
    _register_verifying(app, content)
    _register_exporting(app)


def _register_asking(app: Dash) -> None:
    """Another test is another address; another value or cost is answered in place, and the address follows."""

    @app.callback(
        Output(ADDRESS, "search", allow_duplicate=True),
        Input({"type": ASKED, "name": ALL}, "value"),
        State(KEPT, "data"),
        _HERE,
        prevent_initial_call=True,
    )
    def asked(_values: list[Any], kept: dict[str, Any], search: str) -> Any:
        before = query_of(search)
        rest = {name: value for name, value in before.items() if name not in SETTINGS}
        chosen = next((trigger["value"] for trigger in ctx.triggered), None)
        # Dash also triggers a control that a page has just brought: of an address without a test it shows the first.
        if not chosen or chosen == before.get("test", kept["test"]):
            return no_update
        return "?" + urlencode(rest | Asked(test=chosen).to_query())

    @app.callback(
        Output(ANSWER, "children"),
        Output(PARTS, "children"),
        Output(KEPT, "data"),
        Input({"type": POLICY, "name": ALL}, "value"),
        State({"type": POLICY, "name": ALL}, "id"),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def tried(values: list[Any], ids: list[dict[str, str]], before: dict[str, Any]) -> Any:
        query = query_of(before["search"])
        try:
            found = Asked.from_query(query)
            for control, value in zip(ids, values, strict=True):
                found = found.changed(control["name"], value)
        except BadFilter:
            return (no_update,) * 3
        search = "?" + urlencode({**{k: v for k, v in query.items() if k not in SETTINGS}, **found.to_query()})
        if search == before["search"]:
            return (no_update,) * 3
        with reading() as read:
            shown = read_uplift(read, query_of(search))
        if shown.told is None or shown.policy is None:
            return (no_update,) * 3
        return answer_of(shown), policy_parts(shown.told, shown.policy), {"search": search, "test": before["test"]}

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("causeway", "keepAddress"), Input(KEPT, "data"), prevent_initial_call=True
    )


def _register_saving(app: Dash, content: Callable[[dict[str, str]], list[Component]]) -> None:
    @app.callback(
        Output(CONTENT, "children", allow_duplicate=True),
        Output(SAID, "children"),
        Input(SAVE, "n_clicks"),
        State(NAME, "value"),
        State(HOLDOUT, "value"),
        State(MOST, "value"),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def save(clicks: int, name: str | None, holdout: str | None, most: str | None, kept: dict[str, Any]) -> Any:
        if not clicks:
            return no_update, no_update
        query = query_of(kept["search"])

        def act() -> None:
            with reading() as read:
                shown = read_uplift(read, query)
            if shown.told is None or shown.policy is None:
                raise Invalid("There is nobody to choose.")
            terms = actions.Terms(shown.policy.value, shown.policy.cost, _count(most), _part(holdout), _SEED)
            actions.save_audience(
                shared().warehouse, current_identity(), readout_key=shown.told.readout.readout_key, name=name or "",
                terms=terms,
            )  # fmt: skip

        refused = _refused(act)
        return (no_update, refused) if refused else (content(query), no_update)


def _register_verifying(app: Dash, content: Callable[[dict[str, str]], list[Component]]) -> None:
    @app.callback(
        Output(CONTENT, "children", allow_duplicate=True),
        Output(CAME, "children", allow_duplicate=True),
        Input({"type": VERIFY, "key": ALL}, "n_clicks"),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def verify(clicks: list[int], kept: dict[str, Any]) -> Any:
        if not any(clicks):
            return no_update, no_update
        key = int(ctx.triggered_id["key"])
        refused = _refused(lambda: actions.verify_audience(shared().warehouse, current_identity(), audience_key=key))
        return (no_update, refused) if refused else (content(query_of(kept["search"])), no_update)


def _register_exporting(app: Dash) -> None:
    @app.callback(
        Output(FILE, "data"),
        Output(CAME, "children", allow_duplicate=True),
        Input({"type": EXPORT, "key": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def export(clicks: list[int]) -> Any:
        if not any(clicks):
            return no_update, no_update
        key, made = int(ctx.triggered_id["key"]), []
        refused = _refused(
            lambda: made.extend(actions.export_audience(shared().warehouse, current_identity(), audience_key=key))
        )
        if refused:
            return no_update, refused
        text = "".join(actions.csv_lines(made))
        return {"content": text, "filename": f"causeway_audience_{key}.csv", "type": "text/csv"}, no_update


_SEED: Final = 1  # the same people are held out of every audience that is saved here


def _part(said: str | None) -> Decimal:
    try:
        return Decimal((said or "").strip().removesuffix("%").strip()) / 100
    except InvalidOperation as error:
        raise Invalid(f"Held out == {said!r} is no part in percent.", remedy="Write it as 10.") from error


def _count(said: str | None) -> int | None:
    text = (said or "").strip().replace(",", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise Invalid(f"At most == {said!r} is no number of customers.", remedy="Write it as 5000, or leave it empty.")
    return int(text)


def _refused(act: Callable[[], object]) -> str:
    """Act; why it was refused, empty where it was not."""
    try:
        act()
    except Exception as error:  # noqa: BLE001  # said beside what was clicked
        shown = in_words(error)
        return f"{shown.message} {shown.remedy}".strip()
    return ""
