"""What is kept, what falls out."""

from __future__ import annotations

import pytest

from dashboard.cache import Cache


def test_an_answer_is_computed_once_and_the_one_not_asked_for_falls_out() -> None:
    cache, computed = Cache(size=2), []

    def ask(key: str) -> str:
        return cache.get(key, lambda: computed.append(key) or key.upper())

    assert [ask(k) for k in "abaca"] == ["A", "B", "A", "C", "A"]
    assert computed == ["a", "b", "c"], "a was asked for again and stayed, b did not"
    assert ask("b") == "B"
    assert computed == ["a", "b", "c", "b"]


def test_an_error_is_not_kept() -> None:
    cache = Cache()
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 / 0)
    assert cache.get("a", lambda: 2) == 2
