"""Random results as samples."""

import math

import numpy as np
import pytest
from scipy import stats

from harness.compare.distributions import (
    FALSE_ALARM_RATE,
    compare_distributions,
    kolmogorov_smirnov,
    smallest_p,
)
from harness.model import Kind


def draw(seed, count=2000, scale=1.0, dtype=np.float32):
    """Normal numbers."""
    return (np.random.default_rng(seed).standard_normal(count) * scale).astype(dtype)


def kinds(reference, candidate):
    """Kinds of the differences of two random steps."""
    return [d.kind for d in compare_distributions("init", reference, candidate).differences]


def test_two_draws_of_one_distribution_agree():
    """Other numbers of the same distribution are no difference, over many draws."""
    for seed in range(0, 200, 2):
        assert kinds({"sample": draw(seed)}, {"sample": draw(seed + 1)}) == []


def test_discrete_draws_of_one_distribution_agree():
    """Ties make the test conservative: dropout masks with one rate agree."""
    for seed in range(0, 60, 2):
        masks = [
            {"sample": (np.random.default_rng(seed + i).random(3000) < 0.3).astype(np.float32)}
            for i in (0, 1)
        ]
        assert kinds(*masks) == []


@pytest.mark.parametrize("scale", [1.5, 0.05 / 0.02])
def test_another_spread_is_found(scale):
    """A truncated normal with another standard deviation (0.05 against 0.02) is another distribution."""
    found = compare_distributions("init", {"sample": draw(1)}, {"sample": draw(2, scale=scale)})
    assert [d.kind for d in found.differences] == [Kind.DISTRIBUTION]
    assert "Kolmogorov-Smirnov" in found.differences[0].note


def test_another_rate_is_found():
    """A mask that keeps 0.3 differs from one that keeps 0.5."""
    masks = [{"sample": (np.random.default_rng(i).random(3000) < rate)} for i, rate in enumerate((0.3, 0.5))]
    assert kinds(*masks) == [Kind.DISTRIBUTION]


def test_a_sample_too_small_to_differ_is_not_compared_and_said():
    """Ten values a side cannot reach the rate whatever they are: that is not agreement."""
    found = compare_distributions("init", {"sample": draw(1, 10)}, {"sample": draw(2, 10) + 100})
    assert (found.differences, found.leaves) == ((), 0)
    assert "too small" in found.not_compared[0]
    assert smallest_p(10, 10) > FALSE_ALARM_RATE > smallest_p(20, 20)
    assert smallest_p(0, 5) == 1.0


def test_the_smallest_p_is_that_of_separated_samples():
    """2 / C(n + m, n): all of one side before all of the other, in either order."""
    assert smallest_p(3, 4) == pytest.approx(2 / math.comb(7, 3))


def test_what_is_exact_about_a_random_step_is_compared_exactly():
    """Everything beside the samples differs as soon as it is not the same."""
    one = {"sample": draw(1), "dtype": "float32", "zeros": [0.5]}
    two = {"sample": draw(2), "dtype": "float64", "zeros": [0.5]}
    (difference,) = compare_distributions("init", one, two).differences
    assert (difference.kind, difference.path) == (Kind.DTYPE, "dtype")


def test_samples_are_found_wherever_they_stand():
    """Nested dicts and lists are searched; a sample on one side only is another structure."""
    found = compare_distributions("init", [{"a": {"sample": draw(1)}}], [{"a": {"sample": draw(2, scale=3)}}])
    assert [d.path for d in found.differences] == ["[0].a.sample"]
    assert Kind.STRUCTURE in kinds({"sample": draw(1)}, {})
    assert kinds({}, {"x": {"sample": draw(1)}}).count(Kind.STRUCTURE) >= 1


def test_type_and_shape_of_a_sample_are_exact():
    """float32 against float64 and another shape are differences, the distribution may still agree."""
    assert kinds({"sample": draw(1)}, {"sample": draw(2, dtype=np.float64)}) == [Kind.DTYPE]
    assert kinds({"sample": draw(1)}, {"sample": draw(2).reshape(2, -1)}) == [Kind.SHAPE]


def test_a_sample_with_nan_on_one_side_only_is_special():
    """NaN is never drawn by chance."""
    broken = draw(1)
    broken[3] = np.nan
    assert kinds({"sample": broken}, {"sample": draw(2)}) == [Kind.SPECIAL]


def images(seed, spread=0.2, count=400):
    """Images each of which was made brighter or darker as a whole."""
    random = np.random.default_rng(seed)
    plain = np.random.default_rng(0).random((4, 4))
    return {"draws": plain + random.uniform(-spread, spread, (count, 1, 1))}


def test_what_is_drawn_per_image_is_compared_per_image():
    """Pixels moved together by one random number are no sample; their means over many draws are."""
    for seed in range(0, 60, 2):
        assert kinds(images(seed), images(seed + 1)) == []
        assert kinds(images(seed), images(seed + 1, spread=0.8)) == [Kind.DISTRIBUTION]


def test_another_spread_inside_each_draw_is_found():
    """Random contrast keeps every mean and changes every deviation."""
    random = np.random.default_rng(3)
    one, two = ({"draws": scale * random.standard_normal((64, 100))} for scale in (1.0, 1.5))
    (difference,) = compare_distributions("training", one, two).differences
    assert "spread of a draw" in difference.note


def test_too_few_draws_are_not_compared():
    """However many pixels a draw has, ten draws prove nothing."""
    found = compare_distributions("training", images(1, count=10), images(2, spread=9, count=10))
    assert found.differences == ()
    assert "too small" in found.not_compared[0]


def test_draws_that_hold_nan_on_both_sides_are_left_out_of_the_test():
    """What is special on both sides is no number; the rest is still compared."""
    one, two = images(1), images(2)
    one["draws"][0], two["draws"][1] = np.nan, np.inf
    assert kinds(one, two) == []
    two["draws"] += 0.5
    assert kinds(one, two) == [Kind.DISTRIBUTION]


@pytest.mark.parametrize("size", [2, 3, 10, 37, 100, 500, 4000])
@pytest.mark.parametrize("shift", [0.0, 0.01, 0.3, 1.0, 9.0])
@pytest.mark.parametrize("digits", [16, 1])
def test_the_exact_test_is_scipys(size: int, shift: float, digits: int) -> None:
    """Of samples of one size p and distance are known in closed form; scipy says the same, ties or not."""
    draw = np.random.RandomState(size)
    one, two = (np.round(draw.standard_normal(size) + move, digits) for move in (0.0, shift))
    expected = stats.ks_2samp(one, two, method="exact")
    p, distance = kolmogorov_smirnov(one, two)
    assert distance == expected.statistic
    assert p == pytest.approx(float(expected.pvalue), rel=1e-9)


def test_what_has_no_closed_form_is_asked_of_scipy() -> None:
    """Samples of other sizes, and those that hold what is no number."""
    one, two = np.arange(20.0), np.arange(30.0)
    expected = stats.ks_2samp(one, two)
    assert kolmogorov_smirnov(one, two) == (expected.pvalue, expected.statistic)
    assert math.isnan(kolmogorov_smirnov(np.array([1.0, np.nan]), np.array([1.0, 2.0]))[0])
