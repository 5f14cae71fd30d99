from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from ml.attribution.path_file import paths_from_text, read_paths
from ml.attribution.paths import Paths


@pytest.fixture(scope="session")
def attribution_data(reference_data: Path) -> Path:
    folder = reference_data / "attribution"
    if not folder.is_dir():
        pytest.skip(f"no reference paths: {folder} is not there")
    return folder


@pytest.fixture(scope="session")
def oracles(attribution_data: Path) -> dict[str, Any]:
    return dict(json.loads((attribution_data / "tiny_oracles.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def real_paths(attribution_data: Path) -> Paths:
    return read_paths(attribution_data / "ga4_paths_agg.csv").paths


@pytest.fixture(scope="session")
def exact(attribution_data: Path) -> pl.DataFrame:
    return pl.read_csv(attribution_data / "ga4_ref_exact.csv")


@pytest.fixture(scope="session")
def confounded(attribution_data: Path) -> Paths:
    """The journeys of a simulation in which people who are about to buy meet more channels."""
    frame = pl.read_csv(attribution_data / "sim_truth_paths.csv.gz")
    counts = (frame[name].to_numpy().astype(np.float64) for name in
              ("total_conversions", "total_conversion_value", "total_null"))  # fmt: skip
    return paths_from_text(frame["path"], *counts)


@pytest.fixture(scope="session")
def truth(attribution_data: Path) -> dict[str, Any]:
    return dict(json.loads((attribution_data / "sim_truth.json").read_text(encoding="utf-8")))
