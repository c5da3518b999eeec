"""The text of an issue."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from harness.model import Cause
from harness.nightly import issues
from harness.report.records import RunRecord
from tests.report.records_of_a_run import HOSTILE, run_record, unavailable_record

SOME = ["Dense", "Conv1D", "LSTM", "GRU", "ELU", "Dot", "Add"]


@pytest.fixture(scope="module")
def record() -> RunRecord:
    """A run with every kind of cause, the hostile one included."""
    return run_record(subjects=SOME, per_subject=7, diverging=7)


def text_of(record: RunRecord, cause: Cause) -> str:
    return "\n".join(issues.lines(record, cause))


def cause_of(record: RunRecord, words: str) -> Cause:
    return next(cause for cause in record.causes if words in cause.title)


def test_a_text_says_what_is_needed_to_act_on_it(record: RunRecord) -> None:
    """How bad, on which subjects, who departs, the versions of both sides, both values, and programs."""
    text = text_of(record, cause_of(record, "hard_sigmoid"))
    assert "**silent different numbers.**" in text
    assert "`layers.Dense`" in text
    assert re.search(r"Seen in \d+ cases of ", text)
    assert "| Python | 3.11.7 | 3.11.7 |" in text
    assert "| tf-keras | – | 2.21.0 |" in text
    assert text.count("<details><summary>Program for ") == 2
    assert text.count("```python") == 2


def test_a_text_is_found_again(record: RunRecord) -> None:
    """Its file and its marker are the same every night, and no other cause has them."""
    files = {issues.file_of(record, cause) for cause in record.causes}
    markers = {issues.marker(record, cause) for cause in record.causes}
    assert len(files) == len(markers) == len(record.causes)
    for cause in record.causes:
        assert text_of(record, cause).count(issues.marker(record, cause)) == 1


def test_texts_are_written_with_what_opens_them_once(record: RunRecord, tmp_path: Path) -> None:
    """One file a cause, each named by its entry."""
    found = issues.write(record, record.causes, tmp_path / "issues")
    assert sorted(found) == sorted((tmp_path / "issues").iterdir())
    for cause, path in zip(record.causes, found, strict=True):
        entry = issues.entry(record, cause, path)
        assert entry["file"] == path.name
        assert entry["marker"] in path.read_text("utf-8")
        assert entry["title"].startswith("modern: ")
        assert len(entry["title"]) <= 200


def test_many_subjects_are_counted(record: RunRecord) -> None:
    """Twenty are named, the rest is a number."""
    (cause, *_) = record.causes
    one = cause.divergences[0]
    many = replace(
        cause, divergences=tuple(replace(one, subject=f"layers.L{n:02}") for n in range(issues.SUBJECTS + 3))
    )
    text = text_of(record, many)
    assert "`layers.L19` and 3 more." in text
    assert "layers.L20" not in text


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_what_a_target_says_is_inert(place: int) -> None:
    """Markup, terminal escapes and a million characters do no harm outside the fences of programs."""
    record = run_record(subjects=SOME, per_subject=7, diverging=7)
    for cause in record.causes:
        hostile = replace(cause, title=HOSTILE[place], blame_evidence=HOSTILE[place])
        text = text_of(record, hostile)
        outside = re.sub(r"(?ms)^(`{3,})python\n.*?^\1$", "", text)
        assert "<script" not in outside
        assert "<img" not in outside
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert len(text) < 60_000


def test_a_name_cannot_end_its_code() -> None:
    """Neither a backtick nor the bar of a table gets out."""
    assert issues.escaped_code("`a`b|c`") == "`a'b¦c`"


@pytest.mark.parametrize(("text", "fence"), [("a = 1", "```"), ("a = '```'", "````"), ("`````", "``````")])
def test_a_program_cannot_end_its_fence(text: str, fence: str) -> None:
    """The fence is longer than any row of backticks in it."""
    first, *_, last = issues.fenced(text)
    assert (first, last) == (f"{fence}python", fence)


def test_a_side_that_was_not_run_has_no_program() -> None:
    """It is said to be not run; the other one's versions and program are there."""
    record = unavailable_record()
    whole = run_record(subjects=["Dense"], per_subject=7, diverging=1)
    text = text_of(record, whole.causes[0])
    assert "| Python | 3.11.7 | not run |" in text
    assert "| keras | 3.15.1 | not run |" in text
    assert text.count("<details>") == 1


def test_a_case_that_no_program_can_be_written_of_has_none(
    record: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of the text is there."""

    def refuse(*given: object, **more: object) -> str:
        raise issues.NotWritable("no program")

    monkeypatch.setattr(issues, "program", refuse)
    text = text_of(record, record.causes[0])
    assert "<details>" not in text
    assert "For example " in text


def test_a_cause_without_a_divergence_has_no_example(record: RunRecord) -> None:
    """There is nothing to show; the marker is there all the same."""
    bare = replace(record.causes[0], divergences=())
    text = text_of(record, bare)
    assert "For example" not in text
    assert issues.marker(record, bare) in text
