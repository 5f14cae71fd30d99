"""What tests of uplift measure."""

from __future__ import annotations

import numpy as np

from ml.uplift.sample import Floats


def rmse(found: Floats, truth: Floats) -> float:
    """The root mean square error."""
    return float(np.sqrt(np.mean((found - truth) ** 2)))
