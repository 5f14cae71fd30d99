from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ml.lift.panel import Panel, panel_of
from ml.lift.panel_file import read_panel


@pytest.fixture(scope="session")
def effects_data(reference_data: Path) -> Path:
    folder = reference_data / "effects"
    if not folder.is_dir():
        pytest.skip(f"no reference panels: {folder} is not there")
    return folder


@pytest.fixture(scope="session")
def prop99(effects_data: Path) -> Panel:
    """Packs of cigarettes per head of 39 states, 1970 to 2000."""
    return read_panel(effects_data / "prop99_outcome_synthdid.csv.gz", "State", "Year", "PacksPerCapita")


@pytest.fixture(scope="session")
def prop99_predictors(effects_data: Path) -> Panel:
    """The same by number of state (California is 3), with what may predict it."""
    traits = ["lnincome", "beer", "age15to24", "retprice"]
    return read_panel(effects_data / "prop99_smoking_covariates.csv.gz", "state", "year", "cigsale", traits)


@pytest.fixture(scope="session")
def geolift(effects_data: Path) -> Panel:
    """Sales of 40 markets in 105 days; chicago and portland are treated from 2021-04-01."""
    return read_panel(effects_data / "geolift_test.csv.gz", "location", "date", "Y")


@pytest.fixture(scope="session")
def basque(effects_data: Path) -> Panel:
    """Income per head of the Spanish regions, 1955 to 1997, with what may predict it; Spain as a whole is left out."""
    frame = pl.read_csv(effects_data / "basque.csv", infer_schema_length=None)
    traits = [name for name in frame.columns if name not in {"regionno", "regionname", "year", "gdpcap"}]
    return panel_of(
        frame.filter(pl.col("regionno") != 1).select(
            *traits, unit="regionname", time=pl.col("year").cast(pl.Int64), outcome="gdpcap"
        )
    )
