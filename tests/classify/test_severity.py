"""How bad a difference is."""

import pytest

from harness.classify.severity import BY_KIND, severity, worst
from harness.compare.values import SIGN_OF_ZERO
from harness.model import ABSENT, Difference, Kind, Severity


def difference(kind, reference=1, candidate=2, note=""):
    """A difference of that kind."""
    return Difference("step", kind, "path", reference, candidate, note=note)


def test_every_kind_has_a_severity():
    """No kind is forgotten when one is added."""
    assert set(BY_KIND) | {Kind.OUTCOME} == set(Kind)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.VALUE, Severity.NUMBERS),
        (Kind.PRECISION, Severity.NUMBERS),
        (Kind.SPECIAL, Severity.NUMBERS),
        (Kind.DISTRIBUTION, Severity.NUMBERS),
        (Kind.SHAPE, Severity.STRUCTURE),
        (Kind.DTYPE, Severity.STRUCTURE),
        (Kind.STRUCTURE, Severity.STRUCTURE),
        (Kind.CONFIG, Severity.CONFIG),
        (Kind.SIGNATURE, Severity.CONFIG),
        (Kind.EVENTS, Severity.EVENTS),
        (Kind.ERROR, Severity.NAMES),
        (Kind.WARNINGS, Severity.NAMES),
    ],
)
def test_the_table_says_what_users_lose(kind, expected):
    """Silent numbers are the worst, messages the least."""
    assert severity(difference(kind)) is expected


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("crashed", "returned", Severity.CRASH),
        ("returned", "timed out", Severity.CRASH),
        ("crashed", "raised", Severity.CRASH),
        ("missing", "raised", Severity.MISSING),
        ("returned", "missing", Severity.MISSING),
        ("raised", "returned", Severity.RAISES),
    ],
)
def test_an_outcome_is_as_bad_as_its_worse_end(one, two, expected):
    """A crash outweighs a missing symbol, which outweighs a raise."""
    assert severity(difference(Kind.OUTCOME, {"status": one}, {"status": two})) is expected


def test_a_step_one_side_does_not_take_is_another_structure():
    """Nothing failed, but something else was done."""
    assert severity(difference(Kind.OUTCOME, ABSENT, {"status": "returned"})) is Severity.STRUCTURE


def test_an_argument_that_is_absent_is_missing():
    """A parameter only one signature has is a missing argument, another default is not."""
    assert severity(difference(Kind.SIGNATURE, ABSENT, {"default": 1})) is Severity.MISSING
    assert severity(difference(Kind.SIGNATURE, {"default": 1}, ABSENT)) is Severity.MISSING


def test_zeros_of_another_sign_are_the_least():
    """They compare equal."""
    assert severity(difference(Kind.SPECIAL, note=SIGN_OF_ZERO)) is Severity.NAMES


def test_the_worst_of_several_counts():
    """A group is as bad as its worst difference."""
    assert (
        worst([difference(Kind.NAMES), difference(Kind.SHAPE), difference(Kind.CONFIG)]) is Severity.STRUCTURE
    )
