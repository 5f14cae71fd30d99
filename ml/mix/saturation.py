"""How outcome grows with spend: four families of curves that start at zero and level off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Saturation:
    """One family: ``level(x, *shape)`` goes from 0 at no spend towards 1, ``slope`` is its derivative by x.

    ``shape`` names the parameters, all above zero. x and the parameters are broadcast against one another, so one call
    serves one curve at many spends or many draws of a curve. A response is beta times the level.
    """

    name: str
    shape: tuple[str, ...]
    level: Callable[..., Floats]
    slope: Callable[..., Floats]


def _exponential(x: Floats, theta: Floats) -> Floats:
    return -np.expm1(-np.asarray(x) / theta)


def _exponential_slope(x: Floats, theta: Floats) -> Floats:
    return np.exp(-np.asarray(x) / theta) / theta


def _michaelis_menten(x: Floats, theta: Floats) -> Floats:
    return np.asarray(x) / (np.asarray(x) + theta)


def _michaelis_menten_slope(x: Floats, theta: Floats) -> Floats:
    return theta / np.square(np.asarray(x) + theta)


def _hill(x: Floats, kappa: Floats, slope: Floats) -> Floats:
    power = (np.asarray(x) / kappa) ** slope
    return power / (1.0 + power)


def _hill_slope(x: Floats, kappa: Floats, slope: Floats) -> Floats:
    # below slope 1 the first unit is worth infinitely much: the smallest float stands for no spend
    ratio = np.maximum(np.asarray(x) / kappa, np.finfo(float).tiny)
    power = ratio**slope
    return slope / kappa * ratio ** (slope - 1.0) / np.square(1.0 + power)


def _logistic(x: Floats, lam: Floats) -> Floats:
    return np.tanh(np.asarray(x) * lam / 2.0)


def _logistic_slope(x: Floats, lam: Floats) -> Floats:
    return lam / 2.0 / np.square(np.cosh(np.minimum(np.asarray(x) * lam / 2.0, 300.0)))


# exponential: 1 - exp(-x/theta); Michaelis-Menten: x/(x + theta); Hill (Jin et al. 2017, eq. 5); logistic:
# (1 - exp(-lam x))/(1 + exp(-lam x)), which is tanh(lam x / 2)
SATURATIONS: Final[Mapping[str, Saturation]] = MappingProxyType(
    {
        family.name: family
        for family in (
            Saturation("exponential", ("theta",), _exponential, _exponential_slope),
            Saturation("michaelis_menten", ("theta",), _michaelis_menten, _michaelis_menten_slope),
            Saturation("hill", ("kappa", "slope"), _hill, _hill_slope),
            Saturation("logistic", ("lam",), _logistic, _logistic_slope),
        )
    }
)
