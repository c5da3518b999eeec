"""Every change of a history, by asking as few releases as will do."""

from __future__ import annotations

import itertools

import pytest

from harness.narrowing import Change, Narrowing, along
from harness.report.dates import UNHEARD, Mark

VERSIONS = [f"1.{n}" for n in range(6)]


def history(text: str) -> tuple[Narrowing, list[str]]:
    """A narrowing whose ends are known, over one mark a release; and the list of what was asked."""
    marks = dict(zip(VERSIONS, map(Mark, text), strict=False))
    releases = list(marks)
    found = Narrowing(releases, {v: marks[v] for v in (releases[0], releases[-1])})
    asked: list[str] = []

    def ask(version: str) -> Mark:
        asked.append(version)
        return marks[version]

    found.narrow(ask)
    return found, asked


@pytest.mark.parametrize("text", ["".join(t) for t in itertools.product("RC-?", repeat=4)])
def test_nothing_is_left_between_two_that_differ_but_what_cannot_be_asked(text: str) -> None:
    """Over every history of four releases between two: no answer is wrong and none is asked twice."""
    found, asked = history(f"C{text}R")
    truth = dict(zip(VERSIONS, map(Mark, f"C{text}R"), strict=True))
    assert len(asked) == len(set(asked))
    assert found.changes()
    for change in found.changes():
        assert (truth[change.before], truth[change.after]) == (change.before_mark, change.after_mark)
        assert change.before_mark is not change.after_mark
        assert all(truth[v] in UNHEARD and v in asked for v in change.left)


def test_two_that_behave_alike_are_taken_to_have_no_change_between_them() -> None:
    """Nothing is asked: a history that goes to and fro inside shows only where the table is denser."""
    found, asked = history("RCCCCR")
    assert (found.changes(), asked) == ((), [])


def test_the_newest_change_is_narrowed_first() -> None:
    """When the time is up then, it is the one that is known."""
    found = Narrowing(VERSIONS, {"1.0": Mark.CANDIDATE, "1.5": Mark.REFERENCE})
    marks = dict(zip(VERSIONS, map(Mark, "CCoRRR"), strict=True))
    found.narrow(marks.__getitem__, lambda: len(found.asked) == 2)
    assert found.changes()[0] == Change("1.2", Mark.OTHER, "1.3", Mark.REFERENCE)
    assert found.changes()[1] == Change("1.0", Mark.CANDIDATE, "1.2", Mark.OTHER, ("1.1",))


def test_neighbours_of_a_lineage_that_differ_are_told_the_newest_first() -> None:
    """What was not heard is passed over; a release nobody asked counts as not heard."""
    marks = {
        "a": Mark.REFERENCE,
        "b": Mark.NOT_RUN,
        "c": Mark.CANDIDATE,
        "d": Mark.CANDIDATE,
        "e": Mark.OTHER,
    }
    assert along(["a", "b", "c", "x", "d", "e"], marks) == [("d", "e"), ("a", "c")]
