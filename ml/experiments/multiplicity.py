"""P-values that count how many questions were asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Below alpha with a family-wise error of at most alpha, whatever depends on what (Holm 1979)."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    return _back(stepped, order)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Below q where at most q of what is found is expected to be false (Benjamini and Hochberg 1995)."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.minimum.accumulate((p[order] * p.size / np.arange(1, p.size + 1))[::-1])[::-1]
    return _back(stepped, order)


def _back(stepped: np.ndarray, order: np.ndarray) -> tuple[float, ...]:
    found = np.empty(order.size)
    found[order] = np.minimum(stepped, 1.0)
    return tuple(found.tolist())
