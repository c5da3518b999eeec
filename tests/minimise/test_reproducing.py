"""Which of several programs is kept, and what is told in an issue text."""

from __future__ import annotations

import pytest

from harness.minimise.records import Repro
from harness.minimise.reproducing import better, is_double
from harness.model import Difference, Kind

NONE, OTHER = Repro("", why="no short form"), Repro("", why="it reads a file")
UNTRIED = Repro("p", why="there was no time to run it")
BAD = Repro("p", ("1", "1"), executed=True, why="both sides print the same")
GOOD = Repro("p", ("1", "2"), executed=True, reproduces=True)


@pytest.mark.parametrize(("worse", "best"), [(NONE, UNTRIED), (UNTRIED, BAD), (BAD, GOOD), (NONE, GOOD)])
def test_the_program_that_shows_more_is_kept(worse: Repro, best: Repro) -> None:
    """Reproducing before executed before written, in whatever order they were tried."""
    assert better(worse, best) is best
    assert better(best, worse) is best


def test_the_last_reason_counts_where_nothing_could_be_written() -> None:
    """The longest form comes last and can tell most; of two programs that show nothing the first stays."""
    assert better(NONE, OTHER) is OTHER
    again = Repro("q", ("1", "1"), executed=True, why="both sides print the same")
    assert better(BAD, again) is BAD


@pytest.mark.parametrize(("dtype", "double"), [("float64", True), ("float32", False), ("int64", False)])
def test_values_in_double_precision_are_told_by_either_side(dtype: str, double: bool) -> None:
    """A side without an array says nothing."""
    numpy = pytest.importorskip("numpy")
    array = numpy.zeros(2, dtype)
    assert is_double(Difference("forward", Kind.VALUE, "", None, array)) is double
    assert is_double(Difference("forward", Kind.VALUE, "", array, "x")) is double
