"""The two hash functions that Keras's hashing layers name: FarmHash64 and SipHash-2-4.

https://keras.io/api/layers/preprocessing_layers/categorical/hashing/ says: without a salt
FarmHash64, with one SipHash64 keyed by it; the result modulo the number of bins. Numbers are
hashed as their decimal text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered
from harness.specs.oracles.categories import dense, encode

_WORD = (1 << 64) - 1
_FARM = (0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F)


def _mix(u: int, v: int, multiplier: int) -> int:
    a = ((u ^ v) * multiplier) & _WORD
    b = ((v ^ a ^ (a >> 47)) * multiplier) & _WORD
    return ((b ^ (b >> 47)) * multiplier) & _WORD


def _right(value: int, bits: int) -> int:
    return ((value >> bits) | (value << (64 - bits))) & _WORD


def farm_hash(text: bytes) -> int:
    """FarmHash Fingerprint64 of up to 16 bytes (https://github.com/google/farmhash)."""
    n = len(text)
    if n > 16:
        raise NotCovered("FarmHash is written out here for up to 16 bytes.")
    if n == 0:
        return _FARM[2]
    multiplier = (_FARM[2] + 2 * n) & _WORD

    def word(start: int, size: int) -> int:
        return int.from_bytes(text[start : start + size], "little")

    if n >= 8:
        a, b = (word(0, 8) + _FARM[2]) & _WORD, word(n - 8, 8)
        c = (_right(b, 37) * multiplier + a) & _WORD
        return _mix(c, ((_right(a, 25) + b) * multiplier) & _WORD, multiplier)
    if n >= 4:
        return _mix(n + (word(0, 4) << 3), word(n - 4, 4), multiplier)
    y, z = text[0] + (text[n // 2] << 8), n + (text[n - 1] << 2)
    value = ((y * _FARM[2]) & _WORD) ^ ((z * _FARM[0]) & _WORD)
    return ((value ^ (value >> 47)) * _FARM[2]) & _WORD


def sip_hash(text: bytes, key: tuple[int, int]) -> int:
    """SipHash-2-4 (Aumasson & Bernstein 2012)."""
    v = [
        key[0] ^ 0x736F6D6570736575,
        key[1] ^ 0x646F72616E646F6D,
        key[0] ^ 0x6C7967656E657261,
        key[1] ^ 0x7465646279746573,
    ]

    def rounds(count: int) -> None:
        for _ in range(count):
            for one, other, turn_1, turn_3 in ((0, 2, 13, 16), (2, 0, 17, 21)):
                v[one] = (v[one] + v[1]) & _WORD
                v[other] = (v[other] + v[3]) & _WORD
                v[1] = _right(v[1], 64 - turn_1) ^ v[one]
                v[3] = _right(v[3], 64 - turn_3) ^ v[other]
                v[one] = _right(v[one], 32)

    padded = text + b"\0" * (-(len(text) + 1) % 8) + bytes([len(text) % 256])
    for start in range(0, len(padded), 8):
        block = int.from_bytes(padded[start : start + 8], "little")
        v[3] ^= block
        rounds(2)
        v[0] ^= block
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def as_bytes(value: Any) -> bytes:
    """A token as it is hashed."""
    if isinstance(value, bytes):
        return value
    return str(value).encode()


def hashing(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """The bin of every element; `mask_value` takes bin 0 and leaves one bin fewer for the rest."""
    x = dense(inputs)
    if x.dtype.kind == "f":
        raise NotCovered("Floats are not described as inputs.")
    bins, mask, salt = parameters["num_bins"], parameters.get("mask_value"), parameters.get("salt")
    key = (salt, salt) if isinstance(salt, int) else None if salt is None else (salt[0], salt[1])
    left = bins if mask is None else bins - 1
    if left < 1:
        raise NotCovered("No bin is left beside the mask's.")

    def place(value: Any) -> int:
        text = as_bytes(value)
        if mask is not None and text == as_bytes(mask):
            return 0
        hashed = farm_hash(text) if key is None else sip_hash(text, key)
        return int(hashed % left) + (0 if mask is None else 1)

    flat = [place(v) for v in x.reshape(-1).tolist()]
    indices: npt.NDArray[np.int64] = np.array(flat, dtype=np.int64).reshape(x.shape)
    return encode(indices, bins, parameters.get("output_mode", "int"))
