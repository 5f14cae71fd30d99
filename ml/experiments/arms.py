"""Which arm the others are compared with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from warehouse.errors import BadSetting

# Names that alone are a control's, and words that make a name one.
_NAMES: Final = frozenset({"a", "0", "off", "false", "original", "none", "c"})
_WORDS: Final = frozenset({"control", "ctrl", "ctl", "kontrolle", "baseline", "holdout", "hold-out", "placebo"})
_FIRST_WORDS: Final = frozenset({"no", "none", "without", "untreated"})
MOST_ARMS: Final = 50


def control_of(arms: Sequence[str], named: str | None = None) -> tuple[str, str]:
    """The control, and in words why, where nobody named it.

    Else it is the one arm that is named like a control, and where there is none the first in the alphabet: a
    difference then has the sign that this order gives it. Raises :class:`BadSetting` where the arm that was named is
    not there, where two are named like a control, and where there are not at least two arms.
    """
    if len(arms) < 2:
        raise BadSetting(
            f"There is one arm, {arms[0]!r}." if arms else "There is no arm.",
            remedy="An experiment compares two or more: check the column and what was left out of the file.",
        )
    if named is not None:
        if named not in arms:
            raise BadSetting(f"No unit is in an arm {named!r}.", remedy=f"There are: {', '.join(arms)}.")
        return named, ""
    like = [arm for arm in arms if _is_like_a_control(arm)]
    if len(like) > 1:
        raise BadSetting(
            f"Several arms are named like a control: {', '.join(like)}.", remedy="Say which it is with --control."
        )
    if like:
        return like[0], ""
    first = min(arms)
    return first, f"No arm is named like a control, so all are compared with {first}. --control names another."


def told_apart(arms: Collection[str]) -> None:
    """Raises :class:`BadSetting` where names of arms differ in capitals and blanks only, or there are very many."""
    if len(arms) > MOST_ARMS:
        raise BadSetting(
            f"There are {len(arms):,} arms, {', '.join(sorted(arms)[:3])} among them.",
            remedy="Check that the column is that of the arm.",
        )
    by_letters: dict[str, str] = {}
    for arm in sorted(arms):
        alike = by_letters.setdefault("".join(arm.casefold().split()), arm)
        if alike != arm:
            raise BadSetting(
                f"The arms {alike!r} and {arm!r} differ only in how they are written.",
                remedy="If they are one arm, write it in one way.",
            )


def _is_like_a_control(arm: str) -> bool:
    name = arm.casefold().strip()
    words = name.replace("_", " ").split()
    return name in _NAMES or bool(_WORDS & set(words)) or words[0] in _FIRST_WORDS
