"""Channels that tests allocate to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ml.budget.channels import Channel
from ml.budget.curves import Parametric

TV = Channel("tv", Parametric.of("exponential", 1_000, 50_000), Decimal(40_000), Decimal(10_000), Decimal(90_000))
SEARCH = Channel("search", Parametric.of("michaelis_menten", 800, 20_000), Decimal(30_000))
SOCIAL = Channel("social", Parametric.of("hill", 600, 30_000, 2.2), Decimal(20_000), None, Decimal(60_000))
RADIO = Channel("radio", Parametric.of("logistic", 300, 5e-5), Decimal(10_000))
CHANNELS = (TV, SEARCH, SOCIAL, RADIO)


def proposed(lines: Sequence[object]) -> dict[str, Decimal]:
    return {line.channel: line.proposed for line in lines}  # type: ignore[attr-defined]
