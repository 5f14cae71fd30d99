"""Signed texts: whole or nothing."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from api.signing import Signer

SIGNER = Signer("k" * 40, "cursor")
SAFE = set(string.ascii_letters + string.digits + "-_")


@given(st.binary(max_size=200))
def test_what_was_signed_comes_back(payload: bytes) -> None:
    signed = SIGNER.sign(payload)
    assert SIGNER.unsign(signed) == payload
    assert set(signed) <= SAFE


@given(st.binary(max_size=60), st.data())
def test_a_changed_letter_spoils_it(payload: bytes, data: st.DataObject) -> None:
    signed = SIGNER.sign(payload)
    at = data.draw(st.integers(0, len(signed) - 1))
    letter = data.draw(st.sampled_from(sorted(SAFE - {signed[at]})))
    assert SIGNER.unsign(signed[:at] + letter + signed[at + 1 :]) is None


@given(st.text(max_size=80))
def test_any_text_is_taken_for_what_it_is(text: str) -> None:
    assert SIGNER.unsign(text) is None


@given(st.binary(max_size=60))
def test_another_purpose_or_key_does_not_count(payload: bytes) -> None:
    signed = SIGNER.sign(payload)
    assert Signer("k" * 40, "session").unsign(signed) is None
    assert Signer("l" * 40, "cursor").unsign(signed) is None


def test_secrets_are_made_again_and_differ() -> None:
    assert SIGNER.secret(b"a") == SIGNER.secret(b"a")
    assert len({SIGNER.secret(b"a"), SIGNER.secret(b"b"), Signer("k" * 40, "other").secret(b"a")}) == 3
