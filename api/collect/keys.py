"""Which account a sender's key sends events for, remembered for some seconds so that a request costs no statement."""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from api.passwords import TOKEN_PREFIX, token_hash
from api.threads import in_thread
from warehouse.queries import people
from warehouse.sessions import Warehouse

REMEMBERED_SECONDS: Final = 5.0  # a revoked token sends no more after these
MOST_REMEMBERED: Final = 10_000


@dataclass(slots=True)
class Keys:
    """Finds the account of a key. Used by one event loop."""

    warehouse: Warehouse
    threads: ThreadPoolExecutor
    clock: Callable[[], float] = time.monotonic
    _known: OrderedDict[str, tuple[float, int | None]] = field(default_factory=OrderedDict)
    _asked: dict[str, asyncio.Future[int | None]] = field(default_factory=dict)

    async def account_of(self, key: str) -> int | None:
        """The account for which the key may send events; None when it may not."""
        if not key.startswith(TOKEN_PREFIX) or len(key) > 200:
            return None
        known = self._known.get(key)
        if known is not None and known[0] > self.clock():
            return known[1]
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = asyncio.ensure_future(in_thread(self.threads, self._ask, key))
            asked.add_done_callback(lambda done: self._remember(key, done))
        return await asyncio.shield(asked)  # one sender that hangs up must not end the question of the others

    def _ask(self, key: str) -> int | None:
        with self.warehouse.writing() as session:
            return people.account_of_collect_token(session, token_hash(key))

    def _remember(self, key: str, done: asyncio.Future[int | None]) -> None:
        del self._asked[key]
        if done.cancelled() or done.exception() is not None:
            return
        self._known[key] = (self.clock() + REMEMBERED_SECONDS, done.result())
        self._known.move_to_end(key)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)


def key_in_request(headers: Mapping[str, str], query: str) -> str | None:
    """The key from the Authorization header (Bearer, or Basic with the key as user) or from the address."""
    scheme, _, said = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return said.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(said, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None
    if query:
        given = parse_qs(query, max_num_fields=50)
        for name in ("api_secret", "writeKey", "write_key"):
            if name in given:
                return given[name][0]
    return None


def key_in_body(body: Mapping[str, Any]) -> str | None:
    """The key where browsers' libraries put it."""
    said = body.get("writeKey")
    return said if isinstance(said, str) else None
