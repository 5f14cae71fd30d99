"""Every dataset that loading knows, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from warehouse.ingest import contract
from warehouse.ingest.contract import Dataset, DatasetName
from warehouse.ingest.datasets import commerce, creatives, events, experiments

_BY_SUBJECT: Final = (contract, commerce, creatives, events, experiments)

DATASETS: Final[Mapping[DatasetName, Dataset]] = {
    dataset.name: dataset
    for subject in _BY_SUBJECT
    for dataset in vars(subject).values()
    if isinstance(dataset, Dataset)
}
