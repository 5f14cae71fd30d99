"""Held against scikit-uplift 0.5.1 and CausalML 0.18.0, which gave these figures for these customers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ml.uplift.conventions import conventions_of
from ml.uplift.learners import TLearner


def customers(ties: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(3)
    x = generator.normal(size=5_000)
    treated = generator.random(5_000) < 0.4
    outcome = (generator.random(5_000) < 0.2 + 0.1 * treated * (x > 0)).astype(np.float64)
    uplift = x + generator.normal(size=5_000)
    return np.round(uplift, 1) if ties else uplift, outcome, treated


def test_figures_are_theirs() -> None:
    found = conventions_of(*customers(ties=False))
    assert found.qini_auc_score == pytest.approx(0.059103068607783006, rel=1e-12)
    assert found.uplift_auc_score == pytest.approx(0.041920280050931076, rel=1e-12)
    assert found.uplift_at_30 == pytest.approx(0.10296174663990759, rel=1e-12)
    assert found.uplift_at_30_by_arm == pytest.approx(0.10302082947944799, rel=1e-12)
    assert found.weighted_average_uplift == pytest.approx(0.060169823783733825, rel=1e-12)
    assert found.qini_score == pytest.approx(0.19779015576174486, rel=1e-12)
    assert found.qini_score_raw == pytest.approx(23.888626039593834, rel=1e-12)
    assert found.qini_radcliffe == pytest.approx(23.888626039593834 / 5_000, rel=1e-12)


def test_ties_are_cut_as_scikit_uplift_does() -> None:
    found = conventions_of(*customers(ties=True))
    assert found.qini_auc_score == pytest.approx(0.05968031768200241, rel=1e-12)
    assert found.uplift_auc_score == pytest.approx(0.042275603188052, rel=1e-12)
    assert found.uplift_at_30 == pytest.approx(0.10786516853932585, rel=1e-12)
    assert found.uplift_at_30_by_arm == pytest.approx(0.10749010322246474, rel=1e-12)
    assert found.weighted_average_uplift == pytest.approx(0.0602138138343209, rel=1e-12)


def test_a_perfect_ranking_is_known_only_for_yes_and_no() -> None:
    uplift, outcome, treated = customers(ties=False)
    found = conventions_of(uplift, outcome * 12.5, treated)
    assert (found.qini_auc_score, found.uplift_auc_score) == (None, None)
    assert found.qini_score == pytest.approx(0.19779015576174486)


def test_of_a_real_campaign_it_is_about_what_others_found(reference_data: Path) -> None:
    """Two logits on the split that the reference was computed on; its encoding of text is not told, so nearly."""
    folder = reference_data / "effects"
    told = json.loads((folder / "ref_hillstrom_uplift_sklift.json").read_text(encoding="utf-8"))
    frame = pl.read_csv(folder / "hillstrom.csv.gz", infer_schema_length=None).filter(
        pl.col("segment") != "Mens E-Mail"
    )
    treated = (frame["segment"] == "Womens E-Mail").to_numpy()
    outcome = frame["visit"].to_numpy().astype(np.float64)
    texts = ("zip_code", "channel", "history_segment")
    table = frame.select("recency", "history", "mens", "womens", "newbie", *texts).to_dummies(texts).to_numpy()
    fitted_to, judged = train_test_split(np.arange(treated.size), test_size=0.3, random_state=42, stratify=treated)
    counts = told["Womens E-Mail/split"]
    assert (judged.size, treated[judged].sum()) == (counts["test_n"], counts["test_treated"])
    assert outcome[judged][treated[judged]].sum() == counts["test_y1_t"]
    learner = TLearner(make_pipeline(StandardScaler(), LogisticRegression()))
    uplift = learner.fit(table[fitted_to], outcome[fitted_to], treated[fitted_to]).predict(table[judged])
    found, expected = conventions_of(uplift, outcome[judged], treated[judged]), told["Womens E-Mail/logit/two"]
    assert uplift.mean() == pytest.approx(expected["mean_pred"], abs=2e-4)
    assert found.qini_auc_score == pytest.approx(expected["qini_auc"], abs=0.003)
    assert found.uplift_auc_score == pytest.approx(expected["uplift_auc"], abs=0.002)
    assert found.weighted_average_uplift == pytest.approx(expected["wau"], abs=5e-4)
    assert found.uplift_at_30 == pytest.approx(expected["up30_overall"], abs=0.004)
