"""What was read is kept until something new is published.

The key holds the question, the reader, and the warehouse's version: a load, a published run or an edited channel
gives another key, so nothing stale is ever found, and what is no longer asked for falls out at the end.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Cache:
    """The answers used last, at most ``size``. Safe to use from threads; two may compute the same answer at once."""

    size: int = 256
    _answers: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The answer kept under ``key``, or a new one. Answers are shared, so nobody may change them."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                found: T = self._answers[key]
                return found
        answer = compute()
        with self._lock:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            while len(self._answers) > self.size:
                self._answers.popitem(last=False)
        return answer
