"""Whether the draws stand for the posterior."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ml.mix.mix import MixFit
from ml.mix.trust.finding import Finding, graded

_COUNTS: Final = 0.05  # weight of a family whose draws matter
_BAD_K, _WORTHLESS_K = 0.7, 1.0
_FEW, _TOO_FEW = 100.0, 25.0


def numeric_findings(fit: MixFit) -> Iterator[Finding]:
    """Tail and effective size of the importance weights, over the families that count."""
    counted = [family for family, weight in zip(fit.families, fit.weights, strict=True) if weight >= _COUNTS]
    k_hat = max(family.draws.k_hat for family in counted)
    yield Finding(
        "weights", graded(k_hat, _BAD_K, _WORTHLESS_K),
        f"The largest Pareto k of the importance weights is {k_hat:.2f}; above 0.7 draws may miss a part of what is "
        "possible.",
        "Fewer channels or controls, or an experiment on channels that move together.",
        k_hat,
    )  # fmt: skip
    least = min(family.draws.effective for family in counted)
    yield Finding(
        "effective-size",
        "green" if least >= _FEW else "amber" if least >= _TOO_FEW else "red",
        f"The draws of every family that counts are worth at least {least:,.0f} independent ones.",
        "Fewer channels or controls, or an experiment on channels that move together.",
        least,
    )
