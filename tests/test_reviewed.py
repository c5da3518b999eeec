"""What differs exactly as was reviewed is not looked at closer; anything else is."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness import pipeline
from harness.classify.accepted import entry_of, key_of
from harness.classify.expectations import Expectation, Review
from harness.judging import Open
from harness.model import Case, CaseStatus, Divergence, Judged
from harness.observing import Wanted
from harness.reviewed import NOTE, Reviewed, parted
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


def accepting(divergence: Divergence) -> Reviewed:
    """A baseline that accepts this."""
    today = datetime.date(2026, 11, 26)
    expectation = Expectation("known", ("*",), "It is known.", "https://keras.io", today)
    entries = {key_of(divergence): entry_of(divergence)}
    listed = replace(expectation, cause=divergence.cause, accepted=entries)
    return Reviewed(Review({divergence.cause: [listed]}, ()), "pair")


def judged_by(seen: Seen, known: Reviewed | None) -> tuple[list[Judged], list[Case]]:
    """The case judged with what is known; what was asked for."""
    asked: list[Case] = []

    def gather(wanted: Sequence[Wanted]) -> None:
        asked.extend(case for each in wanted for case in each.cases)

    cases = [CASE]
    found = pipeline.judge_each(
        cases, seen.archive, *seen.sides, "pair", gather=gather, faults=[], known=known
    )
    return found, asked


def test_a_case_that_differs_as_was_reviewed_stands_as_it_is(seen: Seen) -> None:
    """Places, size and fingerprint are told from the two values alone, and are what was accepted."""
    (accepted,) = looked_at(seen).divergences
    known = accepting(accepted)
    standing = known.judged(seen.found())
    assert standing is not None
    assert standing.status is CaseStatus.DIVERGE
    assert NOTE in standing.notes
    (divergence,) = standing.divergences
    assert (key_of(divergence), entry_of(divergence).size) == (key_of(accepted), entry_of(accepted).size)


def test_another_size_is_not_what_was_reviewed(seen: Seen) -> None:
    """A difference that has grown since is looked at, and changed."""
    known = accepting(looked_at(seen).divergences[0])
    seen.store.close()
    other = Seen(Path(seen.store.path).parent / "other")
    other.put(0, forward(REFERENCE))
    other.put(1, forward(np.float32([1, 2, 5])))
    assert known.judged(other.found()) is None


def test_another_cause_is_not_what_was_reviewed(seen: Seen) -> None:
    """What the baseline does not list is looked at, however alike."""
    (accepted,) = looked_at(seen).divergences
    assert accepting(replace(accepted, subject="layers.Other")).judged(seen.found()) is None


def test_of_every_cause_one_case_is_looked_at(seen: Seen) -> None:
    """A report rests on evidence of its own run: a light case before a program, and the first of its kind."""

    (made,) = looked_at(seen).divergences

    def found(name: str, cause: str, script: str = "layer") -> Judged:
        case = replace(CASE, parameters={"name": name}, script=script)
        return Judged(case, CaseStatus.DIVERGE, None, None, (replace(made, case=case, cause=cause),))

    known = [
        found("program", "one", "scenarios:run"),
        found("first", "one"),
        found("second", "one"),
        found("alone", "two", "scenarios:run"),
    ]
    unknown = replace(CASE, parameters={"name": "new"})
    by_hash = {j.case.hash: j for j in known}
    cases = [Open(j.case, ("forward",)) for j in known] + [Open(unknown, ("forward",))]
    closer, standing = parted(cases, lambda case: by_hash.get(case.hash))
    assert [o.case.parameters["name"] for o in closer] == ["first", "alone", "new"]
    assert [j.case.parameters["name"] for j in standing] == ["program", "second"]


def test_what_is_accepted_is_not_repeated(seen: Seen) -> None:
    """The example of a cause is performed in float64; only what is unexpected is performed once more."""
    known = accepting(looked_at(seen).divergences[0])
    (judged,), asked = judged_by(seen, known)
    assert judged.status is CaseStatus.DIVERGE
    assert {case.variant for case in asked} == {"shadow"}
    stranger = accepting(replace(judged.divergences[0], subject="layers.Other"))
    _, asked = judged_by(seen, stranger)
    assert {case.variant for case in asked} == {"shadow", None}


def test_without_a_baseline_everything_is_asked_for(seen: Seen) -> None:
    """A pair that nobody reviewed is looked at as closely as there is evidence for."""
    looked_at(seen)
    _, asked = judged_by(seen, None)
    assert {case.variant for case in asked} == {"shadow", None}
