"""How much a door lets through: token buckets in this process, and the size of a request's body."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from api.refusals import TooLarge, TooMany

MOST_KEYS = 10_000

GRAPHQL_BODY = 100_000
LOGIN_BODY = 10_000
LARGEST_BODY = 64_000_000  # the dashboard's callbacks carry uploaded files


@dataclass(slots=True)
class Buckets:
    """One token bucket per key: ``capacity`` at once, ``per_second`` afterwards.

    Buckets that have refilled are forgotten first when there are more than ``MOST_KEYS``. Safe to use from threads.
    """

    capacity: float
    per_second: float
    what: str
    clock: Callable[[], float] = time.monotonic
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str, cost: float = 1.0) -> None:
        """Take ``cost`` out of the key's bucket. Raises :class:`TooMany` with the wait when it holds less."""
        now = self.clock()
        with self._lock:
            level = self._level(key, now)
            if level < cost:
                raise TooMany(f"Too many {self.what} at once.", retry_after=self._wait(cost - level))
            self._store(key, level - cost, now)

    def require(self, key: str) -> None:
        """Raise :class:`TooMany` unless something is left for the key; takes nothing."""
        with self._lock:
            level = self._level(key, self.clock())
        if level < 1:
            raise TooMany(f"Too many {self.what} at once.", retry_after=self._wait(1 - level))

    def spend(self, key: str) -> None:
        """Take one, or what is left."""
        now = self.clock()
        with self._lock:
            self._store(key, max(0.0, self._level(key, now) - 1), now)

    def _wait(self, lacking: float) -> int:
        return max(1, math.ceil(lacking / self.per_second))

    def _level(self, key: str, now: float) -> float:
        level, at = self._levels.get(key, (self.capacity, now))
        return min(self.capacity, level + (now - at) * self.per_second)

    def _store(self, key: str, level: float, now: float) -> None:
        self._levels[key] = (level, now)
        self._levels.move_to_end(key)
        while len(self._levels) > MOST_KEYS:
            self._levels.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """The buckets of one server."""

    # Asked before it is known who asks; the key is the peer's address.
    strangers: Buckets = field(default_factory=lambda: Buckets(200, 20, "requests"))
    # Only wrong passwords and tokens cost an attempt; a person has ten, an address of a network (or a proxy) more.
    attempts_by_peer: Buckets = field(default_factory=lambda: Buckets(50, 1 / 2, "attempts to sign in"))
    attempts_by_email: Buckets = field(default_factory=lambda: Buckets(10, 1 / 30, "attempts to sign in"))
    # By reader. A leaf costs about 11 microseconds, so this lets one reader keep a quarter of a core busy.
    graphql_cost: Buckets = field(default_factory=lambda: Buckets(200_000, 20_000, "expensive queries"))
    exports: Buckets = field(default_factory=lambda: Buckets(20, 1, "exports"))


async def read_body(request: Request, most: int) -> bytes:
    """The body of a request. Raises :class:`TooLarge` as soon as it is known to exceed ``most`` bytes."""
    remedy = f"Send at most {most:,} bytes."
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > most:
        raise TooLarge(f"The request has {int(stated):,} bytes.", remedy=remedy)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge(f"The request has more than {most:,} bytes.", remedy=remedy)
    return bytes(body)
