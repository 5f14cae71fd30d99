"""What may be done on the page of budgets: sliders are followed, rules change, scenarios are saved and acted on."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from api.actions import budget as actions
from api.auth import current_identity
from api.refusals import Invalid
from dashboard.budget import scenarios as saved
from dashboard.budget.asked import SETTINGS, Asked
from dashboard.budget.curves import CURVES, curve_cards
from dashboard.budget.pieces import (
    ASKED,
    BOUNDS,
    BUDGET,
    PLAN,
    bounds_scale,
    budget_scale,
    plan_parts,
)
from dashboard.budget.read import Shown, Standing, read_plan, read_standing
from dashboard.budget.rules import ADD, AMOUNT, CHANNELS, KIND, REMOVE, WRONG, rule_of_form
from dashboard.budget.words import answer_of
from dashboard.failures import in_words
from dashboard.reading import reading, shared
from dashboard.steering import ADDRESS, query_of
from ml.budget.bulk_sheets import Sheets
from warehouse.errors import BadFilter

CONTENT, ANSWER, KEPT = "budget-content", "budget-answer", "budget-kept"
_HERE: Final = State(ADDRESS, "search")


def register_acting(app: Dash, content: Callable[[dict[str, str]], list[Component]]) -> None:
    """Add the callbacks to the app; after a change the page's ``content`` is read anew."""
    _register_asking(app)
    _register_dragging(app)
    _register_rules(app)
    _register_saving(app, content)
    _register_scenarios(app, content)


def _register_asking(app: Dash) -> None:
    """Another outcome, caution or scenario is another address."""

    @app.callback(
        Output(ADDRESS, "search", allow_duplicate=True),
        Input({"type": ASKED, "name": ALL}, "value"),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def asked(_values: list[Any], kept: dict[str, Any]) -> Any:
        trigger = ctx.triggered_id
        value = next((one["value"] for one in ctx.triggered), None)
        query = query_of(kept["search"])
        if not trigger or (value or "") == (kept["shown"].get(trigger["name"]) or ""):
            return no_update
        return _address(query, Asked.from_query(query).changed(trigger["name"], value))


def _register_dragging(app: Dash) -> None:
    """While a slider is dragged the answer and the table follow; the curves and the address when it is let go."""

    @app.callback(
        Output(ANSWER, "children"),
        Output(PLAN, "children"),
        Input(BUDGET, "drag_value"),
        Input({"type": BOUNDS, "channel": ALL}, "drag_value"),
        State({"type": BOUNDS, "channel": ALL}, "id"),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def followed(budget: float, ends: list[list[float]], ids: list[dict[str, str]], kept: dict[str, Any]) -> Any:
        found = _tried(kept, budget, ends, ids)
        if found is None:
            return no_update, no_update
        shown, _ = found
        return answer_of(shown), _plan(shown)

    @app.callback(
        Output(ANSWER, "children", allow_duplicate=True),
        Output(PLAN, "children", allow_duplicate=True),
        Output(CURVES, "children"),
        Output(KEPT, "data"),
        Input(BUDGET, "value"),
        Input({"type": BOUNDS, "channel": ALL}, "value"),
        State({"type": BOUNDS, "channel": ALL}, "id"),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def let_go(budget: float, ends: list[list[float]], ids: list[dict[str, str]], kept: dict[str, Any]) -> Any:
        found = _tried(kept, budget, ends, ids)
        if found is None:
            return (no_update,) * 4
        shown, search = found
        if shown.standing is None:
            return (no_update,) * 4
        return answer_of(shown), _plan(shown), curve_cards(shown.standing, shown.answered), {**kept, "search": search}

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("causeway", "keepAddress"), Input(KEPT, "data"), prevent_initial_call=True
    )


def _register_rules(app: Dash) -> None:
    @app.callback(
        Output(ADDRESS, "search", allow_duplicate=True),
        Output(WRONG, "children"),
        Input(ADD, "n_clicks"),
        State(KIND, "value"),
        State(CHANNELS, "value"),
        State(AMOUNT, "value"),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def add(clicks: int, kind: str, channels: list[str] | None, amount: str | None, kept: dict[str, Any]) -> Any:
        if not clicks:
            return no_update, no_update
        query = query_of(kept["search"])
        found: list[Asked] = []

        def act() -> None:
            asked = Asked.from_query(query)
            found.append(asked.ruled([*asked.said, rule_of_form(kind, channels or [], amount or "")]))

        refused = _refused(act)
        return (no_update, refused) if refused else (_address(query, found[0]), "")

    @app.callback(
        Output(ADDRESS, "search", allow_duplicate=True),
        Input({"type": REMOVE, "place": ALL}, "n_clicks"),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def remove(clicks: list[int], kept: dict[str, Any]) -> Any:
        if not any(clicks):
            return no_update
        query, place = query_of(kept["search"]), int(ctx.triggered_id["place"])
        asked = Asked.from_query(query)
        return _address(query, asked.ruled([one for at, one in enumerate(asked.said) if at != place]))


def _register_saving(app: Dash, content: Callable[[dict[str, str]], list[Component]]) -> None:
    @app.callback(
        Output(CONTENT, "children", allow_duplicate=True),
        Output(saved.SAID, "children"),
        Input(saved.SAVE, "n_clicks"),
        State(saved.NAME, "value"),
        State(saved.WEEKS, "value"),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def save(clicks: int, name: str | None, weeks: str | None, kept: dict[str, Any]) -> Any:
        if not clicks:
            return no_update, no_update
        query = query_of(kept["search"])

        def act() -> None:
            asked = Asked.from_query(query).changed("weeks", weeks)
            actions.save_scenario(shared().warehouse, current_identity(), question=asked.question(), name=name or "")

        refused = _refused(act)
        return (no_update, refused) if refused else (content(query), no_update)


def _register_scenarios(app: Dash, content: Callable[[dict[str, str]], list[Component]]) -> None:
    for kind, act in (
        (saved.APPROVE, actions.approve_scenario),
        (saved.ARCHIVE, actions.archive_scenario),
        (saved.SCORE, actions.score_scenario),
    ):
        _register_changing(app, content, kind, act)

    @app.callback(
        Output(saved.FILE, "data"),
        Output(saved.CAME, "children", allow_duplicate=True),
        Input({"type": saved.EXPORT, "key": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def export(clicks: list[int]) -> Any:
        if not any(clicks):
            return no_update, no_update
        key, made = int(ctx.triggered_id["key"]), []
        refused = _refused(
            lambda: made.append(actions.export_scenario(shared().warehouse, current_identity(), scenario_key=key))
        )
        if refused:
            return no_update, refused
        return _zipped(made[0], key), made[0].words or no_update


def _register_changing(
    app: Dash, content: Callable[[dict[str, str]], list[Component]], kind: str, act: Callable[..., object]
) -> None:
    @app.callback(
        Output(CONTENT, "children", allow_duplicate=True),
        Output(saved.CAME, "children", allow_duplicate=True),
        Input({"type": kind, "key": ALL}, "n_clicks"),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def change(clicks: list[int], kept: dict[str, Any]) -> Any:
        if not any(clicks):
            return no_update, no_update
        key = int(ctx.triggered_id["key"])
        refused = _refused(lambda: act(shared().warehouse, current_identity(), scenario_key=key))
        if refused:
            return no_update, refused
        query = {name: value for name, value in query_of(kept["search"]).items() if name != "scenario"}
        return content(query), no_update


def _tried(
    kept: dict[str, Any], budget: float | None, ends: Sequence[Sequence[float] | None], ids: list[dict[str, str]]
) -> tuple[Shown, str] | None:
    """What is shown for where the sliders stand, and its address; None where they stand as they did."""
    query = query_of(kept["search"])
    try:
        asked = Asked.from_query(query)
        with reading() as read:
            fits, standing = read_standing(read, asked)
        found = asked if standing is None else _moved(standing, asked, budget, ends, ids)
    except BadFilter:
        return None
    if standing is None or found == asked:
        return None
    answered, refused = read_plan(standing, found)
    return Shown(found, fits, standing, answered, refused, (), {}, None), _address(query, found)


def _moved(
    standing: Standing,
    asked: Asked,
    budget: float | None,
    ends: Sequence[Sequence[float] | None],
    ids: list[dict[str, str]],
) -> Asked:
    """The settings for where the sliders stand. A slider that stands where it was drawn says nothing."""
    found = asked
    if budget is not None and (budget,) != budget_scale(standing, asked).values:
        found = found.changed("budget", f"{budget:g}" if budget < 1e6 else f"{budget:.0f}")
    channels = {each.name: each for each in standing.planner.known.channels}
    for one, pair in zip(ids, ends, strict=True):
        scale = bounds_scale(channels[one["channel"]], asked)
        if pair is not None and tuple(pair) != scale.values:
            low, high = pair
            found = found.bounded(
                one["channel"], None if low <= 0 else f"{low:.2f}", None if high >= scale.top else f"{high:.2f}"
            )
    return found


def _plan(shown: Shown) -> list[Component]:
    return [] if shown.standing is None or shown.answered is None else plan_parts(shown.standing, shown.answered)


def _address(query: dict[str, str], asked: Asked) -> str:
    rest = {name: value for name, value in query.items() if name not in SETTINGS}
    return "?" + urlencode({**rest, **asked.to_query()})


def _zipped(sheets: Sheets, key: int) -> dict[str, Any]:
    """One file with the sheet of each platform."""
    if not sheets.sheets:
        raise Invalid("No campaign spent anything lately, so there is nothing to write.")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for sheet in sheets.sheets:
            file.writestr(f"{sheet.platform}.csv", sheet.text)
    text = base64.b64encode(held.getvalue()).decode()
    return {"content": text, "filename": f"causeway_scenario_{key}.zip", "type": "application/zip", "base64": True}


def _refused(act: Callable[[], object]) -> str:
    """Act; why it was refused, empty where it was not."""
    try:
        act()
    except Exception as error:  # noqa: BLE001  # said beside what was clicked
        shown = in_words(error)
        return f"{shown.message} {shown.remedy}".strip()
    return ""
