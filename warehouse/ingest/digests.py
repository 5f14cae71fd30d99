"""By what people are known, as digests: what is stored of an address or an id, and all that is stored of it.

A value is written in its normal form, and the first 128 bits of the SHA-256 of that are the identifier's digest. The
normal forms are those in which ad platforms take hashed addresses, so a plain address and one that came hashed meet.

=========================  ===========================================================================================
e-mail                     trimmed, small letters. Dots and ``+tags`` of Gmail addresses stay: two spellings are two
                           addresses, because what one provider ignores another does not.
phone                      the digits of E.164, without the plus: ``+49 (0)171 1234567`` is ``491711234567``. A number
                           without its country is that of many people, so it is none.
user, contact, device,     trimmed. Ids of two systems that count alike are kept apart by a namespace, which is part of
client, click              what is hashed: ``crm:17`` and ``shop:17``.
=========================  ===========================================================================================

An e-mail or a phone of 64 hexadecimal digits is a SHA-256 that the source made. Words that stand for no value name
nobody: ``null``, ``(not set)``, the device id of zeros, the digest of the empty text.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import Final

import polars as pl

from warehouse.schema.people import IdentifierKind


def identifier_digests(values: pl.Series, kind: IdentifierKind, namespace: str = "") -> pl.Series:
    """The digest of each value as a UUID's text (String), null where a value names nobody.

    Each distinct value is hashed once. ``namespace`` keeps ids of several systems apart; for an e-mail or a phone,
    which are the same everywhere, it must be empty. Raises :class:`ValueError` otherwise.
    """
    if namespace and kind in _HASHED_ELSEWHERE:
        raise ValueError(f"namespace == {namespace!r}, must be empty for kind {kind.value!r}.")
    distinct = pl.DataFrame({"value": values.cast(pl.String).unique()}).drop_nulls()
    normal = normalised(distinct["value"], kind)
    named = f"{namespace}:" + normal if namespace else normal
    digests = text_digests(named)
    if kind in _HASHED_ELSEWHERE:
        digests = pl.select(pl.when(normal.str.contains(_SHA256)).then(_as_uuid(normal)).otherwise(digests)).to_series()
    by_value = distinct.with_columns(digest=digests)
    asked = values.cast(pl.String).alias("value").to_frame()
    return asked.join(by_value, on="value", how="left", maintain_order="left")["digest"].alias(kind.value)


def identifier_digest(value: str, kind: IdentifierKind, namespace: str = "") -> str | None:
    """The digest of one value; see :func:`identifier_digests`."""
    digest = identifier_digests(pl.Series([value], dtype=pl.String), kind, namespace)[0]
    return None if digest is None else str(digest)


def plain_digest(value: str) -> str | None:
    """:func:`identifier_digest` without a namespace, of the kinds whose values are only trimmed; for one at a time."""
    trimmed = value.strip(_SPACE)
    if trimmed.lower() in _NOBODY or re.fullmatch(_ZEROS, trimmed):
        return None
    return str(uuid.UUID(hex=hashlib.sha256(trimmed.encode()).hexdigest()[:32]))


def normalised(values: pl.Series, kind: IdentifierKind) -> pl.Series:
    """Values in the form that is hashed, null where one names nobody."""
    trimmed = values.str.strip_chars(_SPACE)
    nobody = trimmed.str.to_lowercase().is_in(_NOBODY) | trimmed.str.contains(_ZEROS)
    trimmed = trimmed.set(nobody.fill_null(value=False), None)
    if kind == IdentifierKind.email:
        return _emails(trimmed.str.to_lowercase())
    if kind == IdentifierKind.phone:
        return _phones(trimmed.str.to_lowercase())
    return trimmed


def text_digests(texts: pl.Series) -> pl.Series:
    """The first 128 bits of the SHA-256 of each text, as a UUID's text; null stays null."""
    sha256 = hashlib.sha256
    hashed = [None if value is None else sha256(value.encode()).hexdigest() for value in texts.to_list()]
    return _as_uuid(pl.Series(texts.name, hashed, dtype=pl.String))


def _emails(words: pl.Series) -> pl.Series:
    hashed = words.str.contains(_SHA256)
    usable = (words.str.contains(r"^[^@\s]+@[^@\s]+$") | hashed).fill_null(value=False)
    return words.set(~usable | (words == _SHA256_OF_NOTHING).fill_null(value=False), None)


def _phones(words: pl.Series) -> pl.Series:
    hashed = words.str.contains(_SHA256).fill_null(value=False)
    number = words.str.replace(r"^tel:", "").str.replace(r"\s*(?:ext\.?|x|;|#).*$", "").str.replace_all(r"\(0\)", "")
    stated = number.str.contains(r"^[\s(]*(?:\+|00)")
    digits = number.str.replace_all(r"\D", "").str.replace(r"^00", "")
    # Without a plus only what is too long for a number within a country is taken to begin with one.
    whole = digits.str.contains(r"^[1-9]\d{6,14}$") & (stated | digits.str.contains(r"^\d{11,15}$"))
    digits = digits.set(~whole.fill_null(value=False), None)
    digits = pl.select(pl.when(hashed).then(words).otherwise(digits)).to_series()
    return digits.set((words == _SHA256_OF_NOTHING).fill_null(value=False), None)


def _as_uuid(hexadecimal: pl.Series) -> pl.Series:
    """The first 32 digits with the hyphens of a UUID."""
    part = hexadecimal.str.slice
    return part(0, 8) + "-" + part(8, 4) + "-" + part(12, 4) + "-" + part(16, 4) + "-" + part(20, 12)


_HASHED_ELSEWHERE: Final = frozenset({IdentifierKind.email, IdentifierKind.phone})
_SHA256: Final = "^[0-9a-fA-F]{64}$"
_SHA256_OF_NOTHING: Final = hashlib.sha256(b"").hexdigest()
_ZEROS: Final = "^[0-]{2,}$"  # the advertising id of a device that may not be followed, a number of zeros
# Unicode's white space, spelt out because Python's own also has four control characters.
_SPACE: Final = "".join(c for c in map(chr, range(0x3001)) if c.isspace() and c not in "\x1c\x1d\x1e\x1f")

_NOBODY: Final = (
    "", "-", "--", "0", "null", "none", "nil", "nan", "n/a", "na", "undefined", "unknown", "anonymous", "(not set)",
    "(none)", "not set", "(other)",
)  # fmt: skip
