"""Exchange rates of a simulated world, as a plain table."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from ml.simulation.exports.manifest import ExportFile

_STREAM = 900_001  # of random numbers, far from those of the people
_PAR = 1.12  # dollars for a euro, around which the rate wanders


def write_rates(path: Path, first_day: date, last_day: date, *, seed: int) -> ExportFile:
    """Daily EUR to USD: a slow walk that stands still at weekends."""
    days = (last_day - first_day).days + 1
    steps = np.random.default_rng([seed, _STREAM]).normal(0, 0.0028, days)
    lines, level = ["date,from,to,rate"], 0.0
    for number in range(days):
        day = first_day + timedelta(days=number)
        if day.weekday() < 5:
            level = 0.985 * level + float(steps[number])
        lines.append(f"{day},EUR,USD,{Decimal(str(_PAR * np.exp(level))):.4f}")
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return ExportFile(path, "fx", "fx_rate", None, None, None, None, first_day, last_day, accepted=days)
