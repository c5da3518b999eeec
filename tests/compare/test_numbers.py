"""Distances between arrays."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.compare import numbers

TYPES = [np.float16, np.float32, np.float64, ml_dtypes.bfloat16, ml_dtypes.float8_e5m2]
SMALLEST = {np.float16: 2.0**-24, np.float32: 2.0**-149, np.float64: 5e-324, ml_dtypes.bfloat16: 2.0**-133}


@pytest.mark.parametrize("dtype", TYPES)
def test_ranks_rise_with_the_value_through_every_finite_float_in_reach(dtype):
    """The rank is strictly monotone over sorted distinct values, subnormals and both signs included."""
    width = np.dtype(dtype).itemsize
    unsigned = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}[width]
    top = int(np.iinfo(unsigned).max)
    bits = np.unique(np.linspace(0, top, 5000).astype(np.float64) if width > 2 else np.arange(top + 1))
    values = np.array([min(int(b), top) for b in bits], unsigned).view(dtype)
    wide = numbers.wide(values)
    order = np.argsort(wide[np.isfinite(wide)], kind="stable")
    sorted_values, sorted_wide = values[np.isfinite(wide)][order], wide[np.isfinite(wide)][order]
    ranks = numbers.rank(sorted_values)
    assert len(ranks) > 100
    assert np.array_equal(np.diff(ranks) > 0, np.diff(sorted_wide) > 0)


@pytest.mark.parametrize("dtype", SMALLEST)
def test_neighbours_are_one_unit_in_the_last_place_apart(dtype):
    """Zero and the smallest subnormal, one and the float above it: distance 1; both zeros: 0."""
    tiny, one = np.array([SMALLEST[dtype]], dtype), np.array([1.0], dtype)
    above = np.array([1.0 + float(ml_dtypes.finfo(dtype).eps)], dtype)
    zero = np.zeros(1, dtype)
    assert numbers.ulps(zero, tiny) == 1
    assert numbers.ulps(tiny, -tiny) == 2
    assert numbers.ulps(one, above) == 1
    assert numbers.ulps(zero, -zero) == 0


@given(st.floats(allow_nan=False), st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_ulp_distance_grows_when_a_value_moves_away(first, second, third):
    """Of three values in order, the outer two are at least as far apart as any neighbours."""
    low, middle, high = (np.array([v]) for v in sorted([first, second, third]))
    assert numbers.ulps(low, high) >= max(numbers.ulps(low, middle), numbers.ulps(middle, high))
    assert numbers.ulps(low, high) == numbers.ulps(high, low)


def test_the_largest_float64_distance_does_not_overflow():
    """Opposite ends of float64 are nearly 2**64 places apart."""
    ends = np.array([np.finfo(np.float64).max])
    assert numbers.ulps(ends, -ends)[0] > 2.0**63


def test_mixed_types_are_counted_in_the_coarser_one():
    """A float64 beside a float32 is measured in float32's units, even when it is too large for it."""
    assert numbers.ulps(np.array([1.0 + 2.0**-23]), np.array([1.0], np.float32)) == 1
    assert numbers.ulps(np.array([1e300]), np.array([1.0], np.float32)) > 0


def test_ranks_are_refused_for_what_is_not_a_float():
    """Integers have no unit in the last place."""
    with pytest.raises(TypeError, match="int32"):
        numbers.rank(np.array([1], np.int32))


def test_unit_roundoffs_are_those_of_the_formats():
    """Half the distance from one to the next float; exact types do not round."""
    assert numbers.unit_roundoff(np.dtype(np.float32)) == 2.0**-24
    assert numbers.unit_roundoff(np.dtype(np.float64)) == 2.0**-53
    assert numbers.unit_roundoff(np.dtype(np.float16)) == 2.0**-11
    assert numbers.unit_roundoff(np.dtype(ml_dtypes.bfloat16)) == 2.0**-8
    assert numbers.unit_roundoff(np.dtype(np.complex64)) == 2.0**-24
    assert numbers.unit_roundoff(np.dtype(np.int64)) == 0
    assert numbers.unit_roundoff(np.dtype(np.str_)) == 0


def test_a_size_says_absolute_relative_ulp_and_tolerance():
    """Every figure of a size is the largest over the array."""
    size = numbers.size(np.array([1.0, 100.0, 0.0], np.float32), np.array([1.5, 100.0, 0.0], np.float32))
    assert (size.max_abs, size.elements, size.differing) == (0.5, 3, 1)
    assert size.max_rel == pytest.approx(1 / 3)
    assert size.tolerance == pytest.approx(0.005)
    assert size.max_ulp == 2.0**22


def test_only_positions_finite_on_both_sides_are_measured_and_all_are_counted():
    """NaN on one side counts as differing, on both as equal; neither enters the maxima."""
    size = numbers.size(np.array([np.nan, np.nan, np.inf, 1.0]), np.array([np.nan, 1.0, -np.inf, 1.0]))
    assert (size.max_abs, size.max_ulp, size.tolerance, size.differing) == (0.0, 0.0, 0.0, 2)


def test_complex_numbers_are_measured_by_their_parts():
    """An imaginary part that is off by a quarter is a difference of a quarter."""
    assert numbers.size(np.array([1 + 2j]), np.array([1 + 2.25j])).max_abs == 0.25


def test_whole_numbers_and_booleans_have_sizes_too():
    """Integers are measured in ones."""
    assert numbers.size(np.array([3, 5]), np.array([3, 9])).max_abs == 4
    assert numbers.size(np.array([True, False]), np.array([False, False])).differing == 1


@given(
    hnp.arrays(np.float32, 6, elements=st.floats(width=32)),
    hnp.arrays(np.float32, 6, elements=st.floats(width=32)),
)
def test_a_size_is_the_same_when_the_sides_are_swapped(one, two):
    """Neither side is presumed right."""
    assert numbers.size(one, two) == numbers.size(two, one)


@given(
    hnp.arrays(np.float64, 4, elements=st.floats(-1e6, 1e6)),
    hnp.arrays(np.float64, 4, elements=st.floats(-1e6, 1e6)),
)
def test_the_tolerance_is_the_smallest_that_passes(one, two):
    """The tolerance times the largest magnitude is the largest difference, as far as a float can tell."""
    size = numbers.size(one, two)
    scale = max(np.abs(one).max(), np.abs(two).max())
    step = np.nextafter(0.0, 1.0)  # a tolerance is not finer than that
    assert size.tolerance * scale == pytest.approx(size.max_abs, rel=1e-12, abs=step * max(scale, 1.0))
