"""The report as a page: what it says, that it is whole and brings nothing from elsewhere, and what it may not say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ml.attribution.answer import NAMES, answer_of
from ml.attribution.calibrated import Lift
from ml.attribution.methods import METHODS
from ml.attribution.models import Model
from ml.attribution.path_file import PathFile, read_paths
from ml.attribution.report import Report, report_of_file
from ml.attribution.report_page import page_of
from warehouse.queries.attribution import Agreement

PATHS = """path,conversions,value,null
search > <e&mail,30,3000,10
search,40,4000,200
<e&mail > direct,20,1000,30
"""
_VOID = {"meta", "br", "line", "circle"}


class Whole(HTMLParser):
    """Reads a page, and refuses what is not closed or comes from elsewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "link", "img", "iframe", "mail"}
        assert not {name for name, _ in attrs} & {"src", "href", "onload"}
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _VOID

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def file(tmp_path: Path) -> PathFile:
    place = tmp_path / "paths.csv"
    place.write_text(PATHS, encoding="utf-8")
    return read_paths(place)


def report(file: PathFile, model: str = "markov", lifts: list[Lift] | None = None) -> Report:
    chosen = Model("markov" if lifts else model)
    return report_of_file(file, "paths.csv", answer_of(file.paths, chosen, lifts=lifts, draws=50), chosen)


def test_the_page_says_what_was_asked_found_and_assumed(file: PathFile) -> None:
    said = Whole(page_of(report(file))).text
    told = ("Markov, order 1", "By Markov, search earns the most credit", "credited, not proven", "<e&mail",
            "No experiment says what any channel causes", METHODS["markov"].assumes, "Distance of shares to Markov",
            "Last touch : All credit to the last touch", "who was there before a conversion")  # fmt: skip
    for words in told:
        assert words in said
    assert f"{dt.datetime.now(dt.UTC):%Y-%m-%d}" in said


def test_only_the_calibrated_model_is_called_incremental(file: PathFile) -> None:
    for model in ("last", "shapley"):
        page = page_of(report(file, model))
        assert "Credited conversions" in page
        assert "Incremental conversions" not in page
        assert "mark proven" not in page.split("</style>")[1]
    lifts = [Lift("search", 30, 4), Lift("<e&mail", 5, 4)]
    said = Whole(page_of(report(file, lifts=lifts))).text
    assert "Incremental conversions" in said
    assert "Experiments prove that these add conversions: search." in said
    assert "would have come anyway" in said


def test_agreement_with_a_test_is_told_and_disagreement_is_marked(file: PathFile) -> None:
    found = report(file, "last")
    tests = [Agreement("last", "experiment", "geo <1>", "search", None, None, credited, 20.0, 5.0, errors, errors <= 2)
             for credited, errors in ((40.0, 4.0),)]  # fmt: skip
    page = page_of(replace(found, agreement=tests))
    said = Whole(page).text
    assert "geo <1>" in said
    assert "20.0 ± 5.0" in said
    assert "40.0 (4.0) ✗" in said
    assert "No experiment says" not in said


def test_nothing_credited_is_said(tmp_path: Path) -> None:
    place = tmp_path / "empty.csv"
    place.write_text("path,conversions\nsearch,0\n", encoding="utf-8")
    said = Whole(page_of(report(read_paths(place), "last"))).text
    assert "No conversion is credited to anything." in said


def test_every_model_is_explained() -> None:
    assert list(METHODS) == list(NAMES)
