"""The trust card: every look at a fit, and the worst of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ml.mix.experiments import ExperimentEffect, experiment_findings
from ml.mix.mix import MixFit
from ml.mix.trust.finding import Finding, Status, worst
from ml.mix.trust.identification import identification_findings
from ml.mix.trust.left_over import left_over_findings
from ml.mix.trust.numerics import numeric_findings
from ml.mix.trust.refits import refit_findings
from ml.mix.trust.residuals import residual_findings
from ml.mix.trust.shape import shape_findings


@dataclass(frozen=True, slots=True)
class TrustCard:
    """All findings about a fit."""

    findings: tuple[Finding, ...]

    @property
    def status(self) -> Status:
        """The worst of them."""
        return worst(self.findings)


def trust_of(fit: MixFit, experiments: Sequence[ExperimentEffect] = ()) -> TrustCard:
    """Look at a fit from all sides, and at what experiments say of it."""
    return TrustCard(
        (
            *numeric_findings(fit),
            *residual_findings(fit),
            *left_over_findings(fit),
            *identification_findings(fit),
            *shape_findings(fit),
            *refit_findings(fit),
            *experiment_findings(experiments),
        )
    )
