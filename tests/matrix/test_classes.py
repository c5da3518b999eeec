"""One case over many targets → classes of equal behaviour."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.matrix.classes import Stretch, flips, flips_back, letter, loners, partition, stretches
from harness.report.matrix_records import LETTERS


def never(one: int, two: int) -> bool:
    """No two payloads that differ are alike."""
    return True


def apart(limit: int, values: list[int]) -> Callable[[int, int], bool]:
    """Two columns are told apart when their values are farther apart than `limit`."""
    return lambda one, two: abs(values[one] - values[two]) > limit


@pytest.mark.parametrize(
    ("payloads", "marks"),
    [
        ("xxxx", "AAAA"),
        ("xxyy", "AABB"),
        ("xyx", "ABA"),
        ("xyz", "ABC"),
        ("x", "A"),
    ],
    ids=["all alike", "a flip", "a flip and back", "all different", "alone"],
)
def test_letters_are_given_in_the_order_of_first_appearance(payloads: str, marks: str) -> None:
    """Equal digests are one class without asking; every other digest founds one."""
    assert partition([range(len(payloads))], [""] * len(payloads), payloads, never) == marks


def test_what_was_not_observed_has_its_own_mark_and_ends_nothing() -> None:
    """Not run, missing and unsupported are marks, never classes, and never agreement."""
    assert partition([range(5)], ["", "?", "-", ".", ""], ["x", "", "m", "u", "x"], never) == "A?-.A"


def test_a_slow_drift_is_no_flip() -> None:
    """A column stays in the class of the one before it, though it could be told apart from the first."""
    values = [0, 1, 2, 3]
    assert partition([range(4)], [""] * 4, list("wxyz"), apart(1, values)) == "AAAA"


def test_a_column_told_apart_joins_the_class_whose_first_member_it_is_like() -> None:
    """Back to nearly the old behaviour is the old class, by its representative."""
    values = [0, 10, 1, 11]
    assert partition([range(4)], [""] * 4, list("wxyz"), apart(1, values)) == "ABAB"


def test_letters_mean_the_same_along_every_lineage() -> None:
    """A column on two lineages has one letter, and a second lineage continues the letters of the first."""
    assert partition([[0, 1], [2, 1, 3]], [""] * 4, list("xyxz"), never) == "ABAC"
    assert partition([[0]], ["", ""], ["x", "x"], never) == "A?"


def test_there_are_as_many_letters_as_there_are() -> None:
    """Beyond the last letter, the last one stands for all further classes."""
    assert letter(0) == "A"
    assert letter(1000) == LETTERS[-1]


def test_a_history_is_told_in_stretches() -> None:
    """Consecutive columns of one class are one stretch, across columns that were not observed."""
    history = stretches("A?AB-A", ["1", "2", "3", "4", "5", "6"])
    assert history == [Stretch("A", "1", "3"), Stretch("B", "4", "4"), Stretch("A", "6", "6")]
    assert (flips(history), flips_back(history)) == (2, 1)
    assert (flips([]), flips_back([])) == (0, 0)


def test_a_loner_is_alone_while_others_agree() -> None:
    """The only member of a class stands alone, unless everybody does."""
    assert loners("AAB?-A") == [2]
    assert loners("ABC") == []
    assert loners("??") == []
