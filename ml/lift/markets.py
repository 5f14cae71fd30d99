"""Which markets to treat, so that a test finds small effects within its budget."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import numpy as np

from ml.lift.case import FEWEST_BEFORE, Treatment, case_of
from ml.lift.methods import Method
from ml.lift.panel import Panel
from ml.lift.power import SIMULATIONS, TARGET, Power, power_of
from ml.lift.synthetic import root_mean_square
from warehouse.errors import BadSetting, NotEnoughData

SIMULATED: Final = 8  # sets of markets that are simulated, of those that look best
_WINDOWS: Final = 6
_SYNTHETIC: Final = Method()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a test must keep to.

    ``excluded`` markets are neither treated nor stand for others, ``required`` ones are treated, ``untreated`` ones may
    only stand for others. ``budget`` is the most that a test may cost; an effect costs ``cost`` for each incremental
    outcome. ``most_share`` is the largest part of all outcome that treated markets may have.
    """

    excluded: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    untreated: tuple[str, ...] = ()
    budget: Decimal | None = None
    cost: Decimal | None = None
    most_share: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A test that could be run: its power, the part of all outcome it treats, and what its smallest effect costs."""

    power: Power
    share: float
    incremental: float
    cost: Decimal | None


def select_markets(
    panel: Panel, sizes: Sequence[int], periods: int, limits: Limits, *, method: Method = _SYNTHETIC,
    level: float = 0.9, target: float = TARGET, simulations: int = SIMULATIONS, seed: int = 1,
) -> tuple[Design, ...]:  # fmt: skip
    """The best tests by minimum detectable effect, of sets of so many markets.

    Every market with those most like it is a candidate. What looks best in past windows is simulated, so what is chosen
    is not judged by what it was chosen by. Raises :class:`BadSetting` where no set keeps to the limits, and as
    :func:`power_of`.
    """
    panel.places((*limits.excluded, *limits.required, *limits.untreated))
    candidates = {
        treated: _past_error(panel, treated, periods, limits.excluded, method)
        for size in sizes
        for treated in _candidates(panel, size, limits)
        if _share(panel, treated) <= limits.most_share
    }
    if not candidates:
        raise BadSetting(
            f"No set of {' or '.join(map(str, sizes))} markets has at most {limits.most_share:.0%} of the outcome and "
            "leaves two others.",
            remedy="Take fewer markets, or allow a larger share.",
        )
    best = heapq.nsmallest(SIMULATED, candidates, key=lambda treated: (candidates[treated], treated))
    designs = [
        design_of(
            panel, treated, periods, limits, method=method, level=level, target=target, simulations=simulations,
            seed=seed,
        )
        for treated in best
    ]  # fmt: skip
    _require_budget(min((each.cost for each in designs if each.cost is not None), default=Decimal(0)), limits.budget)
    kept = (each for each in designs if limits.budget is None or each.cost is None or each.cost <= limits.budget)
    return tuple(sorted(kept, key=lambda each: each.power.mde))


def select_cells(
    panel: Panel, cells: int, size: int, periods: int, limits: Limits, *, method: Method = _SYNTHETIC,
    level: float = 0.9, target: float = TARGET, simulations: int = SIMULATIONS, seed: int = 1,
) -> tuple[Design, ...]:  # fmt: skip
    """Tests of so many cells side by side, each of its own markets; none stands for another's.

    Raises as :func:`select_markets`.
    """
    chosen: list[tuple[str, ...]] = []
    for _ in range(cells):
        taken = tuple(name for treated in chosen for name in treated)
        left = replace(limits, excluded=(*limits.excluded, *taken), required=() if chosen else limits.required)
        options = {
            treated: _past_error(panel, treated, periods, left.excluded, method)
            for treated in _candidates(panel, size, left)
            if _share(panel, (*taken, *treated)) <= limits.most_share
        }
        if not options:
            raise BadSetting(
                f"There are markets for {len(chosen)} cells of {size}, not for {cells}.",
                remedy="Take fewer or smaller cells.",
            )
        chosen.append(min(options, key=lambda treated: (options[treated], treated)))
    designs = []
    for treated in chosen:
        others = (name for other in chosen if other != treated for name in other)
        alone = replace(limits, excluded=(*limits.excluded, *others))
        designs.append(
            design_of(
                panel, treated, periods, alone, method=method, level=level, target=target, simulations=simulations,
                seed=seed,
            )
        )  # fmt: skip
    _require_budget(sum((each.cost for each in designs if each.cost is not None), Decimal(0)), limits.budget)
    return tuple(designs)


def design_of(
    panel: Panel, treated: tuple[str, ...], periods: int, limits: Limits, *, method: Method = _SYNTHETIC,
    level: float = 0.9, target: float = TARGET, simulations: int = SIMULATIONS, seed: int = 1,
) -> Design:  # fmt: skip
    """The test of these markets, with what the smallest effect that it finds would be, and cost.

    Raises as :func:`power_of`.
    """
    power = power_of(
        panel, treated, periods, excluded=limits.excluded, method=method, level=level, target=target,
        simulations=simulations, seed=seed,
    )  # fmt: skip
    usual = float(panel.values[panel.places(treated)].mean())
    incremental = power.mde * usual * len(treated) * periods
    cost = None if limits.cost is None else (limits.cost * Decimal(repr(float(incremental)))).quantize(Decimal("0.01"))
    return Design(power, _share(panel, treated), incremental, cost)


def _candidates(panel: Panel, size: int, limits: Limits) -> Iterator[tuple[str, ...]]:
    """Sets of ``size``: the required markets and any one, with those whose paths are most like theirs."""
    barred = {*limits.excluded, *limits.untreated}
    free = [name for name in panel.units if name not in barred]
    others = len(panel.units) - len(limits.excluded)
    if size < max(len(limits.required), 1) or others - size < 2:
        return
    paths = panel.values - panel.values.mean(axis=1, keepdims=True)
    paths = paths / np.maximum(np.linalg.norm(paths, axis=1, keepdims=True), 1e-300)
    alike = paths @ paths.T
    seen = set()
    for seed in free:
        core = list(dict.fromkeys((*limits.required, seed)))
        if len(core) > size:
            core = core[:size]
        likeness = alike[panel.places(core)].sum(axis=0)
        rest = sorted((n for n in free if n not in core), key=lambda n: -likeness[panel.places([n])[0]])
        treated = tuple(sorted((*core, *rest[: size - len(core)])))
        if len(treated) == size and treated not in seen:
            seen.add(treated)
            yield treated


def _past_error(
    panel: Panel, treated: tuple[str, ...], periods: int, excluded: tuple[str, ...], method: Method
) -> float:
    """How far a test is off, as a part of the outcome, in windows of the past."""
    end = len(panel.times)
    first = max(end - periods * _WINDOWS, FEWEST_BEFORE, periods, end // 2)
    starts = sorted({int(start) for start in np.linspace(first, end - periods, _WINDOWS)})
    if starts[-1] < FEWEST_BEFORE:
        raise NotEnoughData(
            f"A history of {end} periods is too short for a test of {periods}.",
            remedy="Give a longer history, or plan a shorter test.",
        )
    errors = []
    for start in starts:
        last = panel.times[min(start + periods, end) - 1]
        case = case_of(panel, Treatment(treated, panel.times[start], last, excluded))
        gap = case.outcome - method.estimator(case, panel).fit(case).series
        errors.append(gap[start:].mean() / max(float(case.outcome[start:].mean()), 1e-300))
    return root_mean_square(np.array(errors))


def _require_budget(cost: Decimal, budget: Decimal | None) -> None:
    if budget is not None and cost > budget:
        raise BadSetting(
            f"No test finds its smallest effect within {budget:,}; the cheapest costs {cost:,.0f}.",
            remedy="Raise the budget, plan a longer test, or accept a lower level or power.",
        )


def _share(panel: Panel, treated: Sequence[str]) -> float:
    return float(panel.values[panel.places(treated)].sum() / panel.values.sum())
