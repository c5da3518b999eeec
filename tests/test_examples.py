"""An example case of each cause, kept with a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness import examples
from harness.model import Cause
from harness.store import Store
from tests.report.records_of_a_run import run_record


def causes() -> list[Cause]:
    """The causes of a run."""
    return list(run_record(subjects=["Dense", "LSTM"], hostile=False).causes)


def test_the_example_is_the_case_with_the_fewest_parameters() -> None:
    """Of those with equally many the one with the shortest address: likeliest to mean the same everywhere."""
    (cause, *_) = causes()
    many = [d.case for d in cause.divergences]
    plain = examples.plainest(cause).case
    assert all(len(plain.parameters) <= len(case.parameters) for case in many)
    bare = replace(cause.divergences[0], case=replace(many[0], parameters={}, label=""))
    assert examples.plainest(replace(cause, divergences=(*cause.divergences, bare))) is bare


def test_examples_survive_the_store(tmp_path: Path) -> None:
    """Cases by hash, whole again when they are asked for."""
    found = examples.of_causes(causes())
    assert [e.cause for e in found] == [c.fingerprint for c in causes()]
    with Store(tmp_path / "store.sqlite") as store:
        store.keep_cases(e.case for e in found)
        store.keep_run("r", {examples.KEPT: examples.kept(found)})
        again = examples.of_run(store.run("r") or {}, store)
    assert again is not None
    assert [(e.cause, e.title, e.subjects, e.case.hash) for e in again] == [
        (e.cause, e.title, e.subjects, e.case.hash) for e in found
    ]


def test_a_run_without_examples_or_without_their_cases_has_none(tmp_path: Path) -> None:
    """An older harness kept none; what is half there is not taken for whole."""
    with Store(tmp_path / "store.sqlite") as store:
        assert examples.of_run({}, store) is None
        assert examples.of_run({examples.KEPT: examples.kept(examples.of_causes(causes()))}, store) is None
        assert examples.of_run({examples.KEPT: []}, store) == ()
