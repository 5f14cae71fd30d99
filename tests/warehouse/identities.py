"""Whose identifiers are whose, by the rules written out as plainly as they can be: what the real thing is held to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import TypeVar

STRONG = ("email", "phone", "user", "contact")
MOST_STRONG_OF_STRONG, MOST_STRONG_OF_WEAK, MOST_DEVICES, MOST_BROWSERS = 20, 5, 5, 1

T = TypeVar("T")
Name = tuple[str, str]  # kind, value
Links = set[frozenset[Name]]


def links_of(record: Mapping[str, str]) -> Links:
    """What one record ties: everything to its strongest identifier, and its weak ones to each other."""
    order = [*STRONG, "device", "client", "click"]
    names = [(kind, record[kind]) for kind in order if kind in record]
    return {frozenset((a, b)) for a, b in combinations(names, 2) if a == names[0] or a[0] not in STRONG}


def customers(names: Iterable[Name], links: Links) -> set[frozenset[Name]]:
    """The customers, each as the set of its identifiers."""
    names = set(names)
    own = {name for name in names if is_shared(name, links)}
    links = {link for link in links if not link & own}
    strong = {name for name in names - own if name[0] in STRONG}
    weak = names - own - strong
    people = components(strong, {link for link in links if link <= strong})
    person = {name: group for group in people for name in group}

    def met(thing: Name) -> set[frozenset[Name]]:
        return {person[other] for link in links if thing in link for other in link - {thing} if other in person}

    ties = {frozenset(met(thing)) for thing in weak if len(met(thing)) > 1 and complementary(met(thing))}
    for group in components(people, {frozenset(pair) for tie in ties for pair in combinations(tie, 2)}):
        if complementary(group):
            for name in frozenset().union(*group):
                person[name] = frozenset().union(*group)

    found: dict[frozenset[Name], set[Name]] = {group: set(group) for group in person.values()}
    owner = {thing: next(iter(met(thing))) for thing in weak if len(met(thing)) == 1}
    for thing, group in owner.items():
        found[group].add(thing)
    anonymous = {thing for thing in weak if not met(thing)}
    for group in components(anonymous, {link for link in links if link <= anonymous}):
        leads = {owner[o] for link in links if link & group for o in link - group if o in owner}
        if len(leads) == 1:
            found[leads.pop()] |= group
        else:
            found[group] = set(group)
    alone = own | {thing for thing in weak if len(met(thing)) > 1}
    return {frozenset(group) for group in found.values()} | {frozenset([thing]) for thing in alone}


def is_shared(name: Name, links: Links) -> bool:
    """Whether an identifier is linked to more than one person can have."""
    others = [other for link in links if name in link for other in link - {name}]
    number = {kind: sum(other[0] == kind for other in others) for kind in (*STRONG, "device", "client")}
    most = MOST_STRONG_OF_STRONG if name[0] in STRONG else MOST_STRONG_OF_WEAK
    return (
        any(number[kind] > most for kind in STRONG)
        or (name[0] == "client" and number["device"] > MOST_DEVICES)
        or (name[0] == "click" and (number["device"] > MOST_BROWSERS or number["client"] > MOST_BROWSERS))
    )


def complementary(people: Iterable[frozenset[Name]]) -> bool:
    """Whether no two of the people have an identifier of the same kind."""
    kinds = [{name[0] for name in one} for one in people]
    return not any(a & b for a, b in combinations(kinds, 2))


def components(nodes: Iterable[T], links: Iterable[frozenset[T]]) -> set[frozenset[T]]:
    """Connected components, by merging until nothing merges any more."""
    groups = [{node} for node in nodes]
    for link in links:
        touched = [group for group in groups if group & link]
        groups = [group for group in groups if not group & link] + ([set().union(*touched)] if touched else [])
    return {frozenset(group) for group in groups}
