"""What people say about the data: which channel a campaign type belongs to, and what a header means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from api.actions import accounts as account_actions
from api.actions import taxonomy as taxonomy_actions
from api.auth import current_identity
from api.identity import Identity, Role
from dashboard.components import cards, controls
from dashboard.components.icons import icon
from dashboard.failures import in_words
from dashboard.reading import Reading, reading, shared
from warehouse.ingest.binding import field_names
from warehouse.queries import taxonomy
from warehouse.queries.taxonomy import ChannelOfTaxonomy, ChannelRule, ColumnMeaning

TAXONOMY, MEANINGS = "taxonomy", "meanings"
RULE_DELETE, MEANING_DELETE = "rule-delete", "meaning-delete"
RULE_PLATFORM, RULE_TYPE, RULE_CHANNEL, RULE_SAVE, RULE_SAID = (
    "rule-platform", "rule-type", "rule-channel", "rule-save", "rule-said",
)  # fmt: skip
MEANING_ACCOUNT, MEANING_HEADER, MEANING_FIELD, MEANING_SAVE, MEANING_SAID = (
    "meaning-account", "meaning-header", "meaning-field", "meaning-save", "meaning-said",
)  # fmt: skip


def editing_cards(found: Reading) -> list[Component]:
    """The channel taxonomy and the column mapping, to be edited by whoever may."""
    return [
        cards.card(
            "Channels",
            html.Div(_taxonomy(found), id=TAXONOMY),
            span=6,
            note="Which campaign type belongs to which channel; an empty one stands for all others of the platform. "
            "A change holds at once, for all days.",
        ),
        cards.card(
            "Column mapping",
            html.Div(_meanings(found), id=MEANINGS),
            span=6,
            note="What headers mean where a file alone does not tell. It holds from the next load on.",
        ),
    ]


def register_editing(app: Dash) -> None:
    """Add the callbacks to the app."""

    @app.callback(
        Output(TAXONOMY, "children", allow_duplicate=True),
        Output(RULE_SAID, "children", allow_duplicate=True),
        Input(RULE_SAVE, "n_clicks"),
        State(RULE_PLATFORM, "value"),
        State(RULE_TYPE, "value"),
        State(RULE_CHANNEL, "value"),
        prevent_initial_call=True,
    )
    def put_rule(clicks: int, platform: str | None, campaign_type: str | None, channel: str | None) -> Any:
        if not clicks:
            return no_update
        if not platform or not channel:
            return no_update, "Choose a platform and a channel."
        return _changed(
            _taxonomy,
            lambda identity: taxonomy_actions.put_channel_rule(
                shared().warehouse, identity, platform=platform, campaign_type=campaign_type or "", channel=channel
            ),
        )

    @app.callback(
        Output(TAXONOMY, "children", allow_duplicate=True),
        Output(RULE_SAID, "children", allow_duplicate=True),
        Input({"type": RULE_DELETE, "rule": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def delete_rule(clicks: list[int]) -> Any:
        if not any(clicks):
            return no_update
        platform, _, type_key = ctx.triggered_id["rule"].partition("/")
        return _changed(
            _taxonomy,
            lambda identity: taxonomy_actions.delete_channel_rule(
                shared().warehouse, identity, platform=platform, campaign_type=type_key
            ),
        )

    @app.callback(
        Output(MEANINGS, "children", allow_duplicate=True),
        Output(MEANING_SAID, "children", allow_duplicate=True),
        Input(MEANING_SAVE, "n_clicks"),
        State(MEANING_ACCOUNT, "value"),
        State(MEANING_HEADER, "value"),
        State(MEANING_FIELD, "value"),
        prevent_initial_call=True,
    )
    def put_meaning(clicks: int, account: str | None, header: str | None, field: str | None) -> Any:
        if not clicks:
            return no_update
        if not account or not header or not field:
            return no_update, "Choose an account, write the header as in the file, and choose a field."
        return _changed(
            _meanings,
            lambda identity: account_actions.map_column(
                shared().warehouse, identity, account_id=account, header=header, field=field
            ),
        )

    @app.callback(
        Output(MEANINGS, "children", allow_duplicate=True),
        Output(MEANING_SAID, "children", allow_duplicate=True),
        Input({"type": MEANING_DELETE, "account": ALL, "header": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def delete_meaning(clicks: list[int]) -> Any:
        if not any(clicks):
            return no_update
        chosen = ctx.triggered_id
        return _changed(
            _meanings,
            lambda identity: account_actions.forget_column(
                shared().warehouse, identity, account_id=chosen["account"], header=chosen["header"]
            ),
        )


def _changed(show: Callable[[Reading], Component], act: Callable[[Identity], object]) -> Any:
    """Act, and show the card anew; or leave it and say why not."""
    try:
        act(current_identity())
    except Exception as error:  # noqa: BLE001  # said beside the fields
        shown = in_words(error)
        return no_update, f"{shown.message} {shown.remedy}".strip()
    with reading() as found:
        return show(found), no_update


def _taxonomy(found: Reading) -> Component:
    channels = taxonomy.channels(found.session)
    may = found.identity.may(Role.manager)
    platforms = {c.key: c.label for c in found.scope.platforms}
    rows = [row for channel in channels if (row := _channel(channel, platforms, may)) is not None]
    return html.Div([html.Dl([part for row in rows for part in row], className="cw-facts"),
                     *([_rule_form(channels, platforms)] if may else [])])  # fmt: skip


def _channel(channel: ChannelOfTaxonomy, platforms: dict[str, str], may: bool) -> list[Component] | None:
    """The channel's name and its rules; None where no loaded platform has one."""
    rules = [rule for rule in channel.rules if rule.platform in platforms]
    if not rules:
        return None
    shown: list[Component] = [_rule(rule, platforms, may) for rule in rules if rule.is_in_use]
    others = [_rule(rule, platforms, may) for rule in rules if not rule.is_in_use]
    if others:
        count = f"{len(others)} more, of no campaign here"
        shown.append(html.Details([html.Summary(count), html.Div(others, className="cw-chips")], className="cw-others"))
    return [html.Dt(channel.name), html.Dd(shown, className="cw-chips")]


def _rule(rule: ChannelRule, platforms: dict[str, str], may: bool) -> Component:
    words = f"{platforms[rule.platform]}: {rule.type_key or 'everything else'}"
    children: list[Component | str] = [html.Span(words, className="cw-chip-value")]
    if may:
        children.append(_remove({"type": RULE_DELETE, "rule": f"{rule.platform}/{rule.type_key}"}, words))
    return html.Span(children, className="cw-chip")


def _rule_form(channels: Sequence[ChannelOfTaxonomy], platforms: dict[str, str]) -> Component:
    return html.Div(
        [
            controls.choose(RULE_PLATFORM, "Platform", platforms, None),
            _text(RULE_TYPE, "Campaign type"),
            controls.choose(RULE_CHANNEL, "Channel", {c.channel: c.name for c in channels}, None),
            controls.button("Put there", button_id=RULE_SAVE),
            html.P(id=RULE_SAID, className="cw-wrong", role="alert"),
        ],
        className="cw-inline-form",
    )


def _meanings(found: Reading) -> Component:
    known = taxonomy.column_meanings(found.session)
    accounts = {a.account_id: f"{a.name} · {a.platform_name}" for a in found.scope.accounts}
    mine = [a.account_id for a in found.scope.accounts if found.identity.may(Role.manager, account_key=a.account_key)]
    listed: Component = html.P("Nothing had to be said so far.", className="cw-quiet")
    if known:
        rows = [_meaning(meaning, accounts, may=meaning.account_id in mine) for meaning in known]
        head = html.Thead(
            html.Tr([html.Th(name, scope="col") for name in ("Account", "Header", "Means")] + [html.Td()])
        )
        listed = html.Table([head, html.Tbody(rows)], className="cw-small-table")
    return html.Div([listed, *([_meaning_form({key: accounts[key] for key in mine})] if mine else [])])


def _meaning(meaning: ColumnMeaning, accounts: dict[str, str], *, may: bool) -> Component:
    control = {"type": MEANING_DELETE, "account": meaning.account_id, "header": meaning.header}
    cells = [accounts.get(meaning.account_id, meaning.account_id), html.Code(meaning.header), meaning.field]
    remove = [_remove(control, meaning.header)] if may else []
    return html.Tr([*(html.Td(cell) for cell in cells), html.Td(remove)])


def _meaning_form(accounts: dict[str, str]) -> Component:
    fields = {name: name.replace("_", " ") for name in sorted(field_names())}
    return html.Div(
        [
            controls.choose(MEANING_ACCOUNT, "Account of the files", accounts, None),
            _text(MEANING_HEADER, "Header, as in the file"),
            controls.choose(MEANING_FIELD, "Field", fields, None),
            controls.button("Remember", button_id=MEANING_SAVE),
            html.P(id=MEANING_SAID, className="cw-wrong", role="alert"),
        ],
        className="cw-inline-form",
    )


def _text(field_id: str, label: str) -> Component:
    field = dcc.Input(id=field_id, type="text", placeholder=label, maxLength=200, className="cw-field")
    return html.Div(field, **{"data-label": label})


def _remove(control: dict[str, str], what: str) -> Component:
    return html.Button(
        icon("close"),
        id=control,
        className="cw-chip-remove",
        type="button",
        n_clicks=0,
        **{"aria-label": f"Remove {what}"},
    )
