"""Whether two outputs show what the report says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.minimise.checking import trouble
from harness.minimise.records import Execution
from harness.model import ABSENT, Difference, Kind


def ran(output: str, code: int = 0, status: str = "ended", target: str = "one") -> Execution:
    """What came of a program."""
    return Execution(target, status, output, code)


def told(kind: Kind, one: Any, two: Any, left: str, right: str) -> str:
    """What is wrong with two outputs."""
    return trouble(Difference("forward", kind, "", one, two), ran(left), ran(right, target="two"))


RAISED = {"status": "raised", "type": "ValueError", "message": "no"}
RETURNED = {"status": "returned"}
ARRAY = np.array([1.0, 2.0, 3.0], "float32")
OTHER = np.array([1.0, 2.5, 3.0], "float32")


@pytest.mark.parametrize(
    ("kind", "one", "two", "left", "right"),
    [
        (Kind.VALUE, ARRAY, OTHER, "[1. 2. 3.]", "[1.  2.5 3. ]"),
        (Kind.SPECIAL, np.array([np.nan]), np.array([0.0]), "[nan]", "[0.]"),
        (Kind.OUTCOME, RAISED, RETURNED, "raised ValueError: no", "tf.Tensor(1.0)"),
        (Kind.OUTCOME, {"status": "missing"}, RETURNED, "raised AttributeError: x", "<function>"),
        (Kind.CONFIG, "sigmoid", "hard_sigmoid", "{'a': 'sigmoid'}", "{'a': 'hard_sigmoid'}"),
        (Kind.CONFIG, 2, 2.5, "{'a': 2}", "{'a': 2.5}"),
        (Kind.CONFIG, ABSENT, None, "{}", "{'a': None}"),
        (Kind.STRUCTURE, True, False, "True", "False"),
        (Kind.WARNINGS, [{"category": "UserWarning", "text": "x"}], [], "UserWarning: x", ""),
    ],
    ids=str,
)
def test_outputs_that_show_it(kind: Kind, one: Any, two: Any, left: str, right: str) -> None:
    """Each side's own value, error or warning is in its own output."""
    assert told(kind, one, two, left, right) == ""


@pytest.mark.parametrize(
    ("kind", "one", "two", "left", "right", "why"),
    [
        (Kind.VALUE, ARRAY, OTHER, "[1. 2. 3.]", "[1. 2.0 3.]  ", "2.5 is not in what two prints"),
        (Kind.VALUE, ARRAY, OTHER, "[7.]", "[2.5]", "2 is not in what one prints"),
        (Kind.VALUE, ARRAY, OTHER, "[2.5 2]", "[2.5 2]", "both sides print the same"),
        (Kind.OUTCOME, RAISED, RETURNED, "raised TypeError: no", "1", "ValueError is not"),
        (Kind.OUTCOME, RAISED, RETURNED, "raised ValueError: no", "raised ValueError: x", "without an error"),
        (Kind.OUTCOME, {"status": "missing"}, RETURNED, "1", "2", "the missing name"),
        (Kind.CONFIG, "sigmoid", "tanh", "{'a': 'relu'}", "{'a': 'tanh'}", "'sigmoid' is not"),
        (Kind.WARNINGS, [{"category": "UserWarning", "text": "x"}], [], "no", "", "UserWarning is not"),
        (Kind.DISTRIBUTION, ARRAY, OTHER, "1", "2", "drawn at random"),
    ],
    ids=str,
)
def test_outputs_that_do_not(kind: Kind, one: Any, two: Any, left: str, right: str, why: str) -> None:
    """Two outputs that are merely unlike are not enough, and it is said what is lacking."""
    assert why in told(kind, one, two, left, right)


def test_a_number_printed_in_few_digits_is_told_by_its_dtype() -> None:
    """Of half precision numpy prints as many digits as tell a number apart; of others that is not enough."""
    one, two = np.array([-5.96e-08], "float16"), np.array([-np.inf], "float16")
    assert told(Kind.SPECIAL, one, two, "[-6.e-08]", "[-inf]") == ""
    assert "is not in what" in told(Kind.SPECIAL, one, two, "[-5.e-07]", "[-inf]")
    wide = np.array([-5.96e-08], "float32"), np.array([-np.inf], "float32")
    assert "is not in what" in told(Kind.SPECIAL, *wide, "[-6.e-08]", "[-inf]")


def test_a_program_that_fails_shows_nothing() -> None:
    """A traceback, a signal or a time-out is no result, with the last words of the side."""
    difference = Difference("forward", Kind.VALUE, "", ARRAY, OTHER)
    assert "fails: NameError" in trouble(difference, ran("x\nNameError: y", 1), ran("2.5"))
    assert "timed out" in trouble(difference, ran("2"), ran("", -9, "timed out"))
