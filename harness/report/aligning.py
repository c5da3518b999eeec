"""Two sequences of lines, aligned: traces of events, configs and lists of files side by side."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from harness.report.pages_details import Aligned, AlignedRow
from harness.report.untrusted import one_line
from harness.report.values import brief, jsonable
from harness.report.wording import plural

AROUND = 3
"""Equal lines shown before and after a change."""
LINES = 2000
"""Lines of one side that are aligned; aligning takes time with their square at worst."""
WIDE = 240
"""Characters of a line."""
ROWS = 400
"""Rows shown."""


def aligned(reference: Any, candidate: Any, step: str) -> Aligned | None:
    """Both sides' whole values side by side; None where they are no lists or tables, or are all the same."""
    if not (is_structure(reference) and is_structure(candidate)):
        return None
    left, right = lines(reference), lines(candidate)
    rows = tuple(folded(tuple(pairs(left[:LINES], right[:LINES]))))
    changes = sum(1 for row in rows if row.mark)
    if not changes:
        return None
    cut = max(0, len(left) - LINES, len(right) - LINES)
    return Aligned(
        step=one_line(step, 80),
        rows=rows[:ROWS],
        more=max(0, len(rows) - ROWS) + cut,
        says=f"{plural(len(left), 'line')} on the reference, {len(right):,} on the candidate; "
        f"{plural(changes, 'line')} {'differs' if changes == 1 else 'differ'}.",
    )


def is_structure(value: Any) -> bool:
    """Whether a value has parts that can be laid out line by line."""
    return isinstance(value, list | tuple | Mapping) and len(value) > 0


def lines(value: Any) -> list[str]:
    """A value over lines: a list of flat items one item a line, anything deeper as indented text."""
    if isinstance(value, list | tuple):
        return [line for item in value for line in item_lines(item)]
    text = json.dumps(described(value), indent=1, ensure_ascii=False, sort_keys=True)
    return [indented(line) for line in text.splitlines()]


def item_lines(item: Any) -> Iterator[str]:
    """One item of a list, on one line where it fits."""
    flat = brief(described(item), WIDE)
    if len(flat) < WIDE or not is_structure(item):
        yield flat
    else:
        yield from lines(item)


def indented(line: str) -> str:
    """A line of JSON as it is shown, its indent doubled."""
    inside = line.lstrip(" ")
    return "  " * (len(line) - len(inside)) + one_line(inside, WIDE)


def described(value: Any) -> Any:
    """A value with its arrays as short text."""
    if isinstance(value, np.ndarray | np.generic):
        return brief(value, WIDE)
    if isinstance(value, Mapping):
        return {str(k): described(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [described(v) for v in value]
    return jsonable(value)


def pairs(left: Sequence[str], right: Sequence[str]) -> Iterator[AlignedRow]:
    """Both sides' lines next to each other: equal ones together, changed ones opposite, others alone."""
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        for place in range(max(b - a, d - c)):
            one = left[a + place] if a + place < b else ""
            two = right[c + place] if c + place < d else ""
            here, there = a + place < b, c + place < d
            mark = (
                ""
                if what == "equal"
                else "changed"
                if here and there
                else "reference"
                if here
                else "candidate"
            )
            yield AlignedRow(
                mark=mark,
                left_number=a + place + 1 if here else 0,
                left=one,
                right_number=c + place + 1 if there else 0,
                right=two,
            )


def folded(rows: Sequence[AlignedRow]) -> Iterator[AlignedRow]:
    """The rows without long stretches in which nothing differs; one row stands for each."""
    near: set[int] = set()
    for place, row in enumerate(rows):
        if row.mark:
            near.update(range(place - AROUND, place + AROUND + 1))
    hidden = 0
    for place, row in enumerate(rows):
        if place in near:
            if hidden:
                yield AlignedRow(folded=hidden)
            hidden = 0
            yield row
        else:
            hidden += 1
    if hidden:
        yield AlignedRow(folded=hidden)
