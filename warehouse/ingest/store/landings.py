"""Which requests of a web server are visits from outside."""

from __future__ import annotations

from typing import Final

import polars as pl

_ROBOT: Final = r"(?i)bot|crawl|spider|slurp|preview|fetch|monitor|curl|wget|python|java/|go-http|headless|lighthouse"
_CAME: Final = ("click_id", "utm_source", "utm_medium", "utm_campaign")
_UNTOLD: Final = "without a tag or a click id"


def landings(requests: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """The requests that are visits, and how many others there are, by reason.

    A log that keeps no visitor tells visits apart only where the address says where they came from.
    """
    failed = ~requests["status"].str.contains("^[23]").fill_null(value=False)
    robot = requests["agent"].str.contains(_ROBOT).fill_null(value=False)
    untold = requests.select(pl.all_horizontal(pl.col(name).is_null() for name in _CAME)).to_series()
    reasons = {
        "answered with an error": int(failed.sum()),
        "a robot": int((robot & ~failed).sum()),
        _UNTOLD: int((untold & ~robot & ~failed).sum()),
    }
    return requests.filter(~(failed | robot | untold)), reasons
