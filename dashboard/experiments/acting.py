"""What may be done with an experiment on the page: it is registered, started, stopped and decided, by its managers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from api.actions import experiments as actions
from api.auth import current_identity
from api.identity import Identity, Role
from dashboard import formats
from dashboard.components import cards, controls, words
from dashboard.experiments.asked import Asked
from dashboard.experiments.plan import KEPT
from dashboard.experiments.read import Told
from dashboard.experiments.words import KINDS, STATES, metric_name
from dashboard.failures import in_words
from dashboard.reading import Reading, shared
from dashboard.steering import ADDRESS, query_of
from warehouse.changes.experiments import Standing

CONTENT: Final = "experiments-content"
START, STOP, DECIDE, DECISION, MOVED = (
    "experiment-start", "experiment-stop", "experiment-decide", "experiment-decision", "experiment-moved",
)  # fmt: skip
CREATE, SAID = "experiment-create", "experiment-said"
NAME, HYPOTHESIS, KIND, ARMS, PRIMARY, GUARDRAILS, ACCOUNT = (
    f"experiment-{field}" for field in ("name", "hypothesis", "kind", "arms", "primary", "guardrails", "account")
)
CAP, COVARIATES, COUNTS, STRATA, CLUSTER = (
    f"experiment-{field}" for field in ("cap", "covariates", "counts", "strata", "cluster")
)
WRITTEN: Final = (
    NAME, HYPOTHESIS, KIND, ARMS, PRIMARY, GUARDRAILS, ACCOUNT, CAP, COVARIATES, COUNTS, STRATA, CLUSTER,
)  # fmt: skip
WHO_COUNTS: Final[Mapping[str, str]] = {"assigned": "Everybody in an arm", "exposed": "Who met the treatment"}
OWN: Final = "own"  # the account of experiments that belong to no other


def decision_card(told: Told) -> Component:
    """Where the experiment stands, how it came there, what was decided, and the next step for who may take it."""
    facts = [part for title, text in _course(told) for part in (html.Dt(title), html.Dd(text))]
    return cards.card("Course and decision", [html.Dl(facts, className="cw-facts"), *_next_step(told)])


def create_card(found: Reading) -> Component | None:
    """The form that registers what is planned as a draft; None for readers who manage nothing."""
    accounts = _accounts(found)
    if not accounts:
        return None
    usual = next(iter(accounts))
    fields = [
        _field("Name", _text(NAME, "Free returns banner")),
        _field("Hypothesis", _text(HYPOTHESIS, "Free returns make more visitors buy.")),
        _field("Kind", controls.choose(KIND, "Kind", KINDS, "ab")),
        _field("Arms, the control first", _text(ARMS, "control, banner")),
        _field("Primary metric", _text(PRIMARY, "orders"),
               "An outcome: its mean. Also p90:revenue, median:revenue, or share:visit of 0 and 1."),
        _field("Guardrails", _text(GUARDRAILS, "returns, margin"), "Metrics that must not be harmed; may stay empty."),
        *([_field("Account", controls.choose(ACCOUNT, "Account", accounts, usual))] if len(accounts) > 1
          else [html.Div(controls.choose(ACCOUNT, "Account", accounts, usual), hidden=True)]),
    ]  # fmt: skip
    body = [
        html.Div(fields, className="cw-experiment-form"),
        html.Details(
            [html.Summary("How it is told"), html.Div(_choices(), className="cw-experiment-form")],
            className="cw-disclosure",
        ),
        html.P(id=SAID, className="cw-wrong", role="alert"),
        controls.button("Register as a draft", button_id=CREATE, kind="main"),
    ]
    return cards.card(
        "Register this test", body,
        note="With the units and the way of reading that are planned above, which is fixed once it starts.",
    )  # fmt: skip


def register_acting(app: Dash, content: Callable[[dict[str, str]], list[Component]]) -> None:
    """Add the callbacks to the app; after a step the page's ``content`` is read anew."""

    def moved(search: str, act: Callable[[Identity, int], object]) -> Any:
        query = query_of(search)
        key = Asked.from_query(query).key
        if key is None:
            return no_update, no_update
        refused = _refused(lambda: act(current_identity(), key))
        return (no_update, refused) if refused else (content(query), no_update)

    outputs = [Output(CONTENT, "children", allow_duplicate=True), Output(MOVED, "children", allow_duplicate=True)]

    @app.callback(outputs, Input(START, "n_clicks"), State(ADDRESS, "search"), prevent_initial_call=True)
    def start(clicks: int, search: str) -> Any:
        if not clicks:
            return no_update, no_update
        return moved(search, lambda who, key: actions.start_experiment(shared().warehouse, who, experiment_key=key))

    @app.callback(outputs, Input(STOP, "n_clicks"), State(ADDRESS, "search"), prevent_initial_call=True)
    def stop(clicks: int, search: str) -> Any:
        if not clicks:
            return no_update, no_update
        return moved(search, lambda who, key: actions.stop_experiment(shared().warehouse, who, experiment_key=key))

    @app.callback(
        outputs, Input(DECIDE, "n_clicks"), State(DECISION, "value"), State(ADDRESS, "search"),
        prevent_initial_call=True,
    )  # fmt: skip
    def decide(clicks: int, decision: str | None, search: str) -> Any:
        if not clicks:
            return no_update, no_update
        return moved(
            search,
            lambda who, key: actions.decide_experiment(
                shared().warehouse, who, experiment_key=key, decision=decision or ""
            ),
        )

    @app.callback(
        Output(ADDRESS, "search", allow_duplicate=True),
        Output(SAID, "children"),
        Input(CREATE, "n_clicks"),
        *(State(field, "value") for field in WRITTEN),
        State(KEPT, "data"),
        prevent_initial_call=True,
    )
    def create(clicks: int, *fields: Any) -> Any:
        if not clicks:
            return no_update, no_update
        *written, kept = fields
        said = dict(zip(WRITTEN, written, strict=True))
        account = said[ACCOUNT]
        made: list[Standing] = []
        refused = _refused(
            lambda: made.append(
                actions.create_experiment(
                    shared().warehouse,
                    current_identity(),
                    _definition(said, kept),
                    account_key=None if account == OWN else int(account),
                )
            )
        )
        if refused:
            return no_update, refused
        return "?" + urlencode({"experiment": made[0].experiment_key}), no_update


def _definition(said: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """What was written, as a file would say it; what is missing is refused where it is read."""
    how = {"cap": _stripped(said[CAP]), "covariates": _listed(said[COVARIATES]) or None}
    metrics = [{"metric": one, "role": "primary", **how} for one in _listed(said[PRIMARY])]
    metrics += [{"metric": one, "role": "guardrail"} for one in _listed(said[GUARDRAILS])]
    return {
        "name": _stripped(said[NAME]),
        "hypothesis": _stripped(said[HYPOTHESIS]),
        "kind": said[KIND],
        "arms": [{"arm": arm, "is_control": place == 0} for place, arm in enumerate(_listed(said[ARMS]))],
        "metrics": metrics,
        "planned_units": kept["units"],
        "inference": kept["inference"],
        "counts": said[COUNTS],
        "strata": _stripped(said[STRATA]),
        "cluster": _stripped(said[CLUSTER]),
    }


def _course(told: Told) -> list[tuple[str, Any]]:
    """The states that it went through, each with its day and what is known of it."""
    experiment, readout = told.experiment, told.readout
    found: list[tuple[str, Any]] = [("State", STATES[experiment.status])]
    if experiment.hypothesis:
        found.append(("Hypothesis", experiment.hypothesis))
    if experiment.owner:
        found.append(("Owner", experiment.owner))
    if experiment.starts_at:
        found.append(("Starts" if experiment.status == "draft" else "Started", _moment(experiment.starts_at)))
    if readout is not None and readout.last_day:
        found.append(("Read until", formats.day(readout.last_day)))
    if experiment.stops_at:
        found.append(
            ("Stops" if experiment.status in ("draft", "running") else "Stopped", _moment(experiment.stops_at))
        )
    if experiment.planned_units:
        found.append(("Planned units", f"{experiment.planned_units:,}"))
    found += _how(told)
    if experiment.decision:
        found.append(("Decision", html.Strong(experiment.decision)))
    return found


def _how(told: Told) -> list[tuple[str, Any]]:
    """What was chosen before the start, and by what each metric is told."""
    experiment = told.experiment
    found: list[tuple[str, Any]] = []
    if experiment.counts == "exposed":
        found.append(("Who counts", "Units that met the treatment, from that day on"))
    if experiment.cluster:
        found.append(("Put into arms", f"By {metric_name(experiment.cluster)}; only these are independent"))
    if experiment.strata:
        found.append(("Weighed within", metric_name(experiment.strata)))
    methods = dict.fromkeys(row.method for row in told.effects if not row.cut)
    if not told.is_withheld and methods:
        by_method = {
            method: ", ".join(dict.fromkeys(metric_name(row.metric) for row in told.effects if row.method == method))
            for method in methods
        }
        said = [html.Div(f"{method[:1].upper()}{method[1:]}" if len(methods) == 1 else f"{metrics}: {method}")
                for method, metrics in by_method.items()]  # fmt: skip
        found.append(("Told by", said))
    return found


def _next_step(told: Told) -> list[Component]:
    if not told.may or told.experiment.status == "decided":
        return []
    match told.experiment.status:
        case "draft":
            step: list[Component] = [controls.button("Start it now", button_id=START, kind="main")]
        case "running":
            step = [controls.button("Stop it now", button_id=STOP)]
        case _:
            area = dcc.Textarea(id=DECISION, className="cw-field", maxLength=4000,
                                placeholder="What is done, and for which reason.")  # fmt: skip
            step = [
                html.Div(area, **{"data-label": "Decision and its reasons"}),
                controls.button("Decide", button_id=DECIDE),
            ]
    return [html.Div([*step, html.P(id=MOVED, className="cw-wrong", role="alert")], className="cw-experiment-step")]


def _refused(act: Callable[[], object]) -> str:
    """Act; why it was refused, empty where it was not."""
    try:
        act()
    except Exception as error:  # noqa: BLE001  # said beside the fields
        shown = in_words(error)
        return f"{shown.message} {shown.remedy}".strip()
    return ""


def _accounts(found: Reading) -> dict[str, str]:
    """The accounts that an experiment may be registered in, that of experiments first."""
    mine = [a for a in found.scope.accounts if found.identity.may(Role.manager, account_key=a.account_key)]
    ordered = sorted(mine, key=lambda a: (a.platform != actions.ACCOUNT, a.name.casefold()))
    known = any((a.platform, a.account_id) == (actions.ACCOUNT, actions.ACCOUNT) for a in found.scope.accounts)
    # An administrator's first experiment of its own account makes that account.
    own = {} if known or not found.identity.may(Role.admin) else {OWN: "Experiments"}
    return own | {str(a.account_key): f"{a.name} · {a.platform_name}" for a in ordered}


def _choices() -> list[Component]:
    """What is chosen before the start beside the metrics; all of it may stay as it is."""
    return [
        _field("Cap values at", _text(CAP, "500"),
               "A unit's value of the primary metric counts as at most this amount, so that one large order does not "
               "decide. It answers another question, of the capped mean."),
        _field("Adjust for", _text(COVARIATES, "orders, tenure"),
               "Outcomes as they were before the start (pre_value). Empty: all that are known."),
        _field("Who counts", controls.choose(COUNTS, "Who counts", WHO_COUNTS, "assigned"),
               "Who met the treatment counts from that day on. Fair only where both arms log alike who met it."),
        _field("Weigh within", _text(STRATA, "country"),
               "What tells units apart before the start; assignments say it in their column stratum."),
        _field("Put into arms by", _text(CLUSTER, "household"),
               "Where not single units were put into arms; assignments say it in their column cluster."),
    ]  # fmt: skip


def _stripped(text: str | None) -> str | None:
    return (text or "").strip() or None


def _field(title: str, control: Component, hint: str = "") -> Component:
    head = [html.Span(title), *([words.hint(hint, title)] if hint else [])]
    return html.Div([html.Div(head, className="cw-setting-head"), html.Div(control, **{"data-label": title})])


def _text(field_id: str, example: str) -> Component:
    return dcc.Input(id=field_id, type="text", placeholder=example, maxLength=200, className="cw-field")


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _moment(at: Any) -> str:
    return f"{formats.day(at.date())}, {at:%H:%M} UTC"
