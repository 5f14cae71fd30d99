"""Random numbers that hang on who, when and what for, and on nothing else.

The number that decides whether customer 17 looks at an ad on day 203 is the same whoever else is simulated, in which
block, and whatever was switched off. So a world without a cause is the same random world (common random numbers), and
people whom the cause never met live the same life, bit for bit.

A counter is mixed into a key by multiplications and shifts, as in SplitMix64 (Steele, Lea, Flood 2014) and the
finaliser of MurmurHash3 (Appleby 2011); both are bijections, so no two people share a key.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint32]
Floats = NDArray[np.float32]


def person_keys(seed: int, customers: NDArray[np.uint32]) -> Keys:
    """One key for each customer number; different customers have different keys."""
    low, high = _words(seed, -1, 0)
    return _mixed(customers, low, high)


def uniform(keys: Keys, day: int, purpose: int) -> Floats:
    """Numbers strictly between 0 and 1, one for each key (shape of ``keys``), for this purpose on this day."""
    low, high = _words(0, day, purpose)
    bits = _mixed(keys, low, high)
    bits >>= np.uint32(9)  # 23 bits and a half: the largest is still below 1 in float32
    result = bits.astype(np.float32)
    result += np.float32(0.5)
    result *= np.float32(2.0**-23)
    return result


def salted(keys: Keys, salt: NDArray[np.integer]) -> Keys:
    """Keys of something that a person has several of (one number for each campaign, say)."""
    return keys ^ (salt.astype(np.uint32) + np.uint32(1)) * np.uint32(0x9E3779B1)


def other_luck(keys: Keys, life: int) -> Keys:
    """Keys of the same people in another life (from 1): what happens to them hangs on other numbers."""
    return salted(keys, np.full(len(keys), _LIVES + life))


def bell(numbers: Floats) -> Floats:
    """Uniform numbers as bell-shaped ones of mean 0 and standard deviation 1 (logistic, so its tails are long)."""
    return np.float32(0.5513) * np.log(numbers / (np.float32(1.0) - numbers))


def identifiers(
    seed: int, kind: int, customers: NDArray[np.integer], day: int, slot: NDArray[np.integer] | int = 0
) -> NDArray[np.uint64]:
    """64-bit numbers that name one thing each: no two of (kind, customer, day, slot) share one.

    ``kind`` < 64, ``slot`` < 1024, ``day`` < 65536, ``customers`` < 2**32.
    """
    packed = customers.astype(np.uint64) << np.uint64(32)
    packed |= np.uint64(((kind & 63) << 26) | ((day & 0xFFFF) << 10))
    packed |= np.asarray(slot).astype(np.uint64)
    packed ^= np.uint64(_scrambled((seed * _GOLDEN + 0x5851F42D) & _MASK))
    packed *= np.uint64(0xBF58476D1CE4E5B9)
    packed ^= packed >> np.uint64(31)
    packed *= np.uint64(0x94D049BB133111EB)
    packed ^= packed >> np.uint64(29)
    return packed


def of_the_day(seed: int, day: int, purpose: int) -> np.random.Generator:
    """Random numbers of a day that belong to no person: weather, auctions of strangers, the shop's own tests."""
    return np.random.Generator(np.random.Philox(key=[seed & _MASK, ((day + 1) << 16) | purpose]))


_LIVES = 7_000  # above whatever else a person has several of
_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def _words(seed: int, day: int, purpose: int) -> tuple[np.uint32, np.uint32]:
    value = _scrambled(
        ((seed & _MASK) * 0xD1342543DE82EF95 + (day + 2) * _GOLDEN + purpose * 0xDA942042E4DD58B5) & _MASK
    )
    return np.uint32(value & 0xFFFFFFFF), np.uint32(value >> 32)


def _scrambled(value: int) -> int:
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def _mixed(keys: Keys, low: np.uint32, high: np.uint32) -> Keys:
    x = keys ^ low
    shifted = x >> np.uint32(16)
    x ^= shifted
    x *= np.uint32(0x85EBCA6B)
    x += high
    np.right_shift(x, np.uint32(13), out=shifted)
    x ^= shifted
    x *= np.uint32(0xC2B2AE35)
    np.right_shift(x, np.uint32(16), out=shifted)
    x ^= shifted
    return x
