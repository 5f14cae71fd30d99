"""Texts that only this installation can have written: session cookies, cursors, secrets made again from a nonce."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

_MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one purpose; what was signed for another is not accepted. ``key`` comes from ``signing_key``."""

    key: str
    purpose: str

    def sign(self, payload: bytes) -> str:
        """The payload and its signature, in letters that a URL and a cookie may hold. The payload is not hidden."""
        return _encoded(self.digest(payload)[:_MAC_BYTES] + payload)

    def unsign(self, text: str) -> bytes | None:
        """The payload, or None when the text was not made by :meth:`sign` of this key and purpose."""
        raw = _decoded(text)
        if raw is None or len(raw) < _MAC_BYTES:
            return None
        mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        # Decoding forgives stray last bits, so the text itself is compared too: one payload has one text.
        return (
            payload if hmac.compare_digest(mac, self.digest(payload)[:_MAC_BYTES]) and _encoded(raw) == text else None
        )

    def digest(self, payload: bytes) -> bytes:
        """The keyed hash of a payload, 32 bytes."""
        return hmac.digest(self.key.encode(), self.purpose.encode() + b"\0" + payload, hashlib.sha256)

    def secret(self, payload: bytes) -> str:
        """A secret that can be made again from the same payload, and only with the key. 43 letters."""
        return _encoded(self.digest(b"secret\0" + payload))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
