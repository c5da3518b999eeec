"""Plots of two arrays, as geometry."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from harness.compare import numbers
from harness.report.plots import BOTTOM, LEFT, MOST, RIGHT, TOP, plots, power, sample, steps


def _arrays(elements: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.RandomState(0)
    one = random.standard_normal(elements).astype("float32")
    return one, (one + random.standard_normal(elements) * 1e-3).astype("float32")


def _points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)m", path)]


def test_floats_have_three_plots_within_their_frame() -> None:
    """Both values, the distances, and how they are spread; every mark is inside the axes."""
    one, two = _arrays(24)
    made = plots(one, two, numbers.size(one, two))
    assert [p.title for p in made] == [
        "Both values, element by element",
        "Absolute difference",
        "Units in the last place apart",
    ]
    for series in (s for p in made for s in p.series):
        points = _points(series.path)
        assert len(points) == 24
        assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in points)
    assert all(bar.y >= 0 and bar.y + bar.height <= BOTTOM + 0.1 for bar in made[2].bars)


def test_a_band_is_the_unit_of_the_distances() -> None:
    """Where rounding was measured, distances are told in its units, with a line at one."""
    one, two = np.zeros(4, "float32"), np.array([0, 1e-7, 1e-3, 1], "float32")
    made = plots(one, two, replace(numbers.size(one, two), band=1e-6))[1]
    assert made.title == "Difference in units of the band of rounding"
    assert "1e+06 times the band" in made.says
    assert "1 difference within the band" in made.says
    assert "1 element equal" in made.says
    assert len(made.rules) == 1


def test_the_histogram_counts_every_element() -> None:
    """Each finite element is in one bar; the sentence says the same."""
    one = np.ones(5, "float32")
    two = np.nextafter(one, np.float32(2))
    two[0], two[1] = 1, 2
    made = plots(one, two, None)[2]
    assert sum(int(bar.text.replace(",", "") or 0) for bar in made.bars) == 5
    assert made.says == "1 element equal; 3 elements 1 to 9 apart; 1 element 1,000,000 to 9,999,999 apart."


def test_whole_numbers_have_no_last_place() -> None:
    """Integers are drawn, without a histogram of places."""
    assert len(plots(np.array([1, 2, 3]), np.array([1, 2, 4]), None)) == 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([1.0], np.ones(3)),
        (np.ones(3), np.ones(4)),
        (np.ones(1), np.zeros(1)),
        (np.array(["a", "b"]), np.array(["a", "c"])),
        (np.full(3, np.nan), np.zeros(3)),
    ],
)
def test_what_cannot_be_held_against_each_other_is_not_drawn(one: object, two: object) -> None:
    """Other shapes, texts, single values, and nothing finite on both sides."""
    assert plots(one, two, None) == ()


def test_special_values_are_left_out_aloud() -> None:
    """NaN and infinity have no place on an axis; the sentence counts them."""
    one, two = _arrays(6)
    two[0], two[1] = np.nan, np.inf
    assert "2 values that are not finite cannot be drawn" in plots(one, two, None)[0].says


def test_the_largest_floats_do_not_overflow() -> None:
    """Two arrays at both ends of the type are drawn like any others."""
    one, two = np.array([1.7e308, -1.7e308]), np.array([-1.7e308, 1.7e308])
    made = plots(one, two, None)
    assert "nan" not in "".join(s.path for p in made for s in p.series)


def test_many_elements_are_sampled_with_the_worst_among_them() -> None:
    """Of many elements evenly spaced ones are shown, and the farthest apart."""
    apart = np.zeros(10_000)
    apart[7_777] = 1
    chosen = sample(apart)
    assert len(chosen) <= MOST
    assert 7_777 in chosen
    one, two = _arrays(10_000)
    assert "of 10,000 elements, the farthest apart among them" in plots(one, two, None)[0].says


def test_ticks_are_round() -> None:
    """Ticks stand at round values inside the axis."""
    assert steps(0, 23, whole=True) == [0, 10, 20]
    assert steps(1, 1) == [1]
    assert [power(n) for n in (0, 1, 2, 3, -4)] == ["1", "10", "100", "10³", "10⁻⁴"]
