"""Customers who were in no test: their scores, kinds and reasons, and who is unlike the tested."""

from __future__ import annotations

import numpy as np
import pytest

from ml.uplift.answer import Answer, answer_of
from ml.uplift.features import WORDS, label_of, said_of
from ml.uplift.sample import Sample
from ml.uplift.scoring import REASONS, scores_of, unlike
from ml.uplift.worth import measure_of, worth_of
from validation.customers import treated_world
from warehouse.queries.uplift_inputs import FEATURES


@pytest.fixture(scope="module")
def tested() -> Sample:
    return treated_world(1, 6_000).sample


@pytest.fixture(scope="module")
def answer(tested: Sample) -> Answer:
    return answer_of(tested, draws=20)


def test_the_tested_get_the_scores_that_were_judged(tested: Sample, answer: Answer) -> None:
    found = scores_of(answer, tested, tested.features)
    assert np.array_equal(found.uplift, answer.uplift)
    assert np.allclose(found.untreated, answer.untreated)
    assert np.array_equal(found.kind, answer.kind)


def test_reasons_are_the_largest_parts_of_the_score(tested: Sample, answer: Answer) -> None:
    others = treated_world(2, 500).sample.features
    found = scores_of(answer, tested, others)
    shares = answer.learner.contributions(others)
    assert found.reasons.shape == found.parts.shape == (500, REASONS)
    assert np.allclose(np.abs(found.parts[:, 0]), np.abs(shares[:, :-1]).max(axis=1))
    assert (np.abs(found.parts[:, 0]) >= np.abs(found.parts[:, 1])).all()


def test_what_is_usual_is_what_was_usual_in_the_test(tested: Sample, answer: Answer) -> None:
    best = tested.features[answer.untreated > np.quantile(answer.untreated, 0.9)]
    assert "lost cause" not in scores_of(answer, tested, best).kind


def test_who_is_unlike_the_tested_is_told() -> None:
    mine = np.column_stack([np.arange(1_000.0), np.where(np.arange(1_000) % 2, np.nan, 1.0), np.ones(1_000)])
    theirs = np.array([[500, 1, 1], [5_000, 1, 1], [500, np.nan, 1], [np.nan, 1, 1], [500, 1, 2]])
    found = unlike(mine.astype(np.float32), theirs.astype(np.float32))
    assert found.tolist() == [False, True, False, True, True]


def test_every_feature_has_words() -> None:
    assert set(WORDS) == set(FEATURES)
    assert said_of("visits", 1) == "1 visit"
    assert said_of("visits", 1_234) == "1,234 visits"
    assert said_of("orders", 0) == "no order"
    assert said_of("days_since_order", None) == "never ordered"
    assert said_of("days_since_order", 0.2) == "ordered 0 days ago"
    assert said_of("mobile_share", 0.0) == "0% on mobiles"
    assert said_of("colour", 2.5) == "Colour 2.5"
    assert label_of("emails_opened") == "E-mails opened"


@pytest.mark.parametrize(
    ("metric", "measure"),
    [("orders_per_customer", "orders"), ("revenue", "revenue"), ("conversions", "conversions"), ("smiles", None)],
)
def test_what_a_metric_counts_follows_from_its_name(metric: str, measure: str | None) -> None:
    assert measure_of(metric) == measure
    assert worth_of(metric, None)[1] is (measure == "revenue")
