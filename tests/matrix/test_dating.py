"""Since when two targets differ by a cause, and which of the two changed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.matrix.dating import Dating, dated, span, touches
from harness.matrix.since import complete
from harness.model import Difference, Kind
from harness.report.dates import Dated, Mark, dated_from, sentence, short
from harness.report.matrix_records import Lineage

LINES = (Lineage("keras", ("k1", "k2", "k3", "k4")), Lineage("tf.keras", ("t1", "t2", "t3")))


def made(keras: str, tf: str) -> Dated:
    """The date of a cause of k4 against t3 from one mark a release."""
    ids = (*LINES[0].columns, *LINES[1].columns)
    marks = {id: Mark(mark) for id, mark in zip(ids, keras + tf, strict=True)}
    return dated("f", "layers.Dense/layer[]", marks, "k4", "t3", LINES)


@pytest.mark.parametrize(
    ("keras", "tf", "changed", "said", "brief"),
    [
        ("CCRR", "CCC", "reference", "after k2, in k3, away from what the candidate does.", "since k3"),
        ("RRRR", "RRC", "candidate", "tf.keras changed after t2, in t3, away from what", "since t3"),
        ("CCCR", "RCC", "both", "Both sides changed: keras changed after k3, in k4; tf", "since k4 and t2"),
        ("RRRR", "CCC", "", "(k1, t1) the two have always differed so.", "always"),
        ("--RR", "CCC", "", "new in k3, and different from the start.", "new in k3"),
        ("nnRR", "CCC", "", "so since k3; k2 does not come that far.", "since k3"),
        ("ooRR", "CCC", "", "in k3; neither side ever behaved like the other does now.", "since k3"),
        ("C?RR", "CCC", "reference", "after k1, in k3 (or in between: k2 not observed), away", "since k3"),
    ],
    ids=["reference", "candidate", "both", "always", "new", "not reached", "a third", "a gap"],
)  # fmt: skip
def test_the_side_that_left_the_others_behaviour_is_the_one_that_changed(
    keras: str, tf: str, changed: str, said: str, brief: str
) -> None:
    """Walking back from each side, what the release before the stretch did tells who changed."""
    found = made(keras, tf)
    assert found.changed == changed
    assert said in sentence(found)
    assert short(found).startswith(brief)


def test_a_history_that_goes_to_and_fro_is_told() -> None:
    """The last stretch counts, and that an earlier one behaved so too is kept."""
    found = span({"k1": Mark.REFERENCE, "k2": Mark.OTHER}, "k3", Mark.REFERENCE, LINES)
    assert (found.since, found.before, found.returns) == ("k3", "k2", True)
    assert not span({"k1": Mark.OTHER, "k2": Mark.OTHER}, "k3", Mark.REFERENCE, LINES).returns


def test_a_side_of_no_lineage_is_dated_by_itself() -> None:
    """Then nothing is known of before."""
    found = span({}, "mine", Mark.REFERENCE, LINES)
    assert (found.lineage, found.since, found.before) == ("", "mine", "")


def test_a_date_survives_the_store() -> None:
    """What is kept is the whole date."""
    found = made("C?RR", "CCn")
    assert dated_from(found.plain()) == found


def at(step: str, path: str = "", kind: Kind = Kind.VALUE) -> Difference:
    """A difference at a place."""
    return Difference(step, kind, path, 1, 2)


@pytest.mark.parametrize(
    ("difference", "place", "kind", "does"),
    [
        (at("forward", "[0]"), at("forward", "[0]"), Kind.VALUE, True),
        (at("forward"), at("forward", "[0]"), Kind.VALUE, True),
        (at("config", "a.b"), at("config", "a"), Kind.CONFIG, True),
        (at("config", "ab"), at("config", "a"), Kind.CONFIG, False),
        (at("forward", "[1]"), at("forward", "[0]"), Kind.VALUE, False),
        (at("gradient"), at("forward"), Kind.VALUE, False),
        (at("forward", kind=Kind.WARNINGS), at("forward"), Kind.VALUE, False),
        (at("forward", kind=Kind.WARNINGS), at("forward"), Kind.WARNINGS, True),
        (at("make"), at("make"), Kind.OUTCOME, False),
        (at("make", kind=Kind.ERROR), at("make"), Kind.OUTCOME, True),
    ],
)
def test_only_the_place_of_a_cause_is_asked(
    difference: Difference, place: Difference, kind: Kind, does: bool
) -> None:
    """The same step, the same path or above or below it, the same sort of difference."""
    assert touches(difference, [place], kind) is does


def test_a_date_that_was_cut_short_is_asked_for_again() -> None:
    """A release that could be asked and was not leaves it open; one that cannot be had does not."""
    found = made("C?RR", "CCC")
    assert complete(found, ["k1", "k3"])
    assert not complete(found, ["k2"])
    assert not complete(found, ["k9"])
    assert not complete(None, [])


@pytest.mark.parametrize(
    ("specials", "marks"),
    [
        (("-", "", "-", ""), "RCR"),
        (("", "-", "-", ""), "RCC"),
        (("", "", "-", ""), "RC-"),
        (("-", "-", "-", ""), "RC-"),
        (("-", "", ".", ""), "RC."),
    ],
    ids=["the reference lacks it too", "the candidate does", "neither", "both", "something else is lacking"],
)
def test_a_release_that_lacks_it_is_like_a_side_that_does(specials: tuple[str, ...], marks: str) -> None:
    """What was never there has not changed when one side never had it either."""
    dating = Dating.__new__(Dating)
    dating.behaviour = cast(Any, SimpleNamespace(rows=(None,) * 3, specials=specials))
    dating.sides = 0, 1
    dating.divergence = cast(Any, object())
    assert "".join(str(mark) for mark in dating.marks()) == marks
