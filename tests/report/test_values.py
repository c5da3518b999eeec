"""Observed values as text."""

from __future__ import annotations

import json
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import ABSENT, Outcome, Raised, Warned
from harness.report.values import (
    brief,
    jsonable,
    laid_out,
    number,
    split_change,
    whole,
    worst_elements,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ABSENT, "absent"),
        (Raised("ValueError", (), "no"), "ValueError: no"),
        (Warned("UserWarning", "hm"), "UserWarning: hm"),
        ({"type": "ValueError", "bases": ["Exception"], "message": "no"}, "ValueError: no"),
        ({"status": "returned", "step": "construct"}, "returned"),
        ({"status": "unsupported", "reason": "no gradient"}, "unsupported: no gradient"),
        ({"status": 1, "other": 2}, '{"other": 2, "status": 1}'),
        (Outcome.TIMED_OUT, "timed out"),
        (None, "null"),
        (1.5, "1.5"),
        (float("nan"), '{"$float": "nan"}'),
        ("text", "text"),
        (np.float32(0.1), "0.1 (float32)"),
        (np.array([1.0, -0.0], "float32"), "float32 2 [1.0, -0.0]"),
        (np.array(2), "int64 scalar [2]"),
        (np.arange(9).reshape(3, 3), "int64 3×3 [0, 1, 2, 3, 4, 5, …]"),
        (np.array([b"a"], object), "object 1 [b'a']"),
        ({"b": 1, "a": {"$tuple": [1]}}, '{"a": {"$tuple": [1]}, "b": 1}'),
    ],
    ids=str,
)
def test_a_value_in_brief(value: Any, text: str) -> None:
    """Every sort of observed value has a short text."""
    assert brief(value) == text


def test_brief_is_bounded_whatever_it_is_given() -> None:
    """A megabyte of text and a million elements are short in brief."""
    assert len(brief("x" * 1_000_000)) <= 160
    assert len(brief(np.zeros(1_000_000))) <= 160
    assert len(brief(["x" * 10_000] * 1000)) <= 160


def test_small_arrays_are_whole() -> None:
    """An array of up to 64 elements is written out in its shape."""
    assert laid_out(np.array([[1, 2], [3, 4]])) == "int64, shape (2, 2)\n[[1, 2],\n [3, 4]]"
    assert laid_out(np.zeros((0,), "float32")) == "float32, shape (0,)\n[]"
    assert laid_out(np.array("a", object)) == "object, shape ()\na"
    assert laid_out(np.array([["a", "b"]], object)) == "object, shape (1, 2)\n[[a, b]]"


def test_large_arrays_say_what_is_left_out() -> None:
    """Of a larger array the first elements stand, and the number of the others."""
    assert "936 further elements" in whole(np.zeros(1000))


def test_worst_elements_come_first() -> None:
    """Elements are listed by distance, NaN on one side first, equal ones never."""
    left = np.array([[0.0, 1.0], [np.nan, np.nan], [np.inf, 5.0]], "float32")
    right = np.array([[0.0, 1.5], [1.0, np.nan], [np.inf, 4.0]], "float32")
    found = worst_elements(left, right)
    assert [element.index for element in found] == ["[1, 0]", "[2, 1]", "[0, 1]"]
    assert (found[1].reference, found[1].candidate, found[1].apart) == ("5.0", "4.0", "1")


def test_worst_elements_of_complex_and_bfloat16() -> None:
    """Complex numbers and bfloat16 have a distance too."""
    assert worst_elements(np.array([1j]), np.array([2j]))[0].apart == "1"
    half = np.array([1.0], ml_dtypes.bfloat16)
    assert worst_elements(half, half * 2)[0].apart == "1"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (np.zeros(2), np.zeros(3)),
        (np.array(["a"], object), np.array(["b"], object)),
        (np.zeros(0), np.zeros(0)),
        ("a", "b"),
    ],
    ids=["shapes", "strings", "empty", "text"],
)
def test_no_elements_where_there_is_no_distance(left: Any, right: Any) -> None:
    """Values that cannot be compared element by element have no table."""
    assert worst_elements(left, right) == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (-0.0, "0"),
        (1.23456e-8, "1.23e-08"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_figures(value: float | None, text: str) -> None:
    """A figure has three significant digits; there is always something to read."""
    assert number(value) == text


def test_jsonable_is_strict_json() -> None:
    """Whatever is observed can be written as JSON without NaN."""
    value = {
        1: float("inf"),
        "s": {"b", "a"},
        "a": np.zeros(3),
        "n": ABSENT,
        "o": Outcome.RAISED,
        "t": (1, True),
    }
    assert json.loads(json.dumps(jsonable(value), allow_nan=False)) == {
        "1": {"$float": "inf"},
        "s": ["a", "b"],
        "a": "float64 3 [0.0, 0.0, 0.0]",
        "n": {"$absent": True},
        "o": "raised",
        "t": [1, True],
    }


@given(st.text(), st.text())
def test_split_change_loses_nothing(left: str, right: str) -> None:
    """The three parts of each side are that side's text."""
    one, two = split_change(left, right)
    assert "".join(one) == left
    assert "".join(two) == right


def test_split_change_marks_only_the_change() -> None:
    """What both sides share is not marked; where almost nothing is shared, nothing is."""
    assert split_change("epsilon: 0.001,", "epsilon: 1e-07,")[0] == ("epsilon: ", "0.001", ",")
    assert split_change("abcdef", "uvwxyz") == (("abcdef", "", ""), ("uvwxyz", "", ""))
