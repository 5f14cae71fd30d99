"""The job that fits a mix model to an advertiser's weeks, with every test of its channels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ml.job import Job, Outcome, Task, day_said
from warehouse.changes.mix_results import write_mix
from warehouse.engine import WriteSession
from warehouse.errors import BadSetting, NotEnoughData
from warehouse.following import Follow
from warehouse.queries.mix_inputs import is_behind
from warehouse.schema.commerce import ConversionKind

if TYPE_CHECKING:
    from ml.mix.mix import Families
    from ml.mix.prior import Return

OUTCOMES: Final = ("revenue", "margin", "conversions", "new_customers")
CONTROLS: Final = ("discount", "price", "holidays")
MOST_DRAWS: Final = 4_000
MOST_WEEKS: Final = 520


def settle(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with their defaults.

    ``outcomes``: revenue where it is known, else conversions, when null; ``goal``: the kind of conversion, orders when
    null; ``weeks``: at most so many, from the newest; ``from`` and ``to``; ``currency``: that of the account when null;
    ``controls``: all that are known when null; ``country``: whose public holidays; ``organic``: whether e-mails sent
    are fitted; ``exposure``: channels of which impressions work; ``without``: channels that are left out, when null
    search for one's own name, unless a test measured it; ``brand``: words in the names of such campaigns;
    ``demand_led``: channels of which history tells nothing, since who is looking decides what is spent, when null
    paid search, shopping and Performance Max; ``returns``: what one unit of money is held to bring, by channel, as
    [median, factor], where revenue is asked for and nothing said what is usual; ``families``: such as
    geometric+hill, all when null; ``draws`` and ``seed``.
    """
    unknown = sorted(set(parameters) - set(_DEFAULTS))
    if unknown:
        raise BadSetting(f"mix has no parameter {unknown[0]!r}.", remedy=f"It has: {', '.join(_DEFAULTS)}.")
    said = {**_DEFAULTS, **parameters}
    _check_names("outcomes", said["outcomes"], OUTCOMES)
    _check_names("controls", said["controls"], CONTROLS)
    _check_names("goal", None if said["goal"] is None else [said["goal"]], [kind.value for kind in ConversionKind])
    for name in ("exposure", "without", "demand_led", "brand", "families"):
        _check_names(name, said[name], None)
    for name, least, most in (("weeks", 30, MOST_WEEKS), ("draws", 100, MOST_DRAWS), ("seed", 1, 2**32 - 1)):
        if type(said[name]) is not int or not least <= said[name] <= most:
            raise BadSetting(f"{name} == {said[name]!r}, must be a whole number from {least} to {most}.")
    for name in ("country", "currency"):
        if said[name] is not None and not (isinstance(said[name], str) and said[name].isalpha()):
            raise BadSetting(f"{name} == {said[name]!r} is no code.", remedy="Write it as US, or USD.")
    if type(said["organic"]) is not bool:
        raise BadSetting(f"organic == {said['organic']!r}, must be true or false.")
    for name in ("from", "to"):
        day_said(name, said[name])
    _check_families(said["families"])
    _check_returns(said["returns"])
    return said


def compute(task: Task) -> Outcome:
    """Read the weeks, fit each outcome, and look at each fit from all sides. Raises :class:`NotEnoughData`."""
    from ml.mix.fitting import fitted
    from ml.mix.reading import read_outcomes

    task.report("reading weeks and tests", 0.03)
    with task.warehouse.reading(task.reader) as session:
        read, reasons = read_outcomes(session, task.account_key, task.parameters)
    found = []
    for number, one in enumerate(read):
        at, step = 0.1 + 0.85 * number / len(read), 0.85 / len(read)

        def report(what: str, part: float, name: str = one.outcome, at: float = at, step: float = step) -> None:
            task.report(f"{name}: {what}", at + step * part)

        found.append(fitted(one, task.parameters, families_of(task.parameters), returns_of(task.parameters), report))
    if not found:
        raise NotEnoughData(" ".join(reasons) or "There is no outcome.", remedy="Load orders or conversions.")
    task.report("writing", 0.97)
    advertiser_key = read[0].window.advertiser_key

    def write(session: WriteSession, run_key: int) -> None:
        write_mix(session, found, run_key=run_key, account_key=task.account_key, advertiser_key=advertiser_key)

    return Outcome(write=write, words=" ".join([*(one.fit.words for one in found), *reasons]))


def families_of(said: Mapping[str, Any]) -> Families:
    """The pairs of families that a run's parameters name. Raises :class:`BadSetting` for what is none."""
    from ml.mix.mix import ALL_FAMILIES, named_families

    if said["families"] is None:
        return ALL_FAMILIES
    pairs = [tuple(str(name).split("+")) for name in said["families"]]
    for pair in pairs:
        if len(pair) != 2:
            raise BadSetting(f"{'+'.join(pair)!r} is no pair of families.", remedy="Write it as geometric+hill.")
        named_families((pair[0], pair[1]))
    return tuple((pair[0], pair[1]) for pair in pairs)


def returns_of(said: Mapping[str, Any]) -> dict[str, Return]:
    """The stated priors of a run's parameters."""
    from ml.mix.prior import Return

    return {name: Return(float(median), float(factor)) for name, (median, factor) in said["returns"].items()}


_DEFAULTS: Final[Mapping[str, Any]] = {
    "outcomes": None,
    "goal": None,
    "weeks": 156,
    "from": None,
    "to": None,
    "currency": None,
    "controls": None,
    "country": None,
    "organic": True,
    "exposure": [],
    "without": None,
    "demand_led": None,
    "brand": ["brand"],
    "returns": {},
    "families": None,
    "draws": 1000,
    "seed": 1,
}


def _check_names(name: str, said: Any, known: Any) -> None:
    if said is None:
        return
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise BadSetting(f"{name} == {said!r}, must be a list of names.")
    for one in said:
        if known is not None and one not in known:
            raise BadSetting(f"{name} has {one!r}, which is none.", remedy=f"There are: {', '.join(known)}.")
    if name in ("outcomes", "families") and not said:
        raise BadSetting(f"{name} names none.", remedy="Leave it out for what is usual.")
    if len(set(said)) < len(said):
        raise BadSetting(f"{name} == {said!r} names one twice.")


def _check_families(said: Any) -> None:
    if said is not None:
        families_of({"families": said})


def _check_returns(said: Any) -> None:
    if not isinstance(said, dict):
        raise BadSetting(f"returns == {said!r}, must be medians and factors by channel.")
    for name, one in said.items():
        is_pair = isinstance(one, list) and len(one) == 2 and all(type(part) in (int, float) for part in one)
        if not (is_pair and all(math.isfinite(part) for part in one) and one[0] > 0 and one[1] > 1):
            raise BadSetting(
                f"returns has {one!r} for {name}, which is no prior.",
                remedy="Write [median, factor], such as [1.5, 3]: the median above 0, the factor above 1.",
            )


MIX: Final = Job(
    name="mix",
    words="What each channel brought week by week, what the next unit of money would bring, and how far to believe it.",
    version=1,
    settle=settle,
    compute=compute,
    is_due=is_behind,
    follows={"experiments": Follow.new_evidence},
)
