"""Two values side by side, line by line."""

from __future__ import annotations

import numpy as np

from harness.report.aligning import AROUND, LINES, ROWS, aligned


def test_events_that_only_one_side_has_leave_a_gap_on_the_other() -> None:
    """A trace is aligned: what follows an extra event stays opposite to its counterpart."""
    made = aligned(["begin", "extra", "end"], ["begin", "end"], "trace")
    assert made is not None
    assert [(r.mark, r.left, r.right) for r in made.rows] == [
        ("", "begin", "begin"),
        ("reference", "extra", ""),
        ("", "end", "end"),
    ]
    assert made.says == "3 lines on the reference, 2 on the candidate; 1 line differs."


def test_changed_lines_stand_opposite() -> None:
    """A config is laid out by its keys, with its indent; a changed value is one row."""
    made = aligned({"a": 1, "b": {"c": np.float32(2)}}, {"a": 1, "b": {"c": np.float32(3)}}, "config")
    assert made is not None
    changed = [row for row in made.rows if row.mark]
    assert [(r.mark, r.left_number, r.right_number) for r in changed] == [("changed", 4, 4)]
    assert changed[0].left.startswith("    ")


def test_long_stretches_without_a_change_are_folded_and_counted() -> None:
    """Around a change a few equal lines stay; no line is lost from the count."""
    left = [str(n) for n in range(100)]
    right = [*left[:50], "other", *left[51:]]
    made = aligned(left, right, "trace")
    assert made is not None
    assert [row.folded for row in made.rows if row.folded] == [50 - AROUND, 49 - AROUND]
    assert sum(row.folded or 1 for row in made.rows) == 100


def test_what_is_too_long_is_cut_aloud() -> None:
    """Rows beyond the limit are counted."""
    made = aligned([f"a{n}" for n in range(LINES + 5)], [f"b{n}" for n in range(LINES + 5)], "trace")
    assert made is not None
    assert (len(made.rows), made.more) == (ROWS, LINES - ROWS + 5)


def test_nothing_to_align() -> None:
    """Scalars, empty lists and equal values have no such view."""
    assert aligned(1, [1], "x") is None
    assert aligned([], [1], "x") is None
    assert aligned([1], [1], "x") is None
