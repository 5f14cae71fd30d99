"""What the Attribution page says: nothing uncalibrated is incremental, and only what intervals tell apart is said."""

from __future__ import annotations

import json

import pytest
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

from dashboard.attribution import pieces
from dashboard.attribution.words import answer, health, misled, settling
from tests.dashboard.attribution.made import credit, experiment, shown

LAST = [credit("search", 70, 60, 80, model="last", cost=700), credit("video", 30, 24, 36, model="last", cost=100)]
MARKOV = [credit("video", 60, 52, 68, cost=100), credit("search", 40, 33, 47, cost=700)]


def said(component: Component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False).replace("\u202f", " ")


def test_the_answer_names_the_channel_its_interval_and_last_touch() -> None:
    found = said(answer(shown({"last": LAST, "markov": MARKOV})))
    assert "Video earns the most credit: 60 (52–68) orders by Markov, 60.0 % of all; 30 by last touch." in found
    assert "20 came after no known touch" in found
    assert "cw-mark-credited" in found


def test_without_a_test_credit_is_no_proof_and_the_page_says_what_would_be() -> None:
    found = said(health(*_asked(shown({"last": LAST, "markov": MARKOV}))))
    assert "Credit is not proof" in found
    assert "A test of Search would settle most: the models credit its €700 with 40 to 70 orders." in found or (
        "A test of Video would settle most: the models credit its €100 with 30 to 60 orders." in found
    )


@pytest.mark.parametrize(
    ("lift", "words", "severity"),
    [(58.0, "Markov agrees with the one test", "good"), (10.0, "Markov disagrees with 1 of 1 test", "caution")],
)
def test_agreement_with_experiments_is_said_in_standard_errors(lift: float, words: str, severity: str) -> None:
    view = shown({"last": LAST, "markov": MARKOV}, agreement=[experiment("video", 60, lift, 10)])
    found = said(health(*_asked(view)))
    assert words in found
    assert f"cw-banner-{severity}" in found
    assert f"{abs(60 - lift) / 10:.1g}" in found
    assert "A test of Search" in settling(*_asked(view))  # the other one is tested


def test_last_click_misleads_where_intervals_are_apart_and_nowhere_else() -> None:
    sentences = [s.replace("\u202f", " ") for s in misled(*_asked(shown({"last": LAST, "markov": MARKOV})))]
    video = "Video: 60 (52–68) orders by Markov, 30 (24–36) by last touch, 2 times as many."
    search = "Search: 40 (33–47) orders by Markov, 70 (60–80) by last touch, 42.9 % fewer."
    assert sentences == [
        f"{video} A cost of €1.67 per order, not €3.33.", f"{search} A cost of €17.50 per order, not €10.00."
    ]  # fmt: skip
    near = [credit("search", 62, 54, 70), credit("video", 38, 30, 46)]
    assert misled(*_asked(shown({"last": LAST, "markov": near}))) == []
    assert misled(*_asked(shown({"last": LAST}, model="last"))) == []


def test_only_the_calibrated_model_is_called_incremental() -> None:
    credited = shown({"last": LAST, "markov": MARKOV})
    told = _asked(credited)
    drawn = [
        pieces.comparison_card(*told),
        pieces.misled_card(*told),
        pieces.cost_card(*told),
        pieces.parts_card(*told),
    ]
    everything = said(answer(credited)) + said(health(*told)) + "".join(said(piece) for piece in drawn if piece)
    assert "ncremental" not in everything
    assert pieces.incremental_card(*told) is None


def test_an_interval_with_zero_in_it_is_not_proven() -> None:
    rows = [credit("video", 40, -5, 90, model="calibrated"), credit("search", 20, 4, 31, model="calibrated")]
    view = shown({"last": LAST, "calibrated": rows}, model="calibrated")
    found = said(answer(view))
    assert "By the calibrated model Video may have caused 40 (−5 to 90) orders; the interval holds zero" in found
    assert "cw-mark-incremental" in found
    assert "Proven to add orders: Search." in said(health(*_asked(view)))
    none = shown({"last": LAST, "calibrated": rows[:1]}, model="calibrated")
    assert "do not prove yet that any channel adds orders" in said(health(*_asked(none)))


def _asked(view):
    assert view.told is not None
    return view, view.told
