"""What differs between a release and the one before it."""

from __future__ import annotations

from harness.matrix.changes import Passage, came_or_went, passages


def test_a_change_is_dated_between_the_columns_that_were_observed() -> None:
    """A column that was not run lies between: the change may be its own, which is said."""
    assert list(passages([0, 1, 2], "A?B")) == [Passage(0, 2, (1,), False, None)]


def test_a_change_back_is_told_as_one_and_ends_the_one_before() -> None:
    """`until` names where the behaviour of before returns; the return is marked as going back."""
    there, back = passages([0, 1, 2], "ABA")
    assert (there.back, there.until) == (False, 2)
    assert (back.back, back.until) == (True, None)


def test_a_symbol_that_comes_or_goes_is_a_change() -> None:
    """A missing subject takes part; what cannot be observed does not."""
    assert [(p.before, p.after) for p in passages([0, 1, 2, 3], "-A.-")] == [(0, 1), (1, 3)]
    assert list(passages([0, 1, 2], "AAA")) == []


def test_a_symbol_that_comes_is_one_change_whatever_its_cases_do() -> None:
    """Some cases of a new symbol return and others are refused: that it came is one cause, not many."""
    come, go = passages([0, 1, 2], "-A-")
    assert came_or_went("layers.Softmax", come, "-A-") == "symbol|layers.Softmax|came"
    assert came_or_went("layers.Softmax", go, "-A-") == "symbol|layers.Softmax|went"
    (other,) = passages([0, 1], "AB")
    assert came_or_went("layers.Softmax", other, "AB") == ""
