"""What differs exactly as was reviewed is not looked at closer; anything else is."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import judging, pipeline, reviewed
from harness.classify.accepted import entry_of, key_of
from harness.classify.expectations import Expectation, Review
from harness.judging import Found, Open
from harness.model import Blame, Case, CaseStatus, Divergence, Judged
from harness.observing import Wanted
from harness.reviewed import NOTE, UNASKED, Reviewed
from tests.test_judging import CASE, Seen, forward

REFERENCE, CANDIDATE = np.float32([1, 2, 3]), np.float32([1, 2, 4])


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    """Two sides that differ in what they compute."""
    out = Seen(tmp_path)
    out.put(0, forward(REFERENCE))
    out.put(1, forward(CANDIDATE))
    return out


def looked_at(seen: Seen) -> Judged:
    """The case with all the evidence, which says that it differs in meaning."""
    for side, value in enumerate((REFERENCE, CANDIDATE)):
        wide = value.astype(np.float64)
        seen.evidence(side, wide, (value, value), value)
    judged: Judged = seen.judged(None)
    assert judged.status is CaseStatus.DIVERGE
    return judged


def accepting(*divergences: Divergence) -> Reviewed:
    """A baseline that accepts these."""
    today = datetime.date(2026, 11, 26)
    listed: dict[str, list[Expectation]] = {}
    for place, each in enumerate(divergences):
        expectation = Expectation(f"known-{place}", ("*",), "It is known.", "https://keras.io", today)
        entries = {key_of(each): entry_of(each)}
        listed.setdefault(each.cause, []).append(replace(expectation, cause=each.cause, accepted=entries))
    return Reviewed(Review(listed, ()))


def judged_by(
    seen: Seen, known: Reviewed | None, stood: Collection[str] = (), cases: Sequence[Case] = (CASE,)
) -> tuple[list[Judged], list[Case]]:
    """The cases judged with what is known; what was asked for."""
    asked: list[Case] = []

    def gather(wanted: Sequence[Wanted]) -> None:
        asked.extend(case for each in wanted for case in each.cases)

    more: dict[str, Any] = {"gather": gather, "faults": [], "known": known, "stood": stood}
    return pipeline.judge_each(cases, seen.archive, *seen.sides, "pair", **more), asked


def found_of(seen: Seen, case: Case) -> Found:
    """Both sides of a case."""
    return judging.look(case, seen.archive, *seen.sides)


def stands(seen: Seen, known: Reviewed) -> bool:
    """Whether the case would stand if it were not the example of its cause."""
    return bool(reviewed.standing(seen.look()[1], lambda each: seen.found(), known, "pair"))


def variants(cases: Sequence[Case]) -> set[str | None]:
    """How cases were asked for."""
    return {case.variant for case in cases}


def test_a_case_that_differs_as_was_reviewed_stands_as_it_is(seen: Seen) -> None:
    """Places, size and fingerprint are told from the two values alone, and are what was accepted."""
    (accepted,) = looked_at(seen).divergences
    found = reviewed.standing(seen.look()[1], lambda each: seen.found(), accepting(accepted), "pair")
    standing = found[CASE.hash]
    assert standing.status is CaseStatus.DIVERGE
    assert NOTE in standing.notes
    (divergence,) = standing.divergences
    assert (divergence.blame, divergence.blame_evidence) == (Blame.UNKNOWN, UNASKED)
    assert not divergence.looked_at
    assert key_of(divergence) == key_of(accepted)
    assert entry_of(divergence).size == entry_of(accepted).size


@pytest.mark.parametrize("other", [[1, 2, 5], [1, 2.5, 4], [1, 2, 3.0000002]], ids=["size", "number", "gone"])
def test_anything_else_is_looked_at(seen: Seen, tmp_path: Path, other: list[float]) -> None:
    """Another size, one value more that differs, or next to nothing: that is not what was reviewed.

    However far rounding may move the size that was accepted.
    """
    (accepted,) = looked_at(seen).divergences
    known = accepting(accepted)
    wide = {key_of(accepted): replace(entry_of(accepted), slack=9.0)}
    (expectation,) = known.review.by_cause[accepted.cause]
    loose = Reviewed(Review({accepted.cause: [replace(expectation, accepted=wide)]}, ()))
    assert stands(seen, known)
    assert stands(seen, loose)
    changed = Seen(tmp_path / "other")
    changed.put(0, forward(REFERENCE))
    changed.put(1, forward(np.float32(other)))
    assert not stands(changed, known)
    assert not stands(changed, loose)


def test_flags_that_differ_elsewhere_are_looked_at(tmp_path: Path) -> None:
    """A whole number or a truth value has no last place: one more that differs is seen."""
    first = Seen(tmp_path / "one")
    for side, value in enumerate(([True, True, True], [True, True, False])):
        first.put(side, forward(np.array(value)))
    judged = reviewed.as_it_stands(first.found(), "pair")
    assert judged is not None
    (divergence,) = judged.divergences
    assert entry_of(divergence).slack == 0.0
    assert stands(first, accepting(divergence))
    second = Seen(tmp_path / "two")
    for side, value in enumerate(([True, True, True], [True, False, False])):
        second.put(side, forward(np.array(value)))
    assert not stands(second, accepting(divergence))


def test_an_expectation_without_lines_lets_nothing_stand(seen: Seen) -> None:
    """A kind and a place say nothing of how large a difference is: rounding there would stand for ever."""
    (accepted,) = looked_at(seen).divergences
    (expectation,) = accepting(accepted).review.by_cause[accepted.cause]
    wide = replace(expectation, cause="", kind=accepted.kind, path="*", accepted={})
    assert not stands(seen, Reviewed(Review({}, (wide,))))


def test_another_cause_is_not_what_was_reviewed(seen: Seen) -> None:
    """What the baseline does not list is looked at, however alike."""
    (accepted,) = looked_at(seen).divergences
    assert not stands(seen, accepting(replace(accepted, subject="layers.Other")))


def test_what_cannot_be_told_at_a_glance_is_looked_at(seen: Seen) -> None:
    """A case of which the first glance fails costs no other: it is judged like any."""
    known = accepting(*looked_at(seen).divergences)

    def fails(each: object) -> Any:
        raise KeyError("odd")

    assert reviewed.standing(seen.look()[1], fails, known, "pair") == {}


def several(seen: Seen) -> tuple[list[Case], Reviewed]:
    """A program and two light cases, all accepted."""
    (made,) = looked_at(seen).divergences
    cases = [
        replace(CASE, parameters={"name": "program"}, script="scenarios:run"),
        replace(CASE, parameters={"name": "first"}),
        replace(CASE, parameters={"name": "second"}),
    ]
    for case in cases:
        seen.put(0, forward(REFERENCE), case=case)
        seen.put(1, forward(CANDIDATE), case=case)
    found, _ = judged_by(seen, None, [case.hash for case in cases], cases)
    return cases, accepting(made, *(d for judged in found for d in judged.divergences))


def test_of_every_cause_one_case_is_looked_at(seen: Seen) -> None:
    """A report rests on evidence of its own run: a light case before a program, and the first of its kind."""
    cases, known = several(seen)
    opened = [Open(case, ("forward",)) for case in cases]
    stand = reviewed.standing(opened, lambda each: found_of(seen, each.case), known, "pair")
    assert set(stand) == {case.hash for case in cases}
    for causes in {frozenset(reviewed.causes_of(j)) for j in stand.values()}:
        alike = {key: j for key, j in stand.items() if reviewed.causes_of(j) == causes}
        (chosen,) = reviewed.examples(alike)
        first = next((c for c in cases[1:] if c.hash in alike), cases[0])
        assert chosen == first.hash


def test_what_is_accepted_is_not_repeated(seen: Seen) -> None:
    """The example of a cause is performed in float64; only what is unexpected is performed once more."""
    known = accepting(*looked_at(seen).divergences)
    (judged,), asked = judged_by(seen, known)
    assert judged.status is CaseStatus.DIVERGE
    assert NOTE not in judged.notes
    assert variants(asked) == {"shadow"}
    stranger = accepting(replace(judged.divergences[0], subject="layers.Other"))
    _, asked = judged_by(seen, stranger)
    assert variants(asked) == {"shadow", None}


def test_where_the_example_is_not_as_it_was_none_stands(seen: Seen) -> None:
    """One case of a cause of which the evidence says something else now, and its others are looked at too."""
    cases, known = several(seen)
    judged, asked = judged_by(seen, known, cases=cases[1:])  # without evidence the example is not expected
    assert {case.parameters["name"] for case in asked} == {"first", "second"}
    assert all(NOTE not in each.notes for each in judged)


def test_without_a_baseline_everything_is_asked_for(seen: Seen) -> None:
    """A pair that nobody reviewed is looked at as closely as there is evidence for."""
    looked_at(seen)
    _, asked = judged_by(seen, None)
    assert variants(asked) == {"shadow", None}


def test_what_stood_in_a_run_stands_when_it_is_judged_again(seen: Seen) -> None:
    """A report is made again from the store alone, whatever the baseline says by then."""
    (judged,), asked = judged_by(seen, None, [CASE.hash])
    assert NOTE in judged.notes
    assert judged.status is CaseStatus.DIVERGE
    assert not asked
    assert reviewed.stood([judged]) == [CASE.hash]


def test_what_nothing_decides_without_repeats_is_repeated(seen: Seen) -> None:
    """A case of which everything else is expected is not done with while one of its numbers is undecided."""
    (accepted,) = looked_at(seen).divergences
    undecided = Judged(
        CASE, CaseStatus.DIVERGE, None, None, (accepted,), ("forward: not judged: no shadow.",)
    )
    assert accepting(accepted).expects(undecided)
    assert not pipeline.is_decided(undecided)
    assert pipeline.is_decided(replace(undecided, notes=("forward: rounding: apart by 1e-9",)))


def test_what_float64_calls_rounding_is_not_repeated(seen: Seen, tmp_path: Path) -> None:
    """Rounding raises no alarm either; whether the target says it twice alike would change nothing."""
    known = accepting(*looked_at(seen).divergences)
    rounded = Seen(tmp_path / "rounded")
    for side, value in enumerate((REFERENCE, np.nextafter(REFERENCE, np.float32(9)))):
        rounded.put(side, forward(value))
        rounded.evidence(side, REFERENCE.astype(np.float64), (value, value), value)
    (judged,), asked = judged_by(rounded, known)
    assert judged.status is CaseStatus.ROUNDING
    assert variants(asked) == {"shadow"}
