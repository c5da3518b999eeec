"""Dates of expected causes, kept in a file beside the expectations."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import WrongUse
from harness.matrix.shipping import file_of, load, packages_of, speaking_of, write
from harness.model import Verdict
from harness.report.dates import Dated, Mark, Span, sentence
from harness.report.records import RunRecord
from tests.report.records_of_a_run import run_record, unavailable_record


def dated(cause: str, changed: str = "reference") -> Dated:
    """A date as `since` finds it."""
    reference = Span("keras", "keras-3", "keras-3", "keras-2", Mark.CANDIDATE)
    candidate = Span("tf.keras", "tf.keras-2", "tf.keras-1")
    marks = (("keras-2", Mark.CANDIDATE), ("keras-3", Mark.REFERENCE))
    return Dated(cause, "layers.Dense/layer[]", reference, candidate, marks, changed)


@pytest.fixture
def record() -> RunRecord:
    """A run of which the first cause is expected and the second is not."""
    made = run_record()
    verdicts = Verdict.EXPECTED, Verdict.NEW
    return replace(made, causes=[replace(c, verdict=v) for c, v in zip(made.causes, verdicts, strict=False)])


def test_what_is_written_speaks_of_expected_causes_again(record: RunRecord, tmp_path: Path) -> None:
    """A line per expected cause; it is read as the same date, with the day it was observed."""
    file = file_of(tmp_path / "baseline", record.pair)
    assert load(file) == {}
    one, two = (c.fingerprint for c in record.causes[:2])
    assert write(file, record, [dated(one), dated(two)], {one}, "2026-11-26") == (1, 1)
    found = speaking_of(record, load(file))
    assert found == {one: replace(dated(one), observed="2026-11-26")}
    assert sentence(found[one]).endswith("Observed on 2026-11-26, shipped with the baseline.")
    assert sentence(dated(one)) in sentence(found[one])


def test_a_line_stays_while_it_says_the_same(record: RunRecord, tmp_path: Path) -> None:
    """Found again, a date keeps its day; found otherwise, it is of today. Without an expectation it goes."""
    file = file_of(tmp_path, record.pair)
    one, two = (c.fingerprint for c in record.causes[:2])
    write(file, record, [dated(one), dated(two)], {one, two}, "2026-11-25")
    assert write(file, record, [dated(one)], {one, two}, "2026-11-26") == (2, 0)
    assert write(file, record, [dated(one, "both")], {one}, "2026-11-26") == (1, 1)
    assert load(file)[one][0].observed == "2026-11-26"


def test_a_date_speaks_of_the_packages_it_was_found_with(record: RunRecord, tmp_path: Path) -> None:
    """With another Keras, of a new cause, or where a side did not run, a shipped date says nothing."""
    file = file_of(tmp_path, record.pair)
    one, two = (c.fingerprint for c in record.causes[:2])
    write(file, record, [dated(one), dated(two)], {one, two}, "2026-11-25")
    side = record.candidate
    other = replace(side, packages={**side.packages, "keras": "9.9"})  # type: ignore[type-var, union-attr]
    assert set(speaking_of(record, load(file))) == {one}
    assert speaking_of(replace(record, candidate=other), load(file)) == {}
    assert packages_of(unavailable_record()) is None
    assert speaking_of(unavailable_record(), load(file)) == {}


@pytest.mark.parametrize("line", ["{", "[]", "{}", json.dumps({"cause": "x", "observed": "y"})])
def test_a_line_that_is_none_of_ours_is_refused(line: str, tmp_path: Path) -> None:
    """The file and the line are named, and the way out."""
    file = tmp_path / "modern.since.jsonl"
    file.write_text(line + "\n")
    with pytest.raises(WrongUse, match=r"modern.since.jsonl: Expected a date .* in line 1"):
        load(file)
