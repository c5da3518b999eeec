"""How far apart two arrays are: absolute, relative, and in units in the last place.

Works on every binary floating-point type Keras computes in, the 8- and 16-bit ones of `ml_dtypes`
included, and on complex arrays (as pairs of floats).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

from harness.model import Size

Array = npt.NDArray[Any]

_FLOAT64 = np.dtype(np.float64)

_INTEGERS: dict[int, type[np.signedinteger[Any]]] = {1: np.int8, 2: np.int16, 4: np.int32, 8: np.int64}


@cache
def is_float(dtype: np.dtype[Any]) -> bool:
    """Whether `dtype` is a binary floating-point type (`ml_dtypes` ones included), not complex."""
    if dtype.kind == "f":
        return True
    return dtype.kind != "c" and _epsilon(dtype) is not None


@cache
def _epsilon(dtype: np.dtype[Any]) -> float | None:
    """Distance of 1 from the next float of `dtype` (a complex one's parts); None where it is no float."""
    try:
        return float(ml_dtypes.finfo(dtype).eps)  # type: ignore[no-untyped-call]
    except ValueError:
        return None


def is_inexact(dtype: np.dtype[Any]) -> bool:
    """Whether values of `dtype` are rounded: floating point or complex."""
    return dtype.kind == "c" or is_float(dtype)


def is_text(dtype: np.dtype[Any]) -> bool:
    """Whether `dtype` holds strings, however they are stored."""
    return dtype.kind in "USOT"


def floats(array: Array) -> Array:
    """`array` itself, or a complex array as real and imaginary parts along a new last axis."""
    if array.dtype.kind != "c":
        return array
    return np.stack([array.real, array.imag], axis=-1)


def wide(array: Array) -> npt.NDArray[np.float64]:
    """`array` as float64 (complex ones as pairs): exact for every type that is at most 64 bits wide."""
    if array.dtype == _FLOAT64:
        return array
    with np.errstate(invalid="ignore"):  # casting a signalling NaN quiets it
        return floats(array).astype(np.float64)


def unit_roundoff(dtype: np.dtype[Any]) -> float:
    """Largest relative error of rounding to nearest in `dtype`: half its epsilon; 0 for exact types."""
    return (_epsilon(dtype) or 0.0) / 2


def coarser(first: np.dtype[Any], second: np.dtype[Any]) -> np.dtype[Any]:
    """The one of two types that rounds more; the first when they round alike."""
    return second if unit_roundoff(second) > unit_roundoff(first) else first


def rank(array: Array) -> npt.NDArray[np.int64]:
    """Each float's place in the order of its type: neighbours differ by one, both zeros are 0.

    IEEE 754 formats are sign and magnitude, so the bits read as an integer already rise with the
    magnitude; only the negative half has to be turned round. NaN has no place: leave it out.
    """
    if not is_float(array.dtype):
        raise TypeError(f"Expected an array of floats. Received: dtype {array.dtype}.")
    integer = _INTEGERS[array.dtype.itemsize]
    bits = np.ascontiguousarray(array).view(integer).astype(np.int64)
    magnitude = bits & np.int64(np.iinfo(integer).max)
    return np.where(bits < 0, -magnitude, magnitude).reshape(array.shape)


def ulps(first: Array, second: Array) -> npt.NDArray[np.float64]:
    """Distance of each pair in units in the last place of the coarser of the two types."""
    first, second = floats(first), floats(second)
    dtype = coarser(first.dtype, second.dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # what the coarser type cannot hold is infinite in it
        one, two = rank(first.astype(dtype)), rank(second.astype(dtype))
    high, low = np.maximum(one, two), np.minimum(one, two)
    # Two float64 can be 2**64 places apart: subtracted as unsigned, where wrapping is exact.
    return (high.view(np.uint64) - low.view(np.uint64)).astype(np.float64)


def finite(*arrays: Array) -> npt.NDArray[np.bool_]:
    """Where every array is finite; all arrays float64 of one shape."""
    out = np.isfinite(arrays[0])
    for array in arrays[1:]:
        out = out & np.isfinite(array)
    return out


def largest(values: Array) -> float:
    """The largest of the values, 0 when there are none."""
    return float(values.max()) if values.size else 0.0


def size(reference: Array, candidate: Array) -> Size:
    """How far two numeric arrays of one shape are apart, over the positions finite on both sides.

    Relative differences are taken to the larger magnitude of the two values, so that swapping the
    sides changes nothing. `tolerance` is the largest difference over the largest magnitude.
    """
    one, two = wide(reference), wide(candidate)
    both = finite(one, two)
    arrays = one, two, floats(reference), floats(candidate)
    if both.all():
        special = 0
        one, two, first, second = (array.reshape(-1) for array in arrays)
    else:
        special = int(np.count_nonzero(~both & (one != two) & ~(np.isnan(one) & np.isnan(two))))
        one, two, first, second = (array[both] for array in arrays)
    with np.errstate(over="ignore"):  # the difference of two finite float64 may not be one
        apart = np.abs(one - two)
    magnitude = np.maximum(np.abs(one), np.abs(two))
    unequal = apart > 0
    inexact = is_inexact(reference.dtype) and is_inexact(candidate.dtype)
    steps = ulps(first, second) if inexact else apart
    return Size(
        max_abs=largest(apart),
        max_rel=largest(apart[unequal] / magnitude[unequal]),
        max_ulp=largest(steps),
        elements=int(both.size),
        differing=int(np.count_nonzero(unequal)) + special,
        tolerance=largest(apart) / largest(magnitude) if unequal.any() else 0.0,
    )
