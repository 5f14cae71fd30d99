"""How customers come again and what they will be worth, by one model of buying: what the command prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.lifetime.beta_geometric import BetaGeometric, fit_bg_nbd, fit_mbg_nbd
from ml.lifetime.calibration import Calibration, calibration_of
from ml.lifetime.gamma_gamma import fit_gamma_gamma
from ml.lifetime.maximum import Maximum
from ml.lifetime.pareto import Pareto, fit_pareto_nbd
from ml.lifetime.purchase_file import PurchaseFile
from ml.lifetime.purchases import Floats, Purchases
from ml.lifetime.value import Horizon, LifetimeModel, MeanValue, ValueDifference, value_difference
from warehouse.errors import BadSetting

MODELS: Final[Mapping[str, Callable[[Purchases], BetaGeometric | Pareto]]] = {
    "bg_nbd": fit_bg_nbd, "mbg_nbd": fit_mbg_nbd, "pareto_nbd": fit_pareto_nbd,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """A fitted parameter."""

    name: str
    estimate: float
    se: float


@dataclass(frozen=True, slots=True)
class Buying:
    """A model of buying, and the purchases of all customers that it expects within the horizon."""

    model: str
    log_likelihood: float
    parameters: tuple[Parameter, ...]
    expected: float


@dataclass(frozen=True, slots=True)
class Answer:
    """``alive`` is the share of customers still there, ``models`` the one asked for and those to check it by.

    What needs amounts, a later time or arms is None, or empty, without them.
    """

    customers: int
    repeaters: int
    alive: float
    models: tuple[Buying, ...]
    spending: tuple[Parameter, ...]
    correlation: float | None
    value: MeanValue | None
    calibration: Calibration | None
    difference: ValueDifference | None


@dataclass(frozen=True, slots=True, eq=False)
class Customers:
    """Of each customer (n,): the chance to be there, purchases expected within the horizon, and their worth."""

    alive: Floats
    expected: Floats
    value: Floats | None


def answer_of(
    file: PurchaseFile, horizon: Horizon, *, arms: tuple[str, str] | None = None, level: float = 0.9
) -> tuple[Answer, Customers]:
    """Fit BG/NBD and the two that check it, and Gamma-Gamma where there are amounts.

    ``arms`` are the names of the treated and the untreated arm. Raises as the models do, :class:`BadSetting` for arms
    or amounts that are not there.
    """
    purchases, spending = file.purchases(), file.spending()
    fitted = {name: fit(purchases) for name, fit in MODELS.items()}
    buying = fitted["bg_nbd"]
    come = {name: model.expected(purchases, horizon.length) for name, model in fitted.items()}
    alive = buying.alive(purchases)[purchases.history]
    amounts = None if spending is None else fit_gamma_gamma(spending)
    lifetime = None
    if spending is not None and amounts is not None and isinstance(buying, BetaGeometric):
        lifetime = LifetimeModel(purchases, spending, buying, amounts)
    answer = Answer(
        purchases.customers,
        int(purchases.count[purchases.frequency > 0].sum()),
        float(alive.mean()),
        tuple(
            Buying(name, model.fit.log_likelihood, parameters_of(model.fit), float(come[name] @ purchases.count))
            for name, model in fitted.items()
        ),
        () if amounts is None else parameters_of(amounts.fit),
        None if amounts is None else amounts.correlation,
        None if lifetime is None else lifetime.mean(horizon, level),
        None if file.later is None else calibration_of(purchases, come["bg_nbd"], file.later),
        None if arms is None else _difference(file, arms, horizon, level),
    )
    values = None if lifetime is None else lifetime.values(horizon)
    return answer, Customers(alive, come["bg_nbd"][purchases.history], values)


def parameters_of(fit: Maximum) -> tuple[Parameter, ...]:
    """With their standard errors."""
    return tuple(
        Parameter(name, float(value), float(se))
        for name, value, se in zip(fit.names, fit.parameters, fit.errors, strict=True)
    )


def _difference(file: PurchaseFile, arms: tuple[str, str], horizon: Horizon, level: float) -> ValueDifference:
    treated, untreated = (_arm(file, name) for name in arms)
    return value_difference(treated, untreated, horizon, level=level)


def _arm(file: PurchaseFile, name: str) -> LifetimeModel:
    if file.arm is None:
        raise BadSetting("No column says who was treated.", remedy="Name it: --arm.")
    of = file.arm == name
    if not of.any():
        there = ", ".join(map(repr, np.unique(file.arm)[:20].tolist()))
        raise BadSetting(f"Nobody was in the arm {name!r}; there are: {there}.", remedy="Name arms as the file does.")
    spending = file.spending(of)
    if spending is None:
        raise BadSetting("Arms are compared by what customers spend.", remedy="Name that column: --amount.")
    return LifetimeModel.of(file.purchases(of), spending)
